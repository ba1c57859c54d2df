"""The last pictures of a video, very small, with how far each lies from every other.

Distances are sums of squared differences of integers, so they are exact and do not depend on where a segment began.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import Plane

TINY_WIDTH_PX, TINY_HEIGHT_PX = 32, 18
CAPACITY = 128
"""Pictures remembered; at 60 pictures a second two seconds are 120."""

Tiny = npt.NDArray[np.int16]
Small = npt.NDArray[np.uint8]


@compiled
def gap(one: int, other: int) -> int:
    """How far two codes lie apart. Bytes are unsigned in machine code, so subtracting the wrong way round wraps."""
    return one - other if one > other else other - one


class Past:
    """A ring of pictures. Ages are counted back from the newest: 0 is the newest itself."""

    def __init__(self, time_base: Fraction) -> None:
        self._time_base = float(time_base)
        self._smalls: list[Small | None] = [None] * CAPACITY
        self._tinies = np.zeros((CAPACITY, TINY_HEIGHT_PX * TINY_WIDTH_PX * 3), np.int16)
        self.distances = np.zeros((CAPACITY, CAPACITY), np.int64)
        """By slot: sum of squared code differences of two tiny pictures."""
        self.starts_s = np.zeros(CAPACITY, np.float64)
        """By slot."""
        self.count = 0
        """Pictures seen since the start; the newest is in slot ``(count - 1) % CAPACITY``."""

    def __len__(self) -> int:
        return min(self.count, CAPACITY)

    def add(self, planes: tuple[Plane, Plane, Plane], tick: int) -> None:
        slot = self.count % CAPACITY
        small = cast(Small, cv2.merge(planes))
        tiny = cv2.resize(small, (TINY_WIDTH_PX, TINY_HEIGHT_PX), interpolation=cv2.INTER_AREA)
        self._smalls[slot] = small
        self._tinies[slot] = tiny.ravel()
        self.starts_s[slot] = tick * self._time_base
        self.count += 1
        _measure_distances(self._tinies, len(self), slot, self.distances)

    @property
    def tiny_values(self) -> int:
        """Numbers in a tiny picture."""
        return self._tinies.shape[1]

    def slot(self, age: int) -> int:
        return (self.count - 1 - age) % CAPACITY

    def small(self, age: int) -> Small:
        """Y, U, V interleaved, 54 x 96 x 3. Raises `LookupError` when it is forgotten or never was."""
        small = self._smalls[self.slot(age)]
        if small is None or age >= len(self):
            raise LookupError(f"no picture {age} back")
        return small

    def age_s(self, age: int) -> float:
        return float(self.starts_s[self.slot(0)] - self.starts_s[self.slot(age)])

    def distance(self, one: int, other: int) -> float:
        """Root mean square difference in 8-bit codes of the pictures of two ages."""
        return float(np.sqrt(self.distances[self.slot(one), self.slot(other)] / self.tiny_values))


@compiled
def _measure_distances(tinies: Tiny, count: int, newest: int, distances: npt.NDArray[np.int64]) -> None:
    size = tinies.shape[1]
    for slot in range(count):
        total = np.int32(0)  # 1728 squares of at most 255 fit
        for i in range(size):
            step = np.int32(tinies[slot, i]) - np.int32(tinies[newest, i])
            total += step * step
        distances[slot, newest] = total
        distances[newest, slot] = total
