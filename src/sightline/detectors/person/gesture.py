"""Gestures of the arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.baselines import speaking_at
from sightline.detectors.person.body import Body, body_of
from sightline.detectors.person.face_tracks import is_slower
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class GestureDetector:
    """``gesture``: a wrist that is in the picture moves faster than ``least_speed`` shoulder widths a second.
    ``value`` is the highest speed; ``hand`` which wrist, or ``both``. Strokes close together are one gesture.

    Hands below the picture's edge are not seen: without gestures nobody need have kept still.
    """

    name: ClassVar[str] = "gesture"
    kinds: ClassVar[tuple[str, ...]] = ("gesture",)
    needs: ClassVar[tuple[str, ...]] = ("pose",)
    after: ClassVar[tuple[str, ...]] = ()

    least_speed: float = 0.5
    """Heuristic, as the times below."""
    bridge_s: float = 0.6
    min_s: float = 0.35
    """Two steps at 5 pictures a second: one may be an error of a single picture."""
    least_rate_hz: float = 4.0
    max_step_s: float = 0.5
    """Movement over longer breaks has no speed."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        body = body_of(timeline)
        if body is None or self.refusal(timeline) is not None:
            return ()
        speeds = {side: self._speed(body, side) for side in ("left", "right")}
        with np.errstate(invalid="ignore"):
            moving = {side: speed >= self.least_speed for side, speed in speeds.items()}
        any_moves = moving["left"] | moving["right"]
        speaking = speaking_at(timeline, body.clock)
        events = []
        for first, last in body.clock.runs_lasting(any_moves, self.min_s, bridge_s=self.bridge_s):
            sides = [side for side, moves in moving.items() if moves[first:last].any()]
            highest = max(float(np.nanmax(speeds[side][first:last])) for side in sides)
            hand = sides[0] if len(sides) == 1 else "both"
            evidence: dict[str, Scalar] = {
                "value": round(highest, 2), "unit": "shoulder_widths/s", "threshold": self.least_speed, "hand": hand,
                "speaking": None if speaking is None else bool(speaking[first]), "face": 0,
            }  # fmt: skip
            label = "both_hands" if hand == "both" else f"{hand}_hand"
            confidence = round(min(1.0, 0.5 * highest / self.least_speed), 2)
            events.append(Event("gesture", body.clock.span(first, last), Severity.INFO, confidence, evidence, (label,)))
        return tuple(events)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why gestures cannot be told in this recording; None when they can."""
        body = body_of(timeline)
        if body is None:
            return Message.of("person.refused.no_person")
        if is_slower(body.clock.rate_hz, self.least_rate_hz):
            return Message.of("person.refused.rate", seen=round(body.clock.rate_hz, 1), needed=self.least_rate_hz)
        if not any(np.isfinite(body.x(f"wrist_{side}")).any() for side in ("left", "right")):
            return Message.of("person.refused.no_hands")
        return body.refusal(body.shoulder_width)

    def _speed(self, body: Body, side: str) -> npt.NDArray[np.float64]:
        """Of a wrist against the middle of the shoulders, in usual shoulder widths a second, from each picture to the
        next; NaN where the wrist is not seen in both."""
        x, y = (of(f"wrist_{side}") - (of("shoulder_left") + of("shoulder_right")) / 2 for of in (body.x, body.y))
        step_s = body.clock.dt_s
        moved = np.append(np.hypot(np.diff(x), np.diff(y)), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            speed = moved / step_s / np.nanmedian(body.shoulder_width)
        return np.asarray(np.where(step_s <= self.max_step_s, speed, np.nan))


DETECTOR = GestureDetector
