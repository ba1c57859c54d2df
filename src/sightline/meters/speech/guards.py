"""What a recogniser wrote down although nobody said it, and how it is told.

Recognisers trained on subtitles fill silence with sentences, fall into loops, and stretch a word over the pause after
it. None of this shows in their own probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sightline.meters.seconds import Samples
from sightline.meters.speech.chunks import STILL_SPEECH, Chunk
from sightline.meters.speech.listening import RATE_HZ
from sightline.meters.speech.recogniser import PROMPTS, Phrase, Said
from sightline.meters.speech.voice_activity import SPEECH, WINDOW

TOO_REGULAR = 2.4
"""Compression from which Whisper's authors take a text for a loop."""
LOOP = 5
"""So many times the same words in a row are a loop. People who stutter repeat a sound or a word two to four times."""
LONGEST_LOOP = 8
"""Words a loop may be made of."""
PROMPT_WORDS = 4
"""So many words in a row of the prompt, and nothing else, are the prompt read back."""
PAUSE_WINDOWS = 10
"""A pause this long, 0.32 s, lies between words and not in one."""
SLACK_S = 0.1
"""How much of a word may lie over silence: times are no better."""


def is_loop(phrases: Sequence[Phrase]) -> bool:
    """Whether the recogniser should be asked again, carefully."""
    return any(phrase.compression > TOO_REGULAR for phrase in phrases) or any(
        len(without_loops(phrase.words)) < len(phrase.words) for phrase in phrases
    )


def believed(phrases: Sequence[Phrase], chunk: Chunk, language: str) -> tuple[tuple[Said, ...], ...]:
    """The words of each phrase that somebody is heard to say, ending where the voice does; phrases without any are left
    out."""
    kept = []
    for phrase in phrases:
        if phrase.compression > TOO_REGULAR or reads_prompt(phrase.words, language):
            continue
        words = [trimmed(word, chunk.speech) for word in without_loops(phrase.words) if is_heard(word, chunk.speech)]
        words = [word for word in words if bare(word.text)]
        if words:
            kept.append(tuple(words))
    return tuple(kept)


def without_loops(words: Sequence[Said]) -> tuple[Said, ...]:
    """The words with every loop cut down to its first round."""
    kept: list[Said] = []
    texts = [bare(word.text) for word in words]
    at = 0
    while at < len(words):
        found = [(_rounds(texts, at, length), length) for length in range(LONGEST_LOOP, 0, -1)]
        rounds, length = max(found, key=lambda one: one[0])
        taken = length if rounds >= LOOP else 1
        kept += words[at : at + taken]
        at += length * rounds if rounds >= LOOP else 1
    return tuple(kept)


def _rounds(texts: Sequence[str], at: int, length: int) -> int:
    """How often the ``length`` words from ``at`` on are said in a row."""
    first, rounds = texts[at : at + length], 1
    while texts[at + rounds * length : at + (rounds + 1) * length] == first:
        rounds += 1
    return rounds


def reads_prompt(words: Sequence[Said], language: str) -> bool:
    prompt = [bare(text) for text in PROMPTS.get(language, "").split()]
    said = [bare(word.text) for word in words]
    return len(said) >= PROMPT_WORDS and any(
        prompt[at : at + len(said)] == said for at in range(len(prompt) - len(said) + 1)
    )


def bare(text: str) -> str:
    """Letters and digits, lower case."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def is_heard(word: Said, speech: Samples) -> bool:
    """Whether any part of the word lies over speech."""
    return bool((_over(word, speech) >= SPEECH).any())


def trimmed(word: Said, speech: Samples) -> Said:
    """The word without the silence it was stretched over; of speech with a pause inside, the longer part."""
    voiced = np.flatnonzero(_over(word, speech) >= STILL_SPEECH)
    if not len(voiced):
        return word
    run = max(np.split(voiced, np.flatnonzero(np.diff(voiced) > PAUSE_WINDOWS) + 1), key=len)
    first = int(word.start_s * RATE_HZ) // WINDOW
    start, end = ((first + int(edge)) * WINDOW / RATE_HZ for edge in (run[0], run[-1] + 1))
    return replace(word, start_s=_either(word.start_s, start), end_s=_either(word.end_s, end))


def _either(said_s: float, heard_s: float) -> float:
    """The recogniser's time, unless the voice tells otherwise."""
    return heard_s if abs(said_s - heard_s) > SLACK_S else said_s


def _over(word: Said, speech: Samples) -> Samples:
    """Probabilities of speech of the windows a word touches, at least one."""
    first = min(max(0, int(word.start_s * RATE_HZ)) // WINDOW, max(0, len(speech) - 1))
    last = -(-int(word.end_s * RATE_HZ) // WINDOW)
    return speech[first : max(first + 1, last)]
