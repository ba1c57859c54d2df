"""Where a file could not be read or decoded as it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.clock import Span, exact_seconds
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

TIME_FAULT = "time: "
"""Faults that begin so are of timestamps, which is the business of ``timestamp_gap``."""
UNKNOWN_TIME = -1
_TEXTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class DecodeErrorDetector:
    """``decode_error``: faults of one stream close to each other, as one event.

    Labels: ``truncated`` when the file ends before its index says, ``format_change`` when size, format, rate or
    channels change in mid-stream, ``unknown_time`` when the decoder could not say where.
    """

    name: ClassVar[str] = "decode_error"
    kinds: ClassVar[tuple[str, ...]] = ("decode_error",)
    needs: ClassVar[tuple[str, ...]] = ("faults",)
    after: ClassVar[tuple[str, ...]] = ()

    join_s: float = 1.0
    """Faults no further apart than this are one event; our choice, for reading."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        faults = timeline.columns["faults"]
        ours = np.array([not str(text).startswith(TIME_FAULT) for text in faults["text"]], bool)
        events: list[Event] = []
        for stream in np.unique(faults["stream"][ours]).tolist():
            rows = np.flatnonzero(ours & (faults["stream"] == stream))
            rows = rows[np.argsort(faults.ticks[rows], kind="stable")]
            events += [self._event(timeline, faults, group, stream) for group in self._groups(faults, rows.tolist())]
        return tuple(events)

    def _groups(self, faults: Columns, rows: list[int]) -> Iterator[list[int]]:
        group: list[int] = []
        for row in rows:
            if group and not self._together(faults, group[-1], row):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def _together(self, faults: Columns, one: int, other: int) -> bool:
        ticks = int(faults.ticks[one]), int(faults.ticks[other])
        if UNKNOWN_TIME in ticks:
            return ticks[0] == ticks[1]
        return (ticks[1] - ticks[0]) * faults.time_base <= exact_seconds(self.join_s)

    def _event(self, timeline: Timeline, faults: Columns, rows: list[int], stream: int) -> Event:
        texts = list(dict.fromkeys(str(faults["text"][row]) for row in rows))
        evidence: dict[str, Scalar] = {
            "value": len(rows), "unit": "count", "threshold": 0, "stream": stream,
            "text": "; ".join(texts[:_TEXTS_SHOWN]),
        }  # fmt: skip
        known = int(faults.ticks[rows[0]]) != UNKNOWN_TIME
        labels = {
            "truncated": any("ends before its index" in text for text in texts),
            "format_change": any("in mid-stream" in text for text in texts),
            "unknown_time": not known,
        }
        return Event(
            "decode_error",
            self._span(timeline, faults, rows) if known else Span(timeline.span.start, timeline.span.start),
            Severity.ERROR,
            1.0,
            evidence,
            tuple(label for label, holds in labels.items() if holds),
        )

    def _span(self, timeline: Timeline, faults: Columns, rows: list[int]) -> Span:
        """From the first fault to the end of the picture of the last."""
        start, last = (int(faults.ticks[row]) * faults.time_base for row in (rows[0], rows[-1]))
        pictures = timeline.pictures
        if pictures is None or not len(pictures):
            return Span(start, last)
        row = int(np.searchsorted(pictures.ticks, int(last / pictures.time_base), side="right"))
        return Span(start, max(last, pictures.start_of(min(row, len(pictures)))))


DETECTOR = DecodeErrorDetector
