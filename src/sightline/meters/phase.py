"""Phase between the left and right channels of a pair."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.layout import pairs
from sightline.meters.meter import NotMeasurable, Parameter, Subject
from sightline.meters.seconds import Edges, Samples, SoundMeter
from sightline.timeline.columns import Column, Columns

ROWS_PER_SECOND = 25


class PhaseMeter(SoundMeter):
    """A row is 40 ms of sound. For each pair, named by its channels (``_0_1``):

    ``phase``, the mean of ``2LR / (L² + R²)`` over the samples in which either is not zero: 1 for the same on both
    sides, 0 for unrelated, -1 for opposed (FFmpeg's aphasemeter; that one counts digital silence as 1).
    ``mono_loss`` in dB: how much quieter ``(L + R) / 2`` is than left and right on average, at most 0; -3 for
    unrelated sides. Both are NaN in digital silence.
    """

    id: ClassVar[str] = "phase"
    version: ClassVar[int] = 1

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        if self.audio.channels < 2:
            raise NotMeasurable("sound.one_channel")

    def begin(self) -> None:
        self._pairs = pairs(self.names, self.channels)
        self._ticks: list[Edges] = []
        self._rows: list[npt.NDArray[np.float32]] = []

    def second(self, samples: Samples) -> None:
        edges = self.edges(ROWS_PER_SECOND, samples.shape[1])
        self._ticks.append(self.first_tick + self.count + edges[:-1])
        rows = np.empty((len(self._pairs), 2, len(edges) - 1), np.float32)
        for row, (left, right) in zip(rows, self._pairs, strict=True):
            row[:] = _phase(samples[left], samples[right], edges[:-1])
        self._rows.append(rows)

    def finish(self) -> Columns:
        ticks = np.concatenate(self._ticks) if self._ticks else np.empty(0, np.int64)
        rows = np.concatenate(self._rows, axis=2) if self._rows else np.empty((len(self._pairs), 2, 0), np.float32)
        columns = tuple(
            Column(f"{name}_{left}_{right}", unit, values)
            for pair, (left, right) in zip(rows, self._pairs, strict=True)
            for (name, unit), values in zip((("phase", "share"), ("mono_loss", "db")), pair, strict=True)
        )
        return Columns(self.id, self.time_base, ticks, self.end, columns, self.notes(pairs=pairs_text(self._pairs)))


def pairs_text(numbers: tuple[tuple[int, int], ...]) -> str:
    """``0_1 4_5``: the pairs as the names of their columns end."""
    return " ".join(f"{left}_{right}" for left, right in numbers)


def _phase(left: Samples, right: Samples, starts: Edges) -> npt.NDArray[np.float64]:
    product = left.astype(np.float64) * right
    power = np.square(left, dtype=np.float64) + np.square(right, dtype=np.float64)
    heard = power > 0
    each = np.divide(2 * product, power, out=np.zeros_like(power), where=heard)
    together = np.add.reduceat(power + 2 * product, starts)
    alone = np.add.reduceat(power, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        phase = np.add.reduceat(each, starts) / np.add.reduceat(heard, starts, dtype=np.int64)
        # Rounding can leave a trace below zero when the sides cancel.
        loss = 10 * np.log10(np.maximum(together, 0) / (2 * alone))
    return np.stack((phase, np.minimum(loss, 0)))


METER = PhaseMeter
