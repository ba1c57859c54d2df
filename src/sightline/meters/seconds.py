"""Sound in whole seconds: what every sound meter builds on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.facts import AudioFacts
from sightline.media.picture import PacketBatch, PictureBatch, SoundBlock
from sightline.meters.meter import NotMeasurable, Parameter, SoundNeeds, Subject
from sightline.timeline.columns import Columns

Samples = npt.NDArray[np.float32]
Edges = npt.NDArray[np.int64]

BROKEN_LEVEL = 1e9
"""A sample this many times over full scale is no sound but damage, like NaN."""


class SoundMeter(ABC):
    """Gathers blocks of any size into seconds, so that no number depends on how the decoder cut the sound.

    A second has exactly ``rate_hz`` samples, so rows of 1/n of a second lie the same way in each. NaN, infinite and
    absurd samples are replaced with 0. Rate and channels are those of the first block, since the container can be
    wrong about both (AAC with spectral band replication or parametric stereo). The clock counts samples: a tick is
    ``1/rate_hz``, and the first is that of the stream's start, rounded to a sample.
    """

    id: ClassVar[str]
    version: ClassVar[int]
    needs: ClassVar[SoundNeeds] = SoundNeeds()

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        if parameters:
            raise TypeError(f"{self.id} takes no parameters: {', '.join(parameters)}")
        if subject.audio is None:
            raise NotMeasurable("sound.no_stream")
        self.audio: AudioFacts = subject.audio
        self.channels = 0
        self.rate_hz = 0
        self.first_pts = Fraction(0)
        self.first_tick = 0
        self.count = 0
        """Samples handed on so far."""
        self.broken: npt.NDArray[np.bool_] | None = None
        """Where samples of this second were replaced; None when nowhere."""
        self.is_last = False
        """Whether this second is the stream's last."""
        self._buffer: Samples = np.empty((0, 0), np.float32)
        self._filled = 0

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, SoundBlock):
            raise TypeError(f"{self.id} measures sound, not {type(batch).__name__}")
        if not self.rate_hz:
            self._start(batch.samples.shape[0], batch.rate_hz, batch.start)
        samples = batch.samples[: self.channels]
        done, size = 0, samples.shape[1]
        if self._filled + size <= self.rate_hz and len(samples) == self.channels:
            self._buffer[:, self._filled : self._filled + size] = samples
            self._filled += size
            return
        while done < size:
            # A full second waits until more comes: so the last call of `second` always has samples to finish with.
            if self._filled == self.rate_hz:
                self._hand_on(last=False)
            taken = min(size - done, self.rate_hz - self._filled)
            place = self._buffer[:, self._filled : self._filled + taken]
            place[: len(samples)] = samples[:, done : done + taken]
            place[len(samples) :] = 0
            self._filled += taken
            done += taken

    def columns(self) -> Columns:
        if not self.rate_hz:
            channels = 1 if self.needs.mono else self.audio.channels
            self._start(channels, self.needs.rate_hz or self.audio.sample_rate_hz, self.audio.start or Fraction(0))
        if self._filled:
            self._hand_on(last=True)
        return self.finish()

    @property
    def time_base(self) -> Fraction:
        return Fraction(1, self.rate_hz)

    @property
    def end(self) -> int:
        """Tick after the last sample."""
        return self.first_tick + self.count

    @property
    def names(self) -> tuple[str, ...]:
        """Channel names as the file has them; empty when they do not fit the sound."""
        return self.audio.channel_names if len(self.audio.channel_names) == self.channels else ()

    def notes(self, **more: str | int | float) -> dict[str, str | int | float]:
        """What every sound meter notes, and ``more``."""
        return {
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "channel_names": " ".join(self.names),
            "first_pts": str(self.first_pts),
            **more,
        }

    def edges(self, per_second: int, size: int) -> Edges:
        """Sample numbers within a second at which rows start, then ``size``: the last row may be a short one."""
        starts = np.arange(per_second, dtype=np.int64) * self.rate_hz // per_second
        return np.append(starts[starts < size], size)

    @abstractmethod
    def begin(self) -> None:
        """Called once, when rate and channels are known."""

    @abstractmethod
    def second(self, samples: Samples) -> None:
        """Measures ``(channels, rate_hz)`` samples, fewer when ``self.is_last``. Starts at sample ``self.count``.

        The array is reused: what is needed later must be copied.
        """

    @abstractmethod
    def finish(self) -> Columns: ...

    def _start(self, channels: int, rate_hz: int, start: Fraction) -> None:
        self.channels, self.rate_hz, self.first_pts = channels, rate_hz, start
        self.first_tick = round(start * rate_hz)
        self._buffer = np.empty((channels, rate_hz), np.float32)
        self.begin()

    def _hand_on(self, *, last: bool) -> None:
        samples = self._buffer[:, : self._filled]
        self.broken = None
        with np.errstate(over="ignore", invalid="ignore"):
            # One product finds NaN, infinities and absurd values at once; looking closer is for the rare case.
            suspect = any(not np.dot(channel, channel) < BROKEN_LEVEL for channel in samples)
        if suspect:
            self.broken = ~(np.abs(samples) < BROKEN_LEVEL)
            samples[self.broken] = 0
        self.is_last = last
        self.second(samples)
        self.count += self._filled
        self._filled = 0


def decibels(amplitude: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """``20 log10``; zero gives minus infinity."""
    with np.errstate(divide="ignore"):
        return np.asarray(20 * np.log10(np.asarray(amplitude, np.float64)), np.float32)


def per_channel(name: str, rows: list[npt.NDArray[Any]], channels: int) -> dict[str, npt.NDArray[Any]]:
    """Seconds of ``(channels, rows)`` as one array a channel: ``peak_0``, ``peak_1`` …"""
    whole = np.concatenate(rows, axis=1) if rows else np.empty((channels, 0))
    return {f"{name}_{channel}": whole[channel] for channel in range(channels)}
