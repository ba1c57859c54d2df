"""Dropouts: sound that breaks off and comes back within half a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.meters.seconds import Edges, Samples, SoundMeter, decibels, per_channel
from sightline.timeline.columns import Column, Columns

ROWS_PER_SECOND = 10
QUIET_LEVEL = 10 ** (-70 / 20)
"""-70 dBFS: below lies nothing that was recorded, only what was lost, gated or faded out."""
SHORTEST_S, LONGEST_S = 0.001, 0.5
SIDE_S = 0.005
"""Sound this long before and after says whether the gap is abrupt."""
UNITS = {"length": "samples", "at": "samples", "before": "dbfs", "after": "dbfs", "inside": "dbfs"}


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is known of the sound before: where it was last heard, how loud, and the peak since."""

    end: int
    level: float
    since: float


@dataclass(frozen=True, slots=True)
class _Gap:
    """Sample numbers ``[start, end)`` and the peaks before, after and inside."""

    start: int
    end: int
    before: float
    after: float
    inside: float

    @property
    def side(self) -> float:
        return min(self.before, self.after)


class DropoutsMeter(SoundMeter):
    """A row is 100 ms of sound. For each channel ``_0``, ``_1`` … the most abrupt gap that ends in the row:

    ``length`` in samples, 0 when there is no gap; ``at``, where it starts, counted from the row's tick and often
    before it; ``before`` and ``after``, the peak in the 5 ms on either side; ``inside``, the peak within, minus
    infinity for digital silence. A gap is 1 to 500 ms in which every sample stays below -70 dBFS. Of several in a row
    the one whose quieter side is loudest is kept. NaN where there is no gap.
    """

    id: ClassVar[str] = "dropouts"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        self._side = max(1, round(SIDE_S * self.rate_hz))
        self._past = np.zeros((self.channels, 2 * self._side), np.float32)
        self._before: list[_Heard | None] = [None] * self.channels
        self._ticks: list[Edges] = []
        self._best: dict[tuple[int, int], _Gap] = {}
        """The most abrupt gap by channel and row, where there is one."""

    def second(self, samples: Samples) -> None:
        # The last 5 ms wait for the next second, since what follows a gap must be known.
        sound = np.concatenate((self._past, samples), axis=1)
        if self.is_last:
            sound = np.pad(sound, ((0, 0), (0, self._side)))
        edges = self.edges(ROWS_PER_SECOND, samples.shape[1])
        self._ticks.append(self.count + edges[:-1])
        amplitude = np.abs(sound)
        for channel in range(self.channels):
            self._find(channel, amplitude[channel], self.count - 2 * self._side)
        self._past = sound[:, -2 * self._side :].copy()

    def _find(self, channel: int, amplitude: Samples, origin: int) -> None:
        """Gaps that end in what has ``SIDE_S`` known on either side. ``origin``: sample number of ``amplitude[0]``."""
        side = self._side
        stop = len(amplitude) - side
        loud = np.flatnonzero(amplitude[side:stop] >= QUIET_LEVEL) + side
        before = self._before[channel]
        if not len(loud):
            if before is not None:
                since = max(before.since, float(amplitude[side:stop].max(initial=0)))
                self._before[channel] = _Heard(before.end, before.level, since)
            return
        shortest, longest = SHORTEST_S * self.rate_hz, LONGEST_S * self.rate_hz
        first = int(loud[0])
        if before is not None and shortest <= origin + first - before.end <= longest:
            inside = max(before.since, float(amplitude[side:first].max(initial=0)))
            after = float(amplitude[first : first + side].max())
            self._keep(channel, _Gap(before.end, origin + first, before.level, after, inside))
        length = np.diff(loud) - 1
        places = np.flatnonzero((length >= shortest) & (length <= longest))
        if len(places):
            for gap in _gaps(amplitude, loud[places] + 1, loud[places + 1], side, origin):
                self._keep(channel, gap)
        end = int(loud[-1]) + 1
        level = float(amplitude[end - side : end].max())
        self._before[channel] = _Heard(origin + end, level, float(amplitude[end:stop].max(initial=0)))

    def _keep(self, channel: int, gap: _Gap) -> None:
        second, rest = divmod(gap.end, self.rate_hz)
        row = second * ROWS_PER_SECOND + (rest * ROWS_PER_SECOND + ROWS_PER_SECOND - 1) // self.rate_hz
        known = self._best.get((channel, row))
        if known is None or gap.side > known.side:
            self._best[channel, row] = gap

    def finish(self) -> Columns:
        ticks = np.concatenate(self._ticks) if self._ticks else np.empty(0, np.int64)
        fields = {name: np.full((self.channels, len(ticks)), np.nan, np.float32) for name in UNITS}
        fields["length"][:] = 0
        for (channel, row), gap in self._best.items():
            levels = decibels((gap.before, gap.after, gap.inside)).tolist()
            values = (gap.end - gap.start, gap.start - int(ticks[row]), *levels)
            for name, value in zip(UNITS, values, strict=True):
                fields[name][channel, row] = value
        columns = tuple(
            Column(name, unit, values)
            for field, unit in UNITS.items()
            for name, values in per_channel(field, [fields[field]], self.channels).items()
        )
        notes = self.notes(quiet_level=QUIET_LEVEL, shortest_s=SHORTEST_S, longest_s=LONGEST_S)
        return Columns(self.id, self.time_base, ticks + self.first_tick, self.end, columns, notes)


def _gaps(amplitude: Samples, starts: Edges, ends: Edges, side: int, origin: int) -> list[_Gap]:
    """Gaps with the peaks around and in them."""
    windows = np.lib.stride_tricks.sliding_window_view(amplitude, side)
    before, after = windows[starts - side].max(axis=1), windows[ends].max(axis=1)
    inside = np.maximum.reduceat(amplitude, np.stack((starts, ends), axis=1).reshape(-1))[::2]
    return [
        _Gap(origin + int(starts[n]), origin + int(ends[n]), float(before[n]), float(after[n]), float(inside[n]))
        for n in range(len(starts))
    ]


METER = DropoutsMeter
