"""Passages in which a share of the picture exceeds a limit; shared by the detectors of levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import run_edges, span_of_rows, ticks_lasting
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity


@dataclass(frozen=True, slots=True)
class Excess:
    """What is exceeded, and how to say so."""

    kind: str
    unit: str
    threshold: float
    severity: Severity
    labels: tuple[str, ...] = ()
    join_gap_s: float = 0.0
    """Passages less than this apart are one event."""
    evidence: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    """Further columns; their value at the worst picture goes into the evidence."""


def excess_events(columns: Columns, values: npt.NDArray[np.float64], excess: Excess) -> Iterator[Event]:
    """An event for every passage in which ``values`` is above the threshold.

    The evidence holds the worst value, when it was (``worst_s``), and how many pictures are above.
    """
    above = values > excess.threshold
    counts, base = np.append(0, np.cumsum(above)), columns.time_base
    for first, last in _joined(columns, above, excess.join_gap_s):
        worst = first + (int(values[first:last].argmax()) if last - first > 1 else 0)
        evidence: dict[str, Scalar] = {
            "value": float(values[worst]), "unit": excess.unit, "threshold": excess.threshold,
            "pictures": int(counts[last] - counts[first]),
            "worst_s": int(columns.ticks[worst]) * base.numerator / base.denominator,
        }  # fmt: skip
        evidence |= {name: float(column[worst]) for name, column in excess.evidence.items()}
        yield Event(excess.kind, span_of_rows(columns, first, last), excess.severity, 1.0, evidence, excess.labels)


def _joined(columns: Columns, above: npt.NDArray[np.bool_], gap_s: float) -> list[tuple[int, int]]:
    firsts, lasts = run_edges(above)
    apart = columns.ticks[firsts[1:]] - columns.ticks[lasts[:-1]] >= ticks_lasting(gap_s, columns)
    firsts, lasts = firsts[np.append(True, apart)[: len(firsts)]], lasts[np.append(apart, True)[: len(lasts)]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
