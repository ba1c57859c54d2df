"""Eyebrows raised and lowered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.person.baselines import rest_of, speaking_at
from sightline.detectors.person.face_quality import TURNED_DEG, face_refusal
from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.detectors.person.smoothing import held
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

_SIGNALS = {
    "brow_raise": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    "brow_lower": ("browDownLeft", "browDownRight"),
}
_INNER = {"brow_raise": ("browInnerUp",), "brow_lower": _SIGNALS["brow_lower"]}


@dataclass(frozen=True, slots=True)
class BrowDetector:
    """``brow_raise`` (action units 1 and 2) and ``brow_lower`` (4) of the main person, over that person's own median of
    the first 30 s. ``value`` is how far at most, as a share of the full range.

    Raised are both the inner and the outer parts: the outer ones alone drift when the head turns, and with the head
    turned far nothing is said.
    """

    name: ClassVar[str] = "brow"
    kinds: ClassVar[tuple[str, ...]] = ("brow_raise", "brow_lower")
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    onset: float = 0.25
    """Over the rest. All of these are heuristic."""
    offset: float = 0.15
    raise_min_s: float = 0.2
    """Brows are raised in passing, with a stressed word."""
    lower_min_s: float = 0.5
    least_inner: float = 0.10
    """What the inner part rises by at least, in the middle of a raise."""
    least_pictures: int = 3

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        lengths = {"brow_raise": self.raise_min_s, "brow_lower": self.lower_min_s}
        return tuple(event for kind in self.kinds for event in self._events(timeline, main, kind, lengths[kind]))

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why brows cannot be told in this recording; None when they can."""
        least_rate_hz = (self.least_pictures - 1) / self.raise_min_s
        return face_refusal(timeline, "browInnerUp", least_rate_hz=least_rate_hz)

    def _events(self, timeline: Timeline, main: Track, kind: str, min_s: float) -> list[Event]:
        with np.errstate(invalid="ignore"):
            turned = np.abs(main["yaw"]) > TURNED_DEG
        signal, inner = (np.where(turned, np.nan, main.mean_of(*names)) for names in (_SIGNALS[kind], _INNER[kind]))
        rest, inner_rest = rest_of(main.clock, signal), rest_of(main.clock, inner)
        speaking = speaking_at(timeline, main.clock)
        events = []
        for first, last in main.clock.runs_lasting(held(signal - rest, self.onset, self.offset), min_s):
            inner_rise = float(np.median(inner[first:last])) - inner_rest
            if last - first >= self.least_pictures and inner_rise >= self.least_inner:
                highest = float((signal[first:last] - rest).max())
                evidence: dict[str, Scalar] = {
                    "value": round(highest, 3), "unit": "share", "threshold": self.onset, "baseline": round(rest, 3),
                    "speaking": None if speaking is None else bool(speaking[first]), "face": main.index,
                }  # fmt: skip
                confidence = min(1.0, 0.5 + (highest - self.onset))
                events.append(Event(kind, main.clock.span(first, last), Severity.INFO, round(confidence, 2), evidence))
        return events


DETECTOR = BrowDetector
