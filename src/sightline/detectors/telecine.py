"""Telecine: film at 24 pictures a second spread over 60 fields, by its repeated fields.

In 2:3 pulldown every fifth picture repeats the top field of the one before, and two pictures later (three, with the
bottom field first) one repeats the bottom field. A repeated field hardly changes while the other one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import runs, span_of_rows
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

CYCLE = 5
LEAST_CHANGE_CODES = 0.05
"""Changes far below one 8-bit code on average say nothing."""
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TelecineDetector:
    """``telecine``: a stretch with a 2:3 cadence. Evidence: the cadence, the phase at its start, the share of cycles
    that show both repeats."""

    name: ClassVar[str] = "telecine"
    kinds: ClassVar[tuple[str, ...]] = ("telecine",)
    needs: ClassVar[tuple[str, ...]] = ("fields",)
    after: ClassVar[tuple[str, ...]] = ()

    repeat_ratio: float = 1.25
    """One field changed this many times as much as the other. idet's rep_thres of 3 holds before compression only; in
    H.264 half of the repeats stay below 2. Chance is ruled out by the cadence."""
    min_cycles: int = 4
    """Cycles of five pictures that show the cadence; at least half of any five cycles have to."""
    bridge_cycles: int = 12
    """A still moment hides the repeats: stretches of one phase this near to each other (2 s) are one."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        fields = timeline.columns["fields"]
        if len(fields) < CYCLE * self.min_cycles:
            return ()
        top, bottom = self.repeats(fields)
        events = [
            self._event(fields, first, last, order, share)
            for order, bottom_after in (("tff", 2), ("bff", 3))
            for phase in range(CYCLE)
            for first, last, share in self._stretches(top, bottom, phase, bottom_after)
        ]
        return tuple(sorted(events, key=lambda e: e.span.start))

    def repeats(self, fields: Columns) -> tuple[Flags, Flags]:
        """Whether each picture repeats the top, the bottom field of the one before."""
        least = LEAST_CHANGE_CODES * 2.0 ** (int(fields.notes.get("bit_depth", 8)) - 8)
        even, odd = fields["repeat_even"] + least, fields["repeat_odd"] + least
        return odd > self.repeat_ratio * even, even > self.repeat_ratio * odd

    def _stretches(self, top: Flags, bottom: Flags, phase: int, bottom_after: int) -> list[tuple[int, int, float]]:
        """Stretches of one phase: ``(first row, last row, share of cycles that show both repeats)``."""
        cycles = (len(top) - phase - bottom_after + CYCLE - 1) // CYCLE
        if cycles < self.min_cycles:
            return []
        rows = phase + CYCLE * np.arange(cycles)
        shown = top[rows] & bottom[rows + bottom_after]
        if np.count_nonzero(shown) < self.min_cycles:
            return []
        window = np.ones(5)
        share = np.convolve(shown, window, "same") / np.convolve(np.ones(cycles), window, "same")
        found: list[tuple[int, int]] = []
        for low, high in runs(share >= 0.5):
            inside = np.flatnonzero(shown[low:high]) + low
            if len(inside) < self.min_cycles:
                continue
            first, last = int(inside[0]), int(inside[-1]) + 1
            if found and first - found[-1][1] <= self.bridge_cycles:
                found[-1] = found[-1][0], last
            else:
                found.append((first, last))
        ends = [*rows[1:].tolist(), len(top)]
        return [(int(rows[first]), ends[last - 1], float(shown[first:last].mean())) for first, last in found]

    def _event(self, fields: Columns, first: int, last: int, order: str, share: float) -> Event:
        evidence: dict[str, Scalar] = {
            "value": round(share, 4), "unit": "share", "threshold": 0.5, "cadence": "2:3", "field_order": order,
            "phase": first % CYCLE, "cycles": (last - first) // CYCLE,
        }  # fmt: skip
        return Event("telecine", span_of_rows(fields, first, last), Severity.WARNING, round(share, 3), evidence)


DETECTOR = TelecineDetector
