"""How much of a picture is of one colour."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, PictureClock
from sightline.timeline.columns import Columns, Rows


class Colour:
    """The dominant colour ``y``, ``u``, ``v`` (code) and the share of the area that is of it.

    Measured on the picture reduced to 96x54 and 8 bits, so a share is right to a small part of a percent and the codes
    to one code of 8 bits. The dominant colour is the median of each component: when more than half of the area is of
    one colour the median lies inside it, and below half no colour dominates. *Of it* is within ``tolerance`` of the
    nominal range (219 codes of luma, 224 of chroma, 255 in full range) in all three components. EBU QC
    0016B has 10.5 % as its example; it is read here as the whole width of a colour, ±5.25 %, because twice that takes
    hazy streets and clear skies for one colour.
    """

    id: ClassVar[str] = "colour"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject, *, tolerance: float = 0.0525) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        full = CodeScale.of(subject.video)
        scale = CodeScale(8, full.full_range)
        (black, white), (low, high) = scale.luma, scale.chroma
        self._reach = [int(tolerance * extent) for extent in (white - black, high - low, high - low)]
        self._tolerance = tolerance
        self._bit_depth = full.bit_depth
        self._clock = PictureClock(subject.video)
        self._rows = Rows(
            {"dominant_share": ("share", np.float64)} | dict.fromkeys(("y", "u", "v"), ("code", np.int32))
        )

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            self._rows.append(self._clock.tick(picture), *self._dominant(picture))

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"bit_depth": self._bit_depth, "tolerance": self._tolerance}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _dominant(self, picture: Picture) -> tuple[float, int, int, int]:
        self._bit_depth = picture.bit_depth
        step = 1 << (picture.bit_depth - 8)
        planes = picture.small
        middle = [_median(plane) for plane in planes]
        within: Plane | None = None
        for plane, code, reach in zip(planes, middle, self._reach, strict=True):
            near = cv2.inRange(plane, code - reach, code + reach)
            within = near if within is None else cv2.bitwise_and(within, near)
        assert within is not None
        y, u, v = (code * step for code in middle)
        return cv2.countNonZero(within) / within.size, y, u, v


METER = Colour


def _median(plane: Plane) -> int:
    counts = cv2.calcHist([plane], [0], None, [256], [0, 256]).ravel()
    return int(np.searchsorted(np.cumsum(counts), plane.size / 2))
