"""Loudness of a programme from its columns: gating, range, maxima (BS.1770-5, EBU Tech 3341 and 3342).

Pure functions over the columns of the ``loudness`` and ``true_peak`` meters. None stands for sound too short to tell,
minus infinity for silence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.timeline.columns import Column, Columns

MOMENTARY_HOPS, SHORT_TERM_HOPS = 40, 300
STEP_HOPS = 10
"""Gating blocks overlap by 75 %: one starts every 100 ms. The short-term loudness of the range is taken as often."""
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_PADDING_HOPS = 150
"""Silence after the end, so that the last seconds count in the range (Tech 3342)."""
BLOCK_HOPS = 20_000
"""Summed at a time, to stay in the processor's cache: an hour has 360,000."""
RANGE_STEADY_S = 60
"""A loudness range of less sound than this is not stable (Tech 3341)."""

Values = npt.NDArray[np.float64]
WINDOWS = {"momentary": (MOMENTARY_HOPS, Fraction(2, 5)), "short_term": (SHORT_TERM_HOPS, Fraction(3))}


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest value of a column, where it was measured, and on which channel (None for all together)."""

    value: float
    span: Span
    channel: int | None = None


def integrated_lufs(columns: Columns) -> float | None:
    """Programme loudness: blocks of 400 ms, every 100 ms, over -70 LUFS and over 10 LU below the mean of those.

    An unfinished last block is left out. None for less than one block, minus infinity when no block passes.
    """
    blocks = columns["momentary"][MOMENTARY_HOPS - 1 :: STEP_HOPS].astype(np.float64)
    if not len(blocks):
        return None
    heard = blocks[blocks > ABSOLUTE_GATE_LUFS]
    if not len(heard):
        return -math.inf
    gate = _mean_lufs(heard) + RELATIVE_GATE_LU
    return _mean_lufs(heard[heard > gate])


def loudness_range_lu(columns: Columns, *, padding_hops: int = RANGE_PADDING_HOPS) -> float | None:
    """Loudness range: 95th less 10th percentile of short-term loudness every 100 ms (Tech 3342).

    Gates: -70 LUFS, then 20 LU below the mean. None when nothing passes or there is less than 1.5 s. The silence added
    at the end can be left out to compare with meters that add none (FFmpeg's ebur128).
    """
    steps = SHORT_TERM_HOPS // STEP_HOPS
    tenths = _tenths(columns, padding_hops)
    if len(tenths) < steps:
        return None
    short_term = _lufs(np.convolve(tenths, np.full(steps, 1 / steps), "valid"))
    heard = short_term[short_term > ABSOLUTE_GATE_LUFS]
    if not len(heard):
        return None
    kept = heard[heard > _mean_lufs(heard) + RANGE_GATE_LU]
    low, high = (math.floor((len(kept) - 1) * share + 0.5) for share in (0.10, 0.95))
    ordered = np.partition(kept, (low, high))
    return float(ordered[high] - ordered[low])


def maximum(columns: Columns, name: str = "momentary") -> Highest | None:
    """The highest ``momentary`` or ``short_term`` loudness and the window it belongs to.

    None when the sound is shorter than one window.
    """
    hops, window_s = WINDOWS[name]
    values = columns[name][hops - 1 :]
    if not len(values):
        return None
    row = int(values.argmax())
    start = columns.start_of(row)
    return Highest(float(values[row]), Span(start, start + window_s))


def maximum_true_peak(columns: Columns) -> Highest | None:
    """The highest true peak of all channels, in dBTP, with its row and channel. None without sound."""
    if not len(columns):
        return None
    peaks = np.stack([columns[f"peak_{channel}"] for channel in range(int(columns.notes["channels"]))])
    channel, row = np.unravel_index(int(peaks.argmax()), peaks.shape)
    span = Span(columns.start_of(int(row)), columns.start_of(int(row) + 1))
    return Highest(float(peaks[channel, row]), span, int(channel))


def _tenths(columns: Columns, padding_hops: int) -> Values:
    """Weighted sum of the channels' K-weighted mean squares, a value each 100 ms, with silence at the end."""
    tenths = np.zeros((len(columns) + padding_hops) // STEP_HOPS)
    channels = [
        (columns[f"power_{channel}"], float(columns.notes[f"weight_{channel}"]))
        for channel in range(int(columns.notes["channels"]))
    ]
    power, part = np.empty(BLOCK_HOPS), np.empty(BLOCK_HOPS)
    for first in range(0, len(tenths) * STEP_HOPS, BLOCK_HOPS):
        power[:] = 0
        for values, weight in channels:
            heard = values[first : first + BLOCK_HOPS]
            np.multiply(heard, weight, out=part[: len(heard)], dtype=np.float64)
            power[: len(heard)] += part[: len(heard)]
        block = tenths[first // STEP_HOPS :][: BLOCK_HOPS // STEP_HOPS]
        # Ten long sums take a fifth of the time of thousands of short ones.
        hops = np.ascontiguousarray(power.reshape(-1, STEP_HOPS).T)
        block[:] = hops.mean(axis=0)[: len(block)]
    return tenths


def programme(parts: Sequence[Columns], weights: Sequence[float]) -> Columns:
    """Several mono streams (as in MXF) as the loudness columns of the one programme they make.

    ``weights``: one a stream, 1 for left, right and centre, 1.41 for surrounds, 0 for LFE. The programme ends with its
    shortest stream. Raises `ValueError` for streams that are not mono, or differ in sampling rate or start.
    """
    first = parts[0]
    for part in parts:
        if int(part.notes["channels"]) != 1:
            raise ValueError(f"{part.meter} has {part.notes['channels']} channels, not one")
        if part.time_base != first.time_base or not np.array_equal(part.ticks[:1], first.ticks[:1]):
            raise ValueError(f"{part.meter} has another sampling rate or start than {first.meter}")
    count = min(len(part) for part in parts)
    powers = [part["power_0"][:count] for part in parts]
    total = sum(
        (weight * power.astype(np.float64) for weight, power in zip(weights, powers, strict=True)), np.zeros(count)
    )
    columns = (
        Column("momentary", "lufs", _windowed(total, MOMENTARY_HOPS)),
        Column("short_term", "lufs", _windowed(total, SHORT_TERM_HOPS)),
        *(Column(f"power_{channel}", "share", power) for channel, power in enumerate(powers)),
    )
    notes = {**first.notes, "channels": len(parts), "channel_names": "", "layout": "several streams"}
    notes |= {f"weight_{channel}": weight for channel, weight in enumerate(weights)}
    return Columns(first.meter, first.time_base, first.ticks[:count], min(p.end for p in parts), columns, notes)


def _windowed(power: Values, hops: int) -> npt.NDArray[np.float32]:
    loudness = np.full(len(power), np.nan, np.float32)
    if len(power) >= hops:
        loudness[hops - 1 :] = _lufs(np.convolve(power, np.full(hops, 1 / hops), "valid"))
    return loudness


def _lufs(power: Values) -> Values:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(power), np.float64)


def _mean_lufs(loudness: Values) -> float:
    """Loudness of the mean power of blocks."""
    return float(10 * np.log10(np.mean(10 ** (loudness / 10))))
