"""Planes averaged over 5x5 samples: from 480x270 to 96x54, for which OpenCV has no vector path."""

from __future__ import annotations

import numpy as np

from sightline.compiled import compiled
from sightline.media.scan import Plane


def fifth(plane: Plane) -> Plane:
    """The plane averaged over 5x5 samples, to the nearest code, same depth. Both sides are multiples of five."""
    height, width = plane.shape
    # Read-only and strided arrays would each be compiled for anew.
    owned = plane if plane.flags.writeable and plane.flags.c_contiguous else plane.copy()
    into = np.empty((height // 5, width // 5), plane.dtype)
    _average(owned, into)
    return into


@compiled
def _average(plane: Plane, into: Plane) -> None:
    height, width = into.shape
    sums = np.empty(5 * width, np.uint32)
    for row in range(height):
        a, b, c = plane[5 * row], plane[5 * row + 1], plane[5 * row + 2]
        d, e = plane[5 * row + 3], plane[5 * row + 4]
        for i in range(sums.size):
            sums[i] = np.uint32(a[i]) + np.uint32(b[i]) + np.uint32(c[i]) + np.uint32(d[i]) + np.uint32(e[i])
        for column in range(width):
            i = 5 * column
            total = np.uint32(sums[i] + sums[i + 1] + sums[i + 2] + sums[i + 3] + sums[i + 4])
            into[row, column] = (total + np.uint32(12)) // np.uint32(25)
