"""How much of a picture leaves the colours a display can show: EBU R 103."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from sightline.facts import VideoFacts
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, Extent, PictureClock, sampled_step, subsampling
from sightline.timeline.columns import Columns, Rows

_LUMA_WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "smpte240m": (0.212, 0.087),
    "fcc": (0.30, 0.11),
}
"""Kr and Kb of the matrices (Recommendation ITU-T H.273, table 4)."""
_MATRIX_OF_TAG = {
    "bt709": "bt709", "bt470bg": "bt601", "smpte170m": "bt601", "bt2020nc": "bt2020", "bt2020_ncl": "bt2020",
    "smpte240m": "smpte240m", "fcc": "fcc",
}  # fmt: skip
_UNTAGGED = (None, "unknown", "unspecified", "reserved")
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
    are rounded to a code of the stored bit depth, at most 1.5 codes off.

    At 1080 rows every third row of blocks is looked at first (at 2160 every fifth, so that 180 rows or more remain).
    Where more than 0.3 % of that is outside, every block is counted, so a share near the 1 % of R 103 is exact. Where
    less, that share stands; it may lack areas thinner than the rows left out (four rows of luma at 1080).

    The matrix is the one the file is tagged with, else BT.601 up to 576 rows and BT.709 above; RGB files come to meters
    as full-range BT.709.

    Raises `NotMeasurable` for matrices that are not Y'CbCr (YCgCo, constant luminance, ICtCp).
    """

    id: ClassVar[str] = "gamut"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject, *, tolerance: float = 0.05) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        self._matrix = _matrix_of(subject.video)
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


METER = Gamut


def _matrix_of(video: VideoFacts) -> str:
    tag = video.color_matrix
    if video.is_rgb:
        return "bt709"
    if tag in _UNTAGGED:
        return "bt601" if video.height <= 576 else "bt709"
    if tag not in _MATRIX_OF_TAG:
        raise NotMeasurable("levels.matrix_unknown", matrix=tag)
    return _MATRIX_OF_TAG[tag]


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


def _share_of_zeros(mask: Plane) -> float:
    return float((mask.size - cv2.countNonZero(mask)) / mask.size)


@dataclass(frozen=True, slots=True)
class _Weights:
    red_of_v: float
    green_of_u: float
    green_of_v: float
    blue_of_u: float


class _Conversion:
    """Y'CbCr of one depth and range to R'G'B' in *limited* codes of that depth, where 5 % outside still has room."""

    def __init__(self, matrix: str, scale: CodeScale, tolerance: float) -> None:
        limited = CodeScale(scale.bit_depth, False)
        black, white = limited.luma
        self.low = round(black - tolerance * (white - black))
        """The lowest legal code."""
        self.high = round(white + tolerance * (white - black))
        self._neutral = scale.neutral
        self._gain = (white - black) / (scale.luma[1] - scale.luma[0])
        self._offset = black - self._gain * scale.luma[0]
        kr, kb = _LUMA_WEIGHTS[matrix]
        kg = 1 - kr - kb
        chroma = (white - black) / (scale.chroma[1] - scale.chroma[0])
        self._weights = _Weights(
            2 * (1 - kr) * chroma,
            2 * kb * (1 - kb) / kg * chroma,
            2 * kr * (1 - kr) / kg * chroma,
            2 * (1 - kb) * chroma,
        )
        self._scratch: dict[tuple[int, ...], tuple[Plane, ...]] = {}

    def shares_outside(self, y: Plane, u: Plane | None, v: Plane | None) -> tuple[float, ...]:
        """Shares of any, R, G, B and Y outside the legal codes."""
        legal: Plane | None = None
        shares = []
        planes = self._rgb_and_luma(y, u, v)
        for plane in planes:
            extent = Extent.of(plane)
            if self.low <= extent.low and extent.high <= self.high:
                shares.append(0.0)
                continue
            inside = cv2.inRange(plane, self.low, self.high)
            shares.append(_share_of_zeros(inside))
            legal = inside if legal is None else cv2.bitwise_and(legal, inside, legal)
        if len(planes) == 1:
            shares *= len(_NAMES)
        return (0.0 if legal is None else _share_of_zeros(legal), *shares)

    def _rgb_and_luma(self, y: Plane, u: Plane | None, v: Plane | None) -> tuple[Plane, ...]:
        """R, G, B and Y, or Y alone for grey. Valid until the next call."""
        scratch = self._scratch.get(y.shape)
        if scratch is None:
            scratch = self._scratch[y.shape] = tuple(np.empty(y.shape, y.dtype) for _ in range(5))
        red, green, blue, mixed, luma = scratch
        if self._gain != 1:
            y = cv2.addWeighted(y, self._gain, y, 0, self._offset, luma)
        if u is None or v is None:
            return (y,)
        w, neutral = self._weights, self._neutral
        cv2.addWeighted(y, 1, v, w.red_of_v, -neutral * w.red_of_v, red)
        cv2.addWeighted(y, 1, u, w.blue_of_u, -neutral * w.blue_of_u, blue)
        # What green loses to both colours fits a plane of the same depth when it is stretched to it.
        stretch = (neutral - 1) / (neutral * (w.green_of_u + w.green_of_v))
        shift = neutral * (1 - stretch * (w.green_of_u + w.green_of_v))
        cv2.addWeighted(u, stretch * w.green_of_u, v, stretch * w.green_of_v, shift, mixed)
        cv2.addWeighted(y, 1, mixed, -1 / stretch, neutral / stretch, green)
        return red, green, blue, y
