"""The first pass over a plane: fetched from memory once, and read several times while it is in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[Any]

BAND_BYTES = 256 << 10
"""Stays in a core's own cache while it is read again."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Least and greatest sample of a plane."""

    low: int
    high: int

    @classmethod
    def of(cls, plane: Plane) -> Extent:
        low, high, _, _ = cv2.minMaxLoc(plane)
        return cls(int(low), int(high))


@dataclass(frozen=True, slots=True)
class Band:
    """Some rows of a plane."""

    rows: Plane
    extent: Extent
    total: float
    """Sum of all samples."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the first pass over a plane found."""

    plane: Plane
    bands: tuple[Band, ...]
    """From top to bottom."""
    extent: Extent
    total: float
    half: Plane
    """Averaged over 2x2 samples, same depth; an odd last row or column is left out, a single one stands."""


def scan(plane: Plane) -> Scan:
    """Reads a plane once, band by band."""
    height, width = plane.shape
    half = np.empty((max(1, height // 2), max(1, width // 2)), plane.dtype)
    rows = max(2, BAND_BYTES // plane.strides[0] & ~1)
    bands = []
    for first in range(0, height, rows):
        band = plane[first : first + rows]
        # Extremes first: they read rows one after another, which the processor foresees. Averaging two rows at a time
        # from memory takes twice as long as both do this way.
        bands.append(Band(band, Extent.of(band), cv2.sumElems(band)[0]))
        into = half[first // 2 : (first + len(band)) // 2]
        if min(height, width) > 1 and len(into):
            even = band[: 2 * len(into), : 2 * half.shape[1]]
            cv2.resize(even, into.shape[::-1], into, interpolation=cv2.INTER_AREA)
    if min(height, width) == 1:
        whole = plane[: max(1, height & ~1), : max(1, width & ~1)]
        half = cv2.resize(whole, half.shape[::-1], interpolation=cv2.INTER_AREA)
    extent = Extent(min(band.extent.low for band in bands), max(band.extent.high for band in bands))
    return Scan(plane, tuple(bands), extent, sum(band.total for band in bands), half)
