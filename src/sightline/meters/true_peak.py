"""True peak: the highest level the sound reaches between its samples (ITU-R BS.1770-5, Annex 2)."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples, SoundMeter, decibels, per_channel
from sightline.timeline.columns import Column, Columns

ROWS_PER_SECOND = 10
TAPS = 24
"""Samples a value in between is made of. Flat within 0.02 dB up to 0.42 of the sampling rate: 20 kHz at 48 kHz."""
BEFORE = TAPS // 2 - 1
AFTER = TAPS // 2
KAISER_BETA = 6.0
STEP = 32
"""Positions made by one row of the matrix product."""


class TruePeakMeter(SoundMeter):
    """Highest true peak of each channel in each 100 ms, in dBTP, minus infinity for digital silence.

    Values between the samples come from a polyphase filter: three at rates below 88.2 kHz (4x oversampling), one below
    192 kHz, none from there on. The samples themselves count too, so a true peak is never below the sample peak.
    """

    id: ClassVar[str] = "true_peak"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        self._factor = oversampling(self.rate_hz)
        self._past = np.zeros((self.channels, BEFORE + AFTER), np.float32)
        self._ticks: list[npt.NDArray[np.int64]] = []
        self._peaks: list[npt.NDArray[np.float32]] = []

    def second(self, samples: Samples) -> None:
        size = samples.shape[1]
        edges = self.edges(ROWS_PER_SECOND, size)
        self._ticks.append(self.first_tick + self.count + edges[:-1])
        rows = np.maximum.reduceat(np.abs(samples), edges[:-1], axis=1)
        if self._factor > 1:
            self._add_between(samples, rows, edges[:-1])
        self._peaks.append(rows)
        if self.is_last and self._factor > 1:
            self._finish_between()

    def _add_between(self, samples: Samples, rows: Samples, starts: npt.NDArray[np.int64]) -> None:
        """Raises ``rows`` to the values between the samples.

        Such a value is known only AFTER samples later, so the last ones of a second are made with the next.
        """
        size = samples.shape[1]
        between = np.stack([self._between(channel, samples[channel]) for channel in range(self.channels)])
        earlier = self._peaks[-1][:, -1] if self._peaks else rows[:, 0]
        np.maximum(earlier, between[:, :AFTER].max(axis=1), out=earlier)
        if size > AFTER:
            starts = np.minimum(starts, size - AFTER - 1)
            np.maximum(rows, np.maximum.reduceat(between[:, AFTER:], starts, axis=1), out=rows)
        self._past = np.concatenate((self._past, samples[:, -(BEFORE + AFTER) :]), axis=1)[:, -(BEFORE + AFTER) :]

    def _finish_between(self) -> None:
        for channel in range(self.channels):
            tail = self._between(channel, np.zeros(AFTER, np.float32))
            self._peaks[-1][channel, -1] = max(self._peaks[-1][channel, -1], tail.max())

    def _between(self, channel: int, samples: Samples) -> Samples:
        """Highest value after each sample and before the next, for the positions AFTER samples earlier."""
        size = len(samples)
        blocks = -(-size // STEP)
        sound = np.zeros(blocks * STEP + BEFORE + AFTER, np.float32)
        sound[: BEFORE + AFTER] = self._past[channel]
        sound[BEFORE + AFTER : BEFORE + AFTER + size] = samples
        windows = np.lib.stride_tricks.sliding_window_view(sound, STEP + TAPS - 1)[::STEP]
        values: Samples = np.ascontiguousarray(windows) @ interpolator(self._factor)
        np.abs(values, out=values)
        highest: Samples = values.reshape(blocks, self._factor - 1, STEP).max(axis=1)
        return highest.reshape(-1)[:size]

    def finish(self) -> Columns:
        ticks = np.concatenate(self._ticks) if self._ticks else np.empty(0, np.int64)
        columns = tuple(
            Column(name, "dbtp", decibels(values))
            for name, values in per_channel("peak", list(self._peaks), self.channels).items()
        )
        return Columns(
            self.id, self.time_base, ticks, self.end, columns, self.notes(oversampling=self._factor, taps=TAPS)
        )


def oversampling(rate_hz: int) -> int:
    """1, 2 or 4: how many values a sample, the sample itself included (BS.1770-5 asks for 192 kHz or more)."""
    if rate_hz >= 192_000:
        return 1
    return 2 if rate_hz >= 88_200 else 4


@cache
def interpolator(factor: int) -> npt.NDArray[np.float32]:
    """Matrix ``(STEP + TAPS - 1, (factor - 1) * STEP)`` from a stretch of samples to the values between them.

    Each value is a sum of TAPS samples, weighted by a sinc under a Kaiser window; the weights of a value add up to 1.
    """
    matrix = np.zeros((STEP + TAPS - 1, factor - 1, STEP))
    for phase in range(1, factor):
        distance = np.arange(-BEFORE, AFTER + 1) - phase / factor
        window = np.i0(KAISER_BETA * np.sqrt(1 - (distance / (TAPS / 2)) ** 2))
        taps = np.sinc(distance) * window
        taps /= taps.sum()
        for position in range(STEP):
            matrix[position : position + TAPS, phase - 1, position] = taps
    return np.ascontiguousarray(matrix.reshape(STEP + TAPS - 1, -1), np.float32)


METER = TruePeakMeter
