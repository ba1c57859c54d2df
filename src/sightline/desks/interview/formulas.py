"""The little language in which rubrics say what a value is worth: one function with numbers, nothing else.

trapezoid(a, b, c, d)   0 up to a, rising to 1 at b, 1 up to c, falling to 0 at d and beyond
rising(a, b)            0 up to a, rising to 1 at b and beyond
falling(a, b)           1 up to a, falling to 0 at b and beyond
one_minus(scale)        as falling(0, scale)
clip(scale)             as rising(0, scale)
table(x, y, x, y, ...)  y of the last x that is not above the value; 0 below the first
old_blink()             what the second old system made of blinks a minute; for comparison only
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MOST_NUMBERS = 32
_CALL = re.compile(r"^\s*([a-z_]+)\s*\(([^()]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Formula:
    """A function of one value, 0 to 1."""

    text: str
    """As it was written, with single spaces."""
    name: str
    numbers: tuple[float, ...]

    def of(self, value: float) -> float:
        return float(self.of_each(np.array([value], np.float64))[0])

    def of_each(self, values: Floats) -> Floats:
        """The shares of many values; NaN stays NaN."""
        # Numbers very near to each other make slopes beyond what a float holds; they are cut to 0 and 1 below.
        with np.errstate(over="ignore", invalid="ignore"):
            shares = _FUNCTIONS[self.name].apply(np.asarray(values, np.float64), self.numbers)
        return np.where(np.isnan(values), np.nan, np.clip(shares, 0.0, 1.0))


def formula_from(text: str) -> Formula:
    """Raises `ValueError` saying what is wrong."""
    match = _CALL.match(text) if len(text) <= 400 else None
    if match is None:
        raise ValueError(f"not a formula: {text[:80]!r} (write for example trapezoid(0.2, 0.6, 0.98, 1.001))")
    name, inside = match.groups()
    if name not in _FUNCTIONS:
        raise ValueError(f"no function {name!r}; there are {', '.join(_FUNCTIONS)}")
    try:
        numbers = tuple(float(number) for number in inside.split(",")) if inside.strip() else ()
    except ValueError:
        raise ValueError(f"{name} takes numbers, not {inside.strip()!r}") from None
    _FUNCTIONS[name].check(name, numbers)
    return Formula(f"{name}({', '.join(f'{number:g}' for number in numbers)})", name, numbers)


def _trapezoid(values: Floats, numbers: Sequence[float]) -> Floats:
    a, b, c, d = numbers
    return np.minimum(_rising(values, (a, b)), _falling(values, (c, d)))


def _rising(values: Floats, numbers: Sequence[float]) -> Floats:
    a, b = numbers
    return (values >= b).astype(np.float64) if a == b else (values - a) / (b - a)


def _falling(values: Floats, numbers: Sequence[float]) -> Floats:
    a, b = numbers
    return (values <= a).astype(np.float64) if a == b else (b - values) / (b - a)


def _clip(values: Floats, numbers: Sequence[float]) -> Floats:
    return values / numbers[0]


def _one_minus(values: Floats, numbers: Sequence[float]) -> Floats:
    return 1.0 - values / numbers[0]


def _table(values: Floats, numbers: Sequence[float]) -> Floats:
    starts, shares = np.asarray(numbers[::2]), np.asarray(numbers[1::2])
    rows = np.searchsorted(starts, values, side="right") - 1
    return np.where(rows < 0, 0.0, shares[np.maximum(rows, 0)])


def _old_blink(values: Floats, _numbers: Sequence[float]) -> Floats:
    far = 1.0 - 0.05 * np.abs(values - 17.5)
    near = np.where((values >= 15) & (values <= 20), 1.0, 0.8)
    return np.where((values >= 10) & (values <= 25), near, far)


@dataclass(frozen=True, slots=True)
class _Function:
    apply: Callable[[Floats, Sequence[float]], Floats]
    count: int | None
    """How many numbers; None: pairs."""
    ordered: bool = False

    def check(self, name: str, numbers: tuple[float, ...]) -> None:
        if self.count is None:
            if not numbers or len(numbers) % 2 or len(numbers) > MOST_NUMBERS:
                raise ValueError(f"{name} takes 1 to {MOST_NUMBERS // 2} pairs of numbers")
        elif len(numbers) != self.count:
            raise ValueError(f"{name} takes {self.count} numbers, not {len(numbers)}")
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"{name} takes finite numbers")
        rising = numbers[::2] if self.count is None else numbers
        if (self.ordered or self.count is None) and list(rising) != sorted(rising):
            raise ValueError(f"the numbers of {name} must not fall")
        if self.count == 1 and numbers[0] <= 0:
            raise ValueError(f"{name} takes a number above 0")


_FUNCTIONS = {
    "trapezoid": _Function(_trapezoid, 4, ordered=True),
    "rising": _Function(_rising, 2, ordered=True),
    "falling": _Function(_falling, 2, ordered=True),
    "one_minus": _Function(_one_minus, 1),
    "clip": _Function(_clip, 1),
    "table": _Function(_table, None),
    "old_blink": _Function(_old_blink, 0),
}
