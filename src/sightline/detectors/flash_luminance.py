"""Flashes of luminance over too much of the screen, too often, or near the limit for too long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.detector import runs
from sightline.errors import TemplateInvalid
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

FLASH, EXTENDED = "flash", "extended"
"""Labels: more than three flashes in a second; near that limit for most of five seconds."""
Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.floating]


class Profile(StrEnum):
    """Whose definition of a flash."""

    BT1702 = "bt1702"
    WCAG = "wcag"
    IRIS = "iris"
    """The replica of EA IRIS, for comparison; needs the meter ``flash_iris``."""


@dataclass(frozen=True, slots=True)
class FlashRules:
    """Thresholds of flashes, of luminance and of red."""

    profile: str = "bt1702"
    """``bt1702`` (ITU-R BT.1702), ``wcag`` (WCAG 2.2: windows of a third of the screen) or ``iris``."""
    max_area_share: float = 0.25
    """ITU-R BT.1702, Ofcom: a quarter of the displayed screen; WCAG: of any 10 degrees."""
    extended_window_s: float = 5.0
    """Ofcom warns of flashing for over 5 s. 0 leaves the extended rule out; ``wcag`` has none."""
    extended_share: float = 0.8
    """Share of that window near the limit (4 changes in a second or more) that must be exceeded."""


@dataclass(frozen=True, slots=True)
class FlashLuminance(FlashRules):
    """More than six opposing changes in any second over more than ``max_area_share`` of the screen.

    The event covers the flashing itself: from the first large change of the second that failed up to the last.
    A second event, labelled ``extended``, marks flashing that stays near the limit.
    """

    name: ClassVar[str] = "flash_luminance"
    kinds: ClassVar[tuple[str, ...]] = ("flash_luminance",)
    needs: ClassVar[tuple[str, ...]] = ("flash",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return flashing(timeline, self.kinds[0], "lum", self)


DETECTOR = FlashLuminance


def flashing(timeline: Timeline, kind: str, what: str, rules: FlashRules) -> tuple[Event, ...]:
    """Events of one kind by the profile of ``rules``; ``what`` is ``lum`` or ``red``.

    Raises `TemplateInvalid` for an unknown profile, or for ``iris`` where the replica was not measured.
    """
    match rules.profile:
        case Profile.BT1702:
            columns = timeline.columns["flash"]
            return _over(columns, kind, (what, f"{what}_over"), rules) + _extended(columns, kind, what, rules)
        case Profile.WCAG:
            over = "wcag_over" if what == "lum" else "wcag_red_over"
            return _over(timeline.columns["flash"], kind, (what, over), rules)
        case Profile.IRIS:
            if "flash_iris" not in timeline.columns:
                raise TemplateInvalid("flash.iris_not_measured")
            return _as_iris(timeline.columns["flash_iris"], kind, what)
        case unknown:
            raise TemplateInvalid("flash.unknown_profile", profile=unknown)


def _over(columns: Columns, kind: str, names: tuple[str, str], rules: FlashRules) -> tuple[Event, ...]:
    what, over = names
    found: list[Event] = []
    for first, last in runs(columns[over] > rules.max_area_share):
        evidence: dict[str, Scalar] = {
            "value": round(float(columns[over][first:last].max()), 4),
            "unit": "share",
            "threshold": rules.max_area_share,
            "profile": str(rules.profile),
            "max_changes": columns.notes.get("most_changes"),
        }
        if over == f"{what}_over":
            evidence["changes"] = int(columns[f"{what}_changes"][first:last].max())
        span = _flashing_span(columns, columns[f"{what}_now"], columns[over], (first, last))
        found.append(Event(kind, span, Severity.ERROR, 1.0, evidence, (FLASH,)))
    return _merged(found)


def _flashing_span(columns: Columns, now: Shares, over: Shares, rows: tuple[int, int]) -> Span:
    """From the first large change among failing rows and the second before them up to the last."""
    first, last = rows
    second = int(1 / columns.time_base)
    start = int(np.searchsorted(columns.ticks, columns.ticks[first] - second, side="right"))
    # A cut of the whole screen amid smaller flashes must not be the only large change.
    large = np.flatnonzero(now[start:last] >= min(now[start:last].max(), over[first:last].max()) / 2)
    if large[0] == large[-1]:
        return Span(columns.start_of(start), columns.start_of(last))
    return Span(columns.start_of(start + int(large[0])), columns.start_of(start + int(large[-1])))


def _merged(events: list[Event]) -> tuple[Event, ...]:
    """Events whose spans touch as one, with the evidence of the worst."""
    merged: list[Event] = []
    for event in events:
        if merged and event.span.start <= merged[-1].span.end:
            before = merged.pop()
            worst = max(before, event, key=lambda e: (e.evidence["value"], e.evidence.get("changes", 0)))
            event = replace(worst, span=Span(before.span.start, max(before.span.end, event.span.end)))
        merged.append(event)
    return tuple(merged)


def _extended(columns: Columns, kind: str, what: str, rules: FlashRules) -> tuple[Event, ...]:
    if rules.extended_window_s <= 0 or not len(columns):
        return ()
    near = columns[f"{what}_near"] > rules.max_area_share
    shares = near_share(columns, near, rules.extended_window_s)
    found = []
    for first, last in runs(near & (shares > rules.extended_share)):
        window = round(rules.extended_window_s / float(columns.time_base))
        start = int(np.searchsorted(columns.ticks, columns.ticks[first] - window, side="right"))
        start += int(np.argmax(near[start:last]))
        evidence: dict[str, Scalar] = {
            "value": round(float(shares[first:last].max()), 4),
            "unit": "share",
            "threshold": rules.extended_share,
            "window_s": rules.extended_window_s,
            "profile": str(rules.profile),
            "changes": int(columns[f"{what}_changes"][start:last].max()),
        }
        span = Span(columns.start_of(start), columns.start_of(last))
        found.append(Event(kind, span, Severity.WARNING, 1.0, evidence, (EXTENDED,)))
    return _merged(found)


def near_share(columns: Columns, near: Mask, window_s: float) -> npt.NDArray[np.float64]:
    """For each row, how much of the ``window_s`` before its end was spent in rows where ``near`` is true."""
    edges = np.append(columns.ticks, columns.end).astype(np.float64) * float(columns.time_base)
    spent = np.concatenate(([0.0], np.cumsum(np.where(near, np.diff(edges), 0.0))))
    before = np.interp(edges[1:] - window_s, edges, spent)
    return np.asarray((spent[1:] - before) / window_s, np.float64)


def _as_iris(columns: Columns, kind: str, what: str) -> tuple[Event, ...]:
    """Rows EA IRIS would fail: 3 for flashes, 2 for extended flashing."""
    found: list[Event] = []
    for result, label in ((3, FLASH), (2, EXTENDED)):
        for first, last in runs(columns[f"{what}_result"] == result):
            evidence: dict[str, Scalar] = {
                "value": int(columns[f"{what}_transitions"][first:last].max()),
                "unit": "count",
                "threshold": 6 if label == FLASH else 4,
                "profile": str(Profile.IRIS),
            }
            span = Span(columns.start_of(first), columns.start_of(last))
            found.append(Event(kind, span, Severity.ERROR, 1.0, evidence, (label,)))
    return tuple(found)
