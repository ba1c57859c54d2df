"""Silences inside a person's own turn."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from sightline.clock import Span, exact_seconds
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class PauseDetector:
    """Event ``pause``: nobody's voice for ``min_duration_s`` or longer inside a turn of the main person.

    Cut-offs from 100 to 1000 ms are in use (De Jong & Bosker 2013); 250 ms leaves out the silence that belongs to
    closing a consonant. A pause longer than ``long_s`` bears the label ``long``. The pad of the speech events is taken
    off, so the silence is as long as it was.
    """

    min_duration_s: float = 0.25
    long_s: float = 2.0

    name: ClassVar[str] = "pause"
    kinds: ClassVar[tuple[str, ...]] = ("pause",)
    needs: ClassVar[tuple[str, ...]] = ("voice",)
    after: ClassVar[tuple[str, ...]] = ("speech", "speaker_turn")

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        speech = timeline.events_of("speech")
        turns = [turn.span for turn in timeline.events_of("speaker_turn") if turn.evidence.get("own")]
        found, turn = [], 0
        for earlier, later in pairwise(speech):
            start, end = earlier.span.end - _pad(earlier), later.span.start + _pad(later)
            while turn < len(turns) and turns[turn].end <= start:
                turn += 1
            inside = turn < len(turns) and turns[turn].start <= start and end <= turns[turn].end
            if inside and end - start >= exact_seconds(self.min_duration_s):
                found.append(self._event(Span(start, end)))
        return tuple(found)

    def _event(self, span: Span) -> Event:
        seconds = float(span.duration)
        evidence: dict[str, Scalar] = {"value": round(seconds, 3), "unit": "s", "threshold": self.min_duration_s}
        labels = ("long",) if seconds > self.long_s else ()
        return Event("pause", span, Severity.INFO, 1.0, evidence, labels)


def _pad(event: Event) -> Fraction:
    return exact_seconds(float(event.evidence.get("pad") or 0.0))


DETECTOR = PauseDetector
