"""Shots and the transitions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

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
        contrast, luma = columns["contrast"], columns["luma"]
        least, base = ticks_lasting(self.short_s, columns), columns.time_base
        for number, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            if first >= last:
                continue
            length = columns.ticks_between(first, last)
            short = length < least
            blank = float(contrast[first:last].max()) <= self.flat_contrast
            evidence: dict[str, Scalar] = {
                "value": round(length * base.numerator / base.denominator, 3),
                "unit": "s",
                "starts_with": kinds[number],
                "ends_with": kinds[number + 1],
                "pictures": last - first,
                "mean_luma": round(float(np.add.reduce(luma[first:last]) / (last - first)), 1),
                "short": short,
                "blank": blank,
            }
            labels = (*(("short",) if short else ()), *(("blank",) if blank else ()))
            span = span_of_rows(columns, first, last)
            yield Event("shot", span, Severity.INFO, min(sure[number], sure[number + 1]), evidence, labels)


def _event(columns: Columns, transition: Transition) -> Event:
    last = transition.last if transition.kind is not TransitionKind.CUT else transition.first + 1
    span: Span = span_of_rows(columns, transition.first, last)
    return Event(transition.kind.value, span, Severity.INFO, round(transition.confidence, 3), transition.evidence)


DETECTOR = ShotDetector
