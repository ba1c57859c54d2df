"""What a recogniser wrote and nobody said."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sightline.meters.speech.chunks import Chunk
from sightline.meters.speech.guards import believed, is_loop, reads_prompt, trimmed, without_loops
from sightline.meters.speech.recogniser import PROMPTS, Phrase, Said

WINDOW_S = 0.032


def chunk(*parts: tuple[float, float]) -> Chunk:
    """A chunk of parts: seconds, and probability of speech in them."""
    speech = np.concatenate([np.full(round(s / WINDOW_S), p, np.float32) for s, p in parts])
    return Chunk(np.arange(len(speech)), np.zeros(len(speech) * 512, np.float32), speech)


def said(text: str, each_s: float = 0.3, start_s: float = 0.0) -> tuple[Said, ...]:
    return tuple(Said(t, start_s + n * each_s, start_s + (n + 1) * each_s, 0.9) for n, t in enumerate(text.split()))


def texts(words: tuple[Said, ...]) -> str:
    return " ".join(word.text for word in words)


def test_words_over_silence_are_left_out() -> None:
    heard = chunk((2, 0.9), (3, 0.05))
    real, made_up = said("I work here"), said("Thanks for watching!", start_s=3.5)
    assert [texts(p) for p in believed([Phrase(real, 1), Phrase(made_up, 1)], heard, "en")] == ["I work here"]


def test_a_word_stretched_over_the_pause_after_it_ends_with_the_voice() -> None:
    heard = chunk((1.024, 0.9), (2.048, 0.05), (1.024, 0.9))
    (word,) = believed([Phrase((Said("well", 0.7, 3.0, 0.9),), 1)], heard, "en")[0]
    assert (word.start_s, round(word.end_s, 3)) == (0.7, 1.024)
    (word,) = believed([Phrase((Said("so", 1.2, 3.4, 0.9),), 1)], heard, "en")[0]
    assert (round(word.start_s, 3), word.end_s) == (3.072, 3.4)


def test_a_pause_inside_a_word_leaves_the_longer_part() -> None:
    speech = chunk((0.32, 0.9), (0.64, 0.05), (0.96, 0.9)).speech
    word = trimmed(Said("anyway", 0.0, 1.92, 0.9), speech)
    assert (round(word.start_s, 3), word.end_s) == (0.96, 1.92)
    short = chunk((0.32, 0.9), (0.16, 0.05), (0.96, 0.9)).speech  # a stop closes the mouth
    assert trimmed(Said("anyway", 0.0, 1.44, 0.9), short) == Said("anyway", 0.0, 1.44, 0.9)


def test_times_within_a_tenth_are_the_recognisers() -> None:
    assert trimmed(Said("a", 0.95, 1.1, 0.9), chunk((0.992, 0.05), (1, 0.9)).speech).start_s == 0.95


def test_a_loop_is_cut_to_its_first_round() -> None:
    assert texts(without_loops(said("so thank you " + "thank you " * 9 + "all"))) == "so thank you all"
    assert texts(without_loops(said("no " * 5))) == "no"
    assert texts(without_loops(said("네. " + "그렇죠, " * 6))) == "네. 그렇죠,"


@given(st.integers(2, 4))
def test_who_stutters_is_left_alone(times: int) -> None:
    words = said("I " * times + "want to")
    assert without_loops(words) == words
    assert not is_loop([Phrase(words, 1.2)])


def test_a_loop_is_asked_again() -> None:
    assert is_loop([Phrase(said("you know " * 6), 1.9)])
    assert is_loop([Phrase(said("text that packs too well"), 2.5)])
    assert believed([Phrase(said("text that packs too well"), 2.5)], chunk((3, 0.9)), "en") == ()


def test_the_prompt_read_back_is_no_speech() -> None:
    for language, prompt in PROMPTS.items():
        assert reads_prompt(said(prompt), language)
        assert not reads_prompt(said(" ".join(prompt.split()[:2])), language)
    assert not reads_prompt(said("Um, so, uh, I think"), "en")


def test_marks_without_letters_are_no_words() -> None:
    kept = believed([Phrase(said("… yes - ♪"), 1)], chunk((3, 0.9)), "en")
    assert [texts(words) for words in kept] == ["yes"]
