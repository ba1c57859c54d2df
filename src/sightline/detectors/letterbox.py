"""Black bars around the picture, and changes of the active area.

Each side of the frame is judged by itself. A wide line (bright along most of its length) proves that the picture
reaches that far; a hard edge proves a bar. Without either, in the dark or under black, what was proved last stays
true. So a dark scene makes no bars, and a subtitle inside a bar does not take the bar away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span, exact_seconds
from sightline.detectors.detector import span_of_rows
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline

UNKNOWN = -1
NO_LIMIT = 1 << 30
Thickness = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows ``[first, last)`` with the same bars; thickness in px of left, top, right, bottom, 0 without a bar."""

    first: int
    last: int
    thickness: tuple[int, int, int, int]

    @property
    def shape(self) -> str:
        """``letterbox``, ``pillarbox``, ``windowbox``, or ``full``."""
        left, top, right, bottom = (side > 0 for side in self.thickness)
        shapes = {(True, True): "windowbox", (True, False): "pillarbox", (False, True): "letterbox"}
        return shapes.get((left or right, top or bottom), "full")

    @property
    def is_one_sided(self) -> bool:
        left, top, right, bottom = (side > 0 for side in self.thickness)
        return left != right or top != bottom


@dataclass(frozen=True, slots=True)
class LetterboxDetector:
    """``letterbox``: a stretch with bars; the label says which (``letterbox``, ``pillarbox``, ``windowbox``), and
    ``one_sided`` when a bar has none opposite. ``area_change``: a point at which the active area changes."""

    name: ClassVar[str] = "letterbox"
    kinds: ClassVar[tuple[str, ...]] = ("letterbox", "area_change")
    needs: ClassVar[tuple[str, ...]] = ("active_area",)
    after: ClassVar[tuple[str, ...]] = ("bars",)
    """The black bar at the edge of a test pattern belongs to the pattern."""

    min_bar_share: float = 0.015
    """Thinnest bar, as a share of the width or height. Of 720 samples of a line in ITU-R BT.601 about 702 are picture
    (from memory, unverified): the 1.25 % of blanking on each side are no bars."""
    min_duration_s: float = 1.0
    """A bar has to be proved for this long; shorter stretches go to their neighbours."""
    hold_s: float = 2.0
    """Time without proof, in the dark, after which bars that are not proved again end with their last proof."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        area = timeline.columns["active_area"]
        if not len(area):
            return ()
        stretches = self.stretches(area, timeline.events_of("bars"))
        events = [self._event(timeline, area, bars) for bars in stretches if bars.shape != "full"]
        proved = [bars for bars in stretches if (area["wide_left"][bars.first : bars.last] >= 0).any()]
        changes = pairwise(proved)
        events += [_change(area, old, new) for old, new in changes if old.thickness != new.thickness]
        return tuple(sorted(events, key=lambda e: (e.span.start, e.kind)))

    def stretches(self, area: Columns, patterns: Sequence[Event] = ()) -> list[Bars]:
        """The active area over time: neighbours differ, and together they cover every row.

        Rows inside the test patterns prove nothing.
        """
        width, height = int(area.notes["width"]), int(area.notes["height"])
        sides, inside = [], _rows_inside(area, patterns)
        for name, length in (("left", width), ("top", height), ("right", width), ("bottom", height)):
            wide = area[f"wide_{name}"].astype(np.int64)
            wide[inside] = UNKNOWN
            reach = np.where(wide < 0, NO_LIMIT, length - wide if name in ("right", "bottom") else wide)
            sides.append(self._side(area, reach, area[f"hard_{name}"] > 0, length))
        return self._merged(area, list(_constant(np.stack(sides, axis=1))))

    def _side(self, area: Columns, reach: Thickness, hard: npt.NDArray[np.bool_], length: int) -> Thickness:
        """Thickness of one side's bar at every row.

        ``reach`` is how far from the frame's edge the outermost wide line lies; ``hard`` whether black is outside it.
        """
        tolerance = max(2, round(length * 0.003))
        smallest = max(tolerance + 1, self.min_bar_share * length)
        found = np.zeros(len(reach), np.int64)
        bar = pending = 0
        pending_from = UNKNOWN
        last_proof = 0
        for first, last in _pieces(reach, hard):
            far = int(reach[first])
            proves = bool(hard[first]) and smallest <= far < length // 2
            if bar and (far < bar - tolerance):
                found[self._end(area, last_proof, first) : first] = 0
                bar = 0
            if pending and far < pending - tolerance:
                pending = 0
            if bar and proves and abs(far - bar) <= tolerance:
                last_proof = last
            elif proves:
                if not pending or far > pending + tolerance:
                    pending, pending_from = far, first
                pending = min(pending, far)
                if area.start_of(last) - area.start_of(pending_from) >= exact_seconds(self.min_duration_s):
                    found[_earliest(reach, pending_from, pending - tolerance) : first] = pending
                    bar, pending, last_proof = pending, 0, last
            found[first:last] = bar
        if bar:
            found[self._end(area, last_proof, len(reach)) :] = 0
        return found

    def _end(self, area: Columns, last_proof: int, changed: int) -> int:
        """Row at which bars end that were last proved before ``last_proof`` and are gone at ``changed``."""
        gap = area.start_of(changed) - area.start_of(last_proof)
        return changed if gap <= exact_seconds(self.hold_s) else last_proof

    def _merged(self, area: Columns, stretches: list[Bars]) -> list[Bars]:
        """Without stretches shorter than ``min_duration_s``; what comes after one takes its place."""
        shortest = exact_seconds(self.min_duration_s)
        kept: list[Bars] = []
        owed: int | None = None
        for bars in stretches:
            first = bars.first if owed is None else owed
            owed = None
            if span_of_rows(area, first, bars.last).duration < shortest and bars is not stretches[-1]:
                owed = first
            elif kept and kept[-1].thickness == bars.thickness:
                kept[-1] = Bars(kept[-1].first, bars.last, bars.thickness)
            else:
                kept.append(Bars(first, bars.last, bars.thickness))
        return kept

    def _event(self, timeline: Timeline, area: Columns, bars: Bars) -> Event:
        width, height = int(area.notes["width"]), int(area.notes["height"])
        left, top, right, bottom = bars.thickness
        shown_width, shown_height = width - left - right, height - top - bottom
        sample_aspect = Fraction(str(area.notes["sample_aspect"]))
        aspect = float(sample_aspect * shown_width / shown_height)
        video = timeline.media.video
        if video is not None and video.rotation_deg % 180:
            aspect = 1 / aspect
        evidence: dict[str, str | int | float | bool | None] = {
            "value": round(1 - shown_width * shown_height / (width * height), 4), "unit": "share",
            "threshold": self.min_bar_share,
            "bars": bars.shape, "left": left, "top": top, "right": width - right, "bottom": height - bottom,
            "width": width, "height": height, "aspect": round(aspect, 3),
        }  # fmt: skip
        labels = (bars.shape, *(("one_sided",) if bars.is_one_sided else ()))
        span = span_of_rows(area, bars.first, bars.last)
        return Event("letterbox", span, Severity.INFO, 0.6 if bars.is_one_sided else 0.95, evidence, labels)


def _earliest(reach: Thickness, row: int, least: int) -> int:
    """The first row before ``row`` from which on no picture reached further out than ``least``, and some was seen."""
    contrary = np.flatnonzero(reach[:row] < least)
    start = int(contrary[-1]) + 1 if len(contrary) else 0
    seen = np.flatnonzero(reach[start:row] < NO_LIMIT)
    return start + int(seen[0]) if len(seen) else row


def _rows_inside(area: Columns, events: Sequence[Event]) -> npt.NDArray[np.bool_]:
    """Rows that start inside one of the events."""
    inside = np.zeros(len(area), bool)
    for event in events:
        start, end = (-((-moment / area.time_base).__floor__()) for moment in (event.span.start, event.span.end))
        inside |= (area.ticks >= start) & (area.ticks < end)
    return inside


def _change(area: Columns, before: Bars, after: Bars) -> Event:
    moment = area.start_of(after.first)
    evidence: dict[str, str | int | float | bool | None] = {"before": before.shape, "after": after.shape}
    for name, old, new in zip(("left", "top", "right", "bottom"), before.thickness, after.thickness, strict=True):
        evidence |= {f"{name}_before": old, f"{name}_after": new}
    return Event("area_change", Span(moment, moment), Severity.INFO, 0.9, evidence | {"unit": "px"})


def _pieces(*values: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Row ranges in which none of the arrays changes."""
    changed = np.zeros(len(values[0]) - 1, bool)
    for each in values:
        changed |= each[1:] != each[:-1]
    edges = [0, *(np.flatnonzero(changed) + 1).tolist(), len(values[0])]
    yield from pairwise(edges)


def _constant(sides: Thickness) -> Iterator[Bars]:
    columns: Sequence[Thickness] = [sides[:, i] for i in range(sides.shape[1])]
    for first, last in _pieces(*columns):
        left, top, right, bottom = sides[first].tolist()
        yield Bars(first, last, (left, top, right, bottom))


DETECTOR = LetterboxDetector
