"""Clicks: bursts of under two milliseconds that stand alone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Edges, Samples, SoundMeter, decibels, per_channel
from sightline.timeline.columns import Column, Columns

ROWS_PER_SECOND = 10
SLOTS_PER_SECOND = 1000
GUARD = 20
"""Slots, that is milliseconds, on either side in which nothing like the click may be."""
FLOOR = 1e-5
"""Surroundings below -100 dBFS count as that, so that a click in digital silence has a finite strength."""
UNITS = {"strength": "db", "level": "dbfs", "at": "samples"}


class ClicksMeter(SoundMeter):
    """A row is 100 ms of sound; it tells of the most click-like moment in it. For each channel ``_0``, ``_1`` …:

    ``strength`` in dB: how far the second difference of the sound, in a slot of 1 ms, rises over its highest value in
    the 20 ms before and after, the neighbouring slots aside. A drum, a consonant or an edit to louder sound goes on
    after it starts, so its strength is low; a click, a lost sample or a jump in the wave stands alone.
    ``level``: the second difference itself in dBFS, a lone full-scale sample having +6. ``at``: where the slot starts,
    counted from the row's tick. Moments within 20 ms of the stream's ends are not looked at: strength NaN when there
    is no other in the row.
    """

    id: ClassVar[str] = "clicks"
    version: ClassVar[int] = 1

    def begin(self) -> None:
        self._past = np.zeros((self.channels, 2), np.float32)
        self._slots = np.full((self.channels, 2 * GUARD + 2), np.nan, np.float32)
        """Slots of before the second that waits, then its own."""
        self._waiting: Edges | None = None
        self._ticks: list[Edges] = []
        self._rows: dict[str, list[npt.NDArray[np.float32]]] = {name: [] for name in UNITS}

    def second(self, samples: Samples) -> None:
        sound = np.concatenate((self._past, samples), axis=1)
        if self.count == 0:
            sound[:, :2] = samples[:, :1]
        bend = np.diff(sound, n=2, axis=1)
        edges = self.edges(SLOTS_PER_SECOND, samples.shape[1])
        slots = np.maximum.reduceat(np.abs(bend, out=bend), edges[:-1], axis=1)
        self._past = sound[:, -2:].copy()
        self._finish_waiting(slots)
        self._waiting = edges
        self._waiting_from = self.count
        if self.is_last:
            self._finish_waiting(np.full((self.channels, GUARD + 1), np.nan, np.float32))

    def _finish_waiting(self, following: Samples) -> None:
        """Rows of the second that waited for what comes after it; then ``following`` waits."""
        known = np.concatenate((self._slots, following), axis=1)
        edges = self._waiting
        if edges is not None:
            self._look(edges, np.concatenate((self._slots, _padded(following)), axis=1))
        self._slots = known[:, -(following.shape[1] + GUARD + 1) :]

    def _look(self, edges: Edges, slots: Samples) -> None:
        count = len(edges) - 1
        first = slots.shape[1] - (GUARD + 1) - count
        strength = click_strength(slots)[:, first : first + count]
        level = slots[:, first : first + count]
        rows = self.edges(ROWS_PER_SECOND, int(edges[-1]))[:-1]
        starts = np.searchsorted(edges[:-1], rows)
        stops = np.append(starts[1:], count)
        found = np.full((3, self.channels, len(rows)), np.nan, np.float32)
        for row, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            part = strength[:, start:stop]
            if not part.size:
                continue
            best = np.where(np.isnan(part), -np.inf, part).argmax(axis=1)
            every = np.arange(self.channels)
            found[0, :, row] = part[every, best]
            found[1, :, row] = decibels(level[every, start + best])
            found[2, :, row] = edges[start + best] - rows[row]
        self._ticks.append(self.first_tick + self._waiting_from + rows)
        for name, values in zip(UNITS, found, strict=True):
            self._rows[name].append(values)

    def finish(self) -> Columns:
        ticks = np.concatenate(self._ticks) if self._ticks else np.empty(0, np.int64)
        columns = tuple(
            Column(name, unit, values)
            for field, unit in UNITS.items()
            for name, values in per_channel(field, list(self._rows[field]), self.channels).items()
        )
        return Columns(self.id, self.time_base, ticks, self.end, columns, self.notes(slot_s=1 / SLOTS_PER_SECOND))


def click_strength(slots: Samples) -> Samples:
    """Strength in dB of each slot ``(channels, n)`` over its surroundings; NaN where they are not all known."""
    known = np.where(np.isnan(slots), np.float32(np.inf), slots)
    highest = np.lib.stride_tricks.sliding_window_view(known, GUARD, axis=1).max(axis=2)
    around = np.full_like(slots, np.inf)
    reach = GUARD + 1
    middle = slots.shape[1] - 2 * reach
    if middle > 0:
        # The GUARD slots that end two before each slot, and those that start two after it.
        before, after = highest[:, :middle], highest[:, reach + 2 : reach + 2 + middle]
        around[:, reach : reach + middle] = np.maximum(before, after)
    strength = decibels(slots) - decibels(np.maximum(around, FLOOR))
    return np.where(np.isinf(around), np.float32(np.nan), strength)


def _padded(following: Samples) -> Samples:
    """The GUARD + 1 slots that follow, unknown ones NaN."""
    head = following[:, : GUARD + 1]
    missing = GUARD + 1 - head.shape[1]
    return np.pad(head, ((0, 0), (0, missing)), constant_values=np.nan)


METER = ClicksMeter
