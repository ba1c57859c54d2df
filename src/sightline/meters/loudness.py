"""Loudness of one audio stream (ITU-R BS.1770-5, EBU Tech 3341).

A row is 10 ms of sound, since Tech 3341 test 13 cannot be met with hops of 100 ms.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.k_weighting import KWeighting
from sightline.meters.layout import layout_weights
from sightline.meters.meter import NotMeasurable, Parameter, Subject
from sightline.meters.seconds import Samples, SoundMeter
from sightline.timeline.columns import Column, Columns, Rows

HOPS_PER_SECOND = 100
MOMENTARY_HOPS, SHORT_TERM_HOPS = 40, 300
LOWEST_RATE_HZ = 4000
"""Below, the shelf of the K-weighting lies beyond what the sound can hold."""


class LoudnessMeter(SoundMeter):
    """Momentary and short-term loudness, ungated, of the last 400 ms and 3 s up to the end of each row.

    Columns ``momentary`` and ``short_term`` in LUFS: NaN until the window is full, minus infinity for silence. Columns
    ``power_0`` …: K-weighted mean square of each channel, without its weight, so that several streams can be put
    together as one programme later. Notes hold ``weight_0`` … and ``layout``, the layout the weights are for.
    An unfinished last hop is left out.
    """

    id: ClassVar[str] = "loudness"
    version: ClassVar[int] = 1

    def __init__(self, subject: Subject, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        if self.audio.sample_rate_hz < LOWEST_RATE_HZ:
            raise NotMeasurable("sound.rate_too_low", rate_hz=self.audio.sample_rate_hz, lowest_hz=LOWEST_RATE_HZ)

    def begin(self) -> None:
        self._filter = KWeighting(self.rate_hz, self.channels)
        self._layout, self._weights = layout_weights(self.names, self.channels, self.audio.layout)
        self._rows = Rows({f"power_{channel}": ("share", np.float32) for channel in range(self.channels)})

    def second(self, samples: Samples) -> None:
        edges = self.edges(HOPS_PER_SECOND, samples.shape[1])
        whole = (self.rate_hz * np.arange(1, HOPS_PER_SECOND + 1) // HOPS_PER_SECOND <= samples.shape[1]).sum()
        if not whole:
            return
        starts = edges[:whole]
        stop = self.rate_hz * int(whole) // HOPS_PER_SECOND
        weighted = self._filter.filter(samples)
        np.square(weighted, out=weighted)
        energy = np.add.reduceat(weighted[:, :stop], starts, axis=1) * (HOPS_PER_SECOND / self.rate_hz)
        self._rows.extend(
            self.first_tick + self.count + starts, **{f"power_{channel}": row for channel, row in enumerate(energy)}
        )

    def finish(self) -> Columns:
        weights = {f"weight_{channel}": weight for channel, weight in enumerate(self._weights)}
        notes = self.notes(layout=self._layout, **weights)
        powers = self._rows.columns(self.id, self.time_base, self.end, notes)
        total = np.zeros(len(powers))
        for channel, weight in enumerate(self._weights):
            total += weight * powers[f"power_{channel}"]
        columns = (
            Column("momentary", "lufs", _loudness(total, MOMENTARY_HOPS)),
            Column("short_term", "lufs", _loudness(total, SHORT_TERM_HOPS)),
            *powers.columns,
        )
        return Columns(self.id, self.time_base, powers.ticks, self.end, columns, notes)


def _loudness(power: npt.NDArray[np.float64], hops: int) -> npt.NDArray[Any]:
    """Loudness of the last ``hops`` rows at each row, NaN before there are as many."""
    loudness = np.full(len(power), np.nan, np.float32)
    if len(power) >= hops:
        # Summed anew for each row: a running sum would leave a loud past's rounding error in the silence after it.
        mean = np.convolve(power, np.full(hops, 1 / hops), "valid")
        with np.errstate(divide="ignore"):
            loudness[hops - 1 :] = -0.691 + 10 * np.log10(mean)
    return loudness


METER = LoudnessMeter
