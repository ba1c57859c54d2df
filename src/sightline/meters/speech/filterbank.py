"""What models that know voices are shown: the logarithm of the energy in 80 mel bands every 10 ms, as by Kaldi."""

from __future__ import annotations

from functools import cache

import numpy as np

from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import HOP, RATE_HZ

BANDS = 80
FRAME = 400
TRANSFORM = 512
LOWEST_HZ = 20.0
PRE_EMPHASIS = 0.97
LEAST = float(np.finfo(np.float32).eps)


def filterbank(sound: Samples) -> Samples:
    """``(frames, 80)`` of sound ``(n,)`` at 16 kHz, without dither; whole frames of 25 ms only."""
    if len(sound) < FRAME:
        return np.empty((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP].astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    spectrum = np.fft.rfft((frames - PRE_EMPHASIS * before) * _window(), TRANSFORM)
    power = (spectrum.real**2 + spectrum.imag**2)[:, : TRANSFORM // 2]
    return np.asarray(np.log(np.maximum(power @ _bands().T, LEAST)), np.float32)


@cache
def _window() -> np.ndarray:
    """A Hann window raised to 0.85, which its authors named after Povey."""
    return np.asarray(np.hanning(FRAME) ** 0.85)


@cache
def _bands() -> np.ndarray:
    """``(80, 256)``: triangles, equally wide in mel, over the bins of the spectrum."""
    low, high = _mel(LOWEST_HZ), _mel(RATE_HZ / 2)
    edges = np.linspace(low, high, BANDS + 2)
    bins = _mel(np.arange(TRANSFORM // 2) * RATE_HZ / TRANSFORM)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))


def _mel(hz: float | np.ndarray) -> np.ndarray:
    return np.asarray(1127 * np.log1p(np.asarray(hz) / 700))
