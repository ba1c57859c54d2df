"""What the picture meters of levels share: code values of a bit depth, counting in a plane, the end of a clock.

Everything here runs on OpenCV's vector paths; measured on 1080p they beat fused loops compiled for the purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from sightline.facts import VideoFacts
from sightline.media.clockwork import nominal_duration
from sightline.media.picture import Picture, Plane
from sightline.media.scan import Band, Scan


@dataclass(frozen=True, slots=True)
class CodeScale:
    """Code values of a signal of ``bit_depth`` bits (ITU-R BT.601, BT.709, BT.2100: 16 to 235 and 240, scaled)."""

    bit_depth: int
    full_range: bool

    @classmethod
    def of(cls, video: VideoFacts, picture: Picture | None = None) -> CodeScale:
        """Of the pictures a stream gives to meters; RGB comes as full-range YUV. A picture knows its depth best."""
        depth = picture.bit_depth if picture is not None else min(16, max(8, video.bit_depth))
        return cls(depth, video.full_range or video.is_rgb)

    @property
    def step(self) -> int:
        """Codes for one code of 8 bits."""
        return 1 << (self.bit_depth - 8)

    @property
    def top(self) -> int:
        """The highest code."""
        return (1 << self.bit_depth) - 1

    @property
    def neutral(self) -> int:
        """Chroma without colour."""
        return 1 << (self.bit_depth - 1)

    @property
    def luma(self) -> tuple[int, int]:
        """Black and white."""
        return (0, self.top) if self.full_range else (16 * self.step, 235 * self.step)

    @property
    def chroma(self) -> tuple[int, int]:
        """The lowest and highest code of colour."""
        return (0, self.top) if self.full_range else (16 * self.step, 240 * self.step)

    @property
    def usable(self) -> tuple[int, int]:
        """What usable codes are above, and the last of them; SDI keeps 1 of 8 bits, 4 of 10, at either end."""
        return self.step - 1, self.top - self.step

    def luma_at(self, share: float) -> int:
        """The last code at or below ``share`` of the way from black to white.

        0.10 gives 37 of 8 bits in limited range, as FFmpeg's blackdetect has it.
        """
        black, white = self.luma
        return int(black + share * (white - black))


class Counter:
    """Counts samples of planes exactly. Keeps its scratch memory, as asking for new costs more than the counting."""

    def __init__(self) -> None:
        self._scratch: dict[tuple[tuple[int, ...], str], Plane] = {}

    def above(self, scan: Scan, *codes: int) -> list[int]:
        """How many samples of a plane are greater than each code."""
        counts = [0] * len(codes)
        # Band by band, so that each is still in the cache for the next code.
        for band in scan.bands if scan.extent.high > min(codes) else ():
            for nth, code in enumerate(codes):
                counts[nth] += self._above(band, code)
        return counts

    def _above(self, band: Band, code: int) -> int:
        if band.extent.high <= code:
            return 0
        if band.extent.low > code:
            return band.rows.size
        key = (band.rows.shape, band.rows.dtype.char)
        scratch = self._scratch.get(key)
        if scratch is None:
            scratch = self._scratch[key] = np.empty(band.rows.shape, band.rows.dtype)
        # Ones that are added up cost half of marks that are counted.
        return int(cv2.sumElems(cv2.threshold(band.rows, code, 1, cv2.THRESH_BINARY, scratch)[1])[0])


Flat = npt.NDArray[Any]
"""``(n,)``: a plane from its first sample to its last, rows as far apart as they lie in memory."""


def flat(plane: Plane) -> Flat:
    """All samples from the first to the last, with what lies between rows: contiguous, so that compiled loops
    vectorise, and never writeable, as each kind of array is compiled for anew."""
    height, width = plane.shape
    pitch = plane.strides[0] // plane.itemsize
    return as_strided(plane, ((height - 1) * pitch + width,), (plane.itemsize,), writeable=False)


def sampled_step(rows: int, keep: int) -> int:
    """Every how many-th of ``rows`` to read so that at least ``keep`` are; odd, so that both fields count."""
    return max(1, rows // keep - 1 | 1)


def subsampling(luma: Plane, chroma: Plane) -> tuple[int, int]:
    """Luma samples for one of chroma, across and down: ``(2, 2)`` for 4:2:0, whatever the parity of the size."""
    return _factor(luma.shape[1], chroma.shape[1]), _factor(luma.shape[0], chroma.shape[0])


def _factor(luma_px: int, chroma_px: int) -> int:
    factor = 1
    while -(-luma_px // factor) > chroma_px:
        factor *= 2
    return factor


class PictureClock:
    """Ticks of pictures, and where the last one ends: after its own length, or after that of the stream's rate, or
    after that of the one before where the container tells neither."""

    def __init__(self, video: VideoFacts) -> None:
        self.time_base = video.time_base
        self._nominal = round(1 / (video.rate * video.time_base)) if video.rate else 0
        self._last: int | None = None
        self.end = 0

    def tick(self, picture: Picture) -> int:
        """The picture's tick, noted."""
        step = picture.pts - self._last if self._last is not None else 0
        self._last = picture.pts
        self.end = picture.pts + (picture.duration or self._nominal or step or nominal_duration(None, self.time_base))
        return picture.pts
