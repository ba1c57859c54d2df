"""Small pictures of the media, by the time they were taken."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sightline.clock import Span
from sightline.timeline.timeline import Timeline

THUMBS_METER = "thumbs"


@dataclass(frozen=True, slots=True)
class Thumb:
    """One JPEG and the second it shows."""

    row: int
    time: Fraction
    jpeg: bytes

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height; ``(16, 9)`` when the header cannot be read."""
        return _jpeg_size_px(self.jpeg) or (16, 9)


class Thumbs:
    """The thumbnails of a timeline; empty when none were made."""

    def __init__(self, timeline: Timeline) -> None:
        columns = timeline.columns.get(THUMBS_METER)
        if columns is None or "jpeg" not in columns:
            self._rows: list[int] = []
            return
        self._jpegs = columns["jpeg"]
        self._rows = [row for row in range(len(columns)) if isinstance(self._jpegs[row], bytes) and self._jpegs[row]]
        self._ticks = columns.ticks[self._rows]
        self._time_base = columns.time_base

    def __len__(self) -> int:
        return len(self._rows)

    def inside(self, span: Span) -> Thumb | None:
        """The thumbnail nearest to the middle of a span among those taken inside it; None if there is none."""
        if not self._rows:
            return None
        nearest = self.nearest(span.middle)
        return nearest if nearest is not None and nearest.time in span else self._first_from(span)

    def nearest(self, moment: Fraction) -> Thumb | None:
        """The thumbnail taken nearest to a moment; None without any."""
        if not self._rows:
            return None
        at = int(np.searchsorted(self._ticks, int(moment / self._time_base)))
        near = [i for i in (at - 1, at) if 0 <= i < len(self._rows)]
        return min((self._thumb(i) for i in near), key=lambda thumb: abs(thumb.time - moment))

    def for_finding(self, span: Span) -> Thumb | None:
        """The best picture of a span: one inside it, otherwise the nearest to its start."""
        return self.inside(span) or self.nearest(span.start)

    def _first_from(self, span: Span) -> Thumb | None:
        first = int(np.searchsorted(self._ticks, -((-span.start / self._time_base).__floor__())))
        if first == len(self._rows):
            return None
        thumb = self._thumb(first)
        return thumb if thumb.time in span else None

    def _thumb(self, position: int) -> Thumb:
        row = self._rows[position]
        return Thumb(row, int(self._ticks[position]) * self._time_base, self._jpegs[row])


def _jpeg_size_px(jpeg: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header (ITU-T T.81 B.2.2), or None."""
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], struct.unpack_from(">H", jpeg, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return (width, height) if width and height else None
        at += 2 + length
    return None
