"""A signal made small enough to send and draw, with its peaks kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sightline.timeline.timeline import Signal

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Least and greatest value of neighbouring rows. NaN where none of them was measured."""

    times_s: Floats
    """Start of the first row of each bin, in seconds of the media."""
    least: Floats
    greatest: Floats
    rows: int
    """Rows of the signal in the asked span."""

    def arrow(self) -> pa.Table:
        return pa.table({"time_s": self.times_s, "min": self.least, "max": self.greatest})


def curve(
    signal: Signal, start_s: float | None, end_s: float | None, points: int, times_s: Floats | None = None
) -> Curve:
    """The rows that start in ``[start_s, end_s)``, and the one that lasts into it, in at most ``points`` bins.

    ``times_s``: as the signal has them, where somebody has worked them out for another signal of its meter.

    With no more rows than points every row is a bin of its own. Raises `ValueError` for a signal that is no number.
    """
    if signal.values.dtype == object:
        raise ValueError(f"{signal.name} is no number")
    times = signal.times_s if times_s is None else times_s
    first = 0 if start_s is None else max(0, int(np.searchsorted(times, start_s, side="right")) - 1)
    last = len(times) if end_s is None else int(np.searchsorted(times, end_s, side="left"))
    values = np.asarray(signal.values[first : max(first, last)], np.float64)
    times = times[first : max(first, last)]
    values = np.where(np.isfinite(values), values, np.nan)
    if len(values) <= points:
        return Curve(times, values, values, len(values))
    starts = np.linspace(0, len(values), points + 1).astype(np.int64)[:-1]
    # NaN is passed over by fmin and fmax unless all of a bin is NaN.
    return Curve(times[starts], np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts), len(values))
