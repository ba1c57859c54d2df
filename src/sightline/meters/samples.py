"""What the samples themselves tell: peak, RMS, DC offset, silence and clipping, to the sample."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Edges, Samples, SoundMeter, decibels, per_channel
from sightline.timeline.columns import Column, Columns

ROWS_PER_SECOND = 10
SILENCE_LEVEL = 0.001
"""-60 dBFS. A sample below it, either way, is silent (the definition of FFmpeg's silencedetect)."""
SHORTEST_CLIP = 3
"""Samples at the rail in a row that make a clipping."""
UNITS = {
    "peak": "dbfs",
    "rms": "dbfs",
    "dc": "share",
    "lead": "samples",
    "trail": "samples",
    "clip_run": "samples",
    "clip_samples": "samples",
    "clip_first": "samples",
    "clip_last": "samples",
    "broken": "samples",
}


class SamplesMeter(SoundMeter):
    """A row is 100 ms of sound. For each channel ``_0``, ``_1`` …:

    ``peak`` and ``rms`` in dBFS (a square wave at full scale has 0 of both); ``dc``, the mean, as a share of full
    scale; ``lead`` and ``trail``, how many silent samples the row starts and ends with (also ``lead_all``,
    ``trail_all``: silent in every channel); ``clip_run``, the longest clipping that ends in the row,
    ``clip_samples`` all of them together, ``clip_first`` and ``clip_last`` where they start and end, counted from the
    row's tick (a clipping may have started rows before); ``broken``, samples that were NaN, infinite or absurd.

    A clipping is three or more samples in a row at the same rail. The rail is the highest value that the stored depth
    can hold; 16 bits are taken for lossy codecs and for deeper samples, whose last bits may be padding. A clipping ends
    in the row of the sample after it.
    """

    id: ClassVar[str] = "samples"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        depth = min(self.audio.bit_depth or 16, 16)
        self._rail = np.float32(1 - 2.0 ** (1 - depth))
        self._ticks: list[Edges] = []
        self._rows: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in UNITS}
        self._joint: list[npt.NDArray[np.int32]] = []
        self._running = [(0, 0)] * self.channels
        """For each channel the sign and the length of the run at the rail that has not ended."""

    def second(self, samples: Samples) -> None:
        edges = self.edges(ROWS_PER_SECOND, samples.shape[1])
        self._ticks.append(self.first_tick + self.count + edges[:-1])
        size = np.diff(edges)
        amplitude = np.abs(samples)
        exact = samples.astype(np.float64)
        self._add("peak", decibels(np.maximum.reduceat(amplitude, edges[:-1], axis=1)))
        self._add("dc", (np.add.reduceat(exact, edges[:-1], axis=1) / size).astype(np.float32))
        np.square(exact, out=exact)
        self._add("rms", decibels(np.sqrt(np.add.reduceat(exact, edges[:-1], axis=1) / size)))
        self._add_silence(amplitude, edges)
        self._add_clipping(samples, amplitude, edges)
        broken = np.zeros((self.channels, len(size)), np.int32)
        if self.broken is not None:
            broken += np.add.reduceat(self.broken, edges[:-1], axis=1, dtype=np.int32)
        self._add("broken", broken)

    def _add(self, name: str, rows: npt.NDArray[Any]) -> None:
        self._rows[name].append(rows)

    def _add_silence(self, amplitude: Samples, edges: Edges) -> None:
        heard = amplitude >= SILENCE_LEVEL
        ends = np.stack([silent_ends(channel, edges) for channel in (*heard, heard.any(axis=0))])
        self._add("lead", ends[:-1, 0])
        self._add("trail", ends[:-1, 1])
        self._joint.append(ends[-1])

    def _add_clipping(self, samples: Samples, amplitude: Samples, edges: Edges) -> None:
        rows = np.zeros((4, self.channels, len(edges) - 1), np.int32)
        for channel in range(self.channels):
            at_rail = np.flatnonzero(amplitude[channel] >= self._rail)
            if len(at_rail) or self._running[channel][1]:
                signs = np.sign(samples[channel, at_rail]).astype(np.int64)
                starts, lengths = self._clippings(channel, at_rail, signs, samples.shape[1])
                if len(starts):
                    _note_clippings(rows[:, channel], starts, lengths, edges)
        for name, values in zip(("clip_run", "clip_samples", "clip_first", "clip_last"), rows, strict=True):
            self._add(name, values)

    def _clippings(self, channel: int, at_rail: Edges, signs: Edges, size: int) -> tuple[Edges, Edges]:
        """Starts and lengths of the runs that end in this second, one that began before it included."""
        sign, length = self._running[channel]
        self._running[channel] = (0, 0)
        breaks = (np.diff(at_rail) != 1) | (np.diff(signs) != 0)
        firsts = np.flatnonzero(np.concatenate(([len(at_rail) > 0], breaks))[: len(at_rail)])
        lengths = np.diff(np.append(firsts, len(at_rail)))
        starts, signs = at_rail[firsts], signs[firsts]
        if length:
            if len(starts) and starts[0] == 0 and signs[0] == sign:
                starts[0], lengths[0] = -length, lengths[0] + length
            else:
                starts, lengths, signs = (
                    np.insert(array, 0, value) for array, value in ((starts, -length), (lengths, length), (signs, sign))
                )
        if not self.is_last and len(starts) and starts[-1] + lengths[-1] == size:
            self._running[channel] = (int(signs[-1]), int(lengths[-1]))
            starts, lengths = starts[:-1], lengths[:-1]
        long = lengths >= SHORTEST_CLIP
        return starts[long], lengths[long]

    def finish(self) -> Columns:
        ticks = np.concatenate(self._ticks) if self._ticks else np.empty(0, np.int64)
        columns = [
            Column(name, unit, values)
            for field, unit in UNITS.items()
            for name, values in per_channel(field, self._rows[field], self.channels).items()
        ]
        joint = np.concatenate(self._joint, axis=1) if self._joint else np.empty((2, 0), np.int32)
        columns += [Column("lead_all", "samples", joint[0]), Column("trail_all", "samples", joint[1])]
        notes = self.notes(silence_level=SILENCE_LEVEL, rail=float(self._rail), shortest_clip=SHORTEST_CLIP)
        return Columns(self.id, self.time_base, ticks, self.end, tuple(columns), notes)


def silent_ends(heard: npt.NDArray[np.bool_], edges: Edges) -> npt.NDArray[np.int32]:
    """``(2, rows)``: how many samples before the first and after the last heard one of each row; all, when none is."""
    starts, stops = edges[:-1], edges[1:]
    where = np.flatnonzero(heard)
    if not len(where):
        return np.stack((stops - starts, stops - starts)).astype(np.int32)
    after = np.append(where, edges[-1])[np.searchsorted(where, starts)]
    before = np.insert(where, 0, -1)[np.searchsorted(where, stops)]
    lead = np.minimum(after, stops) - starts
    trail = stops - 1 - np.maximum(before, starts - 1)
    return np.stack((lead, trail)).astype(np.int32)


def _note_clippings(rows: npt.NDArray[np.int32], starts: Edges, lengths: Edges, edges: Edges) -> None:
    """Writes longest run, samples, first and last into ``rows (4, rows)``, by the row of the sample after each run."""
    ends = starts + lengths
    row = np.minimum(np.searchsorted(edges, ends, side="right") - 1, rows.shape[1] - 1)
    np.maximum.at(rows[0], row, lengths.astype(np.int32))
    np.add.at(rows[1], row, lengths.astype(np.int32))
    hit, first = np.unique(row, return_index=True)
    last = np.append(first[1:], len(row)) - 1
    rows[2, hit] = starts[first] - edges[hit]
    rows[3, hit] = ends[last] - edges[hit]


METER = SamplesMeter
