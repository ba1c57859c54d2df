"""Pictures that repeat the one before while everything moves: conversions of rate, telecine, dropped pictures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span, exact_seconds
from sightline.detectors.detector import runs, span_of_rows
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

_LONGEST_CADENCE = 30
"""New pictures in the longest cadence looked for; 24 to 25 repeats after 24."""
_REGULAR = 0.9
"""Share of pictures that must keep to a cadence."""


@dataclass(frozen=True, slots=True)
class DuplicateFrames:
    """Passages of moving material with repeated pictures.

    A picture is a duplicate when it hardly differs from the one before, and the pictures on both sides of the repeat
    clearly move. What stands still longer is a freeze. The evidence holds the share of duplicates (``value``), their
    number and, when they come regularly, the cadence: for how many pictures each new one is held (``2:3`` for 24 in 60,
    ``1:1:1:2`` for 24 in 30), which picture of the passage starts it (``phase``), and the rate without repeats.
    A passage with a cadence carries the label ``cadence``, a lone repeat ``single``.
    """

    name: ClassVar[str] = "duplicate_frames"
    kinds: ClassVar[tuple[str, ...]] = ("duplicate_frames",)
    needs: ClassVar[tuple[str, ...]] = ("difference",)
    after: ClassVar[tuple[str, ...]] = ()

    noise: float = 0.001
    """Largest difference between repeats, as a share of full scale (as for freezes)."""
    min_motion: float = 0.003
    """Least difference of the pictures on both sides of a repeat: three times the noise, our choice. Repeats in
    material that moves less cannot be told from a still that a lossy codec lets drift."""
    max_hold_s: float = 0.5
    """What stands still as long as this or longer is a freeze."""
    join_gap_s: float = 1.0
    """Repeats at most this apart are one passage."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        difference = timeline.columns["difference"]
        repeats = self._repeats(difference)
        duplicate = np.zeros(len(difference), np.bool_)
        for first, last in repeats:
            duplicate[first:last] = True
        found = []
        for first, last in self._passages(difference, repeats):
            labels, evidence = _described(difference, duplicate, first, last)
            evidence |= {"threshold": self.noise, "motion": _motion(difference, duplicate, first, last)}
            # Sure when the material around moves much more than it must.
            confidence = min(1.0, float(evidence["motion"] or 0) / (2 * self.min_motion))
            span = span_of_rows(difference, first, last)
            found.append(Event("duplicate_frames", span, Severity.WARNING, confidence, evidence, labels))
        return tuple(found)

    def _repeats(self, difference: Columns) -> list[tuple[int, int]]:
        mafd = np.nan_to_num(difference["mafd"], nan=0.0)
        found = []
        for first, last in runs(difference["mafd"] <= self.noise):
            moves = first > 1 and last < len(mafd) and min(mafd[first - 1], mafd[last]) >= self.min_motion
            if moves and span_of_rows(difference, first - 1, last).duration < exact_seconds(self.max_hold_s):
                found.append((first, last))
        return found

    def _passages(self, difference: Columns, repeats: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Rows from the first picture that is repeated to the end of the last repeat."""
        found: list[tuple[int, int]] = []
        for first, last in repeats:
            start = difference.start_of(first)
            if found and Span(difference.start_of(found[-1][1]), start).duration <= exact_seconds(self.join_gap_s):
                found[-1] = found[-1][0], last
            else:
                found.append((first - 1, last))
        return found


DETECTOR = DuplicateFrames


def _described(
    difference: Columns, duplicate: npt.NDArray[np.bool_], first: int, last: int
) -> tuple[tuple[str, ...], dict[str, Scalar]]:
    repeats = int(duplicate[first:last].sum())
    evidence: dict[str, Scalar] = {
        "value": repeats / (last - first), "unit": "share", "duplicates": repeats, "pictures": last - first,
    }  # fmt: skip
    news = np.flatnonzero(~duplicate[first:last])
    # The last new picture may be held longer than the passage shows.
    holds = np.diff(news)
    period = _period(holds)
    if period is None:
        return (("single",) if repeats == 1 else ()), evidence
    unit, phase = _canonical(holds[:period].tolist())
    held = sum(unit)
    span = span_of_rows(difference, first, last)
    rate = Fraction(last - first) / span.duration * Fraction(period, held)
    evidence |= {"cadence": ":".join(map(str, unit)), "phase": int(news[phase]), "rate_hz": float(rate)}
    return ("cadence",), evidence


def _period(holds: npt.NDArray[np.int64]) -> int | None:
    """After how many new pictures the holds repeat; None when they do not, or not twice."""
    for period in range(1, min(_LONGEST_CADENCE, len(holds) // 2) + 1):
        if float(np.mean(holds[period:] == holds[:-period])) >= _REGULAR and holds[:period].max() > 1:
            return period
    return None


def _canonical(holds: list[int]) -> tuple[list[int], int]:
    """The cadence begun at its shortest holds, and how many pictures later that is."""
    turns = [(holds[turn:] + holds[:turn], turn) for turn in range(len(holds))]
    return min(turns)


def _motion(difference: Columns, duplicate: npt.NDArray[np.bool_], first: int, last: int) -> float:
    moving = difference["mafd"][first:last][~duplicate[first:last]]
    return float(np.nanmedian(moving)) if np.isfinite(moving).any() else 0.0
