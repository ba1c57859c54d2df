"""A stream's sound at another rate, or its channels averaged into one, with its clock kept."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from sightline.media.picture import SoundBlock

Samples = npt.NDArray[np.float32]

BROKEN_LEVEL = 1e9
"""A sample this many times over full scale is damage like NaN; the filter would smear it over its neighbours."""


class Resampler:
    """Blocks of one stream in another form, in order, as `SoundBlock`s that follow each other.

    Sample ``k`` of the result belongs to second ``first_pts + k / rate_hz``, so a moment keeps its time; there are
    ``ceil(n * rate_hz / own rate)`` samples for ``n``, but for rounding by one. Channels are averaged with equal
    weights before the rate is changed. What comes at the stream's own rate is not filtered. NaN, infinite and absurd
    samples become 0 where something is computed of them. A block is corrupt when any sample it is made of was.
    """

    def __init__(self, *, rate_hz: int | None, mono: bool) -> None:
        self._rate_hz, self._mono = rate_hz, mono
        self._filters: list[AudioResampler] = []
        self._first: SoundBlock | None = None
        self._given = 0
        """Samples a channel handed out so far."""
        self._corrupt: deque[tuple[Fraction, Fraction]] = deque()
        """Spans that were corrupt, in samples of the result, that may still reach into a block to come."""

    def blocks(self, block: SoundBlock) -> list[SoundBlock]:
        """What is ready with this block. Raises `av.error.FFmpegError` where the rate cannot be changed."""
        if self._first is None:
            self._first = block
        samples = averaged(block.samples) if self._mono else block.samples
        rate_hz = self._rate_hz or block.rate_hz
        if rate_hz == block.rate_hz:
            return [self._block(samples, rate_hz, block.start_sample, corrupt=block.corrupt)]
        if block.corrupt:
            scale = Fraction(rate_hz, block.rate_hz)
            self._corrupt.append((block.start_sample * scale, (block.start_sample + samples.shape[1]) * scale))
        return self._resampled([_frame(channel, block.rate_hz) for channel in unbroken(samples)], rate_hz)

    def flush(self) -> list[SoundBlock]:
        """What the filter still holds. Nothing comes after it."""
        if not self._filters or self._rate_hz is None:
            return []
        return self._resampled([None] * len(self._filters), self._rate_hz)

    def _resampled(self, frames: list[AudioFrame] | list[None], rate_hz: int) -> list[SoundBlock]:
        while len(self._filters) < len(frames):
            # A filter a channel: FFmpeg names layouts of a few channels only, and weights them when it mixes.
            self._filters.append(AudioResampler("fltp", "mono", rate_hz))
        parts = [
            [part.to_ndarray() for part in filter_.resample(frame)]
            for filter_, frame in zip(self._filters, frames, strict=True)
        ]
        if not parts[0]:
            return []
        samples = np.concatenate([np.concatenate(channel, axis=1) for channel in parts], axis=0)
        start, stop = self._given, self._given + samples.shape[1]
        self._given = stop
        corrupt = any(first < stop and last > start for first, last in self._corrupt)
        while self._corrupt and self._corrupt[0][1] <= stop:
            self._corrupt.popleft()
        return [self._block(samples, rate_hz, start, corrupt=corrupt)] if samples.shape[1] else []

    def _block(self, samples: Samples, rate_hz: int, start: int, *, corrupt: bool) -> SoundBlock:
        assert self._first is not None
        samples = np.ascontiguousarray(samples, np.float32)
        samples.flags.writeable = False
        return SoundBlock(self._first.stream, samples, start, self._first.first_pts, rate_hz, corrupt)


def averaged(samples: Samples) -> Samples:
    """``(1, n)``: the mean of the channels."""
    if len(samples) == 1:
        return samples
    return np.asarray(unbroken(samples).mean(axis=0, keepdims=True), np.float32)


def unbroken(samples: Samples) -> Samples:
    """The same with 0 in place of NaN, infinite and absurd samples; the very array where there are none."""
    with np.errstate(over="ignore", invalid="ignore"):
        if all(np.dot(channel, channel) < BROKEN_LEVEL for channel in samples):
            return samples
        return np.where(np.abs(samples) < BROKEN_LEVEL, samples, np.float32(0))


def _frame(samples: Samples, rate_hz: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples[None], "fltp", "mono")
    frame.sample_rate = rate_hz
    return frame
