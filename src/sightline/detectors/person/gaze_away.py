"""Looks away from the camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import runs
from sightline.detectors.person.baselines import speaking_at
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.detectors.person.gaze import GAZE_LIMITS, Gaze, GazeLimits, Zone, gaze_of
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

_SIDEWAYS = {-1: "left", 0: "", 1: "right"}
_UPWARDS = {-1: "down", 0: "", 1: "up"}
_SLANTED = 0.414
"""tan 22.5°: a direction has two words when the smaller part is more than this of the larger."""


@dataclass(frozen=True, slots=True)
class GazeAwayDetector:
    """``gaze_away``: the main person looks elsewhere than usual, for ``min_s`` or longer. ``value`` is the largest
    angle in degrees. ``zone`` is ``screen`` or ``off_screen``, where most of the time goes; ``direction`` is told as
    the picture shows it (``left``: towards its left edge).
    """

    name: ClassVar[str] = "gaze_away"
    kinds: ClassVar[tuple[str, ...]] = ("gaze_away",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    min_s: float = 0.3
    """Shorter ones are saccades, blinks that were missed, or errors. Heuristic."""
    bridge_s: float = 0.2
    """One picture back on camera does not end a look. Heuristic."""
    blink_s: float = 0.5
    """Nor does gaze that is unknown for so long, as in a blink."""
    long_s: float = 3.0
    """Looks off the screen from this length on are worth looking at. Heuristic."""
    least_pictures: int = 2
    least_rate_hz: float = 3.0
    """Slower recordings cannot show looks of ``min_s``."""
    limits: GazeLimits = GAZE_LIMITS

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        gaze, speaking = gaze_of(timeline, main, self.limits), speaking_at(timeline, main.clock)
        away = self._away(main, gaze)
        return tuple(
            self._event(main, gaze, (first, last), None if speaking is None else bool(speaking[first]))
            for first, last in main.clock.runs_lasting(away, self.min_s, bridge_s=self.bridge_s)
            if (gaze.known & away)[first:last].sum() >= self.least_pictures
        )

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why looks cannot be told in this recording; None when they can."""
        return face_refusal(timeline, "gaze_yaw", least_rate_hz=self.least_rate_hz)

    def _away(self, main: Track, gaze: Gaze) -> npt.NDArray[np.bool_]:
        away = gaze.known & ~gaze.on_camera
        for first, last in runs(~gaze.known & main.present):
            between = first > 0 and last < len(away) and away[first - 1] and away[last]
            if between and main.clock.seconds_of(first, last) <= self.blink_s:
                away[first:last] = True
        return away

    def _event(self, main: Track, gaze: Gaze, rows: tuple[int, int], speaking: bool | None) -> Event:
        part = slice(*rows)
        seconds, away = main.clock.held_s[part], gaze.known[part] & ~gaze.on_camera[part]
        off_s = float(seconds[gaze.zone[part] == Zone.OFF_SCREEN].sum())
        zone = "off_screen" if 2 * off_s > float(seconds[away].sum()) else "screen"
        largest = float(np.nanmax(gaze.angle[part]))
        way = direction(float(np.median(gaze.yaw[part][away])), float(np.median(gaze.pitch[part][away])))
        evidence: dict[str, Scalar] = {
            "value": round(largest, 1), "unit": "deg", "threshold": self.limits.camera_leave_deg, "zone": zone,
            "direction": way, "mean": round(float(np.mean(gaze.angle[part][away])), 1), "speaking": speaking,
            "axis_yaw": round(gaze.axis_yaw, 1), "axis_pitch": round(gaze.axis_pitch, 1),
            "axis_from": str(gaze.axis_from), "face": main.index,
        }  # fmt: skip
        is_long = zone == "off_screen" and main.clock.seconds_of(*rows) >= self.long_s
        # Half sure at the edge of the zone; sure ten degrees beyond, well over the error of the measurement.
        confidence = min(1.0, 0.5 + 0.05 * max(0.0, float(evidence["mean"]) - self.limits.camera_deg))  # type: ignore[arg-type]
        severity = Severity.WARNING if is_long else Severity.INFO
        return Event("gaze_away", main.clock.span(*rows), severity, round(confidence, 2), evidence, (zone, way))


def direction(yaw: float, pitch: float) -> str:
    """``left``, ``up_right``, … of an angle from the usual direction, as the picture shows it."""
    sideways, upwards = (0 if abs(a) < _SLANTED * abs(b) else int(np.sign(a)) for a, b in ((yaw, pitch), (pitch, yaw)))
    return "_".join(word for word in (_UPWARDS[upwards], _SIDEWAYS[sideways]) if word) or "right"


DETECTOR = GazeAwayDetector
