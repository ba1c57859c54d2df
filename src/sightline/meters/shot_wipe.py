"""Whether a picture was replaced patch by patch: the look at pixels that confirms a wipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.meters.shot_change import CELLS, CELLS_ACROSS, CELLS_DOWN, inside_bars
from sightline.meters.shot_past import Past, gap

DIFFERENT_CODES = 12
"""Sides closer than this at a pixel cannot tell old from new there."""
CELL_SHARE = 0.25
LEAST_PIXELS = 50
STRAIGHT = 0.8
"""Correlation of time and place from which an edge travels straight."""
MOST_MIDDLES = 8


class WipeWay(IntEnum):
    """Where the edge travels."""

    NONE = 0
    LEFT = 1
    RIGHT = 2
    UP = 3
    DOWN = 4
    OTHER = 5


@dataclass(frozen=True, slots=True)
class Wipe:
    """Shares of the pixels whose two sides differ."""

    replaced_once: float
    """That are old, then new, and never old again, and always like one of both."""
    covered: float
    """Share of the 8 x 6 cells with a difference between the sides."""
    way: WipeWay


def look_at_wipe(past: Past, length: int) -> Wipe:
    """The wipe from the picture ``length`` back to the newest."""
    middles = min(MOST_MIDDLES, length - 1)
    ages = [length - 1 - i * (length - 1) // middles for i in range(middles)]
    stack = np.stack([past.small(length), *(past.small(age) for age in ages), past.small(0)])
    replaced, covered, across, down = _followed(stack)
    return Wipe(replaced, covered, _way(across, down))


def _way(across: float, down: float) -> WipeWay:
    if max(abs(across), abs(down)) < STRAIGHT:
        return WipeWay.OTHER
    if abs(across) > abs(down):
        return WipeWay.RIGHT if across > 0 else WipeWay.LEFT
    return WipeWay.DOWN if down > 0 else WipeWay.UP


@compiled
def _followed(stack: npt.NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Share replaced once, share of cells covered, and how the time of replacement goes with column and row
    (correlations). ``stack`` is old side, pictures between, new side."""
    last = len(stack) - 1
    cells, sizes = np.zeros(CELLS), np.zeros(CELLS)
    told = good = 0
    moments = np.zeros(8, np.int64)
    top, bottom, left, right = inside_bars(stack[0], stack[last])
    height, width = bottom - top, right - left
    for row in range(top, bottom):
        for column in range(left, right):
            apart = _apart(stack, 0, last, row, column)
            cell = (row - top) * CELLS_DOWN // height * CELLS_ACROSS + (column - left) * CELLS_ACROSS // width
            sizes[cell] += 1
            if apart <= DIFFERENT_CODES:
                continue
            cells[cell] += 1
            told += 1
            olds, strange, relapsed = 0, 0, False
            for middle in range(1, last):
                to_old, to_new = _apart(stack, 0, middle, row, column), _apart(stack, middle, last, row, column)
                strange += min(to_old, to_new) > max(apart // 4, DIFFERENT_CODES)
                if to_new >= to_old:
                    olds += 1
                    relapsed |= olds < middle
            if not relapsed and strange <= (last - 1) // 4:
                good += 1
                moments[0] += olds
                moments[1] += column
                moments[2] += row
                moments[3] += olds * olds
                moments[4] += column * column
                moments[5] += row * row
                moments[6] += olds * column
                moments[7] += olds * row
    covered = float(np.mean(cells > CELL_SHARE * sizes))
    if good < LEAST_PIXELS:
        return good / max(told, 1), covered, 0.0, 0.0
    m = moments / good
    spread = max(m[3] - m[0] * m[0], 1e-9)
    across = (m[6] - m[0] * m[1]) / np.sqrt(spread * max(m[4] - m[1] * m[1], 1e-9))
    down = (m[7] - m[0] * m[2]) / np.sqrt(spread * max(m[5] - m[2] * m[2], 1e-9))
    return good / told, covered, float(across), float(down)


@compiled
def _apart(stack: npt.NDArray[np.uint8], one: int, other: int, row: int, column: int) -> int:
    """The largest difference of a pixel's planes in codes."""
    worst = 0
    for plane in range(3):
        worst = max(worst, gap(stack[one, row, column, plane], stack[other, row, column, plane]))
    return worst
