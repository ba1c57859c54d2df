"""How alike the channels of a stream are, and how loud against each other."""

from __future__ import annotations

from itertools import combinations
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.layout import pairs
from sightline.meters.phase import pairs_text
from sightline.meters.seconds import Samples, SoundMeter
from sightline.timeline.columns import Column, Columns

MOST_CHANNELS = 8
"""Up to so many, every two channels are compared; beyond, only neighbours."""


class ChannelsMeter(SoundMeter):
    """A row is a second of sound, the last one shorter.

    ``level_0`` …: mean square of each channel in dBFS, minus infinity for digital silence. For every two channels
    (``_0_1``): ``correlation``, from -1 to 1, NaN when either is digitally silent, and ``difference`` in dB: the
    energy of one minus the other, relative to the energy of both together. It is minus infinity for two copies, -3
    for unrelated channels of one level, +3 for opposed ones, NaN when both are silent.
    """

    id: ClassVar[str] = "channels"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        every = tuple(combinations(range(self.channels), 2))
        self._compared = every if self.channels <= MOST_CHANNELS else tuple(p for p in every if p[1] - p[0] == 1)
        self._ticks: list[int] = []
        self._rows: list[npt.NDArray[np.float32]] = []

    def second(self, samples: Samples) -> None:
        exact = samples.astype(np.float64)
        products = exact @ exact.T
        energy = np.diagonal(products)
        with np.errstate(divide="ignore", invalid="ignore"):
            row = [10 * np.log10(energy / samples.shape[1])]
            for left, right in self._compared:
                both = energy[left] + energy[right]
                apart = max(both - 2 * products[left, right], 0.0)
                if np.array_equal(samples[left], samples[right]):
                    apart = 0.0
                row.append(
                    np.array(
                        [
                            np.clip(products[left, right] / np.sqrt(energy[left] * energy[right]), -1, 1),
                            10 * np.log10(apart / both),
                        ]
                    )
                )
        self._ticks.append(self.first_tick + self.count)
        self._rows.append(np.concatenate(row).astype(np.float32))

    def finish(self) -> Columns:
        fields = [(f"level_{channel}", "dbfs") for channel in range(self.channels)]
        for left, right in self._compared:
            fields += [(f"correlation_{left}_{right}", "share"), (f"difference_{left}_{right}", "db")]
        rows = np.stack(self._rows) if self._rows else np.empty((0, len(fields)), np.float32)
        columns = tuple(
            Column(name, unit, np.ascontiguousarray(rows[:, place])) for place, (name, unit) in enumerate(fields)
        )
        notes = self.notes(pairs=pairs_text(pairs(self.names, self.channels)), compared=pairs_text(self._compared))
        return Columns(self.id, self.time_base, np.array(self._ticks, np.int64), self.end, columns, notes)


METER = ChannelsMeter
