"""Regular patterns of bars over too much of the screen for too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.clock import exact_seconds
from sightline.detectors.detector import runs, span_of_rows
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Pattern:
    """More than five clearly discernible pairs of light and dark bars over more than ``max_area_share`` of the screen.

    Bars that drift smoothly count as well; the rules are milder for them.
    """

    name: ClassVar[str] = "pattern"
    kinds: ClassVar[tuple[str, ...]] = ("pattern",)
    needs: ClassVar[tuple[str, ...]] = ("pattern",)
    after: ClassVar[tuple[str, ...]] = ()

    max_area_share: float = 0.25
    """ITU-R BT.1702, guideline on patterns."""
    max_duration_s: float = 0.5
    """A pattern shown longer than this is reported (Harding, Wilkins)."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        columns = timeline.columns["pattern"]
        found = []
        for first, last in runs(columns["area"] > self.max_area_share):
            span = span_of_rows(columns, first, last)
            if span.duration <= exact_seconds(self.max_duration_s):
                continue
            evidence: dict[str, Scalar] = {
                "value": round(float(columns["area"][first:last].max()), 4),
                "unit": "share",
                "threshold": self.max_area_share,
                "pairs": int(columns["pairs"][first:last].max()),
                "contrast_cd_m2": round(float(columns["contrast"][first:last].max()), 1),
            }
            found.append(Event("pattern", span, Severity.ERROR, 1.0, evidence))
        return tuple(found)


DETECTOR = Pattern
