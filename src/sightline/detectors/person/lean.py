"""Leaning towards the camera, and away from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.baselines import rest_of
from sightline.detectors.person.body import body_of
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeanDetector:
    """``lean``: the main person's head comes nearer to the camera than in the first 30 s, or goes further away, by
    ``change`` or more. ``value`` is the largest change of its apparent size, as a share: positive towards the camera.
    The label says which way.

    Told by the distance that the head's pose gives, which a turned head does not change; where ``pose`` was measured,
    the shoulders have to grow or shrink with it. Thresholds are heuristic.
    """

    name: ClassVar[str] = "lean"
    kinds: ClassVar[tuple[str, ...]] = ("lean",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    change: float = 0.15
    min_s: float = 2.0
    bridge_s: float = 0.5
    least_shoulders: float = 0.05
    """Share by which the shoulders have to change as well, the same way."""
    least_pictures: int = 3

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        distance = np.abs(main["z_cm"])
        usual = rest_of(main.clock, distance)
        with np.errstate(invalid="ignore", divide="ignore"):
            nearer = usual / distance - 1
        shoulders = self._shoulders(timeline, main)
        found: list[Event] = []
        for way, sign in (("forward", 1), ("back", -1)):
            with np.errstate(invalid="ignore"):
                leaning = (sign * nearer >= self.change) & ~(sign * shoulders < self.least_shoulders)
            for first, last in main.clock.runs_lasting(leaning, self.min_s, bridge_s=self.bridge_s):
                if leaning[first:last].sum() >= self.least_pictures:
                    found.append(self._event(main, nearer[first:last], (first, last), (way, usual)))
        return tuple(found)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why leaning cannot be told in this recording; None when it can."""
        return face_refusal(timeline, "z_cm")

    def _shoulders(self, timeline: Timeline, main: Track) -> Floats:
        """Change of the shoulders' width against usual in each picture of the face; NaN where they were not seen."""
        body = body_of(timeline)
        if body is None:
            return np.full(len(main.clock), np.nan)
        width = body.smoothed(body.shoulder_width)
        change = width / rest_of(body.clock, width) - 1
        row = np.searchsorted(body.clock.times_s, main.clock.times_s, side="right") - 1
        return np.where(row >= 0, change[np.maximum(row, 0)], np.nan)

    def _event(self, main: Track, nearer: Floats, rows: tuple[int, int], about: tuple[str, float]) -> Event:
        way, usual = about
        most = float(nearer[np.nanargmax(np.abs(nearer))])
        evidence: dict[str, Scalar] = {
            "value": round(most, 3), "unit": "share", "threshold": self.change, "baseline": round(usual, 1),
            "mean": round(float(np.nanmean(nearer)), 3), "face": main.index,
        }  # fmt: skip
        confidence = round(min(1.0, 0.5 * abs(most) / self.change), 2)
        return Event("lean", main.clock.span(*rows), Severity.INFO, confidence, evidence, (way,))


DETECTOR = LeanDetector
