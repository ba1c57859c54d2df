"""Pictures that stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import run_edges, span_of_rows, ticks_lasting
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Freeze:
    """Runs in which every picture is like the first: ``[first picture, first that differs)``, to the end of the stream.

    A freeze that is black all through carries the label ``black``.
    """

    name: ClassVar[str] = "freeze"
    kinds: ClassVar[tuple[str, ...]] = ("freeze",)
    needs: ClassVar[tuple[str, ...]] = ("difference", "levels")
    after: ClassVar[tuple[str, ...]] = ()

    noise: float = 0.001
    """Largest difference to the run's first picture, as a share of full scale (FFmpeg's freezedetect). The meter starts
    a new run at its own ``noise``, so a larger value here finds no more."""
    min_duration_s: float = 0.5
    black_share: float = 0.98
    """Share of black pixels that makes a picture black."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        difference = timeline.columns["difference"]
        black = timeline.columns["levels"]["black_share"] >= self.black_share
        found = []
        for first, last in still_runs(difference, self.noise, self.min_duration_s):
            span = span_of_rows(difference, first, last)
            largest = float(difference["mafd_anchor"][first + 1 : last].max())
            is_black = bool(black[first:last].all())
            evidence: dict[str, Scalar] = {
                "value": largest, "unit": "share", "threshold": self.noise, "pictures": last - first,
                "black": is_black, "at_end": last == len(difference),
            }  # fmt: skip
            confidence = 1 - 0.5 * largest / self.noise if self.noise else 1.0
            labels = ("black",) if is_black else ()
            found.append(Event("freeze", span, Severity.WARNING, confidence, evidence, labels))
        return tuple(found)


def still_runs(difference: Columns, noise: float, least_s: float) -> list[tuple[int, int]]:
    """Row ranges ``[first, last)`` that stand still at least so long, the picture they repeat included; two rows or
    more."""
    anchored: npt.NDArray[np.float64] = difference["mafd_anchor"]
    # Where the meter began a run the row holds the difference to the run before (or NaN) and is the one repeated.
    begins = ~(anchored <= float(difference.notes["noise"]))
    still = (anchored <= noise) & ~begins
    firsts, lasts = run_edges(still)
    firsts = firsts - ((firsts > 0) & begins[firsts - 1])
    edges = np.append(difference.ticks, difference.end)
    long = (lasts - firsts > 1) & (edges[lasts] - edges[firsts] >= ticks_lasting(least_s, difference))
    return list(zip(firsts[long].tolist(), lasts[long].tolist(), strict=True))


DETECTOR = Freeze
