"""People in front of the camera, from the rows of ``faces``: who is the main one, when each was there, how well seen.

All time is media time, taken from the ticks of the rows; nothing here assumes a frame rate.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.detector import runs
from sightline.detectors.person.association import Boxes, people_of
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]
T = TypeVar("T")

FACES = "faces"
LEAST_HOLD_S = 0.5
"""A picture speaks for the time until the next one, but for no longer than this or three usual steps."""
NOBODY = -1


@dataclass(frozen=True, eq=False)
class Clock:
    """The pictures somebody was looked for in. All arrays have a row per picture."""

    ticks: npt.NDArray[np.int64]
    end: int
    time_base: Fraction

    def __len__(self) -> int:
        return len(self.ticks)

    @cached_property
    def times_s(self) -> Floats:
        """Start of each picture."""
        return np.asarray(self.ticks * float(self.time_base), np.float64)

    @cached_property
    def dt_s(self) -> Floats:
        """How long each picture stands."""
        return np.asarray(np.diff(np.append(self.ticks, self.end)) * float(self.time_base), np.float64)

    @cached_property
    def held_ticks(self) -> npt.NDArray[np.int64]:
        """How long each picture speaks for what happened: until the next one, less where pictures are missing."""
        steps = np.diff(np.append(self.ticks, self.end))
        if not len(self):
            return steps
        most = max(LEAST_HOLD_S, 3 * float(np.median(self.dt_s)))
        return np.minimum(steps, round(most / float(self.time_base)))

    @cached_property
    def held_s(self) -> Floats:
        """The same in seconds."""
        return np.asarray(self.held_ticks * float(self.time_base), np.float64)

    @cached_property
    def is_gap_after(self) -> Mask:
        """Whether pictures are missing after each picture: what happened there is not known."""
        return np.asarray(self.held_ticks < np.diff(np.append(self.ticks, self.end)))

    @property
    def duration_s(self) -> float:
        return float(self.dt_s.sum())

    @property
    def rate_hz(self) -> float:
        """Pictures a second where there are pictures; 0 without any."""
        held = float(self.held_s.sum())
        return len(self) / held if held > 0 else 0.0

    def rate_at(self, mask: Mask) -> float:
        """Pictures a second within a part of the pictures; 0 for none."""
        held = float(self.held_s[mask].sum())
        return float(mask.sum()) / held if held > 0 else 0.0

    def span(self, first: int, last: int) -> Span:
        """The time that pictures ``[first, last)`` speak for."""
        return self.span_of_ticks(int(self.ticks[first]), int(self.ticks[last - 1] + self.held_ticks[last - 1]))

    def span_of_ticks(self, start: int, end: int) -> Span:
        return Span(start * self.time_base, end * self.time_base)

    def span_of_seconds(self, start_s: float, end_s: float) -> Span:
        """To the nearest ticks, within the media and never empty."""
        start, end = (round(moment / float(self.time_base)) for moment in (start_s, end_s))
        start = min(max(start, int(self.ticks[0])), self.end - 1)
        return self.span_of_ticks(start, min(max(end, start + 1), self.end))

    def seconds_of(self, first: int, last: int) -> float:
        """How long pictures ``[first, last)`` speak for."""
        return float(self.held_s[first:last].sum())

    def runs_lasting(self, mask: Mask, least_s: float, *, bridge_s: float = 0.0) -> list[tuple[int, int]]:
        """Runs ``[first, last)`` of ``mask`` that last at least so long, breaks of up to ``bridge_s`` filled in, those
        with missing pictures not."""
        found: list[tuple[int, int]] = []
        for first, last in self.unbroken(mask):
            bridged = bridge_s > 0 and found and not self.is_gap_after[found[-1][1] - 1 : first].any()
            if bridged and self.seconds_of(found[-1][1], first) <= bridge_s:
                found[-1] = found[-1][0], last
            else:
                found.append((first, last))
        # Half a tick of mercy: sums of floats must not lose a run that lasts exactly so long.
        least = least_s - float(self.time_base) / 2
        return [(first, last) for first, last in found if self.seconds_of(first, last) >= least]

    def unbroken(self, mask: Mask) -> Iterator[tuple[int, int]]:
        """Runs of ``mask``, cut where pictures are missing."""
        gaps = np.flatnonzero(self.is_gap_after) + 1
        for first, last in runs(mask):
            inside = gaps[np.searchsorted(gaps, first, side="right") : np.searchsorted(gaps, last)].tolist()
            yield from pairwise([first, *inside, last])


@dataclass(frozen=True, eq=False)
class Track:
    """One person's face over time. Every array has a row per picture of the clock."""

    index: int
    """0 is the main person; the ``face`` in the evidence of events."""
    clock: Clock
    _columns: Columns
    _rows: Ints
    """Of ``faces``, those of this person."""
    _pictures: Ints
    """The picture of each of them."""
    _worked_out: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def rows(self) -> Ints:
        """Row of ``faces`` in each picture, -1 where this person is not seen."""
        rows = np.full(len(self.clock), NOBODY, np.intp)
        rows[self._pictures] = self._rows
        return rows

    @cached_property
    def present(self) -> Mask:
        """Where the face is seen, with landmarks or without."""
        return self.rows >= 0

    @cached_property
    def measured(self) -> Mask:
        """Where its landmarks are known as well: head, eyes and expression have values."""
        return np.isfinite(self["yaw"])

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> Floats:
        """A column of ``faces`` for this person, NaN where not seen. Raises `ColumnMissing`."""
        values = np.full(len(self.clock), np.nan)
        values[self._pictures] = self._columns[name][self._rows].astype(np.float64)
        return values

    def mean_of(self, *names: str) -> Floats:
        """The mean of some columns, of both sides of the face for one; NaN where one of them is."""
        return np.asarray(np.mean([self[name] for name in names], axis=0))

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` works out of this person's face and of nothing else, made when first asked for."""
        if name not in self._worked_out:
            self._worked_out[name] = make()
        made: T = self._worked_out[name]
        return made

    @property
    def seconds(self) -> float:
        """How long the face is seen."""
        return float(self.clock.held_s[self.present].sum())

    @property
    def coverage(self) -> float:
        """Share of the media's time in which the face has landmarks."""
        return self.share_of_time(self.measured)

    def share_of_time(self, mask: Mask, among: Mask | None = None) -> float:
        """Share of the time, or of the time ``among``, for which ``mask`` holds; 0 when there is none."""
        part = self.clock.held_s if among is None else self.clock.held_s[among]
        whole = self.clock.duration_s if among is None else float(part.sum())
        held = self.clock.held_s[mask if among is None else mask & among]
        return float(held.sum()) / whole if whole > 0 else 0.0

    @property
    def frame_rate_seen(self) -> float:
        """Pictures a second in which the face has landmarks, where it has them; 0 for none."""
        return self.clock.rate_at(self.measured)


@dataclass(frozen=True, eq=False)
class Tracks:
    """Everybody seen, the main person first: the longest on screen, each second weighed by the face's width."""

    clock: Clock
    tracks: tuple[Track, ...]
    count: Ints
    """Faces found in each picture, those without landmarks included."""
    width_px: int
    height_px: int
    """Of the picture as displayed; 0 when it was not noted."""

    @property
    def main(self) -> Track | None:
        return self.tracks[0] if self.tracks else None

    @property
    def main_coverage(self) -> float:
        """Share of the media's time in which the main face has landmarks; 0 without any."""
        return self.main.coverage if self.main is not None else 0.0

    def count_at(self, time_s: float) -> int:
        """Faces in the picture shown at a time; 0 before the first and after the last."""
        if not len(self.clock) or not self.clock.times_s[0] <= time_s < self.clock.end * float(self.clock.time_base):
            return 0
        return int(self.count[np.searchsorted(self.clock.times_s, time_s, side="right") - 1])

    def people_at(self, picture: int) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.present[picture])


def is_slower(rate_hz: float, needed_hz: float) -> bool:
    """Whether pictures come too rarely. Ticks are whole numbers, so a rate is never told to the last digit."""
    return rate_hz < 0.99 * needed_hz


def tracks_of(timeline: Timeline) -> Tracks:
    """Everybody ``faces`` saw. Without such columns, or with nobody in any picture, there are no tracks."""
    return timeline.once("tracks", (FACES,), lambda: _followed(timeline.columns.get(FACES)))


def _followed(columns: Columns | None) -> Tracks:
    if columns is None or not len(columns):
        return Tracks(Clock(np.zeros(0, np.int64), 0, Fraction(1)), (), np.zeros(0, np.intp), 0, 0)
    ticks, picture = np.unique(columns.ticks, return_inverse=True)
    clock = Clock(ticks, columns.end, columns.time_base)
    width_px, height_px = (int(columns.notes.get(f"{side}_px", 0)) for side in ("width", "height"))
    return Tracks(clock, _tracks(columns, clock, picture), _counts(columns, clock, picture), width_px, height_px)


def _counts(columns: Columns, clock: Clock, picture: Ints) -> Ints:
    counts = np.zeros(len(clock), np.intp)
    np.maximum.at(counts, picture, np.maximum(np.nan_to_num(columns["count"].astype(np.float64)), 0).astype(np.intp))
    return counts


def _tracks(columns: Columns, clock: Clock, picture: Ints) -> tuple[Track, ...]:
    left, top, width, height = (columns[name].astype(np.float64) for name in ("left", "top", "width", "height"))
    seen = np.flatnonzero((columns["face"] != NOBODY) & np.isfinite(left + top + width + height) & (width > 0))
    if not len(seen):
        return ()
    across = float(columns.notes.get("width_px", 0)) or 1.0
    down = (float(columns.notes.get("height_px", 0)) or across) / across
    boxes = Boxes(picture[seen], (left + width / 2)[seen], (top + height / 2)[seen] * down, width[seen])
    people = people_of(boxes, clock.times_s)
    weights = np.bincount(people, clock.held_s[boxes.picture] * boxes.width)
    own = np.split(np.argsort(people, kind="stable"), np.cumsum(np.bincount(people))[:-1])
    order = np.argsort(-weights, kind="stable").tolist()
    return tuple(Track(i, clock, columns, seen[own[p]], boxes.picture[own[p]]) for i, p in enumerate(order))
