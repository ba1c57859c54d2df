"""How sure a number is: the same stretches of time drawn again and again with replacement (block bootstrap).

Neighbouring pictures and words are not independent, so whole blocks of time are drawn, not single observations
(Künsch 1989; here with blocks that do not overlap). Every statistic of a stretch uses the same draws, so that the
interval of a score takes into account that its terms move together. The draws are seeded: same input, same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 300
LONGEST_BLOCK_S = 10.0
SHORTEST_BLOCK_S = 1.0
BLOCKS_WANTED = 24
LEAST_BLOCKS = 6
"""With fewer there is no interval: so few blocks cannot show how much things vary. Heuristic."""
LOW, HIGH = 5.0, 95.0
"""Percentiles of a 90 % interval."""
_SEED = 20_120


@dataclass(frozen=True, eq=False)
class Blocks:
    """A stretch of time cut into blocks of one length."""

    start: float
    end: float

    @cached_property
    def edges(self) -> Floats:
        length = min(LONGEST_BLOCK_S, max(SHORTEST_BLOCK_S, (self.end - self.start) / BLOCKS_WANTED))
        count = max(1, round((self.end - self.start) / length))
        return np.linspace(self.start, self.end, count + 1)

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def weights(self) -> Floats:
        """How often each draw took each block: ``(draws, blocks)``."""
        taken = np.random.default_rng(_SEED).integers(0, self.count, (DRAWS, self.count))
        rows = np.repeat(np.arange(DRAWS), self.count)
        counts = np.bincount(rows * self.count + taken.ravel(), minlength=DRAWS * self.count)
        return counts.reshape(DRAWS, self.count).astype(np.float64)

    def sums(self, moments: Floats, values: Floats) -> Floats:
        """Sum of the values that fall into each block."""
        return np.bincount(self.rows(moments), values, self.count).astype(np.float64)

    def rows(self, moments: Floats) -> npt.NDArray[np.intp]:
        found = np.searchsorted(self.edges, moments, side="right") - 1
        return np.asarray(np.clip(found, 0, self.count - 1), np.intp)

    def drawn(self, of: Callable[..., Floats], *sums: Floats) -> Floats | None:
        """What a function of sums over blocks is in every draw; None where there are too few blocks.

        ``of`` takes an array per sum, and gives NaN for a draw it has no value for.
        """
        if self.count < LEAST_BLOCKS:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(of(*(self.weights @ each for each in sums)), np.float64)


def interval(draws: Floats | None) -> tuple[float, float] | tuple[None, None]:
    """The 90 % interval; None where there is none, or where too many draws had no value."""
    if draws is None:
        return None, None
    told = draws[np.isfinite(draws)]
    # Draws that are all alike (nothing was found in any block) do not show how sure a number is.
    if len(told) < 0.9 * DRAWS or np.ptp(told) == 0:
        return None, None
    low, high = np.percentile(told, [LOW, HIGH])
    return float(low), float(high)
