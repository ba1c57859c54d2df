"""Posture against the person's own first 30 seconds: slouching, and shoulders that tilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.person.baselines import rest_of
from sightline.detectors.person.body import Body, body_of
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class PostureDetector:
    """``slouch``: the ears come down to the shoulders; ``value`` is by which share of the usual height at most.
    ``shoulder_tilt``: the line of the shoulders turns away from where it usually is; ``value`` by how many degrees.

    All thresholds are heuristic. Somebody who slouches from the first second on has that for a baseline.
    """

    name: ClassVar[str] = "posture"
    kinds: ClassVar[tuple[str, ...]] = ("slouch", "shoulder_tilt")
    needs: ClassVar[tuple[str, ...]] = ("pose",)
    after: ClassVar[tuple[str, ...]] = ()

    slouch_fall: float = 0.15
    slouch_min_s: float = 3.0
    tilt_deg: float = 10.0
    """5 degrees are ordinary."""
    tilt_min_s: float = 5.0
    bridge_s: float = 0.5
    least_pictures: int = 3

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        body = body_of(timeline)
        if body is None or self.refusal(timeline) is not None:
            return ()
        return (*self._slouches(body), *self._tilts(body))

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why posture cannot be told in this recording; None when it can."""
        body = body_of(timeline)
        if body is None:
            return Message.of("person.refused.no_person")
        return body.refusal(body.tilt_deg)

    def _slouches(self, body: Body) -> list[Event]:
        height = body.smoothed(body.uprightness)
        usual = rest_of(body.clock, height)
        if not usual > 0:
            return []
        fall = 1 - height / usual
        return self._events(body, "slouch", fall, (self.slouch_fall, self.slouch_min_s), ("share", usual))

    def _tilts(self, body: Body) -> list[Event]:
        tilt = body.smoothed(body.tilt_deg)
        usual = rest_of(body.clock, tilt)
        return self._events(
            body, "shoulder_tilt", np.abs(tilt - usual), (self.tilt_deg, self.tilt_min_s), ("deg", usual)
        )

    def _events(
        self, body: Body, kind: str, off: np.ndarray, limit: tuple[float, float], told: tuple[str, float]
    ) -> list[Event]:
        (threshold, min_s), (unit, usual) = limit, told
        with np.errstate(invalid="ignore"):
            over = off > threshold
        events = []
        for first, last in body.clock.runs_lasting(over, min_s, bridge_s=self.bridge_s):
            pictures = int(over[first:last].sum())
            if pictures >= self.least_pictures:
                most = float(np.nanmax(off[first:last]))
                evidence: dict[str, Scalar] = {
                    "value": round(most, 3), "unit": unit, "threshold": threshold, "baseline": round(usual, 3),
                    "mean": round(float(np.nanmean(off[first:last])), 3), "pictures": pictures, "face": 0,
                }  # fmt: skip
                confidence = round(min(1.0, 0.5 * most / threshold), 2)
                events.append(Event(kind, body.clock.span(first, last), Severity.WARNING, confidence, evidence))
        return events


DETECTOR = PostureDetector
