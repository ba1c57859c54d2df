"""K-weighting for any sampling rate (ITU-R BS.1770-5, Annex 1).

SciPy has a recursive filter too, but importing `scipy.signal` takes over a second; as products of matrices the filter
is about as fast and lets other threads run.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

STANDARD_RATE_HZ = 48000
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
"""Numerator and denominator of the first stage at 48 kHz, the effect of the head (Table 1)."""
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""The second stage at 48 kHz (Table 2)."""

BLOCK = 48
"""Samples filtered by one row of a matrix product."""

Polynomial = tuple[float, float, float]
Matrix = npt.NDArray[np.float64]


class KWeighting:
    """The filter with its memory, for ``channels`` channels at ``rate_hz``."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        a, b, c, d = _state_space(k_weighting(rate_hz))
        powers = [np.eye(4)]
        for _ in range(BLOCK):
            powers.append(a @ powers[-1])
        impulse = np.array([d, *(c @ powers[k] @ b for k in range(BLOCK - 1))])
        lag = np.arange(BLOCK) - np.arange(BLOCK)[:, None]
        self._powers = powers
        self._response = np.where(lag >= 0, impulse[np.abs(lag)], 0.0)
        """What samples of a block (down) add to the output of the same block (across)."""
        self._memory = np.stack([c @ powers[k] for k in range(BLOCK)], axis=1)
        """What the state before a block adds to its output."""
        self._intake = np.stack([powers[BLOCK - 1 - k] @ b for k in range(BLOCK)])
        """What samples of a block add to the state after it."""
        self._state = np.zeros((channels, 4))

    def filter(self, samples: npt.NDArray[np.float32]) -> Matrix:
        """The next ``(channels, n)`` samples, weighted."""
        channels, size = samples.shape
        whole, rest = divmod(size, BLOCK)
        blocks = np.zeros((channels, whole + (rest > 0), BLOCK))
        blocks.reshape(channels, -1)[:, :size] = samples
        states = np.empty((channels, blocks.shape[1] + 1, 4))
        states[:, 0] = self._state
        states[:, 1:] = blocks @ self._intake
        self._accumulate(states)
        weighted = blocks @ self._response
        weighted += states[:, :-1] @ self._memory
        state = states[:, whole]
        if rest:
            state = state @ self._powers[rest].T + blocks[:, whole, :rest] @ self._intake[BLOCK - rest :]
        # After long silence the memory decays into denormal numbers, which are slow.
        self._state = np.where(np.abs(state) < 1e-30, 0, state)
        return weighted.reshape(channels, -1)[:, :size]

    def _accumulate(self, states: Matrix) -> None:
        """Adds to each state what the ones before it leave, over distances of 1, 2, 4 … blocks."""
        decay, distance = self._powers[BLOCK].T, 1
        while distance < states.shape[1]:
            states[:, distance:] += states[:, :-distance] @ decay
            decay = decay @ decay
            distance *= 2


def _state_space(stages: Matrix) -> tuple[Matrix, Matrix, Matrix, float]:
    """State matrices ``A (4, 4)``, ``B (4)``, ``C (4)`` and ``D`` of both stages one after the other."""
    (a1, b1, c1, d1), (a2, b2, c2, d2) = (_section(stage) for stage in stages)
    a = np.block([[a1, np.zeros((2, 2))], [np.outer(b2, c1), a2]])
    return a, np.concatenate((b1, b2 * d1)), np.concatenate((d2 * c1, c2)), d1 * d2


def _section(stage: Matrix) -> tuple[Matrix, Matrix, Matrix, float]:
    b0, b1, b2, _, a1, a2 = stage.tolist()
    a = np.array([[-a1, 1.0], [-a2, 0.0]])
    return a, np.array([b1 - a1 * b0, b2 - a2 * b0]), np.array([1.0, 0.0]), b0


@cache
def k_weighting(rate_hz: int) -> npt.NDArray[np.float64]:
    """Second-order sections ``(2, 6)`` with the response that the standard's tables have at 48 kHz.

    The standard gives coefficients for 48 kHz and asks for the same response at others. Each stage is taken back to
    its analogue prototype (the inverse of the bilinear transform) and transformed for ``rate_hz``, with the frequency
    axis pinned at the stage's own corner.
    """
    return np.array([_stage_at(stage, rate_hz) for stage in (SHELF, HIGH_PASS)])


def _stage_at(stage: tuple[Polynomial, Polynomial], rate_hz: int) -> list[float]:
    if rate_hz == STANDARD_RATE_HZ:
        return [*stage[0], *stage[1]]
    numerator, denominator = _swapped(stage[0]), _swapped(stage[1])
    corner = math.sqrt(denominator[0] / denominator[2])
    stretch = corner / math.tan(math.atan(corner) * STANDARD_RATE_HZ / rate_hz)
    above, below = (_swapped((p[0], p[1] * stretch, p[2] * stretch**2)) for p in (numerator, denominator))
    return [value / below[0] for value in (*above, *below)]


def _swapped(p: Polynomial) -> Polynomial:
    """Coefficients of ascending powers of ``z^-1`` to those of ``s``, where ``s = (1 - z^-1) / (1 + z^-1)``, or back.

    The transform is its own inverse but for a factor, which cancels in a fraction of polynomials.
    """
    a, b, c = p
    return a + b + c, 2 * (a - c), a - b + c
