"""Signals of a person: a band of frequencies, hysteresis, swings. Rows carry their own times; no gap is bridged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MAX_GAP_S = 0.5
"""A signal that is missing for longer is two signals."""
_LEAST_ROWS = 4


def stretches(times_s: Floats, values: Floats) -> Iterator[npt.NDArray[np.intp]]:
    """Rows at which values are known, in stretches without a gap of more than `MAX_GAP_S`."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known):
        yield from np.split(known, np.flatnonzero(np.diff(times_s[known]) > MAX_GAP_S) + 1)


def band_passed(times_s: Floats, values: Floats, low_hz: float, high_hz: float) -> Floats:
    """The part of a signal between two frequencies, without delay; NaN where the signal is NaN or too short.

    The gain is that of a Butterworth filter of second order applied forwards and backwards. Every stretch is filtered
    by itself, on an even grid at its own mean rate. ``low_hz`` of 0 keeps everything slow.
    """
    passed = np.full(len(values), np.nan)
    for rows in stretches(times_s, values):
        if len(rows) >= _LEAST_ROWS:
            passed[rows] = _filtered(times_s[rows], values[rows], low_hz, high_hz)
    return passed


def _filtered(times_s: Floats, values: Floats, low_hz: float, high_hz: float) -> Floats:
    count = len(times_s)
    step_s = float(times_s[-1] - times_s[0]) / (count - 1)
    grid = times_s[0] + step_s * np.arange(count)
    even = np.interp(grid, times_s, values)
    # Turned over at both ends about the end values, so that a slope goes on and does not jump.
    edge = min(count - 1, round(2 / step_s) + 1)
    before, after = 2 * even[0] - even[edge:0:-1], 2 * even[-1] - even[-2 : -edge - 2 : -1]
    padded = np.concatenate([before, even, after])
    hz = np.fft.rfftfreq(len(padded), step_s)
    gain = 1 / (1 + (hz / high_hz) ** 4)
    if low_hz > 0:
        gain *= 1 - 1 / (1 + (hz / low_hz) ** 4)
    kept = np.fft.irfft(np.fft.rfft(padded) * gain, len(padded))[edge : edge + count]
    return np.asarray(np.interp(times_s, grid, kept))


def held(values: Floats, on: float, off: float) -> Mask:
    """True from where values rise over ``on`` for as long as they stay over ``off``, both ways in time; NaN is off."""
    with np.errstate(invalid="ignore"):
        over, high = values > off, values > on
    starts = np.flatnonzero(over & ~np.append(False, over[:-1]))
    if not len(starts):
        return over
    has_high = np.logical_or.reduceat(high & over, starts)
    run = np.cumsum(over & ~np.append(False, over[:-1])) - 1
    return np.asarray(over & has_high[np.maximum(run, 0)])


def turning_points(values: Floats, least: float) -> list[int]:
    """Places at which a signal without NaN turns, having moved at least so far since the last turn, and doing so again.

    Peaks and troughs alternate.
    """
    turns: list[int] = []
    direction, extreme = 0, 0
    low = high = 0
    signal = values.tolist()
    for place, value in enumerate(signal):
        if direction == 0:
            low, high = (place if value < signal[low] else low), (place if value > signal[high] else high)
            if signal[high] - signal[low] >= least:
                direction, extreme = (1, high) if high > low else (-1, low)
        elif (value - signal[extreme]) * direction > 0:
            extreme = place
        elif (signal[extreme] - value) * direction >= least:
            turns.append(extreme)
            direction, extreme = -direction, place
    return turns


def jitter_of(values: Floats) -> float:
    """SD of what is random from one row to the next, told by second differences, so that steady movement does not
    count; 0 for too few rows. The median is used: movement that does count is rare."""
    known = values[np.isfinite(values)]
    if len(known) < _LEAST_ROWS:
        return 0.0
    # The second difference of independent noise has six times its variance; 1.4826 makes a median an SD.
    return float(1.4826 * np.median(np.abs(np.diff(known, 2))) / np.sqrt(6))


def median_of_three(values: Floats) -> Floats:
    """Each value as the middle one of itself and its neighbours: single wrong pictures go, jumps stay."""
    if len(values) < 3:
        return values.copy()
    middle = np.median([values[:-2], values[1:-1], values[2:]], axis=0)
    return np.concatenate([values[:1], middle, values[-1:]])
