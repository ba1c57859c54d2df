"""Words that were said, read from the columns of the ``words`` meter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sightline.clock import Span
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

METER = "words"


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the recogniser wrote it, without spaces around it, with its punctuation."""

    text: str
    span: Span
    """Half-open, on the media's clock. The recogniser's own, good to about a tenth of a second; spans of neighbours
    may touch."""
    probability: float
    """0 to 1: how likely the recogniser held what it wrote, not how likely it is right."""
    language: str
    """ISO 639-1, lower case; empty where it is not known."""
    segment: int
    """Words of one number were recognised as one sentence or phrase; numbers rise in time."""


def words_of(timeline: Timeline) -> tuple[Word, ...]:
    """Every word of the first audio stream that has any, in order of their starts; none where nothing was recognised.

    Whether that means silence or that no recogniser ran, `Timeline.not_measured` tells.
    """
    streams = [words_in(columns) for _, columns in timeline.of_each_audio(METER)]
    return next((words for words in streams if words), ())


def words_of_each_audio(timeline: Timeline) -> tuple[tuple[AudioFacts, tuple[Word, ...]], ...]:
    """The words of every audio stream in which they were looked for, in the order of the streams."""
    return tuple((audio, words_in(columns)) for audio, columns in timeline.of_each_audio(METER))


def words_in(columns: Columns) -> tuple[Word, ...]:
    """The rows of the ``words`` meter as words."""
    base = columns.time_base
    rows = zip(
        columns.ticks.tolist(),
        columns["until"].tolist(),
        columns["text"].tolist(),
        np.asarray(columns["probability"], np.float64).tolist(),
        columns["language"].tolist(),
        columns["segment"].tolist(),
        strict=True,
    )
    return tuple(
        Word(text, Span(start * base, max(start, until) * base), probability, language, segment)
        for start, until, text, probability, language, segment in rows
    )
