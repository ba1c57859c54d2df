"""The upper body over time, from ``pose``. Lengths are in shoulder widths: distance to the camera does not matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import FACES, Clock, Tracks, tracks_of
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

POSE = "pose"
LEAST_VISIBILITY = 0.5
"""The network's own probability that a point is in the picture and not hidden."""
MOST_APART = 0.75
"""A nose lies so far from the middle of its own face at most, in widths of the face. Heuristic."""
SMOOTH_S = 1.0
"""Posture is the median over about so long: gestures and single wrong pictures go."""


@dataclass(frozen=True, eq=False)
class Body:
    """A row per picture of ``pose``; NaN where points are not visible."""

    clock: Clock
    aspect: float
    """Height of the picture over its width."""
    _columns: Columns
    _of_others: Mask
    """Where somebody else was measured."""

    def x(self, point: str) -> Floats:
        """Share of the picture's width."""
        return self._seen(point, "x")

    def y(self, point: str) -> Floats:
        """From the top, as a share of the picture's width, as `x`."""
        return self._seen(point, "y") * self.aspect

    def _seen(self, point: str, axis: str) -> Floats:
        values = self._columns[f"{point}_{axis}"].astype(np.float64)
        with np.errstate(invalid="ignore"):
            visible = self._columns[f"{point}_visibility"] >= LEAST_VISIBILITY
        return np.where(visible & ~self._of_others, values, np.nan)

    @cached_property
    def shoulder_width(self) -> Floats:
        """Distance of the shoulders as a share of the picture's width."""
        across = self.x("shoulder_left") - self.x("shoulder_right")
        down = self.y("shoulder_left") - self.y("shoulder_right")
        width = np.hypot(across, down)
        return np.where(width > 0, width, np.nan)

    @cached_property
    def tilt_deg(self) -> Floats:
        """Slope of the shoulders against the picture: positive when the one on the right of the picture is lower."""
        across = self.x("shoulder_left") - self.x("shoulder_right")
        down = self.y("shoulder_left") - self.y("shoulder_right")
        # Of a person seen from the front the left shoulder is on the right of the picture; of one from behind not.
        return np.asarray(np.degrees(np.arctan2(np.where(across < 0, -down, down), np.abs(across))))

    @cached_property
    def uprightness(self) -> Floats:
        """Height of the ears over the shoulders in shoulder widths; falls when somebody slouches."""
        ears = np.mean([self.y("ear_left"), self.y("ear_right")], axis=0)
        shoulders = np.mean([self.y("shoulder_left"), self.y("shoulder_right")], axis=0)
        return np.asarray((shoulders - ears) / self.shoulder_width)

    def smoothed(self, values: Floats) -> Floats:
        """The running median over `SMOOTH_S`; NaN where the value itself is."""
        rows = max(1, round(SMOOTH_S * self.clock.rate_hz)) | 1
        if rows == 1 or not len(values):
            return values
        padded = np.pad(values, rows // 2, constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(padded, rows)
        known = np.isfinite(values)
        smooth = np.full(len(values), np.nan)
        smooth[known] = np.nanmedian(windows[known], axis=1)
        return smooth

    def refusal(self, *needed: Floats) -> Message | None:
        """Why nothing can be said of the body; None when every one of ``needed`` is known somewhere."""
        if all(np.isfinite(values).any() for values in needed):
            return None
        return Message.of("person.refused.no_person")


def body_of(timeline: Timeline) -> Body | None:
    """The main person's body; None without ``pose``.

    ``pose`` is of the most prominent person in each picture. Pictures in which that is somebody else, by whose face the
    nose is at, are as if nobody had been seen.
    """
    return timeline.once("body", (POSE, FACES), lambda: _body_of(timeline))


def _body_of(timeline: Timeline) -> Body | None:
    columns = timeline.columns.get(POSE)
    if columns is None or not len(columns):
        return None
    width, height = (float(columns.notes.get(f"{side}_px", 0)) for side in ("width", "height"))
    clock = Clock(columns.ticks, columns.end, columns.time_base)
    body = Body(clock, height / width if width and height else 1.0, columns, np.zeros(len(columns), np.bool_))
    tracks = tracks_of(timeline)
    return replace(body, _of_others=_of_others(body, tracks)) if len(tracks.tracks) > 1 else body


def _of_others(body: Body, tracks: Tracks) -> Mask:
    """Pictures of ``pose`` in which the nose is at another face than the main person's."""
    x, y = body.x("nose"), body.y("nose")
    picture = np.searchsorted(tracks.clock.times_s, body.clock.times_s + 1e-6, side="right") - 1
    nearest, owner = np.full(len(x), np.inf), np.zeros(len(x), np.intp)
    for track in tracks.tracks:
        left, top, width, height = (track[name][picture] for name in ("left", "top", "width", "height"))
        apart = np.hypot(x - left - width / 2, y - (top + height / 2) * body.aspect) / width
        with np.errstate(invalid="ignore"):
            nearer = (picture >= 0) & (apart <= MOST_APART) & (apart < nearest)
        nearest[nearer], owner[nearer] = apart[nearer], track.index
    return np.asarray(owner != 0)
