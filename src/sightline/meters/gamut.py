"""How much of a picture leaves the colours a display can show: EBU R 103."""

from __future__ import annotations

from typing import Any, ClassVar

import cv2
import numpy as np

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.matrix import matrix_of, rgb_from_codes
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, Flat, PictureClock, flat, sampled_step, subsampling
from sightline.timeline.columns import Columns, Rows

BLOCK_ROWS = 180
WORTH_COUNTING = 0.003
"""The share of the sampled rows above which all rows are counted: well below the 1 % that R 103 calls an error."""
_NAMES = ("r_out", "g_out", "b_out", "y_out")


class Gamut:
    """Shares of the picture whose R, G, B or Y lies more than ``tolerance`` of the range outside it.

    ``out_share``: any of the four; ``r_out`` … ``y_out``: each. EBU R 103 (2020): 5 % of the expected range, that is
    outside 5–246 of 8 bits and 20–984 of 10 bits, and a light spatial filter before measuring is allowed.

    The filter is an average over 2x2 luma pixels, which in 4:2:0 is exactly the area of one chroma sample, so that no
    chroma has to be interpolated: one value of R, G and B per block (an odd last row or column is left out; 4:1:1 takes
    blocks as wide as its chroma; interlaced 4:2:0 has its chroma by field, so a block mixes two fields there). Values
    count as the nearest code of the stored bit depth; averages before that are rounded, half a code off at most.

    At 1080 rows every third row of blocks is looked at first (at 2160 every fifth, so that 180 rows or more remain).
    Where more than 0.3 % of that is outside, every block is counted, so a share near the 1 % of R 103 is exact. Where
    less, that share stands; it may lack areas thinner than the rows left out (four rows of luma at 1080).

    The matrix is the one the file is tagged with, else by size (`sightline.meters.matrix`); RGB files come to meters as
    full-range BT.709.

    Raises `NotMeasurable` for matrices that are not Y'CbCr (YCgCo, constant luminance, ICtCp).
    """

    id: ClassVar[str] = "gamut"
    version: ClassVar[int] = 2
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject, *, tolerance: float = 0.05) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        matrix = matrix_of(subject.video)
        if matrix is None:
            raise NotMeasurable("levels.matrix_unknown", matrix=str(subject.video.color_matrix))
        self._matrix = matrix
        self._video = subject.video
        self._tolerance = tolerance
        self._clock = PictureClock(subject.video)
        self._conversions: dict[int, _Conversion] = {}
        self._rows = Rows(dict.fromkeys(("out_share", *_NAMES), ("share", np.float64)))

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            self._rows.append(self._clock.tick(picture), *self._shares(picture))

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"matrix": self._matrix, "tolerance": self._tolerance}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _shares(self, picture: Picture) -> tuple[float, ...]:
        conversion = self._conversions.get(picture.bit_depth)
        if conversion is None:
            conversion = _Conversion(self._matrix, CodeScale.of(self._video, picture), self._tolerance)
            self._conversions[picture.bit_depth] = conversion
        step = sampled_step(picture.y.shape[0] // 2, BLOCK_ROWS)
        shares = conversion.shares_outside(*_blocks(picture, step))
        if step > 1 and shares[0] > WORTH_COUNTING:
            return conversion.shares_outside(*_blocks(picture, 1))
        return shares


def _blocks(picture: Picture, step: int) -> tuple[Plane, Plane | None, Plane | None]:
    """Y, U and V averaged over the same blocks, of 2x2 luma pixels or as large as a chroma sample.

    Of every ``step``-th row of blocks.
    """
    y, u, v = picture.y, picture.u, picture.v
    if u is None or v is None:
        return _averaged(y, (2, 2), step), None, None
    across, down = subsampling(y, u)
    if (across, down) == (2, 2):
        luma = picture.half_luma[::step]
        height, width = luma.shape
        return luma, u[::step][:height, :width], v[::step][:height, :width]
    wide, high = max(2, across), max(2, down)
    luma = _averaged(y, (wide, high), step)
    u, v = (_averaged(plane, (wide // across, high // down), step) for plane in (u, v))
    # Chroma of an odd size has one more than there are whole blocks of luma.
    height, width = luma.shape
    return luma, u[:height, :width], v[:height, :width]


def _averaged(plane: Plane, block: tuple[int, int], step: int) -> Plane:
    """Means of blocks, ``(across, down)``, of every ``step``-th row of them; a rest at the right and bottom is left out
    unless there is nothing else."""
    across, down = min(block[0], plane.shape[1]), min(block[1], plane.shape[0])
    if (across, down) == (1, 2):
        # OpenCV has no fast way to halve in one direction only.
        count = plane.shape[0] // 2
        upper, lower = (plane[nth : 2 * count : 2 * step] for nth in (0, 1))
        return cv2.addWeighted(upper, 0.5, lower, 0.5, 0)
    if down == 1:
        rows = plane[::step]
    else:
        rows = plane[: plane.shape[0] // down * down]
        if step > 1:
            rows = _gathered(rows, down, step)
    if across * down == 1:
        return rows
    width = rows.shape[1] // across
    return cv2.resize(rows[:, : width * across], (width, rows.shape[0] // down), interpolation=cv2.INTER_AREA)


def _gathered(rows: Plane, down: int, step: int) -> Plane:
    """Every ``step``-th group of ``down`` rows, next to each other."""
    firsts = rows[:: down * step]
    gathered = np.empty((len(firsts) * down, rows.shape[1]), rows.dtype)
    for nth in range(down):
        gathered[nth::down] = rows[nth :: down * step]
    return gathered


class _Conversion:
    """Y'CbCr of one depth and range to R'G'B' in *limited* codes of that depth, where 5 % outside still has room."""

    def __init__(self, matrix: str, scale: CodeScale, tolerance: float) -> None:
        black, white = CodeScale(scale.bit_depth, False).luma
        room = tolerance * (white - black)
        low, high = round(black - room), round(white + room)
        middle = (low + high) / 2
        self._reach = np.float32((high - low + 1) / 2)
        """What lies this close to the middle rounds to a legal code."""
        rows = rgb_from_codes(matrix, scale) * (white - black)
        rows[:, 3] += black - middle
        self._rgb = rows.astype(np.float32)
        gain = (white - black) / (scale.luma[1] - scale.luma[0])
        self._luma = np.array([gain, black - gain * scale.luma[0] - middle], np.float32)

    def shares_outside(self, y: Plane, u: Plane | None, v: Plane | None) -> tuple[float, ...]:
        """Shares of any, R, G, B and Y outside the legal codes; of grey all are those of Y."""
        if u is None or v is None:
            gain, offset = self._luma
            out = np.abs(y * gain + offset) > self._reach
            return (float(np.count_nonzero(out)) / y.size,) * (1 + len(_NAMES))
        counts = np.zeros(1 + len(_NAMES), np.int64)
        pitches = np.array([plane.strides[0] // plane.itemsize for plane in (y, u, v)])
        _count_outside((flat(y), flat(u), flat(v)), pitches, y.shape, (self._rgb, self._luma), self._reach, counts)
        return tuple(float(count) / y.size for count in counts)


@compiled
def _count_outside(
    planes: tuple[Flat, Flat, Flat], pitches: Any, shape: tuple[int, int], to: tuple[Any, Any], reach: Any, counts: Any
) -> None:
    rgb, luma = to
    height, width = shape
    y_gain, y_offset = luma[0], luma[1]
    gain = rgb[0, 0]  # of luma, the same in all three
    v_red, red = rgb[0, 2], rgb[0, 3]
    u_green, v_green, green = rgb[1, 1], rgb[1, 2], rgb[1, 3]
    u_blue, blue = rgb[2, 1], rgb[2, 3]
    for row in range(height):
        ys, us, vs = planes[0][row * pitches[0] :], planes[1][row * pitches[1] :], planes[2][row * pitches[2] :]
        any_out = r_out = g_out = b_out = y_out = np.int32(0)
        for i in range(width):
            y, u, v = np.float32(ys[i]), np.float32(us[i]), np.float32(vs[i])
            light = gain * y
            r = light + v_red * v + red
            g = light + u_green * u + v_green * v + green
            b = light + u_blue * u + blue
            level = y_gain * y + y_offset
            r_is, g_is, b_is, y_is = abs(r) > reach, abs(g) > reach, abs(b) > reach, abs(level) > reach
            r_out += np.int32(r_is)
            g_out += np.int32(g_is)
            b_out += np.int32(b_is)
            y_out += np.int32(y_is)
            any_out += np.int32(r_is | g_is | b_is | y_is)
        counts[0] += any_out
        counts[1] += r_out
        counts[2] += g_out
        counts[3] += b_out
        counts[4] += y_out


METER = Gamut
