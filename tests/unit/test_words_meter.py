"""Words of a recogniser that says what the test tells it to, and of a real one with toy weights."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.speech_sound import RATE_HZ, Sound, measured, subject
from tests.toy_whisper import LANGUAGE, VOCABULARY, make_toy_whisper
from tests.unit.test_speech_chunks import LoudIsSpeech, sound

from sightline.engine.progress import Cancel
from sightline.engine.run import Request, measure
from sightline.errors import Cancelled
from sightline.meters import words
from sightline.meters.meter import NotMeasurable
from sightline.meters.speech import chunks
from sightline.meters.speech.recogniser import Phrase, Said
from sightline.meters.words import WordsMeter
from sightline.timeline.columns import Columns
from sightline.timeline.words import words_in
from sightline.weights import sessions
from sightline.weights.shelf import Shelf


class Told:
    """A recogniser that hears a word in every half second that is loud, and the language in how loud it is."""

    device = "cpu told"

    def __init__(self) -> None:
        self.asked: list[tuple[int, str, bool]] = []
        self.closed = False
        self.phrase: Callable[[Sound, str, bool], list[Phrase]] = self.loud
        self.sure = 0.9

    @property
    def session(self) -> Told:
        return self

    def close(self) -> None:
        self.closed = True

    def language(self, sound: Sound) -> tuple[str, float]:
        return ("ko" if np.abs(sound).max() > 0.8 else "en"), self.sure

    def phrases(self, sound: Sound, language: str, *, careful: bool) -> tuple[Phrase, ...]:
        self.asked.append((len(sound), language, careful))
        return tuple(self.phrase(sound, language, careful))

    def loud(self, sound: Sound, language: str, careful: bool) -> list[Phrase]:
        halves = sound[: len(sound) // 8000 * 8000].reshape(-1, 8000)
        heard = [
            Said(f"word{n}", n / 2, n / 2 + 0.5, 0.8) for n, half in enumerate(halves) if np.abs(half).mean() > 0.4
        ]
        return [Phrase((word,), 1.1) for word in heard]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(words, "lease", lambda *_, **__: told)
    monkeypatch.setattr(chunks, "VoiceActivity", LoudIsSpeech)
    return told


def heard(samples: Sound, **options: Any) -> Columns:
    return measured("words", samples, **options)


def test_words_lie_where_they_are_said(told: Told) -> None:
    columns = heard(sound((10, 0), (2, 0.9), (60, 0), (2, 0.9), (5, 0)), first_pts=Fraction(3, 2))
    said = words_in(columns)
    assert told.closed
    for word in said:
        start, end = word.span.seconds
        assert 1.5 + 9.9 <= start < end <= 1.5 + 12.1 or 1.5 + 71.9 <= start < end <= 1.5 + 74.1
    assert sum(word.span.start < 20 for word in said) in (3, 4, 5)
    assert sum(word.span.start > 20 for word in said) in (3, 4, 5)
    assert columns.end == int(80.5 * RATE_HZ)
    assert columns.notes["device"] == "cpu told"
    assert columns.notes["model"] == words.MODEL


def test_two_languages_are_told_apart(told: Told) -> None:
    said = words_in(heard(sound((8, 0.9), (3, 0), (6, 0.7))))
    assert {word.language for word in said if word.span.end < 9} == {"ko"}
    assert {word.language for word in said if word.span.start > 10} == {"en"}
    assert [language for _, language, _ in told.asked] == ["ko", "en"]
    notes = heard(sound((8, 0.9), (3, 0), (6, 0.7))).notes
    assert (notes["language"], notes["language_probability"]) == ("ko", 0.9)


def test_a_language_that_is_not_sure_is_that_of_before(told: Told) -> None:
    samples = sound((8, 0.9), (3, 0), (6, 0.7))
    told.language = lambda sound: ("ko", 0.9) if np.abs(sound).max() > 0.8 else ("cy", 0.2)  # type: ignore[method-assign]
    assert {word.language for word in words_in(heard(samples))} == {"ko"}


def test_a_language_that_was_given_is_not_told(told: Told) -> None:
    told.language = None  # type: ignore[method-assign, assignment]
    columns = heard(sound((8, 0.9), (3, 0), (6, 0.7)), language="ko")
    assert {word.language for word in words_in(columns)} == {"ko"}
    assert columns.notes["language_probability"] == 1
    assert len(told.asked) == 1  # filled up: one language needs no cuts


def test_a_loop_is_asked_again_carefully_and_what_is_left_of_it_is_dropped(told: Told) -> None:
    def loops(sound: Sound, language: str, careful: bool) -> list[Phrase]:
        words = tuple(Said(t, n * 0.2, n * 0.2 + 0.2, 0.99) for n, t in enumerate(["yes", *["thanks"] * 9]))
        return [Phrase(words, 1.0 if careful else 3.0)]

    told.phrase = loops
    columns = heard(sound((4, 0.9)), language="en")
    assert [careful for _, _, careful in told.asked] == [False, True]
    assert [word.text for word in words_in(columns)] == ["yes", "thanks"]
    assert columns.notes["left_out"] == 8


def test_words_over_silence_are_left_out_and_counted(told: Told) -> None:
    told.phrase = lambda sound, language, careful: [
        Phrase((Said("yes", 0, 0.4, 0.9), Said("bye", 3.5, 3.9, 0.9)), 1.0),
    ]
    columns = heard(sound((3, 0.9), (1.5, 0), (3, 0.9)), language="en")
    assert [word.text for word in words_in(columns)] == ["yes"]
    assert columns.notes["left_out"] == 1


def test_nothing_said_opens_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "lease", None)
    for samples in (np.zeros(0, np.float32), np.zeros(5 * RATE_HZ, np.float32)):
        columns = heard(samples)
        assert words_in(columns) == ()
        assert (columns.notes["language"], columns.notes["device"]) == ("", "")


@pytest.mark.usefixtures("told")
def test_words_do_not_depend_on_the_blocks() -> None:
    samples = sound((8, 0.9), (3, 0), (6, 0.7), (2.5, 0), (40, 0.9))
    assert words_in(heard(samples, blocks=(100_000,))) == words_in(heard(samples, blocks=(777, 20_000)))


def test_a_language_whisper_does_not_know_is_refused() -> None:
    for language in ("", "Korean", "k", "ko-KR", "jp"):
        with pytest.raises(NotMeasurable):
            WordsMeter(subject(), language=language)
    assert WordsMeter(subject(), language="ja")
    assert WordsMeter.models() == ("speech_whisper_turbo",)
    assert WordsMeter.models(model="speech_whisper_small", language="ko") == ("speech_whisper_small",)


def test_a_run_is_stopped_between_chunks(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = Cancel()

    def stop(sound: Sound, language: str, careful: bool) -> list[Phrase]:
        cancel.cancel()
        return []

    told.phrase = stop
    _on_every_shelf(monkeypatch, tmp_path)
    path = write_wav(tmp_path / "talk.wav", sound((300, 0.9)))
    with pytest.raises(Cancelled):
        measure(Request(path, {"words": {"language": "en"}}), cancel=cancel)
    assert len(told.asked) <= 2


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture
def _no_sessions_left(_no_threads_left: None) -> Iterator[None]:
    yield
    sessions.clear()


def _on_every_shelf(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(Shelf, "require", lambda *_: None)
    monkeypatch.setattr(Shelf, "identity", lambda *_: "toy")
    monkeypatch.setattr(Shelf, "path", lambda *_: folder)
    monkeypatch.setattr(Shelf, "find", lambda *_: ())


def write_wav(path: Path, samples: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, len(samples), "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.mark.usefixtures("_no_sessions_left")
def test_a_real_whisper_with_toy_weights_runs_from_file_to_columns(
    toy: Path, shared_media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _on_every_shelf(monkeypatch, toy)
    clip = shared_media / "speech_en_jfk.flac"
    timeline = measure(Request(clip, {"words": {}, "voice": {}}))
    columns, speech = timeline.columns["words"], timeline.columns["voice"]["speech"]
    assert timeline.not_measured.keys() <= {"pictures"}
    assert columns.notes["device"] == "cpu int8"
    assert [loaded.model for loaded in sessions.loaded()] == [words.MODEL]
    assert sessions.loaded()[0].leases == 0
    assert words_in(columns)
    assert {word.language for word in words_in(columns)} == {LANGUAGE} == {columns.notes["language"]}
    for word in words_in(columns):
        start, end = word.span.seconds
        assert word.text in VOCABULARY
        assert 0 <= start <= end <= 11
        assert (speech[int(start / 0.032) : int(end / 0.032) + 1] >= 0.5).any()
    again = measure(Request(clip, {"words": {}})).columns["words"]
    assert words_in(again) == words_in(columns)


@pytest.mark.parametrize("bands", [80, 128])
def test_a_real_whisper_tells_a_language_and_words_with_times(bands: int, tmp_path: Path) -> None:
    from sightline.meters.speech.recogniser import load

    whisper = load(make_toy_whisper(tmp_path, bands=bands))
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * RATE_HZ).astype(np.float32)
    language, sure = whisper.language(noise)
    assert language == LANGUAGE
    assert 0.9 < sure <= 1
    phrases = whisper.phrases(noise, "ko", careful=True)
    said = [word for phrase in phrases for word in phrase.words]
    assert {word.text for word in said} <= VOCABULARY
    assert said
    assert all(0 <= word.start_s <= word.end_s <= 30 for word in said)
    assert all(0 <= word.probability <= 1 and word.text == word.text.strip() for word in said)
    assert phrases == whisper.phrases(noise, "ko", careful=True)
