"""Pictures of a single colour that is not black."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import runs, span_of_rows, ticks_lasting
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SingleColour:
    """Runs of pictures of one colour, from one picture on. A change of the colour starts another run.

    Black pictures are left to the detector of black. A run that touches black (a fade, seen in its darkest pictures)
    carries the label ``beside_black``.
    """

    name: ClassVar[str] = "single_colour"
    kinds: ClassVar[tuple[str, ...]] = ("single_colour",)
    needs: ClassVar[tuple[str, ...]] = ("colour", "levels")
    after: ClassVar[tuple[str, ...]] = ()

    min_share: float = 0.90
    """Share of the area that is of one colour (the example of EBU QC 0016B)."""
    black_share: float = 0.98
    """Share of black pixels that makes a picture black."""
    min_duration_s: float = 0.0

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        colour = timeline.columns["colour"]
        black = timeline.columns["levels"]["black_share"] >= self.black_share
        single = (colour["dominant_share"] >= self.min_share) & ~black
        least = ticks_lasting(self.min_duration_s, colour)
        found = []
        for whole in runs(single):
            for first, last in _of_one_colour(colour, *whole):
                if colour.ticks_between(first, last) >= least:
                    span = span_of_rows(colour, first, last)
                    beside = (first > 0 and black[first - 1]) or (last < len(black) and black[last])
                    labels = ("beside_black",) if beside else ()
                    confidence, evidence = self._evidence(colour, first, last)
                    found.append(Event("single_colour", span, Severity.WARNING, confidence, evidence, labels))
        return tuple(found)

    def _evidence(self, colour: Columns, first: int, last: int) -> tuple[float, dict[str, Scalar]]:
        least = float(colour["dominant_share"][first:last].min())
        evidence: dict[str, Scalar] = {
            "value": least, "unit": "share", "threshold": self.min_share, "pictures": last - first,
            "y": _median(colour["y"][first:last]), "u": _median(colour["u"][first:last]),
            "v": _median(colour["v"][first:last]), "at_end": last == len(colour),
        }  # fmt: skip
        return 0.5 + 0.5 * (least - self.min_share) / max(1 - self.min_share, 1e-9), evidence


DETECTOR = SingleColour


def _median(codes: npt.NDArray[np.int32]) -> int:
    """The median of codes, rounded down. Most runs are short, and `np.median` takes ten times as long to start."""
    ordered = np.sort(codes)
    return (int(ordered[(len(codes) - 1) // 2]) + int(ordered[len(codes) // 2])) // 2


def _of_one_colour(colour: Columns, first: int, last: int) -> list[tuple[int, int]]:
    """``[first, last)`` cut where the colour jumps by more than the meter's tolerance of full scale."""
    reach = float(colour.notes["tolerance"]) * (1 << int(colour.notes["bit_depth"]))
    codes = np.stack([colour[name][first:last] for name in ("y", "u", "v")]).astype(np.int64)
    jumps = np.flatnonzero((np.abs(np.diff(codes, axis=1)) > reach).any(axis=0)) + 1 + first
    edges = [first, *jumps.tolist(), last]
    return list(pairwise(edges))
