"""How well a voice was recorded: level, noise, clipping, bandwidth."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples, SoundMeter, decibels
from sightline.timeline.columns import Column, Columns, Rows

ROWS_PER_SECOND = 2
FRAMES_PER_SECOND = 50
FLOOR_S = 5.0
"""The floor is that of the 5 s around a row: long enough that most speakers have paused."""
FLOOR_SHARE = 0.1
SHORTEST_CLIP = 3
"""Samples at the rail in a row that make a clipping, as in the ``samples`` meter."""
BAND_HZ = 250
REACH_DB = 60.0
"""A band this far below the strongest is empty. Hiss of a microphone is above, what a codec or a telephone cut off is
not. A heuristic."""
FAINTEST_DB = -60.0
"""Below this level there is nothing to tell a bandwidth by."""


class VoiceQualityMeter(SoundMeter):
    """A row is half a second of the mean of all channels, at the stream's own rate:

    ``level``, RMS in dBFS; ``floor``, the level in dBFS that a tenth of the 20 ms frames in the 5 s around the row stay
    below, which is the noise if somebody pauses in them; ``peak`` in dBFS and ``clipped``, the share of samples in runs
    of three or more at the rail, both of the loudest channel; ``bandwidth``, up to which frequency in Hz there is
    anything, NaN in near silence.
    """

    id: ClassVar[str] = "voice_quality"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        depth = min(self.audio.bit_depth or 16, 16)
        self._rail = np.float32(1 - 2.0 ** (1 - depth))
        self._rows = Rows(
            {
                "level": ("dbfs", np.float32),
                "peak": ("dbfs", np.float32),
                "clipped": ("share", np.float32),
                "bandwidth": ("hz", np.float32),
            }
        )
        self._frames: list[Samples] = []

    def second(self, samples: Samples) -> None:
        mono = samples.mean(axis=0, dtype=np.float32)
        edges = self.edges(ROWS_PER_SECOND, len(mono))
        for start, stop in pairwise(edges.tolist()):
            row = mono[start:stop]
            level = float(_rms_db(row[None])[0])
            peak = float(decibels(np.abs(samples[:, start:stop]).max()))
            clipped = max(clipped_share(channel, self._rail) for channel in samples[:, start:stop])
            band = bandwidth_hz(row, self.rate_hz) if level > FAINTEST_DB else np.nan
            self._rows.append(self.first_tick + self.count + start, level, peak, clipped, band)
        size = self.rate_hz // FRAMES_PER_SECOND
        if size and len(mono) >= size:
            self._frames.append(_rms_db(mono[: len(mono) // size * size].reshape(-1, size)))

    def finish(self) -> Columns:
        rows = self._rows.columns(self.id, self.time_base, self.end)
        frames = np.concatenate(self._frames) if self._frames else np.empty(0, np.float32)
        centres = (rows.ticks - self.first_tick) / self.rate_hz + 0.5 / ROWS_PER_SECOND
        floors = np.array([_floor(frames, float(centre)) for centre in centres], np.float32)
        level, *others = rows.columns
        columns = (level, Column("floor", "dbfs", floors), *others)
        return Columns(self.id, self.time_base, rows.ticks, self.end, columns, self.notes(floor_s=FLOOR_S))


def _floor(frames: Samples, centre_s: float) -> float:
    """The level a tenth of the frames around a moment stay below; NaN without a frame."""
    size = min(len(frames), round(FLOOR_S * FRAMES_PER_SECOND))
    first = min(max(0, round((centre_s - FLOOR_S / 2) * FRAMES_PER_SECOND)), len(frames) - size)
    place = int(FLOOR_SHARE * size)
    return float(np.partition(frames[first : first + size], place)[place]) if size else float("nan")


def _rms_db(frames: Samples) -> Samples:
    return decibels(np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1)))


def clipped_share(channel: Samples, rail: np.float32) -> float:
    """The share of samples in runs of three or more at the same rail."""
    share = 0
    for at_rail in (channel >= rail, channel <= -rail):
        if at_rail.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([False], at_rail, [False])).astype(np.int8)))
            lengths = edges[1::2] - edges[::2]
            share += int(lengths[lengths >= SHORTEST_CLIP].sum())
    return share / len(channel)


def bandwidth_hz(row: Samples, rate_hz: int) -> float:
    """The upper end of the highest band of 250 Hz that is not 60 dB or more below the strongest."""
    size = max(64, 1 << (rate_hz // 50).bit_length())
    count = max(1, len(row) // size)
    frames = np.zeros((count, size), np.float32)
    frames.reshape(-1)[: min(len(row), count * size)] = row[: count * size]
    # Its side lobes fall below what is looked for within a few bins.
    window = np.blackman(size).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).mean(axis=0)
    band: npt.NDArray[np.int64] = (np.arange(len(power)) * rate_hz / size / BAND_HZ).astype(np.int64)
    # The mean of a band, so that one bin of hum is no bandwidth.
    bands = np.bincount(band, power) / np.bincount(band)
    heard = np.flatnonzero(bands > bands.max() * 10 ** (-REACH_DB / 10))
    return float(min((heard[-1] + 1) * BAND_HZ, rate_hz / 2)) if len(heard) else float("nan")


METER = VoiceQualityMeter
