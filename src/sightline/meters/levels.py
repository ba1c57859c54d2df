"""Levels of every picture: extremes, means, percentiles, black, white, out of range, reserved codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, Counter, Extent, PictureClock, bands, sampled_step, subsampling
from sightline.timeline.columns import Columns, Rows

_CODES = ("y_min", "y_max", "y_mean", "y_p001", "y_p10", "y_p90", "y_p999",
          "u_min", "u_max", "u_mean", "v_min", "v_max", "v_mean")  # fmt: skip
_SHARES = ("black_share", "white_share", "out_of_range_share", "y_out_share", "c_out_share")
PERCENTILE_ROWS = 120
_PERCENTILES = (0.001, 0.1, 0.9, 0.999)


class Levels:
    """Levels in code values of the stored bit depth, and shares of the picture.

    Exact over every pixel: extremes, means, shares, reserved. Percentiles and ``used_bits`` read every n-th row, n odd
    so that both fields count: every 3rd at 480 rows, 5th at 720, 9th at 1080, so at least 120 rows.

    - ``black_share``: luma pixels with Y ≤ black + ``black_pixel`` of the range, rounded down (FFmpeg's blackdetect).
      ``white_share``: Y ≥ black + ``white_pixel`` of the range.
    - ``out_of_range_share``: luma pixels outside 16–235, or whose chroma is outside 16–240 (8-bit codes; FFmpeg's
      BRNG). ``y_out_share``: of luma alone, in luma pixels; ``c_out_share``: U or V, in chroma samples. Full range has
      nothing outside: all three are 0.
    - ``reserved``: samples of all planes with codes that SDI keeps for itself (0 and 255; 0–3 and 1020–1023).
    - ``used_bits``: every luma code of the sampled rows, or-ed; 10-bit material made from 8 bits has its low bits 0.
    - Grey pictures have NaN for the six columns of chroma.
    """

    id: ClassVar[str] = "levels"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject, *, black_pixel: float = 0.10, white_pixel: float = 0.90) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        self._video = subject.video
        self._scale = CodeScale.of(subject.video)
        self._black = black_pixel
        self._white = white_pixel
        self._clock = PictureClock(subject.video)
        self._counter = Counter()
        self._rows = Rows(
            {name: ("code", np.float32 if name.endswith("mean") or name[0] in "uv" else np.int32) for name in _CODES}
            | dict.fromkeys(_SHARES, ("share", np.float64))
            | {"reserved": ("count", np.int64), "used_bits": ("class", np.int32)}
        )

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            self._scale = CodeScale.of(self._video, picture)
            self._rows.append(self._clock.tick(picture), *self._levels(picture, self._scale))

    def columns(self) -> Columns:
        scale = self._scale
        black, white = scale.luma
        notes: dict[str, str | int | float] = {
            "bit_depth": scale.bit_depth, "full_range": int(scale.full_range), "black": black, "white": white,
            "black_pixel": self._black, "white_pixel": self._white,
            "black_code": scale.luma_at(self._black), "white_code": _first_white(scale, self._white),
        }  # fmt: skip
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _levels(self, picture: Picture, scale: CodeScale) -> tuple[float, ...]:
        y = picture.y
        luma = self._luma(y, scale)
        percentiles, used_bits = _percentiles(y, scale.top + 1)
        planes = [plane for plane in (picture.u, picture.v) if plane is not None]
        chroma = [(plane, Extent.of(plane)) for plane in planes]
        reserved = luma.reserved + sum(self._reserved(plane, extent, scale) for plane, extent in chroma)
        u, v = [_code_levels(plane, extent) for plane, extent in chroma] or [(float("nan"),) * 3] * 2
        return (
            luma.low, luma.high, luma.total / y.size, *percentiles, *u, *v,
            luma.black / y.size, luma.white / y.size, *_outside(y, luma.outside, chroma, scale), reserved, used_bits,
        )  # fmt: skip

    def _luma(self, y: Plane, scale: CodeScale) -> _Luma:
        found, count = _Luma(), self._counter
        (darkest, brightest), black, white = scale.luma, scale.luma_at(self._black), _first_white(scale, self._white)
        for band in bands(y):
            extent = Extent.of(band)
            found.low, found.high = min(found.low, extent.low), max(found.high, extent.high)
            found.total += cv2.sumElems(band)[0]
            found.black += count.at_most(band, black, extent)
            found.white += count.above(band, white - 1, extent)
            found.outside += count.at_most(band, darkest - 1, extent) + count.above(band, brightest, extent)
            found.reserved += self._reserved(band, extent, scale)
        return found

    def _reserved(self, plane: Plane, extent: Extent, scale: CodeScale) -> int:
        low = self._counter.at_most(plane, scale.reserved - 1, extent)
        return low + self._counter.above(plane, scale.top - scale.reserved, extent)


METER = Levels


@dataclass(slots=True)
class _Luma:
    """Sums over the bands of a luma plane."""

    low: int = 1 << 16
    high: int = 0
    total: float = 0.0
    black: int = 0
    white: int = 0
    outside: int = 0
    reserved: int = 0


def _outside(y: Plane, y_out: int, chroma: list[tuple[Plane, Extent]], scale: CodeScale) -> tuple[float, float, float]:
    """Shares outside the range: of pixels by luma or chroma, of luma, of chroma samples."""
    if scale.full_range:
        return 0.0, 0.0, 0.0
    low, high = scale.chroma
    planes = [plane for plane, extent in chroma if extent.low < low or extent.high > high]
    if not planes:
        return y_out / y.size, y_out / y.size, 0.0
    inside = cv2.inRange(planes[0], low, high)
    for plane in planes[1:]:
        inside = cv2.bitwise_and(inside, cv2.inRange(plane, low, high))
    c_out = inside.size - cv2.countNonZero(inside)
    return _union(y, inside, scale.luma) / y.size, y_out / y.size, c_out / inside.size


def _code_levels(plane: Plane, extent: Extent) -> tuple[float, float, float]:
    return extent.low, extent.high, cv2.sumElems(plane)[0] / plane.size


def _first_white(scale: CodeScale, share: float) -> int:
    black, white = scale.luma
    return -int(-(black + share * (white - black)) // 1)


def _percentiles(y: Plane, codes: int) -> tuple[tuple[int, ...], int]:
    """Percentiles of luma, and its codes or-ed, from every n-th row.

    A percentile is the first code at or below which that share of the samples lies (as FFmpeg's signalstats counts).
    """
    rows = y[:: sampled_step(y.shape[0], PERCENTILE_ROWS)]
    counts = cv2.calcHist([rows], [0], None, [codes], [0, codes]).ravel().astype(np.int64)
    cumulative: npt.NDArray[np.int64] = np.cumsum(counts)
    ranks = [round(share * rows.size) for share in _PERCENTILES]
    found = np.searchsorted(cumulative, ranks)
    used = np.bitwise_or.reduce(np.flatnonzero(counts)) if cumulative[-1] else 0
    return tuple(int(code) for code in found), int(used)


def _union(y: Plane, chroma_inside: Plane, legal: tuple[int, int]) -> int:
    """How many luma pixels are outside ``legal`` or lie on a chroma sample that is outside."""
    across, down = subsampling(y, chroma_inside)
    # Only the rows that hold such chroma need the two laid over each other.
    touched = np.flatnonzero(chroma_inside.min(axis=1) == 0)
    first, last = int(touched[0]), int(touched[-1]) + 1
    part = chroma_inside[first:last]
    laid = cv2.resize(part, None, fx=across, fy=down, interpolation=cv2.INTER_NEAREST)
    rows = y[first * down : last * down]
    inside = cv2.bitwise_and(cv2.inRange(rows, *legal), laid[: rows.shape[0], : rows.shape[1]])
    out: int = inside.size - cv2.countNonZero(inside)
    for rest in (y[: first * down], y[last * down :]):
        if rest.size:
            out += rest.size - cv2.countNonZero(cv2.inRange(rest, *legal))
    return out
