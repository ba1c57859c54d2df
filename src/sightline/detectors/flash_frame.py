"""One to three pictures that do not belong: unlike both sides while the sides are alike, or alone between two cuts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.clock import exact_seconds
from sightline.detectors.detector import span_of_rows
from sightline.detectors.transitions import Limits, Reading
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FlashFrameDetector:
    """Left-over pictures of an edit, and flashes."""

    most_pictures: int = 3
    """EBU Tech 3363 / QC item 0016B: one to three frames between cuts."""
    longest_s: float = 0.25
    """Three pictures of a very slow video are a shot."""

    name: ClassVar[str] = "flash_frame"
    kinds: ClassVar[tuple[str, ...]] = ("flash_frame",)
    needs: ClassVar[tuple[str, ...]] = ("shots",)
    after: ClassVar[tuple[str, ...]] = ("shots",)

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        columns = timeline.columns["shots"]
        found: list[tuple[int, int, dict[str, Scalar]]] = [
            (flash.first, flash.last, {"sides_alike": True, "sides_apart_share": round(flash.return_share, 3)})
            for flash in Reading(columns, LIMITS).flashes()
        ]
        found += [
            (*self._rows(columns, shot), {"sides_alike": False})
            for shot in timeline.events_of("shot")
            if shot.evidence.get("starts_with") == shot.evidence.get("ends_with") == "cut"
            and int(shot.evidence["pictures"] or 0) <= self.most_pictures
        ]
        most_ticks = math.floor(exact_seconds(self.longest_s) / columns.time_base)
        return tuple(
            self._event(columns, first, last, evidence)
            for first, last, evidence in found
            if last - first <= self.most_pictures and columns.ticks_between(first, last) <= most_ticks
        )

    def _rows(self, columns: Columns, shot: Event) -> tuple[int, int]:
        first = int(np.searchsorted(columns.ticks, int(shot.span.start / columns.time_base)))
        return first, first + int(shot.evidence["pictures"] or 0)

    def _event(self, columns: Columns, first: int, last: int, evidence: Mapping[str, Scalar]) -> Event:
        contrast = float(columns["contrast"][first:last].max())
        luma = float(np.add.reduce(columns["level"][first:last]) / (last - first))
        plain = contrast <= LIMITS.flat_contrast
        colour = "black" if luma <= LIMITS.black_level else "white" if luma >= LIMITS.white_level else "other"
        facts: dict[str, Scalar] = {
            "value": last - first,
            "unit": "count",
            "threshold": self.most_pictures,
            "colour": colour if plain else "picture",
            "median_luma": round(luma, 1),
        }
        span = span_of_rows(columns, first, last)
        return Event("flash_frame", span, Severity.WARNING, 0.8, {**facts, **evidence})


DETECTOR = FlashFrameDetector
