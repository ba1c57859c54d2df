"""Stretches of time in seconds, many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.clock import Span

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Intervals:
    """Half-open stretches ``[start, end)`` in order of time that do not overlap."""

    starts: Floats
    ends: Floats

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> Intervals:
        """The time any of them covers: in any order, overlapping or not."""
        array = np.array(sorted(pairs), np.float64).reshape(-1, 2)
        array = array[array[:, 1] > array[:, 0]]
        if not len(array):
            return cls(np.zeros(0), np.zeros(0))
        reach = np.maximum.accumulate(array[:, 1])
        first = np.concatenate([[True], array[1:, 0] > reach[:-1]])
        last = np.append(np.flatnonzero(first)[1:] - 1, len(array) - 1)
        return cls(array[first, 0], reach[last])

    @classmethod
    def of_spans(cls, spans: Iterable[Span]) -> Intervals:
        return cls.of(span.seconds for span in spans)

    @property
    def lengths(self) -> Floats:
        return self.ends - self.starts

    @property
    def total(self) -> float:
        return float(self.lengths.sum())

    def within(self, start: float, end: float) -> Intervals:
        """What lies inside a stretch, cut at its edges."""
        return Intervals.of(zip(np.clip(self.starts, start, end), np.clip(self.ends, start, end), strict=True))

    def inside(self, other: Intervals) -> Intervals:
        """The time both cover."""
        return self.without(self.without(other))

    def without(self, other: Intervals) -> Intervals:
        """The time this covers and the other does not."""
        if not len(self) or not len(other):
            return self
        edges = np.concatenate([self.starts, self.ends, other.starts, other.ends])
        edges = np.unique(edges)
        middles = (edges[:-1] + edges[1:]) / 2
        keep = self.hold(middles) & ~other.hold(middles)
        return Intervals.of(zip(edges[:-1][keep], edges[1:][keep], strict=True))

    def hold(self, moments: Floats) -> Mask:
        """Whether each moment lies in one of them."""
        if not len(self):
            return np.zeros(len(moments), np.bool_)
        row = np.searchsorted(self.starts, moments, side="right") - 1
        return (row >= 0) & (moments < self.ends[np.maximum(row, 0)])

    def before(self, moments: Floats) -> Floats:
        """Seconds covered up to each moment."""
        if not len(self):
            return np.zeros(len(moments))
        whole = np.concatenate([[0.0], np.cumsum(self.lengths)])
        row = np.searchsorted(self.starts, moments, side="right")
        begun = np.maximum(row - 1, 0)
        rest = np.where(row > 0, np.clip(moments, None, self.ends[begun]) - self.starts[begun], 0.0)
        return np.asarray(whole[begun] + rest)

    def each_within(self, edges: Floats) -> Floats:
        """Seconds covered between each two neighbouring edges."""
        return np.diff(self.before(edges))
