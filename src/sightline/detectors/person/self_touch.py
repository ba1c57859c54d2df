"""Hands at the face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Clock, Track, tracks_of
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
POINTS = 21


@dataclass(frozen=True, slots=True)
class SelfTouchDetector:
    """``self_touch``: at least one point of a hand lies inside the main person's face, grown by ``grow`` on all sides,
    for ``min_s`` or longer. ``value`` is how long, in seconds.

    A picture has no depth: a hand in front of the face looks the same as one that touches it.
    """

    name: ClassVar[str] = "self_touch"
    kinds: ClassVar[tuple[str, ...]] = ("self_touch",)
    needs: ClassVar[tuple[str, ...]] = ("faces", "hands")
    after: ClassVar[tuple[str, ...]] = ()

    grow: float = 0.15
    """Share of the face's size. Heuristic, as all of these."""
    min_s: float = 0.3
    bridge_s: float = 0.3
    face_within_s: float = 1.0
    """A hand hides the face it is at: where it was seen last, so long ago at most, is where it is taken to be."""
    least_pictures: int = 2

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main, hands = tracks_of(timeline).main, timeline.columns["hands"]
        if main is None or not len(hands):
            return ()
        ticks, picture = np.unique(hands.ticks, return_inverse=True)
        clock = Clock(ticks, hands.end, hands.time_base)
        inside = self._inside(main, clock, hands, picture)
        touching = np.bincount(picture, inside, minlength=len(clock)) > 0
        events = []
        for first, last in clock.runs_lasting(touching, self.min_s, bridge_s=self.bridge_s):
            pictures = int(touching[first:last].sum())
            if pictures >= self.least_pictures:
                seconds = clock.seconds_of(first, last)
                evidence: dict[str, Scalar] = {
                    "value": round(seconds, 3), "unit": "s", "threshold": self.min_s, "pictures": pictures,
                    "face": main.index,
                }  # fmt: skip
                confidence = round(min(0.9, 0.4 + 0.1 * pictures), 2)
                events.append(Event("self_touch", clock.span(first, last), Severity.INFO, confidence, evidence))
        return tuple(events)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why touches cannot be told in this recording; None when they can."""
        main = tracks_of(timeline).main
        if main is None or not main.present.any():
            return Message.of("person.refused.no_face")
        return None

    def _inside(
        self, main: Track, clock: Clock, hands: Columns, picture: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.bool_]:
        """For each row of ``hands`` whether one of its points is in the face."""
        left, top, width, height = (each[picture, None] for each in self._face_at(main, clock))
        x = np.stack([hands[f"x{point}"] for point in range(POINTS)], axis=1).astype(np.float64)
        y = np.stack([hands[f"y{point}"] for point in range(POINTS)], axis=1).astype(np.float64)
        with np.errstate(invalid="ignore"):
            across = (x >= left - self.grow * width) & (x <= left + (1 + self.grow) * width)
            down = (y >= top - self.grow * height) & (y <= top + (1 + self.grow) * height)
        return np.asarray((across & down).any(axis=1) & (hands["hand"] >= 0))

    def _face_at(self, main: Track, clock: Clock) -> tuple[Floats, ...]:
        """Left, top, width and height of the face at each picture of the hands, NaN when it was not seen lately."""
        seen = np.flatnonzero(main.present)
        place = np.searchsorted(main.clock.times_s[seen], clock.times_s + 1e-6, side="right") - 1
        row = seen[np.maximum(place, 0)]
        lately = (place >= 0) & (clock.times_s - main.clock.times_s[row] <= self.face_within_s)
        return tuple(np.where(lately, main[name][row], np.nan) for name in ("left", "top", "width", "height"))


DETECTOR = SelfTouchDetector
