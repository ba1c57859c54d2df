"""Columns of numbers on a clock: what a meter measured.

A row is one measured thing: a picture, a hop of sound, a packet. Its tick says when it starts; it lasts until the next
row's tick, the last one until ``end``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]
Ticks64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """One named column. ``values`` has a row per tick: numbers, or an object array of `bytes` or `str`.

    A value that could not be measured at a row is NaN (floats) or -1 with the unit saying so; never a made-up number.
    """

    name: str
    unit: str
    """UCUM-like: ``lufs``, ``dbfs``, ``dbtp``, ``db``, ``code`` (code value of the stored bit depth), ``share`` (0 to
    1), ``px``, ``cd/m2``, ``count``, ``samples``, ``ticks``, ``index`` (of a stream), ``bytes``, ``flag``, ``class``,
    ``text``, ``jpeg``."""
    values: Values

    def __len__(self) -> int:
        return len(self.values)


class LateColumn(Column):
    """A column that is read when somebody first asks for its values; pictures are most of a bundle, and judging needs
    none. Gives whatever ``read`` raises."""

    __slots__ = ("_read", "_rows")
    _read: Callable[[], Values] | Values
    _rows: int

    def __init__(self, name: str, unit: str, rows: int, read: Callable[[], Values]) -> None:
        for field_, value in (("name", name), ("unit", unit), ("_rows", rows), ("_read", read)):
            object.__setattr__(self, field_, value)

    @property
    def values(self) -> Values:
        if callable(self._read):
            object.__setattr__(self, "_read", self._read())
        return cast(Values, self._read)

    def __len__(self) -> int:
        return self._rows


class ColumnMissing(KeyError):
    """These columns have no such column: a misspelt name, or they were measured by another version of the meter."""

    def __init__(self, meter: str, column: str, known: tuple[str, ...]) -> None:
        self.meter, self.column, self.known = meter, column, known
        super().__init__(f"{meter} has no column {column!r}; it has {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Columns:
    """What one meter measured of one stream, on one clock."""

    meter: str
    """Meter id, with ``@<stream index>`` for every audio stream after the first: ``loudness``, ``loudness@2``."""
    time_base: Fraction
    """Seconds per tick."""
    ticks: Ticks64
    """Start of each row, strictly increasing; packets, regions (several faces in one picture) and words may share
    one."""
    end: int
    """Tick at which the last row ends."""
    columns: tuple[Column, ...]
    notes: Mapping[str, str | int | float] = field(default_factory=dict)
    """Constants of the measurement a judge needs: bit depth, cells across, thresholds built in."""

    def __post_init__(self) -> None:
        for column in self.columns:
            if len(column) != len(self.ticks):
                raise ValueError(f"{self.meter}.{column.name} has {len(column)} rows for {len(self.ticks)} ticks")

    def __len__(self) -> int:
        return len(self.ticks)

    def __getitem__(self, name: str) -> Values:
        for column in self.columns:
            if column.name == name:
                return column.values
        raise ColumnMissing(self.meter, name, tuple(c.name for c in self.columns))

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def start_of(self, row: int) -> Fraction:
        """Exact start in seconds of a row; ``row == len(self)`` gives the end of the last."""
        tick, base = int(self.ticks[row] if row < len(self.ticks) else self.end), self.time_base
        # Half the time of multiplying by the fraction, and asked for the start and the end of every event.
        return Fraction(tick * base.numerator, base.denominator)

    def ticks_between(self, first: int, last: int) -> int:
        """How many ticks rows ``[first, last)`` last."""
        return int(self.ticks[last] if last < len(self.ticks) else self.end) - int(self.ticks[first])

    def between(self, start: int, end: int) -> Columns:
        """The rows whose tick lies in ``[start, end)``, ending at ``min(end, self.end)``."""
        keep = (self.ticks >= start) & (self.ticks < end)
        columns = tuple(Column(c.name, c.unit, c.values[keep]) for c in self.columns)
        return Columns(self.meter, self.time_base, self.ticks[keep], min(end, self.end), columns, self.notes)


def joined(parts: Sequence[Columns]) -> Columns:
    """Columns of neighbouring segments, in order, as one. Raises `ValueError` when they do not belong together."""
    first = parts[0]
    shape = (first.meter, first.time_base, [(c.name, c.unit) for c in first.columns])
    for part in parts[1:]:
        if (part.meter, part.time_base, [(c.name, c.unit) for c in part.columns]) != shape:
            raise ValueError(f"segments of {first.meter} do not have the same columns")
    if len(parts) == 1:
        return first
    columns = tuple(
        Column(c.name, c.unit, np.concatenate([p.columns[i].values for p in parts]))
        for i, c in enumerate(first.columns)
    )
    ticks = np.concatenate([p.ticks for p in parts])
    return Columns(first.meter, first.time_base, ticks, parts[-1].end, columns, first.notes)


class Rows:
    """Rows gathered one after another without a Python object for each number.

    ``fields`` maps a column's name to its unit and NumPy dtype. Memory grows by doubling.
    """

    def __init__(self, fields: Mapping[str, tuple[str, npt.DTypeLike]]) -> None:
        self._units = {name: unit for name, (unit, _) in fields.items()}
        self._dtype = np.dtype([("tick", np.int64), *((name, dtype) for name, (_, dtype) in fields.items())])
        self._rows = np.empty(256, self._dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, tick: int, *values: object) -> None:
        """One row: its tick, then a value for each field in the order they were given."""
        self._reserve(1)
        self._rows[self._count] = (tick, *values)
        self._count += 1

    def extend(self, ticks: Iterable[int] | Ticks64, **values: Values) -> None:
        """Many rows at once, an array for each field."""
        ticks = np.asarray(ticks, np.int64)
        self._reserve(len(ticks))
        rows = self._rows[self._count : self._count + len(ticks)]
        rows["tick"] = ticks
        for name, column in values.items():
            rows[name] = column
        self._count += len(ticks)

    def columns(
        self, meter: str, time_base: Fraction, end: int, notes: Mapping[str, str | int | float] | None = None
    ) -> Columns:
        rows = self._rows[: self._count]
        columns = tuple(Column(name, unit, rows[name].copy()) for name, unit in self._units.items())
        return Columns(meter, time_base, rows["tick"].copy(), end, columns, notes or {})

    def _reserve(self, count: int) -> None:
        needed = self._count + count
        if needed > len(self._rows):
            grown = np.empty(max(needed, 2 * len(self._rows)), self._dtype)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
