"""Fields: how much a picture looks like two moments woven together.

The sums are those of FFmpeg's idet filter, on luma. With F(a, b, c) = Σ|a + c − 2b| over one row, where a and c are the
rows above and below b:

- ``weave_back``: F of this picture's rows around the same row of the picture before
- ``weave_on``: F of the earlier picture's rows around the same row of this one; it belongs to the picture before
- ``within``: F inside this picture
- ``repeat``: Σ|this − before|

Each comes for even and odd rows. Everything looks back by one picture only, so a row needs nothing that comes later;
`detectors/interlaced.py` puts the classes together.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import Flat, PictureClock, flat
from sightline.timeline.columns import Columns, Rows

SAMPLED_PIXELS = 200_000
"""At most about this many pixels are read: all rows up to 480x360, of 1080 lines four in every 44."""
GROUP_ROWS = 4
COMB_CODES = 9
"""A pixel stands out from the rows above and below by more than this many 8-bit codes (FFmpeg fieldmatch: cthresh)."""
SMALLEST_HEIGHT_PX = 16

_SUMS = ("weave_back", "weave_on", "within", "repeat")
Sums = npt.NDArray[np.int64]


class FieldsMeter:
    """A row a picture. Sums are means over the pixels read, in codes of the stored depth. The first picture, and the
    first of another size, is compared with itself, as idet does.

    ``comb_share``: share of the pixels read that stand out from both neighbouring rows, fit the rows two away, and
    changed since the picture before.
    """

    id: ClassVar[str] = "fields"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds(lookback_pictures=1)

    def __init__(self, subject: Subject, **_parameters: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("engine.no_picture")
        self._video = subject.video
        self._clock = PictureClock(subject.video)
        if self._video.height < SMALLEST_HEIGHT_PX:
            raise NotMeasurable("geometry.too_low_for_fields", height=self._video.height, least=SMALLEST_HEIGHT_PX)
        self._names = [f"{name}_{parity}" for name in _SUMS for parity in ("even", "odd")]
        fields: dict[str, tuple[str, npt.DTypeLike]] = dict.fromkeys(self._names, ("code", np.float32))
        self._rows = Rows(fields | {"comb_share": ("share", np.float32)})
        self._before: Picture | None = None

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            self._rows.append(self._clock.tick(picture), *self._measured(picture))
            self._before = picture

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"comb_codes": COMB_CODES, "bit_depth": self._video.bit_depth}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _measured(self, picture: Picture) -> npt.NDArray[np.float64]:
        luma = picture.y
        if luma.shape[0] < SMALLEST_HEIGHT_PX:
            return np.full(len(self._names) + 1, np.nan)
        before = self._before
        if before is None or before.y.shape != luma.shape or before.y.dtype != luma.dtype:
            before = picture
        stride = GROUP_ROWS * -(-luma.size // SAMPLED_PIXELS)
        sums: Sums = np.zeros((len(_SUMS) + 2, 2), np.int64)
        old = before.y if before.y.strides == luma.strides else _like(before.y, luma)
        pitch = luma.strides[0] // luma.itemsize
        limit = COMB_CODES << (picture.bit_depth - 8)
        _over_rows(flat(luma), flat(old), pitch, luma.shape, stride, limit, sums)
        pixels = np.maximum(sums[-1], 1)
        means = sums[: len(_SUMS)] / pixels
        return np.append(means.ravel(), sums[len(_SUMS)].sum() / pixels.sum())


@compiled
def _add_row(now: Flat, old: Flat, row: int, pitch: int, width: int, limit: int, sums: Any) -> None:
    """Adds one row's sums to ``sums[0:4]`` and its combed pixels to ``sums[4]``."""
    above2, above, here = now[row - 2 * pitch :], now[row - pitch :], now[row:]
    below, below2 = now[row + pitch :], now[row + 2 * pitch :]
    old_above, before, old_below = old[row - pitch :], old[row:], old[row + pitch :]
    least = np.int32(limit)
    back = on = within = repeat = combed = np.int32(0)
    for i in range(width):
        up, this, down, that = np.int32(above[i]), np.int32(here[i]), np.int32(below[i]), np.int32(before[i])
        around_this = up + down
        around_that = np.int32(old_above[i]) + np.int32(old_below[i])
        moved = abs(this - that)
        back += abs(around_this - 2 * that)
        on += abs(around_that - 2 * this)
        within += abs(around_this - 2 * this)
        repeat += moved
        higher, lower = this - up, this - down
        stands_out = ((higher > least) & (lower > least)) | ((higher < -least) & (lower < -least))
        fits = abs(np.int32(above2[i]) + 4 * this + np.int32(below2[i]) - 3 * around_this) > 6 * least
        combed += np.int32(stands_out & fits & (moved > least))
    sums[0] += back
    sums[1] += on
    sums[2] += within
    sums[3] += repeat
    sums[4] += combed


@compiled
def _over_rows(now: Flat, old: Flat, pitch: int, shape: tuple[int, int], stride: int, limit: int, sums: Sums) -> None:
    """Parity k of a row goes to ``sums[:, k]``: the four sums, combed pixels, pixels read."""
    height, width = shape
    for start in range(2, height - 2, stride):
        for y in range(start, min(start + GROUP_ROWS, height - 2)):
            _add_row(now, old, y * pitch, pitch, width, limit, sums[:5, y & 1])
            sums[5, y & 1] += width


def _like(plane: Plane, other: Plane) -> Plane:
    """A copy with the rows as far apart as those of ``other``."""
    wider = np.empty((plane.shape[0], other.strides[0] // other.itemsize), plane.dtype)
    wider[:, : plane.shape[1]] = plane
    return wider[:, : plane.shape[1]]


METER = FieldsMeter
