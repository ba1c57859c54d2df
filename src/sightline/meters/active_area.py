"""Active area: where the picture is, measured to the pixel on full-resolution luma four times a second.

A *line* is a row or a column of luma. Two edges are given for each side, because one question has two answers:
the content edge (nothing but black outside, as FFmpeg's cropdetect finds it) is moved by a subtitle in a bar; the
*hard* edge (a line bright along most of its length, with black a few lines outside) is not, and no dark scene has one
by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.moments import LOOKBACK_PICTURES, LOOKBACK_S, Moments, end_of
from sightline.timeline.columns import Columns, Rows

PERIOD_S = Fraction(1, 4)
CHANGES_PER_S = 4
BLACK_CODE = 24
"""Black up to this 8-bit code, limited range or full: cropdetect's default, and codes 0 to 16 with room for noise."""
WIDE_SHARE = 0.75
"""A line is wide when this share of its length inside the content edges is brighter than black."""
OUTSIDE_SHARE = 0.10
"""Noise and specks may brighten this share of a line that still counts as black."""
FILL_SHARE = 0.40
"""A content box less filled than this holds text or a logo, whose edges say nothing about bars."""
BOX_SHARE = 0.50
"""Nor does one that spans less than this share of the width or of the height."""
RAMP_PX_PER_1080 = 4
"""Scaling and coding soften an edge over this many lines at 1080."""

SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class Edges:
    """Lines ``[first, last)`` along one direction; hard and wide edges are None where there is none."""

    first: int
    last: int
    wide: tuple[int, int] | None
    hard_first: bool
    hard_last: bool


class ActiveAreaMeter:
    """A row four times a second and at every abrupt change.

    ``left top right bottom``: content edges in px of the coded picture, right and bottom exclusive; -1 all black.
    ``wide_left`` …: outermost wide line of each side, -1 when there is none. ``hard_left`` …: 1 when just outside that
    line is black. ``fill``: share of the content box brighter than black.
    """

    id: ClassVar[str] = "active_area"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds(lookback_s=LOOKBACK_S, lookback_pictures=LOOKBACK_PICTURES)

    def __init__(self, subject: Subject, **_parameters: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("engine.no_picture")
        self._video = subject.video
        self._moments = Moments(PERIOD_S, CHANGES_PER_S)
        fields: dict[str, tuple[str, npt.DTypeLike]] = dict.fromkeys(SIDES, ("px", np.int32))
        fields |= {f"wide_{side}": ("px", np.int32) for side in SIDES}
        fields |= {f"hard_{side}": ("flag", np.int8) for side in SIDES}
        self._rows = Rows(fields | {"fill": ("share", np.float32)})
        self._size = (self._video.width, self._video.height)
        self._end = 0

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            self._end = end_of(picture, self._video)
            if self._moments.choose(picture) is not None:
                self._size = picture.y.shape[1], picture.y.shape[0]
                self._rows.append(picture.pts, *_measured(picture))

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {
            "width": self._size[0], "height": self._size[1], "black_code": BLACK_CODE, "wide_share": WIDE_SHARE,
            "period_s": float(PERIOD_S), "sample_aspect": str(self._video.sample_aspect),
        }  # fmt: skip
        return self._rows.columns(self.id, self._video.time_base, self._end, notes)


def _measured(picture: Picture) -> tuple[float, ...]:
    """A row in the order of the columns."""
    luma = picture.y
    height, width = luma.shape
    black = BLACK_CODE << (picture.bit_depth - 8)
    left, right = _content(_line_sums(luma, 0), height * (black + 1))
    top, bottom = _content(_line_sums(luma, 1), width * (black + 1))
    if left < 0 or top < 0:
        return (-1,) * 8 + (0,) * 4 + (0.0,)
    _, mask = cv2.threshold(luma, black, 1, cv2.THRESH_BINARY)
    columns, rows = _line_sums(mask[top:bottom], 0), _line_sums(mask[:, left:right], 1)
    fill = float(columns[left:right].sum()) / ((right - left) * (bottom - top))
    tells = fill >= FILL_SHARE and right - left >= BOX_SHARE * width and bottom - top >= BOX_SHARE * height
    across = _edges(columns / (bottom - top), left, right, tells=tells, ramp=_ramp(height))
    down = _edges(rows / (right - left), top, bottom, tells=tells, ramp=_ramp(height))
    wide_across, wide_down = across.wide or (-1, -1), down.wide or (-1, -1)
    return (
        left, top, right, bottom,
        wide_across[0], wide_down[0], wide_across[1], wide_down[1],
        across.hard_first, down.hard_first, across.hard_last, down.hard_last,
        fill,
    )  # fmt: skip


def _line_sums(plane: Plane, axis: int) -> npt.NDArray[Any]:
    """Sum of every column (axis 0) or row (axis 1)."""
    depth = cv2.CV_32S if plane.dtype == np.uint8 else cv2.CV_64F
    return cv2.reduce(plane, axis, cv2.REDUCE_SUM, dtype=depth).ravel()


def _content(sums: npt.NDArray[Any], limit: float) -> tuple[int, int]:
    """Lines ``[first, last)`` outside of which no sum reaches ``limit``; -1, -1 when none does."""
    bright = np.flatnonzero(sums >= limit)
    return (int(bright[0]), int(bright[-1]) + 1) if len(bright) else (-1, -1)


def _ramp(height: int) -> int:
    return max(2, round(RAMP_PX_PER_1080 * height / 1080))


def _edges(shares: npt.NDArray[Any], first: int, last: int, *, tells: bool, ramp: int) -> Edges:
    """Edges along one direction from the share of each line that is brighter than black."""
    wide = np.flatnonzero(shares >= WIDE_SHARE)
    if not tells or not len(wide):
        return Edges(first, last, None, hard_first=False, hard_last=False)
    low, high = int(wide[0]), int(wide[-1]) + 1
    before, after = shares[max(0, low - 2 * ramp) : max(0, low - ramp + 1)], shares[high + ramp - 1 : high + 2 * ramp]
    return Edges(first, last, (low, high), hard_first=_is_black(before), hard_last=_is_black(after))


def _is_black(shares: npt.NDArray[Any]) -> bool:
    return bool(len(shares)) and float(shares.max()) <= OUTSIDE_SHARE


METER = ActiveAreaMeter
