"""Colour bars and test patterns, to the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.detector import runs, span_of_rows
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class BarsDetector:
    """``bars``: pictures in a row with the same pattern; the label names it (``ebu_bars``, ``smpte_ecr1``,
    ``smpte_rp219``, ``test_pattern``). Whether bars are wanted there is for a template to say."""

    name: ClassVar[str] = "bars"
    kinds: ClassVar[tuple[str, ...]] = ("bars",)
    needs: ClassVar[tuple[str, ...]] = ("bars",)
    after: ClassVar[tuple[str, ...]] = ()

    match_share: float = 0.70
    """Share of a pattern that has to match (EBU QC 0052BI)."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        bars = timeline.columns["bars"]
        matches = bars["match_share"] >= self.match_share
        patterns = bars["pattern"]
        return tuple(
            self._event(bars, first, last, int(pattern))
            for pattern in np.unique(patterns[matches])
            for first, last in runs(matches & (patterns == pattern))
        )

    def _event(self, bars: Columns, first: int, last: int, pattern: int) -> Event:
        share = float(np.median(bars["match_share"][first:last]))
        name = str(bars.notes[f"pattern_{pattern}"])
        evidence: dict[str, Scalar] = {
            "value": round(share, 4), "unit": "share", "threshold": self.match_share, "pattern": name,
            "luma_gain": round(float(np.median(bars["luma_gain"][first:last])), 3),
            "chroma_gain": round(float(np.median(bars["chroma_gain"][first:last])), 3),
        }  # fmt: skip
        span = span_of_rows(bars, first, last)
        return Event("bars", span, Severity.WARNING, round(share, 3), evidence, (name,))


DETECTOR = BarsDetector
