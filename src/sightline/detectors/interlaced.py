"""Interlaced pictures, their field order against the stream's flag, and combing where there should be none.

A picture's class comes from the sums of the ``fields`` meter as in FFmpeg's idet: woven in the right order, the fields
of neighbouring pictures fit each other; in the wrong order they do not. A still picture fits both ways and stays
undetermined. A class counts only where several determined pictures in a row agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span, exact_seconds
from sightline.detectors.detector import runs, span_of_rows
from sightline.facts import FieldOrder
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Classes = npt.NDArray[np.int8]


class Scan(IntEnum):
    """How a picture was scanned, as far as it can be seen."""

    UNDETERMINED = 0
    PROGRESSIVE = 1
    TOP_FIRST = 2
    BOTTOM_FIRST = 3


ORDER = {
    Scan.PROGRESSIVE: FieldOrder.PROGRESSIVE,
    Scan.TOP_FIRST: FieldOrder.TOP_FIRST,
    Scan.BOTTOM_FIRST: FieldOrder.BOTTOM_FIRST,
    Scan.UNDETERMINED: FieldOrder.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows ``[first, last)`` of one class."""

    first: int
    last: int
    scan: Scan


@dataclass(frozen=True, slots=True)
class InterlacedDetector:
    """``interlaced``: a stretch of woven fields, whatever the flag says; graver when the flag says otherwise.
    ``progressive_in_interlaced``: whole pictures in a stream flagged interlaced. ``combing``: single woven
    pictures, visibly combed, in a stretch that is not interlaced. Combing that was scaled or blended is not seen."""

    name: ClassVar[str] = "interlaced"
    kinds: ClassVar[tuple[str, ...]] = ("interlaced", "progressive_in_interlaced", "combing")
    needs: ClassVar[tuple[str, ...]] = ("fields",)
    after: ClassVar[tuple[str, ...]] = ("telecine",)

    interlaced_ratio: float = 1.04
    """One order fits better than the other by this factor (idet's intl_thres)."""
    progressive_ratio: float = 1.5
    """Both orders fit worse than the picture itself by this factor (idet's prog_thres)."""
    agreeing: int = 5
    """Determined pictures in a row that have to agree. A single woven picture makes its neighbours look woven too, so
    the three of idet's multiple-frame detection are too few."""
    hold_s: float = 1.0
    """A stretch reaches over undetermined pictures before and after it for up to this long."""
    comb_share: float = 0.005
    """Share of combed pixels from which a woven picture counts as combed; fine moving detail alone reaches 0.015."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        fields = timeline.columns["fields"]
        if len(fields) < 2:
            return ()
        classes = self.classes(fields)
        stretches = self.stretches(fields, classes)
        events = []
        for stretch in stretches:
            flagged = flagged_order(timeline, span_of_rows(fields, stretch.first, stretch.last))
            if stretch.scan is not Scan.PROGRESSIVE:
                if not _is_telecined(timeline, fields, stretch):
                    events.append(self._interlaced(fields, classes, stretch, flagged))
            elif flagged in (FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST):
                events.append(self._progressive(fields, classes, stretch, flagged))
        events += self._combing(timeline, fields, classes, stretches)
        return tuple(sorted(events, key=lambda e: (e.span.start, e.kind)))

    def classes(self, fields: Columns) -> Classes:
        """A `Scan` for every row. The first and the last picture are compared with themselves, as idet does."""
        within_even, within_odd = fields["within_even"], fields["within_odd"]
        # The sums of the picture after stand in the next row.
        on_even = np.append(fields["weave_on_even"][1:], within_even[-1:])
        on_odd = np.append(fields["weave_on_odd"][1:], within_odd[-1:])
        top = fields["weave_back_even"] + on_odd
        bottom = fields["weave_back_odd"] + on_even
        within = within_even + within_odd
        with np.errstate(invalid="ignore"):
            picks = [top > self.interlaced_ratio * bottom, bottom > self.interlaced_ratio * top,
                     bottom > self.progressive_ratio * within]  # fmt: skip
        choices = [np.int8(Scan.TOP_FIRST), np.int8(Scan.BOTTOM_FIRST), np.int8(Scan.PROGRESSIVE)]
        return np.select(picks, choices, np.int8(Scan.UNDETERMINED)).astype(np.int8)

    def stretches(self, fields: Columns, classes: Classes) -> list[Stretch]:
        """Rows of one class, where enough determined pictures agree; the gaps between them are undetermined."""
        agreed: list[Stretch] = []
        for first, last, scan in _agreeing(classes, self.agreeing):
            if agreed and agreed[-1].scan is scan:
                agreed[-1] = Stretch(agreed[-1].first, last, scan)
            else:
                agreed.append(Stretch(first, last, scan))
        grown: list[Stretch] = []
        for i, stretch in enumerate(agreed):
            low = grown[-1].last if grown else 0
            high = agreed[i + 1].first if i + 1 < len(agreed) else len(classes)
            first = low if self._is_short(fields, low, stretch.first) else stretch.first
            last = high if self._is_short(fields, stretch.last, high) else stretch.last
            grown.append(Stretch(first, last, stretch.scan))
        return grown

    def _is_short(self, fields: Columns, first: int, last: int) -> bool:
        return fields.start_of(last) - fields.start_of(first) <= exact_seconds(self.hold_s)

    def _interlaced(self, fields: Columns, classes: Classes, stretch: Stretch, flagged: FieldOrder) -> Event:
        order = ORDER[stretch.scan]
        labels: tuple[str, ...] = ()
        severity = Severity.INFO
        if flagged is FieldOrder.PROGRESSIVE:
            labels, severity = ("flagged_progressive",), Severity.WARNING
        elif flagged is FieldOrder.UNKNOWN:
            labels, severity = ("unflagged",), Severity.WARNING
        elif flagged is not order:
            labels, severity = ("field_order_mismatch",), Severity.ERROR
        evidence = self._evidence(fields, classes, stretch, flagged)
        span = span_of_rows(fields, stretch.first, stretch.last)
        return Event("interlaced", span, severity, _confidence(evidence), evidence, labels)

    def _progressive(self, fields: Columns, classes: Classes, stretch: Stretch, flagged: FieldOrder) -> Event:
        evidence = self._evidence(fields, classes, stretch, flagged)
        span = span_of_rows(fields, stretch.first, stretch.last)
        return Event("progressive_in_interlaced", span, Severity.INFO, _confidence(evidence), evidence)

    def _evidence(self, fields: Columns, classes: Classes, stretch: Stretch, flagged: FieldOrder) -> dict[str, Scalar]:
        rows = slice(stretch.first, stretch.last)
        comb = fields["comb_share"][rows]
        return {
            "value": round(float((classes[rows] == stretch.scan).mean()), 4), "unit": "share",
            "threshold": self.interlaced_ratio, "field_order": str(ORDER[stretch.scan]),
            "flagged_order": str(flagged),
            "undetermined_share": round(float((classes[rows] == Scan.UNDETERMINED).mean()), 4),
            "comb_share_max": round(float(np.nanmax(comb)), 4) if np.isfinite(comb).any() else None,
        }  # fmt: skip

    def _combing(
        self, timeline: Timeline, fields: Columns, classes: Classes, stretches: list[Stretch]
    ) -> Iterator[Event]:
        combed = (np.nan_to_num(fields["comb_share"]) >= self.comb_share) & (classes >= Scan.TOP_FIRST)
        for stretch in stretches:
            if stretch.scan is not Scan.PROGRESSIVE:
                combed[stretch.first : stretch.last] = False
        for first, last in runs(combed):
            span = span_of_rows(fields, first, last)
            if not _is_in(span, timeline.events_of("telecine")):
                worst = round(float(fields["comb_share"][first:last].max()), 4)
                evidence: dict[str, Scalar] = {"value": worst, "unit": "share", "threshold": self.comb_share}
                yield Event("combing", span, Severity.WARNING, 0.7, evidence)


def flagged_order(timeline: Timeline, span: Span) -> FieldOrder:
    """What the codec says of most pictures in a span; of the stream when it flags no picture interlaced."""
    video, pictures = timeline.media.video, timeline.pictures
    frames = timeline.frames_of(span)
    if pictures is not None and frames is not None and "interlaced" in pictures:
        rows = slice(*frames)
        interlaced = pictures["interlaced"][rows] > 0
        if interlaced.mean() > 0.5:
            top = (pictures["top_field_first"][rows] > 0)[interlaced].mean() > 0.5
            return FieldOrder.TOP_FIRST if top else FieldOrder.BOTTOM_FIRST
    return video.field_order if video is not None else FieldOrder.UNKNOWN


def _agreeing(classes: Classes, least: int) -> Iterator[tuple[int, int, Scan]]:
    """``(first, last, class)`` of at least ``least`` determined pictures in a row that agree."""
    determined = np.flatnonzero(classes != Scan.UNDETERMINED)
    kinds = classes[determined]
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for low, high in pairwise(edges):
        if high - low >= least:
            yield int(determined[low]), int(determined[high - 1]) + 1, Scan(int(kinds[low]))


def _is_telecined(timeline: Timeline, fields: Columns, stretch: Stretch) -> bool:
    return _is_in(span_of_rows(fields, stretch.first, stretch.last), timeline.events_of("telecine"))


def _is_in(span: Span, events: tuple[Event, ...]) -> bool:
    return any(2 * event.span.overlap(span) > span.duration for event in events)


def _confidence(evidence: dict[str, Scalar]) -> float:
    share, undetermined = float(evidence["value"] or 0), float(evidence["undetermined_share"] or 0)
    return round(share / (1 - undetermined), 3) if undetermined < 1 else 0.0


DETECTOR = InterlacedDetector
