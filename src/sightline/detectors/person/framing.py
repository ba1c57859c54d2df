"""How the main person is placed in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.text import Message
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]

EYES_IN_FACE = 0.30
"""Height of the eyes in the face's box, from its top, as ``faces`` measures boxes: 0.28 to 0.32 on the faces at hand,
with heads pitched between -4 and 14 degrees."""


@dataclass(frozen=True, eq=False)
class Placing:
    """Where the face is, a row per picture, NaN where it is not."""

    eye_line: Floats
    """Height of the eyes from the top, as a share of the picture's height."""
    face_width: Floats
    """Share of the picture's width."""
    headroom: Floats
    """From the upper edge of the picture to the forehead, as a share of the picture's height."""
    middle: Floats
    """Of the face from the left, as a share of the picture's width."""


def placing_of(track: Track) -> Placing:
    top, height, width = track["top"], track["height"], track["width"]
    return Placing(top + EYES_IN_FACE * height, width, top, track["left"] + width / 2)


@dataclass(frozen=True, slots=True)
class FramingDetector:
    """``framing``: for ``min_s`` or longer the main face is smaller, larger, higher, lower or further to a side than in
    the usual picture of somebody who talks to a camera. Labels say which; ``value`` is the share of the time in which
    at least one of them holds.

    The limits are heuristic: a rule of picture composition, no fault of a person.
    """

    name: ClassVar[str] = "framing"
    kinds: ClassVar[tuple[str, ...]] = ("framing",)
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ()

    least_eye_line: float = 0.30
    most_eye_line: float = 0.45
    least_width: float = 0.15
    most_width: float = 0.35
    least_headroom: float = 0.03
    """Of what is above the forehead: hair takes about as much again."""
    most_off_centre: float = 0.25
    min_s: float = 3.0
    bridge_s: float = 1.0
    least_pictures: int = 3

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        main = tracks_of(timeline).main
        if main is None or self.refusal(timeline) is not None:
            return ()
        placing = placing_of(main)
        faults = self._faults(placing)
        any_fault = np.logical_or.reduce(list(faults.values()))
        events = []
        for first, last in main.clock.runs_lasting(any_fault, self.min_s, bridge_s=self.bridge_s):
            part = slice(first, last)
            if any_fault[part].sum() < self.least_pictures:
                continue
            among = main.present & self._rows(main, first, last)
            labels = tuple(name for name, mask in faults.items() if main.share_of_time(mask, among) >= 0.5)
            share = main.share_of_time(any_fault, among)
            evidence: dict[str, Scalar] = {
                "value": round(share, 3), "unit": "share", "threshold": 0.5,
                "eye_line": round(float(np.nanmedian(placing.eye_line[part])), 3),
                "face_width": round(float(np.nanmedian(placing.face_width[part])), 3),
                "headroom": round(float(np.nanmedian(placing.headroom[part])), 3), "face": main.index,
            }  # fmt: skip
            events.append(
                Event(
                    "framing", main.clock.span(first, last), Severity.INFO, round(min(1.0, share), 2), evidence, labels
                )
            )
        return tuple(events)

    def refusal(self, timeline: Timeline) -> Message | None:
        """Why framing cannot be told in this recording; None when it can."""
        main = tracks_of(timeline).main
        return Message.of("person.refused.no_face") if main is None else None

    def _faults(self, placing: Placing) -> dict[str, npt.NDArray[np.bool_]]:
        with np.errstate(invalid="ignore"):
            return {
                "face_small": placing.face_width < self.least_width,
                "face_large": placing.face_width > self.most_width,
                "eyes_high": placing.eye_line < self.least_eye_line,
                "eyes_low": placing.eye_line > self.most_eye_line,
                "headroom_little": placing.headroom < self.least_headroom,
                "off_centre": np.abs(placing.middle - 0.5) > self.most_off_centre,
            }

    def _rows(self, main: Track, first: int, last: int) -> npt.NDArray[np.bool_]:
        rows = np.zeros(len(main.clock), bool)
        rows[first:last] = True
        return rows


DETECTOR = FramingDetector
