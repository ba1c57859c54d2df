"""Shares, rates, means and spreads over time, each with its coverage and its draws for an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.detectors.person.face_tracks import Clock
from sightline.timeline.event import Event, Scalar

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEAST_S = 5.0
"""A share or a mean of less than this says nothing of a person. Heuristic."""
LEAST_RATE_S = 10.0
"""So does a rate a minute. Heuristic."""


class Seen:
    """The rows of a clock inside a scene, and, if so asked, inside some stretches of it."""

    def __init__(self, scene: Scene, clock: Clock, known: Mask, among: Intervals | None = None) -> None:
        self.scene, self.clock = scene, clock
        first, last = np.searchsorted(clock.times_s, [scene.start, scene.end])
        self.cut = slice(int(first), int(last))
        """Rows of the clock that start inside the scene; the arrays below have a row for each."""
        self.times = clock.times_s[self.cut]
        self.of_s = scene.duration
        self.rows = known[self.cut].copy()
        if among is not None:
            self.rows &= among.hold(self.times)
            self.of_s = among.total
        self.weights = np.where(self.rows, clock.held_s[self.cut], 0.0)
        self.seconds = float(self.weights.sum())

    def of(self, values: Floats) -> Floats:
        """Values of a column in the seen rows."""
        return np.asarray(values[self.cut][self.rows])

    @property
    def coverage(self) -> float:
        return min(1.0, self.seconds / self.of_s) if self.of_s > 0 else 0.0

    @property
    def count(self) -> int:
        return int(self.rows.sum())

    def require(self, least_s: float = LEAST_S) -> None:
        """Raises `Unmeasured` where there is too little."""
        if self.seconds < least_s:
            raise Unmeasured("interview.too_short", seconds=round(self.seconds, 1), least=least_s)

    def sums(self, values: Floats | None = None) -> Floats:
        """Seconds, or seconds times values, in each block."""
        weights = self.weights if values is None else np.where(self.rows, self.weights * values[self.cut], 0.0)
        return self.scene.blocks.sums(self.times, weights)

    def share(self, mask: Mask, *, spans: Sequence[Span] = (), least_s: float = LEAST_S,
              quality: float | None = None, details: Mapping[str, Scalar] | None = None) -> Reading:  # fmt: skip
        """Share of the seen time for which the mask holds."""
        self.require(least_s)
        hits, seen = self.sums(mask.astype(np.float64)), self.sums()
        draws = self.scene.blocks.drawn(lambda part, whole: part / whole, hits, seen)
        value = float(hits.sum() / seen.sum())
        return Reading(value, self.count, self.coverage, draws, tuple(spans), quality, details or {})

    def mean(self, values: Floats, *, least_s: float = LEAST_S, spans: Sequence[Span] = ()) -> Reading:
        """Mean over the seen time."""
        self.require(least_s)
        total, seen = self.sums(values), self.sums()
        draws = self.scene.blocks.drawn(lambda part, whole: part / whole, total, seen)
        return Reading(float(total.sum() / seen.sum()), self.count, self.coverage, draws, tuple(spans))

    def spread(self, *signals: Floats, least_s: float = LEAST_S) -> Reading:
        """Root of the summed variances of signals: the standard deviation of one, the distance one of two."""
        self.require(least_s)
        # About the mean first, so that squares of large numbers do not swallow the variance.
        sums = [self.sums()]
        for values in signals:
            here = values[self.cut]
            centred = np.where(self.rows, here - np.average(here[self.rows], weights=self.weights[self.rows]), 0.0)
            sums += [self.scene.blocks.sums(self.times, self.weights * centred**power) for power in (1, 2)]

        def of(seen: Floats, *moments: Floats) -> Floats:
            pairs = zip(moments[::2], moments[1::2], strict=True)
            return np.sqrt(np.maximum(0.0, sum(square / seen - (one / seen) ** 2 for one, square in pairs)))

        value = float(of(*(np.array([each.sum()]) for each in sums))[0])
        return Reading(value, self.count, self.coverage, self.scene.blocks.drawn(of, *sums))

    def rate(self, events: tuple[Event, ...], *, per_s: float = 60.0, least_s: float = LEAST_RATE_S) -> Reading:
        """Events a minute (or another time) of what was seen."""
        return rate(self.scene, events, self.sums(), self.coverage, per_s=per_s, least_s=least_s)


def rate(scene: Scene, events: tuple[Event, ...], seconds: Floats, coverage: float, *, per_s: float = 60.0,
         least_s: float = LEAST_RATE_S) -> Reading:  # fmt: skip
    """Events a minute (or another time). ``seconds``: in each block, in which they would have been noticed."""
    moments = np.array([float(event.span.middle) for event in events])
    found = rate_of_moments(scene, moments, seconds, coverage, per_s=per_s, least_s=least_s)
    return Reading(found.value, found.n, found.coverage, found.draws, longest(events))


def rate_of_moments(scene: Scene, moments: Floats, seconds: Floats, coverage: float, *, per_s: float = 60.0,
                    weights: Floats | None = None, least_s: float = LEAST_RATE_S) -> Reading:  # fmt: skip
    """As `rate`, of moments in seconds, each counted ``weights`` times."""
    whole = float(seconds.sum())
    if whole < least_s:
        raise Unmeasured("interview.too_short", seconds=round(whole, 1), least=least_s)
    counts = scene.blocks.sums(moments, np.ones(len(moments)) if weights is None else weights)
    draws = scene.blocks.drawn(lambda count, time: per_s * count / time, counts, seconds)
    return Reading(float(per_s * counts.sum() / whole), len(moments), coverage, draws)


def mean_of_events(scene: Scene, events: tuple[Event, ...], values: Floats, coverage: float) -> Reading:
    """Mean of a value that every event has. Raises `Unmeasured` without events."""
    if not events:
        raise Unmeasured("interview.none_found")
    moments = np.array([float(event.span.middle) for event in events])
    totals, counts = scene.blocks.sums(moments, values), scene.blocks.sums(moments, np.ones(len(values)))
    draws = scene.blocks.drawn(lambda total, count: total / count, totals, counts)
    return Reading(float(np.mean(values)), len(events), coverage, draws, longest(events))
