"""From decoded sound frames to float32 planes of one rate and layout."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from sightline.facts import AudioFacts
from sightline.media.picture import SoundBlock

BLOCK_SAMPLES = 8192
"""A block is at least this long. Codecs hand out 1024 samples at a time, of which meters would spend most of their time
on being called."""
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63}


class SoundUnpacker:
    """Turns the frames of one stream into `SoundBlock`s that follow each other.

    Frames of another rate or layout than the stream's are resampled to those.
    """

    def __init__(self, audio: AudioFacts, time_base: Fraction) -> None:
        self._audio = audio
        self._time_base = time_base
        self._first_pts: Fraction | None = None
        self._count = 0
        self._waiting: list[npt.NDArray[np.float32]] = []
        self._waiting_samples = 0
        self._shape = audio.sample_rate_hz, audio.channels
        self._resampler: AudioResampler | None = None
        self._resampled: tuple[int, str, str] | None = None

    @property
    def samples(self) -> int:
        """Samples a channel unpacked so far."""
        return self._count + self._waiting_samples

    def changes_with(self, frame: AudioFrame) -> bool:
        """Whether rate or channels differ from those of the frame asked about before."""
        shape = frame.sample_rate, frame.layout.nb_channels
        differs, self._shape = shape != self._shape, shape
        return differs

    def blocks(self, frame: AudioFrame | None) -> list[SoundBlock]:
        """The blocks that are full with this frame; ``None`` at the end gives what is left.

        Raises `ValueError` and `av.error.FFmpegError` for a frame that cannot be resampled.
        """
        if frame is None:
            return [*self._added(self._rest(), corrupt=False), *self._flushed(corrupt=False)]
        if self._first_pts is None:
            self._first_pts = frame.pts * self._time_base if frame.pts is not None else self._audio.start or Fraction(0)
        expected = self._audio.sample_rate_hz, self._audio.channels
        if (frame.sample_rate, frame.layout.nb_channels) == expected:
            frames = [*self._rest(), frame]
        else:
            kind = frame.sample_rate, frame.layout.name, frame.format.name
            frames = self._rest() if kind != self._resampled else []
            if self._resampler is None:
                self._resampler = AudioResampler("fltp", self._audio.layout, self._audio.sample_rate_hz)
                self._resampled = kind
            frames += self._resampler.resample(frame)
        return self._added(frames, corrupt=frame.is_corrupt)

    def _rest(self) -> list[AudioFrame]:
        """What a resampler still holds."""
        if self._resampler is None:
            return []
        frames = self._resampler.resample(None)
        self._resampler = self._resampled = None
        return frames

    def _added(self, frames: Sequence[AudioFrame], *, corrupt: bool) -> list[SoundBlock]:
        # Corrupt sound is a block of its own.
        before = self._flushed(corrupt=False) if corrupt else []
        for samples in (_float_planes(frame) for frame in frames if frame.samples):
            self._waiting.append(samples)
            self._waiting_samples += samples.shape[1]
        full = corrupt or self._waiting_samples >= BLOCK_SAMPLES
        return [*before, *self._flushed(corrupt=corrupt)] if full else before

    def _flushed(self, *, corrupt: bool) -> list[SoundBlock]:
        if not self._waiting:
            return []
        samples = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
        samples.flags.writeable = False
        block = SoundBlock(
            stream=self._audio.index,
            samples=samples,
            start_sample=self._count,
            first_pts=self._first_pts or Fraction(0),
            rate_hz=self._audio.sample_rate_hz,
            corrupt=corrupt,
        )
        self._count += self._waiting_samples
        self._waiting, self._waiting_samples = [], 0
        return [block]


def _float_planes(frame: AudioFrame) -> npt.NDArray[np.float32]:
    values: npt.NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, frame.layout.nb_channels).T
    kind = frame.format.packed.name
    scale = _FULL_SCALE.get(kind)
    if scale is None:
        return np.array(values, np.float32, order="C", copy=True)
    if kind == "u8":
        return np.ascontiguousarray((values.astype(np.float32) - 128) / scale, np.float32)
    wide: npt.NDArray[np.float64] = values.astype(np.float64)
    return np.ascontiguousarray(wide / scale, np.float32)
