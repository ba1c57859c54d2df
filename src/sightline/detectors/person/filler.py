"""Sounds and words that fill time while a person thinks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.person.filler_words import ISOLATED_S, LENGTHENED_S, filler_at, plain, syllables
from sightline.detectors.person.speaker_turn import span_of
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
CAVEAT = "interview.filler_recall"
"""Recognisers are trained to leave fillers out, so some are missed by both ways of finding them."""


@dataclass(frozen=True, slots=True)
class FillerDetector:
    """Event ``filler`` in the main person's turns: ``by`` ``word``, recognised as one, or ``by`` ``sound``: a voice of
    ``min_duration_s`` or longer where no word was recognised, with a pitch that hardly moves.

    Words that may mean something count only when they stand by themselves or are drawn out. Without recognised words
    there are no fillers: nobody could tell them from words. Where the pitch was not measured, only words are found.
    """

    min_duration_s: float = 0.2
    max_duration_s: float = 2.0
    """A longer voice without words is a passage that was not recognised. Heuristic."""
    word_margin_s: float = 0.05
    """Recognisers are so far off with the edges of words. Heuristic."""
    flat_st: float = 1.0
    """Most standard deviation of the pitch, in semitones. Heuristic."""
    least_voiced: float = 0.6
    """Least share of the sound that has a pitch. Heuristic."""

    name: ClassVar[str] = "filler"
    kinds: ClassVar[tuple[str, ...]] = ("filler",)
    needs: ClassVar[tuple[str, ...]] = ("voice", "words")
    after: ClassVar[tuple[str, ...]] = ("speech", "speaker_turn")

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        turns = [turn.span for turn in timeline.events_of("speaker_turn") if turn.evidence.get("own")]
        words = timeline.columns["words"]
        found = self._by_word(words)
        pitch = timeline.columns.get("pitch")
        if pitch is not None and len(pitch):
            heard = [event.span.seconds for event in timeline.events_of("speech")]
            found += self._by_sound(heard, words, pitch)
        starts = [turn.start for turn in turns]
        return tuple(event for event in found if _inside(event.span, turns, starts))

    def _by_word(self, words: Columns) -> list[Event]:
        main = str(words.notes.get("language", ""))
        languages = words["language"].tolist() if "language" in words else [main] * len(words)
        texts = [plain(str(text)) for text in words["text"].tolist()]
        starts, ends = _times(words)
        found, row = [], 0
        while row < len(texts):
            filler = filler_at(texts[row : row + 2], languages[row])
            if filler is None:
                row += 1
                continue
            phrase, count, always = filler
            start, end = float(starts[row]), float(ends[row + count - 1])
            before = start - float(ends[row - 1]) if row else np.inf
            behind = float(starts[row + count]) - end if row + count < len(texts) else np.inf
            drawn_out = (end - start) / syllables(phrase, languages[row])
            alone = min(before, behind) >= ISOLATED_S
            if end > start and (always or alone or drawn_out >= LENGTHENED_S):
                sureness = float(np.mean(words["probability"][row : row + count]))
                found.append(self._event(start, end, "word", sureness, word=phrase, isolated=alone))
            row += count
        return found

    def _by_sound(self, heard: list[tuple[float, float]], words: Columns, pitch: Columns) -> list[Event]:
        starts, ends = _times(words)
        times = pitch.ticks * float(pitch.time_base)
        f0 = pitch["f0"].astype(np.float64)
        found = []
        for start, end in _uncovered(heard, starts - self.word_margin_s, ends + self.word_margin_s):
            if not self.min_duration_s <= end - start <= self.max_duration_s:
                continue
            inside = f0[np.searchsorted(times, start) : np.searchsorted(times, end)]
            voiced = inside[np.isfinite(inside)]
            if not len(inside) or len(voiced) < self.least_voiced * len(inside):
                continue
            spread = float(np.std(12 * np.log2(voiced)))
            if spread <= self.flat_st:
                share = len(voiced) / len(inside)
                found.append(self._event(start, end, "sound", 0.5 * share, pitch_sd=round(spread, 3)))
        return found

    def _event(self, start: float, end: float, by: str, sureness: float, **more: Scalar) -> Event:
        evidence: dict[str, Scalar] = {
            "value": round(end - start, 3), "unit": "s", "threshold": self.min_duration_s, "by": by, **more,
            "caveat": CAVEAT,
        }  # fmt: skip
        return Event("filler", span_of(start, end), Severity.INFO, round(sureness, 3), evidence, (by,))


def _times(words: Columns) -> tuple[Floats, Floats]:
    base = float(words.time_base)
    return np.asarray(words.ticks * base, np.float64), np.asarray(words["until"] * base, np.float64)


def _uncovered(heard: list[tuple[float, float]], starts: Floats, ends: Floats) -> list[tuple[float, float]]:
    """What of the stretches no word covers. Words are in order of their start."""
    reach = np.maximum.accumulate(ends) if len(ends) else ends
    found = []
    for start, end in heard:
        first, last = np.searchsorted(reach, start, side="right"), np.searchsorted(starts, end)
        moment = start
        for word in range(int(first), int(last)):
            if starts[word] > moment:
                found.append((moment, min(float(starts[word]), end)))
            moment = max(moment, float(ends[word]))
        if moment < end:
            found.append((moment, end))
    return found


def _inside(span: Span, turns: Sequence[Span], starts: Sequence[Fraction]) -> bool:
    """Whether the middle lies in a turn. Turns are in order and do not overlap."""
    place = bisect_right(starts, span.middle)
    return place > 0 and span.middle in turns[place - 1]


DETECTOR = FillerDetector
