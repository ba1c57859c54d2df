"""Mains hum: steady lines at 50 or 60 Hz and their multiples."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples, SoundMeter
from sightline.timeline.columns import Column, Columns

LINES_HZ = (50, 60, 100, 120, 150, 180, 200, 240, 250, 300)
"""The first five multiples of both mains frequencies."""
LOW_RATE_HZ = 2400
WINDOW_S = 2
LINE_HALF_WIDTH_HZ = 1.0
"""A line lies within; the window's main lobe is as wide."""
AROUND_HZ = (2.0, 8.0)
"""What the line is compared with lies this far off on either side."""


class HumMeter(SoundMeter):
    """A row is a second of sound; its numbers come from that second and the one before (NaN in the first).

    For each line and channel (``_50_0``): ``level`` in dBFS, the level of a sine of that height, and ``prominence`` in
    dB: how far the line's highest bin rises over the median of its surroundings, 2 to 8 Hz off. Minus infinity and NaN
    for digital silence.
    """

    id: ClassVar[str] = "hum"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        self._step = max(1, self.rate_hz // LOW_RATE_HZ)
        """Samples a low-rate sample is made of."""
        self._size = self.rate_hz // self._step
        """Low-rate samples in a second; what is left of the second is skipped."""
        self._ramp = _triangle(self._step)
        self._edge = np.zeros((self.channels, self._step), np.float32)
        self._before: npt.NDArray[np.float64] | None = None
        self._ticks: list[int] = []
        self._rows: list[npt.NDArray[np.float32]] = []

    def second(self, samples: Samples) -> None:
        row = np.full((2, len(LINES_HZ), self.channels), np.nan, np.float32)
        if samples.shape[1] == self.rate_hz:
            now = self._lowered(samples)
            if self._before is not None:
                row[:] = self._lines(np.concatenate((self._before, now), axis=1))
            self._before = now
        self._ticks.append(self.first_tick + self.count)
        self._rows.append(row)

    def _lowered(self, samples: Samples) -> npt.NDArray[np.float64]:
        """The second at about LOW_RATE_HZ, ``(channels, size)``.

        Averaged under triangles, whose zeros lie where 50 Hz would be folded onto.
        """
        sound = np.concatenate((self._edge, samples[:, : self._size * self._step]), axis=1)
        self._edge = sound[:, -self._step :].copy()
        blocks = sound.reshape(self.channels, self._size + 1, self._step)
        parts = blocks.astype(np.float64) @ self._ramp
        return np.asarray(parts[:, :-1, 0] + parts[:, 1:, 1])

    def _lines(self, sound: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        count = sound.shape[1]
        window = np.hanning(count + 1)[:-1]
        rate = count / WINDOW_S if self.rate_hz % self._step == 0 else self.rate_hz / self._step
        lines = np.abs(np.fft.rfft(sound * window, axis=1)) * (2 / window.sum())
        frequencies = np.fft.rfftfreq(count, 1 / rate)
        rows = np.empty((2, len(LINES_HZ), self.channels))
        for place, line in enumerate(LINES_HZ):
            distance = np.abs(frequencies - line)
            height = lines[:, distance <= LINE_HALF_WIDTH_HZ].max(axis=1)
            around = np.median(lines[:, (distance >= AROUND_HZ[0]) & (distance <= AROUND_HZ[1])], axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                rows[0, place] = 20 * np.log10(height / (np.sinc(line / rate) ** 2))
                rows[1, place] = 20 * np.log10(height / around)
        return rows

    def finish(self) -> Columns:
        fields = [
            (f"{name}_{line}_{channel}", unit)
            for name, unit in (("level", "dbfs"), ("prominence", "db"))
            for line in LINES_HZ
            for channel in range(self.channels)
        ]
        rows = np.stack(self._rows).reshape(len(self._rows), -1) if self._rows else np.empty((0, len(fields)))
        columns = tuple(
            Column(name, unit, np.ascontiguousarray(rows[:, place], np.float32))
            for place, (name, unit) in enumerate(fields)
        )
        ticks = np.array(self._ticks, np.int64)
        return Columns(self.id, self.time_base, ticks, self.end, columns, self.notes(window_s=WINDOW_S))


def _triangle(step: int) -> npt.NDArray[np.float64]:
    """``(step, 2)``: the rising and the falling half of a triangle of area 1."""
    rising = (np.arange(step) + 0.5) / step**2
    return np.stack((rising, rising[::-1]), axis=1)


METER = HumMeter
