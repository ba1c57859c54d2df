"""Blinks, and eyes that stay shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.person.baselines import speaking_at
from sightline.detectors.person.eyes import EYE_LIMITS, Closing, Closure, EyeLimits, Eyes, eyes_of
from sightline.detectors.person.face_quality import face_refusal
from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class BlinkDetector:
    """``blink``: the main person's eyes shut and open again within ``max_s``. ``eyes_closed``: they stay shut for
    longer. ``value`` is how long, half-way shut to half-way open, in seconds; ``speaking`` whether somebody spoke.

    Lowered eyes and turned heads make none. The label ``cut_off`` says that the eyes were not seen to open, or to shut:
    how long is not known then. Below ``least_rate_hz`` nothing is counted: too many would be missed.
    """

    name: ClassVar[str] = "blink"
    kinds: ClassVar[tuple[str, ...]] = ("blink", "eyes_closed")
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    least_rate_hz: float = 12.0
    """Normal blinks shut the eyes for 100 to 400 ms; a picture each 83 ms cannot miss one. At 5 Hz a blink of 100 ms is
    seen half of the time (research puts counting at 15 Hz, timing at 25 to 30)."""
    timing_rate_hz: float = 25.0
    """From here on the duration of a single blink is more than an estimate."""
    min_s: float = 0.06
    """Shorter ones are noise; one picture suffices where pictures stand for longer than this."""
    max_s: float = 0.5
    """From here on it is no blink (drowsiness research draws the line at 400 to 500 ms)."""
    limits: EyeLimits = EYE_LIMITS

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        eyes, speaking = eyes_of(main, self.limits), speaking_at(timeline, main.clock)
        events = []
        for closure in eyes.closures:
            if closure.kind is Closing.SHUT and self._is_long_enough(main, closure):
                spoken = None if speaking is None else bool(speaking[closure.first])
                events.append(self._event(main, eyes, closure, spoken))
        return tuple(events)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why blinks cannot be counted in this recording; None when they can."""
        return face_refusal(timeline, "eyeBlinkLeft", least_rate_hz=self.least_rate_hz)

    def _is_long_enough(self, main: Track, closure: Closure) -> bool:
        return max(closure.end_s - closure.start_s, main.clock.seconds_of(closure.first, closure.last)) >= self.min_s

    def _event(self, main: Track, eyes: Eyes, closure: Closure, speaking: bool | None) -> Event:
        length = closure.end_s - closure.start_s
        is_blink = length <= self.max_s
        evidence: dict[str, Scalar] = {
            "value": round(length, 3), "unit": "s", "threshold": self.min_s if is_blink else self.max_s,
            "baseline": round(eyes.open_level, 3), "onset": round(eyes.onset_level, 3),
            "depth": round(closure.depth, 2), "openness_fall": round(closure.fall, 2), "speaking": speaking,
            "timed": main.frame_rate_seen >= self.timing_rate_hz, "face": main.index,
        }  # fmt: skip
        # Surest when shut all the way, with the openness ratio at half, as it is in a closure seen in full.
        confidence = min(1.0, 0.4 + 0.3 * min(1.0, closure.depth) + 0.3 * min(1.0, max(0.0, closure.fall) / 0.5))
        span = main.clock.span_of_seconds(closure.start_s, closure.end_s)
        kind, severity = ("blink", Severity.INFO) if is_blink else ("eyes_closed", Severity.WARNING)
        # The face was lost, or the recording begins or ends, with the eyes shut: how long is not known.
        outside = (closure.first - 1, closure.last)
        is_cut = any(not 0 <= row < len(main.clock) or not eyes.measured[row] for row in outside)
        is_cut |= bool(main.clock.is_gap_after[[max(closure.first - 1, 0), closure.last - 1]].any())
        if is_cut:
            confidence /= 2
        return Event(kind, span, severity, round(confidence, 2), evidence, ("cut_off",) if is_cut else ())


DETECTOR = BlinkDetector
