"""A decoded picture and a block of sound, as meters get them. Free of PyAV: plain arrays with exact time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.scan import Scan, scan

Plane = npt.NDArray[Any]
"""Rows of ``uint8`` (8-bit) or ``uint16`` (deeper, value in the low bits), read-only, rows maybe further apart than
they are long, columns always next to each other."""

MID_WIDTH_PX = 480
SMALL_WIDTH_PX, SMALL_HEIGHT_PX = 96, 54


class Picture:
    """One decoded picture.

    Planes are the decoder's own memory, planar YUV of the stored depth and subsampling (RGB, palette and packed files
    are converted to planar 4:4:4 or their own subsampling first). They stay valid as long as the picture is kept.
    Reduced planes are made on first use and shared by every meter that asks. Not thread-safe: one thread measures one
    picture.
    """

    __slots__ = ("_keep", "_mid", "_scans", "_small", "bit_depth", "corrupt", "duration", "faults",
                 "interlaced", "key", "pts", "repeat_pict", "time_base", "top_field_first", "u", "v", "y")  # fmt: skip

    def __init__(
        self,
        planes: tuple[Plane, Plane | None, Plane | None],
        *,
        pts: int,
        duration: int,
        time_base: Fraction,
        bit_depth: int = 8,
        key: bool = False,
        corrupt: bool = False,
        interlaced: bool = False,
        top_field_first: bool = False,
        repeat_pict: int = 0,
        faults: int = 0,
        keep: object = None,
    ) -> None:
        self.y, self.u, self.v = planes
        """Luma ``(height, width)``; chroma of its own size, None for grey."""
        self.pts, self.duration, self.time_base = pts, duration, time_base
        """Start and length in ticks of ``time_base``; a duration of 0 means the container does not say."""
        self.bit_depth = bit_depth
        self.key, self.corrupt = key, corrupt
        self.interlaced, self.top_field_first, self.repeat_pict = interlaced, top_field_first, repeat_pict
        """Flags the codec carries for this picture; ``repeat_pict`` is -1 where the decoder does not tell."""
        self.faults = faults
        """How many `DecodeFault`s were met since the picture before."""
        self._keep = keep
        self._scans: list[Scan | None] = [None, None, None]
        self._mid: tuple[Plane, Plane, Plane] | None = None
        self._small: tuple[Plane, Plane, Plane] | None = None

    @property
    def start(self) -> Fraction:
        return self.pts * self.time_base

    @property
    def memory(self) -> object:
        """What owns the planes: the decoder's frame as it came, or None."""
        return self._keep

    def scan(self, component: int) -> Scan:
        """The first pass over a plane: 0 Y, 1 U, 2 V. Grey has the first only."""
        found = self._scans[component]
        if found is None:
            plane = (self.y, self.u, self.v)[component]
            assert plane is not None
            found = self._scans[component] = scan(plane)
        return found

    @property
    def half_luma(self) -> Plane:
        """Y averaged over 2x2 pixels, same depth; an odd last row or column is left out (a single one stands)."""
        return self.scan(0).half

    @property
    def mid(self) -> tuple[Plane, Plane, Plane]:
        """Y, U, V at about 480 px wide, 4:4:4, area-averaged, same depth as stored. Grey gets neutral chroma."""
        if self._mid is None:
            height, width = self.y.shape
            factor = max(1, round(width / MID_WIDTH_PX))
            size = (max(1, width // factor), max(1, height // factor))
            y = _reduced(self.half_luma if factor >= 4 else self.y, size)
            if self.u is None or self.v is None:
                neutral = np.full_like(y, 1 << (self.bit_depth - 1))
                self._mid = y, neutral, neutral
            else:
                self._mid = y, self._reduced_chroma(1, self.u, size), self._reduced_chroma(2, self.v, size)
        return self._mid

    def _reduced_chroma(self, component: int, plane: Plane, size: tuple[int, int]) -> Plane:
        height, width = plane.shape
        halves = width % (2 * size[0]) == 0 and height % (2 * size[1]) == 0
        return _reduced(self.scan(component).half if halves else plane, size)

    @property
    def small(self) -> tuple[Plane, Plane, Plane]:
        """Y, U, V at exactly 96x54, whatever the picture's shape, 8-bit."""
        if self._small is None:
            y, u, v = (_reduced(plane, (SMALL_WIDTH_PX, SMALL_HEIGHT_PX)) for plane in self.mid)
            if self.bit_depth > 8:
                y, u, v = ((plane >> (self.bit_depth - 8)).astype(np.uint8) for plane in (y, u, v))
            self._small = y, u, v
        return self._small


def _reduced(plane: Plane, size: tuple[int, int]) -> Plane:
    height, width = plane.shape
    if (width, height) == size:
        return plane
    # INTER_AREA averages when it reduces and falls back to interpolation when chroma has to grow.
    smaller = size[0] <= width and size[1] <= height
    if (width, height) == (5 * size[0], 5 * size[1]):
        from sightline.media.fifth import fifth  # compiled code takes long to load, and probing needs none

        return fifth(plane)
    while smaller and width >= 4 * size[0] and height >= 4 * size[1] and width % 2 == 0 and height % 2 == 0:
        # Halving has a vector path in OpenCV; three halvings cost less than one general reduction.
        width, height = width // 2, height // 2
        plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


@dataclass(frozen=True, slots=True)
class PictureBatch:
    """Consecutive pictures of one stream in order of presentation, at the rate the meter asked for."""

    pictures: tuple[Picture, ...]

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.pictures)

    def __len__(self) -> int:
        return len(self.pictures)


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """Consecutive samples of one audio stream."""

    stream: int
    """Index of the stream in the container."""
    samples: npt.NDArray[np.float32]
    """``(channels, n)``, C-contiguous, read-only; full scale is ±1. Integer formats are divided by 2**(bits-1)."""
    start_sample: int
    """Number of the first sample, counted from the stream's first decoded sample. Gaps in the stream are not filled:
    see the ``packets`` meter."""
    first_pts: Fraction
    """Seconds at which the stream's sample 0 starts."""
    rate_hz: int
    corrupt: bool = False

    @property
    def start(self) -> Fraction:
        return self.first_pts + Fraction(self.start_sample, self.rate_hz)


@dataclass(frozen=True, slots=True)
class DecodeFault:
    """Something that went wrong while reading or decoding, and did not stop it."""

    stream: int
    """Index of the stream; -1 for the container itself."""
    pts: int | None
    """About where, in ticks of the stream's time base; None when even that is not known."""
    text: str
    """In FFmpeg's words, or ours where FFmpeg says nothing."""


@dataclass(frozen=True, slots=True)
class PacketFacts:
    """One demuxed packet, without its bytes."""

    stream: int
    pts: int | None
    dts: int | None
    duration: int
    size_bytes: int
    key: bool
    corrupt: bool
    discard: bool


@dataclass(frozen=True, slots=True)
class PacketBatch:
    packets: tuple[PacketFacts, ...]
