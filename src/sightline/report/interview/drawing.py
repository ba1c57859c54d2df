"""Small pictures of numbers: where a value lies in its reference range, and what a formula makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sightline.desks.interview.formulas import formula_from
from sightline.desks.judgement import Metric, Score

_POINTS = 96
PLOT_WIDTH, PLOT_HEIGHT = 120, 32
"""Of a formula's curve, in its own units."""


@dataclass(frozen=True, slots=True)
class RangeBar:
    """A reference range with a value in it, as shares of the bar's length."""

    low: float
    high: float
    """Of the range; 0 and 1 where it has no end."""
    value: float
    spread: tuple[float, float] | None
    """The interval of the value."""


@dataclass(frozen=True, slots=True)
class FormulaPlot:
    """What a formula gives, as a path in ``PLOT_WIDTH`` by ``PLOT_HEIGHT``, top is 0."""

    line: str
    area: str
    value: tuple[float, float] | None
    """Where the measured value lies, as shares from the left and the top; None without one."""
    start: float
    end: float
    """Of the values shown."""


@dataclass(frozen=True, slots=True)
class BandBar:
    """Bands of a score from the lowest up: id, and left and right end as shares."""

    bands: tuple[tuple[str, float, float], ...]
    value: float | None
    spread: tuple[float, float] | None


def range_bar(metric: Metric) -> RangeBar | None:
    """None without a reference range or a value."""
    reference, value = metric.reference, metric.value
    if reference is None or value is None or not math.isfinite(value):
        return None
    told = (value, metric.low, metric.high, reference.low, reference.high)
    known = [number for number in told if number is not None and math.isfinite(number)]
    least, most = min(known), max(known)
    room = (most - least or abs(most) or 1.0) * 0.3
    start, end = least - room, most + room
    if least >= 0:
        start = max(0.0, start) if reference.low is not None else 0.0
    if metric.unit == "share" and most <= 1:
        end = min(1.0, end)

    def share(number: float) -> float:
        return round(min(1.0, max(0.0, (number - start) / (end - start))), 4)

    spread = (share(metric.low), share(metric.high)) if metric.low is not None and metric.high is not None else None
    low = 0.0 if reference.low is None else share(reference.low)
    high = 1.0 if reference.high is None else share(reference.high)
    return RangeBar(low, high, share(value), spread)


def formula_plot(text: str, value: float | None, share: float | None) -> FormulaPlot | None:
    """None for a formula this version cannot read."""
    try:
        formula = formula_from(text)
    except ValueError:
        return None
    numbers = [*(formula.numbers[::2] if formula.name == "table" else formula.numbers)] or [0.0, 40.0]
    if value is not None and math.isfinite(value):
        numbers.append(value)
    least, most = min(numbers), max(numbers)
    if formula.name in ("one_minus", "clip"):
        least = min(0.0, least)
    room = (most - least or 1.0) * 0.12
    start, end = (0.0 if 0 <= least < room else least - room), most + room
    values = np.linspace(start, end, _POINTS)
    heights = _height(formula.of_each(values))
    across = np.linspace(0, PLOT_WIDTH, _POINTS)
    points = [f"{x:.1f} {y:.1f}" for x, y in zip(across.tolist(), heights.tolist(), strict=True)]
    line = "M" + "L".join(points)
    area = f"{line}L{PLOT_WIDTH} {PLOT_HEIGHT}L0 {PLOT_HEIGHT}z"
    at = None
    if value is not None and share is not None and math.isfinite(value):
        x = (value - start) / (end - start)
        at = (round(x, 4), round(float(_height(np.array([share]))[0]) / PLOT_HEIGHT, 4))
    return FormulaPlot(line, area, at, start, end)


def _height(shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(PLOT_HEIGHT - 3 - shares * (PLOT_HEIGHT - 6))


def band_bar(score: Score) -> BandBar:
    rising = sorted(score.bands, key=lambda band: band[1])
    edges = [*(least for _, least in rising), score.most]
    bands = tuple(
        (name, round(max(0.0, least / score.most), 4), round(min(1.0, edge / score.most), 4))
        for (name, least), edge in zip(rising, edges[1:], strict=True)
    )

    def share(number: float) -> float:
        return round(min(1.0, max(0.0, number / score.most)), 4)

    spread = (share(score.low), share(score.high)) if score.low is not None and score.high is not None else None
    return BandBar(bands, None if score.value is None else share(score.value), spread)
