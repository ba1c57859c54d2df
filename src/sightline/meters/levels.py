"""Levels of every picture: extremes, means, percentiles, black, white, out of range, reserved codes."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.media.scan import Scan
from sightline.meters.meter import NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import CodeScale, Counter, Flat, PictureClock, flat, sampled_step, subsampling
from sightline.timeline.columns import Columns, Rows

_CODES = ("y_min", "y_max", "y_mean", "y_p001", "y_p10", "y_p90", "y_p999",
          "u_min", "u_max", "u_mean", "v_min", "v_max", "v_mean")  # fmt: skip
_SHARES = ("black_share", "out_of_range_share", "y_out_share", "c_out_share")
PERCENTILE_ROWS = 120
WAYS = 4
"""Histograms filled in turns: neighbours often have the same code, and one count would wait for the other."""
_PERCENTILES = (0.001, 0.1, 0.9, 0.999)


class Levels:
    """Levels in code values of the stored bit depth, and shares of the picture.

    Exact over every pixel: extremes, means, shares, reserved. Percentiles and ``used_bits`` read every n-th row, n odd
    so that both fields count: every 3rd at 480 rows, 5th at 720, 9th at 1080, so at least 120 rows.

    - ``black_share``: luma pixels with Y ≤ black + ``black_pixel`` of the range, rounded down (FFmpeg's blackdetect).
    - ``out_of_range_share``: luma pixels outside 16–235, or whose chroma is outside 16–240 (8-bit codes; FFmpeg's
      BRNG). ``y_out_share``: of luma alone, in luma pixels; ``c_out_share``: U or V, in chroma samples. Full range has
      nothing outside: all three are 0.
    - ``reserved``: samples of all planes with codes that SDI keeps for itself (0 and 255; 0–3 and 1020–1023).
    - ``used_bits``: every luma code of the sampled rows, or-ed; 10-bit material made from 8 bits has its low bits 0.
    - Grey pictures have NaN for the six columns of chroma.
    """

    id: ClassVar[str] = "levels"
    version: ClassVar[int] = 2
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject, *, black_pixel: float = 0.10) -> None:
        if subject.video is None:
            raise NotMeasurable("levels.no_picture")
        self._video = subject.video
        self._scale = CodeScale.of(subject.video)
        self._black = black_pixel
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
            "black_pixel": self._black, "black_code": scale.luma_at(self._black),
        }  # fmt: skip
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _levels(self, picture: Picture, scale: CodeScale) -> tuple[float, ...]:
        count, luma = self._counter, picture.scan(0)
        chroma = [picture.scan(n) for n in (1, 2)] if picture.u is not None else []
        pixels, (darkest, brightest) = picture.y.size, scale.luma
        percentiles, used_bits = _percentiles(picture.y, scale.top + 1)
        u, v = [_code_levels(scan) for scan in chroma] or [(float("nan"),) * 3] * 2
        not_black, not_below, above, *ends = count.above(
            luma, scale.luma_at(self._black), darkest - 1, brightest, *scale.usable
        )
        reserved = sum(
            scan.plane.size - usable + over
            for scan, (usable, over) in ((luma, ends), *((scan, count.above(scan, *scale.usable)) for scan in chroma))
        )
        return (
            luma.extent.low, luma.extent.high, luma.total / pixels, *percentiles, *u, *v,
            (pixels - not_black) / pixels,
            *_outside(picture.y, pixels - not_below + above, chroma, scale), reserved, used_bits,
        )  # fmt: skip


METER = Levels


def _outside(y: Plane, y_out: int, chroma: list[Scan], scale: CodeScale) -> tuple[float, float, float]:
    """Shares outside the range: of pixels by luma or chroma, of luma, of chroma samples."""
    if scale.full_range:
        return 0.0, 0.0, 0.0
    low, high = scale.chroma
    planes = [scan.plane for scan in chroma if scan.extent.low < low or scan.extent.high > high]
    if not planes:
        return y_out / y.size, y_out / y.size, 0.0
    inside = cv2.inRange(planes[0], low, high)
    for plane in planes[1:]:
        inside = cv2.bitwise_and(inside, cv2.inRange(plane, low, high))
    c_out = inside.size - cv2.countNonZero(inside)
    return _union(y, inside, scale.luma) / y.size, y_out / y.size, c_out / inside.size


def _code_levels(scan: Scan) -> tuple[float, float, float]:
    return scan.extent.low, scan.extent.high, scan.total / scan.plane.size


def _percentiles(y: Plane, codes: int) -> tuple[tuple[int, ...], int]:
    """Percentiles of luma, and its codes or-ed, from every n-th row.

    A percentile is the first code at or below which that share of the samples lies (as FFmpeg's signalstats counts).
    """
    rows = y[:: sampled_step(y.shape[0], PERCENTILE_ROWS)]
    counts = np.zeros((WAYS, codes), np.int32)
    _count_codes(flat(rows), rows.strides[0] // rows.itemsize, rows.shape, counts)
    counts = counts.sum(axis=0)
    cumulative: npt.NDArray[np.int64] = np.cumsum(counts)
    ranks = [round(share * rows.size) for share in _PERCENTILES]
    found = np.searchsorted(cumulative, ranks)
    used = np.bitwise_or.reduce(np.flatnonzero(counts)) if cumulative[-1] else 0
    return tuple(int(code) for code in found), int(used)


@compiled
def _count_codes(plane: Flat, pitch: int, shape: tuple[int, int], counts: npt.NDArray[np.int32]) -> None:
    """Adds the codes of a plane to ``counts``, ``(WAYS, codes)``, in turns."""
    height, width = shape
    for row in range(height):
        codes = plane[row * pitch : row * pitch + width]
        for i in range(width // WAYS):
            at = WAYS * i
            counts[0, codes[at]] += 1
            counts[1, codes[at + 1]] += 1
            counts[2, codes[at + 2]] += 1
            counts[3, codes[at + 3]] += 1
        for i in range(width // WAYS * WAYS, width):
            counts[0, codes[i]] += 1


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
