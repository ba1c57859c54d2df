"""How high a voice is: the fundamental frequency every 10 ms.

For each frame the normalised square difference function (McLeod and Wyvill, "A smarter way to find pitch", 2005) gives
candidates: lags after which the sound repeats itself. Which of them is the pitch is decided over time, by the path that
costs least (Boersma, "Accurate short-term analysis of the fundamental frequency", 1993): an octave has to be worth its
jump. Costs and thresholds are those of that paper.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import HOP, RATE_HZ

Floats = npt.NDArray[np.float32]

LOWEST_HZ, HIGHEST_HZ = 65.0, 400.0
"""Speaking voices of adults lie inside."""
SOUGHT_HZ = 600.0
"""Higher sounds are looked for as well, so that they are left out and not taken for a voice an octave below."""
FRAME = 768
"""Samples compared with themselves: 48 ms, three periods of the lowest pitch."""
TRANSFORM = 1024
"""At least a frame and the longest lag, so that a frame's end does not meet its start."""
SHORTEST, LONGEST = int(RATE_HZ / SOUGHT_HZ), int(RATE_HZ / LOWEST_HZ) + 2
CUT_HZ, TAPS = 2000.0, 65
"""A filter takes what is higher away: between two lags the peaks of a bright sound would be missed, and the wrong
multiple of the period would look best."""
CANDIDATES = 5
VOICED = 0.45
"""Strength a candidate must have to be worth more than no pitch."""
OCTAVE_COST = 0.01
"""For each octave a candidate lies below another: twice the period repeats as well as the period."""
JUMP_COST = 0.35
"""For each octave between neighbouring rows."""
CHANGE_COST = 0.14
"""For every change between voiced and unvoiced."""
HOPELESS = VOICED - 2 * CHANGE_COST
"""A candidate worth less cannot be on the cheapest path, so the path is known up to a frame that has no other."""
LONGEST_PATH = 1000
"""Frames after which a path is settled, whether somebody goes on singing or not: 10 s."""
BEFORE = (FRAME - HOP + TAPS - 1) // 2
"""Samples of silence put before the sound, so that the first frame's middle is the first row's."""


@cache
def _low_pass() -> Floats:
    """A Hann-windowed sinc."""
    place = np.arange(TAPS) - TAPS // 2
    taps = np.sinc(2 * CUT_HZ / RATE_HZ * place) * np.hanning(TAPS + 2)[1:-1]
    return np.asarray(taps / taps.sum(), np.float32)


class PitchTrack:
    """Pitch of one channel at 16 kHz as it arrives. Row ``k`` is about samples ``[160 k, 160 k + 160)``."""

    def __init__(self) -> None:
        self._waiting = np.zeros(BEFORE, np.float32)
        self._strengths = np.empty((0, CANDIDATES), np.float32)
        self._pitches = np.empty((0, CANDIDATES), np.float32)

    def heard(self, samples: Samples) -> tuple[Floats, Floats]:
        """Pitch in Hz, NaN for none, and strength from 0 to 1, of the rows that are settled with these samples."""
        sound = np.concatenate((self._waiting, samples))
        count = max(0, (len(sound) - FRAME - TAPS + 1) // HOP + 1)
        self._waiting = sound[count * HOP :].copy()
        if count:
            low = np.convolve(sound, _low_pass(), "valid")
            frames = np.lib.stride_tricks.sliding_window_view(low, FRAME)[::HOP][:count]
            pitches, strengths = candidates(frames)
            self._pitches = np.concatenate((self._pitches, pitches))
            self._strengths = np.concatenate((self._strengths, strengths))
        cuts = np.flatnonzero(self._strengths[:, 0] <= HOPELESS)
        settled = int(cuts[-1]) + 1 if len(cuts) else 0
        if len(self._strengths) - settled >= LONGEST_PATH:
            settled = len(self._strengths)
        return self._settled(settled)

    def rest(self) -> tuple[Floats, Floats]:
        """The rows that are left, the sound followed by silence; the last one may have less than 10 ms of sound."""
        rows = max(0, -(-(len(self._waiting) - BEFORE) // HOP))
        missing = FRAME + TAPS - 1 + (rows - 1) * HOP - len(self._waiting)
        first = self.heard(np.zeros(missing, np.float32)) if rows else self._settled(0)
        last = self._settled(len(self._strengths))
        return np.concatenate((first[0], last[0])), np.concatenate((first[1], last[1]))

    def _settled(self, count: int) -> tuple[Floats, Floats]:
        pitches, strengths = self._pitches[:count], self._strengths[:count]
        self._pitches, self._strengths = self._pitches[count:], self._strengths[count:]
        chosen = cheapest_path(pitches, strengths)
        rows, voiced = np.arange(count), chosen >= 0
        pitch = np.where(voiced, pitches[rows, chosen], np.float32(np.nan))
        pitch[~((pitch >= LOWEST_HZ) & (pitch <= HIGHEST_HZ))] = np.nan
        best = np.maximum(chosen, 0)
        # Its cost for being low is no part of how well a sound repeats itself.
        strength = strengths[rows, best] + OCTAVE_COST * np.log2(RATE_HZ / SHORTEST / pitches[rows, best])
        return pitch, np.clip(np.nan_to_num(strength), 0, 1).astype(np.float32)


def candidates(frames: Samples) -> tuple[Floats, Floats]:
    """Pitch ``(n, 5)`` in Hz and worth of the best candidates of frames ``(n, 768)``, best first.

    Where there are fewer, pitch is NaN and worth minus infinity. Worth is the strength less the cost of being low.
    """
    similarity = self_similarity(frames)
    inner = similarity[:, 1:-1]
    is_peak = (inner > similarity[:, :-2]) & (inner >= similarity[:, 2:]) & (inner > 0)
    lags = np.arange(SHORTEST, SHORTEST + inner.shape[1])
    worth = np.where(is_peak, inner - np.float32(OCTAVE_COST) * np.log2(lags / SHORTEST).astype(np.float32), -np.inf)
    order = np.argpartition(-worth, CANDIDATES, axis=1)[:, :CANDIDATES]
    rows = np.arange(len(frames))[:, None]
    order = order[rows, np.argsort(-worth[rows, order], axis=1, kind="stable")]
    before, at, after = (similarity[rows, order + shift] for shift in range(3))
    # A parabola through the peak and its neighbours tells where between the lags it lies.
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = np.clip(0.5 * (before - after) / (before - 2 * at + after), -0.5, 0.5)
    worth = worth[rows, order] - 0.25 * (before - after) * offset
    found = np.isfinite(worth) & (worth > HOPELESS)
    pitch = np.where(found, RATE_HZ / (lags[order] + offset), np.nan)
    return pitch.astype(np.float32), np.where(found, worth, -np.inf).astype(np.float32)


def self_similarity(frames: Samples) -> Floats:
    """How alike frames ``(n, 768)`` are to themselves after a lag: 1 the same, 0 nothing in common.

    The first column is the lag ``SHORTEST - 1``, the last ``LONGEST + 1``. Silence is like nothing.
    """
    frames = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(frames, TRANSFORM)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, TRANSFORM)[:, SHORTEST - 1 : LONGEST + 2]
    energy = np.zeros((len(frames), FRAME + 1))
    np.cumsum(np.square(frames, dtype=np.float64), axis=1, out=energy[:, 1:])
    lags = np.arange(SHORTEST - 1, LONGEST + 2)
    both = energy[:, FRAME - lags] + energy[:, -1:] - energy[:, lags]
    return np.divide(2 * correlation, both, out=np.zeros_like(both), where=both > 1e-9).astype(np.float32)


def cheapest_path(pitches: Floats, worths: Floats) -> npt.NDArray[np.int64]:
    """Which candidate each row has on the path of greatest worth; -1: none, the row is unvoiced."""
    count, none = len(pitches), pitches.shape[1]
    chosen = np.full(count, -1, np.int64)
    voiced = np.isfinite(worths[:, 0])
    edges = np.flatnonzero(np.diff(np.concatenate(([False], voiced, [False])).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2).tolist():
        path = _path(pitches[start:stop], worths[start:stop])
        chosen[start:stop] = np.where(path == none, -1, path)
    return chosen


def _path(pitches: Floats, worths: Floats) -> npt.NDArray[np.int64]:
    """The same for rows that all have a candidate, with unvoiced ones around them. Unvoiced is the last state."""
    count, none = len(pitches), pitches.shape[1]
    worth = np.concatenate((worths, np.full((count, 1), VOICED, np.float32)), axis=1)
    height = np.log2(np.where(np.isfinite(pitches), pitches, 1))
    steps = np.full((count, none + 1, none + 1), -CHANGE_COST, np.float32)
    steps[1:, :none, :none] = -JUMP_COST * np.abs(height[1:, None, :] - height[:-1, :, None])
    steps[:, none, none] = 0
    total = worth[0] + steps[0, none]
    came_from = np.empty((count, none + 1), np.int64)
    for row in range(1, count):
        ways = total[:, None] + steps[row]
        came_from[row] = ways.argmax(axis=0)
        total = ways.max(axis=0) + worth[row]
    total[:none] -= CHANGE_COST
    path = np.empty(count, np.int64)
    state = int(total.argmax())
    for row in range(count - 1, -1, -1):
        path[row] = state
        state = int(came_from[row, state]) if row else state
    return path
