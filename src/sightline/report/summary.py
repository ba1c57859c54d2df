"""What the signals amount to: the loudness figures, and least, mean and greatest of every other column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sightline.detectors.loudness import integrated_lufs, loudness_range_lu, maximum
from sightline.text import Message
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Timeline

Number = float | int | None


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """Least, mean and greatest of the rows that could be measured; None where there was no such row."""

    unit: str
    minimum: Number
    mean: float | None
    maximum: Number
    rows: int
    measured: int
    """Rows with a finite value."""


@dataclass(frozen=True, slots=True)
class LoudnessSummary:
    """Figures of one audio stream (ITU-R BS.1770-5, EBU Tech 3341 and 3342). None has a reason in ``why``."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    why: Mapping[str, Message] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[tuple[str, float | None, str], ...]:
        """Name, value and unit of each, in the order people read them."""
        return (
            ("integrated_lufs", self.integrated_lufs, "lufs"),
            ("range_lu", self.range_lu, "lu"),
            ("true_peak_dbtp", self.true_peak_dbtp, "dbtp"),
            ("max_momentary_lufs", self.max_momentary_lufs, "lufs"),
            ("max_short_term_lufs", self.max_short_term_lufs, "lufs"),
        )


def column_summary(column: Column) -> ColumnSummary | None:
    """The summary of a column of numbers; None for bytes and text."""
    values = column.values
    if values.dtype.kind not in "biuf":
        return None
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not len(finite):
        return ColumnSummary(column.unit, None, None, None, len(values), 0)
    plain: Callable[[object], Number] = float if values.dtype.kind == "f" else int  # type: ignore[assignment]
    least, greatest = plain(finite.min()), plain(finite.max())
    return ColumnSummary(column.unit, least, float(finite.mean(dtype=np.float64)), greatest, len(values), len(finite))


def meter_summaries(timeline: Timeline) -> dict[str, dict[str, ColumnSummary]]:
    """By meter and column, for every meter that has numbers."""
    found: dict[str, dict[str, ColumnSummary]] = {}
    for meter, columns in timeline.columns.items():
        named = {c.name: column_summary(c) for c in columns.columns}
        numbers = {name: summary for name, summary in named.items() if summary is not None}
        if numbers:
            found[meter] = numbers
    return found


def loudness_summary(timeline: Timeline, suffix: str = "") -> LoudnessSummary | None:
    """The loudness figures of one audio stream: the first, or with ``suffix`` ``@2`` that of index 2.

    None when loudness was not measured there.
    """
    columns = timeline.columns.get(f"loudness{suffix}")
    if columns is None:
        return None
    figures: dict[str, float | None] = {
        "integrated_lufs": _finite(integrated_lufs(columns)),
        "range_lu": _finite(loudness_range_lu(columns)),
        "true_peak_dbtp": true_peak_dbtp(timeline.columns.get(f"true_peak{suffix}")),
        "max_momentary_lufs": _highest(columns, "momentary"),
        "max_short_term_lufs": _highest(columns, "short_term"),
    }
    why: dict[str, Message] = {}
    for name, figure in figures.items():
        if figure is None:
            missing = timeline.not_measured.get(f"true_peak{suffix}") if name == "true_peak_dbtp" else None
            why[name] = missing or Message.of(f"report.no_figure.{name}")
    return LoudnessSummary(**figures, why=why)


def true_peak_dbtp(columns: Columns | None) -> float | None:
    """The highest true peak of all channels; None without one."""
    if columns is None:
        return None
    peaks = [_greatest(columns, c.name) for c in columns.columns if c.unit == "dbtp"]
    return max((peak for peak in peaks if peak is not None), default=None)


def _highest(columns: Columns, name: str) -> float | None:
    found = maximum(columns, name)
    return None if found is None else _finite(found.value)


def _greatest(columns: Columns, name: str) -> float | None:
    values = columns[name]
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else None


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
