"""Shots and the transitions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.detector import span_of_rows, ticks_lasting
from sightline.detectors.transitions import Limits, Reading, Transition, TransitionKind
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

STREAM = "stream"
"""What a shot starts or ends with when it is the first or the last."""


@dataclass(frozen=True, slots=True)
class ShotDetector(Limits):
    """Cuts (the first picture of the new shot), gradual transitions (the pictures that show the mix) and shots (what
    lies between two of them)."""

    short_s: float = 0.2
    """Shots under this are marked ``short``, never left out: advertisements have them."""

    name: ClassVar[str] = "shots"
    kinds: ClassVar[tuple[str, ...]] = ("shot", *TransitionKind)
    needs: ClassVar[tuple[str, ...]] = ("shots",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        columns = timeline.columns["shots"]
        if not len(columns):
            return ()
        transitions = Reading(columns, self).transitions()
        return (*(_event(columns, t) for t in transitions), *self._shots(columns, transitions))

    def _shots(self, columns: Columns, transitions: tuple[Transition, ...]) -> Iterator[Event]:
        firsts = [0, *(t.last for t in transitions)]
        lasts = [*(t.first for t in transitions), len(columns)]
        kinds = [STREAM, *(t.kind.value for t in transitions), STREAM]
        sure = [1.0, *(t.confidence for t in transitions), 1.0]
        spans = np.column_stack((firsts, lasts))
        shown = spans[:, 0] < spans[:, 1]
        contrast = _each(np.maximum, columns["contrast"], spans[shown])
        luma = _each(np.add, columns["luma"], spans[shown])
        least, base = ticks_lasting(self.short_s, columns), columns.time_base
        for number, most, light in zip(np.flatnonzero(shown).tolist(), contrast, luma, strict=True):
            first, last = firsts[number], lasts[number]
            length = columns.ticks_between(first, last)
            short = length < least
            blank = most <= self.flat_contrast
            evidence: dict[str, Scalar] = {
                "value": round(length * base.numerator / base.denominator, 3),
                "unit": "s",
                "starts_with": kinds[number],
                "ends_with": kinds[number + 1],
                "pictures": last - first,
                "mean_luma": round(light / (last - first), 1),
                "short": short,
                "blank": blank,
            }
            labels = (*(("short",) if short else ()), *(("blank",) if blank else ()))
            span = span_of_rows(columns, first, last)
            yield Event("shot", span, Severity.INFO, min(sure[number], sure[number + 1]), evidence, labels)


def _each(function: np.ufunc, values: npt.NDArray[Any], spans: npt.NDArray[np.int64]) -> list[float]:
    """The function over ``values[first:last]`` of each span, none of which is empty, in one call for all."""
    padded = np.append(values, 0.0)
    found: list[float] = function.reduceat(padded, spans.ravel())[::2].tolist()
    return found


def _event(columns: Columns, transition: Transition) -> Event:
    last = transition.last if transition.kind is not TransitionKind.CUT else transition.first + 1
    span: Span = span_of_rows(columns, transition.first, last)
    return Event(transition.kind.value, span, Severity.INFO, round(transition.confidence, 3), transition.evidence)


DETECTOR = ShotDetector
