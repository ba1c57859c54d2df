"""How loud sound is every 10 ms, smooth enough that a syllable is one hill."""

from __future__ import annotations

import numpy as np

from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import HOP

FRAME = 1024
"""Samples a row looks at: 64 ms, what Praat takes for voices down to 50 Hz. Shorter, and periods of a low voice are
hills of their own."""
LOUDEST_SHARE = 0.01


class Intensity:
    """Mean square under a bell of 64 ms, in dBFS (a full-scale sine has -3). Row ``k`` is about samples
    ``[160 k, 160 k + 160)``; digital silence gives minus infinity."""

    def __init__(self) -> None:
        # The first frame's middle is the first row's middle.
        self._waiting = np.zeros((FRAME - HOP) // 2, np.float32)
        bell = np.exp(-12 * ((np.arange(FRAME) + 0.5) / FRAME - 0.5) ** 2) - np.exp(-3)
        self._bell = (bell / bell.sum()).astype(np.float32)

    def heard(self, samples: Samples) -> Samples:
        """The rows that are complete with these samples ``(n,)``."""
        sound = np.concatenate((self._waiting, samples))
        count = max(0, (len(sound) - FRAME) // HOP + 1)
        self._waiting = sound[count * HOP :].copy()
        if not count:
            return np.empty(0, np.float32)
        energy = np.square(sound, dtype=np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(energy, FRAME)[::HOP][:count]
        with np.errstate(divide="ignore"):
            return np.asarray(10 * np.log10(frames @ self._bell), np.float32)

    def rest(self) -> Samples:
        """The rows that are left, the sound followed by silence."""
        left = len(self._waiting) - (FRAME - HOP) // 2
        rows = max(0, -(-left // HOP))
        if not rows:
            return np.empty(0, np.float32)
        return self.heard(np.zeros(FRAME + (rows - 1) * HOP - len(self._waiting), np.float32))


def loudest(levels: Samples) -> float:
    """The level that a hundredth of the rows reach: the measure of what is quiet, which a bang should not set."""
    count = max(1, int(LOUDEST_SHARE * len(levels)))
    return float(np.partition(levels, -count)[-count])
