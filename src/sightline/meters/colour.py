"""How much of a picture is of one colour."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, PictureClock
from sightline.timeline.columns import Columns, Rows

Small = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]


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
        self._reach = np.array([int(tolerance * extent) for extent in (white - black, high - low, high - low)])
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
        share = _share_near(*planes, np.array(middle), self._reach)
        y, u, v = (code * step for code in middle)
        return share, y, u, v


METER = Colour


@compiled
def _median(plane: Small) -> int:
    """The least code that half of the samples do not exceed."""
    counts = np.zeros(256, np.int32)
    for row in plane:
        for code in row:
            counts[code] += 1
    seen = code = 0
    while code < 255 and 2 * (seen + counts[code]) < plane.size:
        seen += counts[code]
        code += 1
    return code


@compiled
def _share_near(y: Small, u: Small, v: Small, middle: Codes, reach: Codes) -> float:
    """Share of the area within reach of the middle in all three components."""
    height, width = y.shape
    near = 0
    for row in range(height):
        for column in range(width):
            far_y = abs(np.int32(y[row, column]) - middle[0]) > reach[0]
            far_u = abs(np.int32(u[row, column]) - middle[1]) > reach[1]
            far_v = abs(np.int32(v[row, column]) - middle[2]) > reach[2]
            near += not (far_y | far_u | far_v)
    return float(near / y.size)
