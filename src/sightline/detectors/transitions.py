"""Transitions read out of the scores of the ``shots`` meter: which rows are cuts, dissolves, fades, wipes and flashes.

All windows are in seconds. A transition is the half-open run of pictures that show a mix; a cut's run is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import runs
from sightline.timeline.columns import Columns
from sightline.timeline.event import Scalar

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


TRUSTED = 3
"""The end of a fade as its contrast tells it stands, unless the mix goes on for more pictures than this."""


class TransitionKind(StrEnum):
    CUT = "cut"
    DISSOLVE = "dissolve"
    FADE = "fade"
    WIPE = "wipe"


@dataclass(frozen=True, slots=True)
class Transition:
    """``first`` is the first row that shows the mix, ``last`` the first that is fully new; equal for a cut."""

    kind: TransitionKind
    first: int
    last: int
    confidence: float
    evidence: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flash:
    """Rows ``[first, last)`` unlike both sides, while the sides are alike."""

    first: int
    last: int
    return_share: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of the reading, chosen on the development edits of ``benchmarks/accuracy`` alone; no standard has any.

    Codes are 8-bit code values, shares 0 to 1.
    """

    cut_unexplained: float = 0.7
    """A cut to another scene: this share of the picture is not the last one moved or lit otherwise …"""
    cut_cells: float = 0.75
    """… spread over this share of the 8 x 6 cells (a card covers less) …"""
    cut_prominence: float = 1.6
    """… and the change is this many times the ordinary one around it (a whip pan is all change)."""
    jump_change: float = 3.0
    """A cut within a scene: the pictures differ by this many codes (RMS) …"""
    jump_cells: float = 0.5
    """… in this share of the cells …"""
    jump_unexplained: float = 0.015
    """… motion does not explain at least this share …"""
    jump_prominence: float = 5.0
    """… and nothing around changes nearly as much."""
    neighbours_s: float = 0.16
    """What is around: this long before and after, but at least three pictures."""
    punch_zoom: float = 0.12
    """A sudden magnification by this share is a punch-in …"""
    punch_prominence: float = 2.5
    """… when it stands out by this factor; a fast zoom is spread over its pictures."""
    flash_cells: float = 0.6
    """Pictures between two alike sides are a flash when they are strange in this share of the cells …"""
    flash_luma: float = 10.0
    """… or brighter or darker by this many codes."""
    dissolve_score: float = 14.0
    """Distance of the two sides in codes times how well a straight mix fits."""
    dissolve_unexplained: float = 0.4
    """The sides of a dissolve are different scenes: share that motion and exposure do not explain …"""
    dissolve_cells: float = 0.45
    """… in this share of the cells …"""
    dissolve_covered: float = 0.85
    """… and they differ in this share of them (a title that fades in covers less)."""
    wipe_score: float = 12.0
    wipe_replaced: float = 0.9
    """Share of the pixels that were old, then new, and nothing else …"""
    wipe_replaced_straight: float = 0.6
    """… less where an edge travels straight, for the sides may move meanwhile …"""
    wipe_covered: float = 0.85
    """… in this share of the cells; somebody walking past the lens covers less …"""
    wipe_unexplained: float = 0.4
    """… between different scenes …"""
    wipe_unrest: float = 0.6
    """… and right outside it is quieter than this share of the change inside; half of it without a straight edge."""
    flat_contrast: float = 8.0
    """A plain picture spans no more codes of luma …"""
    black_level: float = 24.0
    """… around this level or below …"""
    white_level: float = 228.0
    """… or this and above."""
    fade_step: float = 0.35
    """A fade goes on while a picture makes this share of the mean step so far."""
    longest_hold_s: float = 1.0
    """Black or white held longer than this between two fades is a shot of its own, marked ``blank``."""


class Reading:
    """One pass over the columns of the meter."""

    def __init__(self, columns: Columns, limits: Limits) -> None:
        self._columns = columns
        self._limits = limits
        self._starts_s = columns.ticks * float(columns.time_base)
        self._change = np.asarray(columns["change"], np.float64)

    def flashes(self) -> tuple[Flash, ...]:
        found = []
        lengths, shares = self._columns["return_pictures"], self._columns["return_share"]
        cells, luma = np.nan_to_num(self._columns["unexplained_cells"]), self._columns["luma"]
        rows = np.flatnonzero(lengths > 0)
        firsts = rows - lengths[rows]
        strange = np.maximum(cells[firsts], cells[rows]) >= self._limits.flash_cells
        lit = np.abs(luma[firsts] - luma[rows]) >= self._limits.flash_luma
        taken = -1
        for first, row in np.column_stack((firsts, rows))[strange | lit].tolist():
            if first >= taken:
                found.append(Flash(first, row, float(shares[row])))
                taken = row
        return tuple(found)

    def transitions(self) -> tuple[Transition, ...]:
        """In order of time, none overlapping another."""
        dissolves = list(self._dissolves())
        cuts = list(self._cuts())
        fades = list(self._fades(dissolves, cuts))
        taken = bytearray(len(self._change) + 1)
        for fade in fades:
            taken[fade.first : fade.last + 1] = b"\1" * (fade.last + 1 - fade.first)
        cuts = [cut for cut in cuts if not taken[cut.first]]
        for cut in cuts:
            taken[cut.first] = 1
        kept = [*fades, *cuts]
        for gradual in sorted((*dissolves, *self._wipes()), key=lambda t: -t.confidence):
            rows = slice(gradual.first, gradual.last + 1)
            if 1 not in taken[rows]:
                taken[rows] = b"\1" * (gradual.last + 1 - gradual.first)
                kept.append(gradual)
        return tuple(sorted(kept, key=lambda t: (t.first, t.last)))

    def _cuts(self) -> Iterator[Transition]:
        limits, columns = self._limits, self._columns
        # What was not looked at is NaN, which is no more than anything.
        unexplained, cells, changed, zoom = (
            columns[n] for n in ("unexplained", "unexplained_cells", "changed_cells", "zoom")
        )
        quiet = np.zeros(len(columns), bool)
        lengths = columns["return_pictures"]
        for row in np.flatnonzero(lengths > 0).tolist():
            quiet[row - int(lengths[row]) : row + 1] = True
        zoomed = (np.abs(zoom) >= limits.punch_zoom) & (changed >= limits.jump_cells)
        new_scene = (unexplained >= limits.cut_unexplained) & (cells >= limits.cut_cells)
        same_scene = (
            (self._change >= limits.jump_change)
            & (changed >= limits.jump_cells)
            & (unexplained >= limits.jump_unexplained)
        )
        rows = np.flatnonzero(~quiet & (self._change > 0) & (zoomed | new_scene | same_scene))
        prominence = self._prominence(rows)
        zoomed = zoomed[rows] & (prominence >= limits.punch_prominence)
        new_scene = new_scene[rows] & (prominence >= limits.cut_prominence)
        same_scene = same_scene[rows] & (prominence >= limits.jump_prominence)
        found = zoomed | new_scene | same_scene
        for row, is_new in zip(rows[found].tolist(), new_scene[found].tolist(), strict=True):
            yield Transition(
                TransitionKind.CUT,
                row,
                row,
                float(min(1.0, unexplained[row]) if is_new else 0.6),
                {
                    "value": round(float(unexplained[row]), 3),
                    "unit": "share",
                    "threshold": limits.cut_unexplained if is_new else limits.jump_unexplained,
                    "same_scene": not is_new,
                },
            )

    def _prominence(self, rows: Rows) -> Floats:
        """By how much the change of rows stands out of the ordinary change before and after (the larger median)."""
        change, starts, count = self._change, self._starts_s, len(self._change)
        reach = self._limits.neighbours_s
        low = np.minimum(np.searchsorted(starts, starts[rows] - reach - 1e-6), np.maximum(rows - 3, 0))
        high = np.searchsorted(starts, starts[rows] + reach + 1e-6, side="right")
        high = np.maximum(high, np.minimum(rows + 4, count))
        # The first row has none before it to have changed from.
        before, after = _medians(change, np.maximum(low, 1), rows), _medians(change, rows + 1, high)
        return np.asarray(change[rows] / np.maximum(np.maximum(before, after), 0.1), np.float64)

    def _dissolves(self) -> Iterator[Transition]:
        limits, columns = self._limits, self._columns
        score = np.where(
            (columns["dissolve_unexplained"] >= limits.dissolve_unexplained)
            & (columns["dissolve_cells"] >= limits.dissolve_cells)
            & (columns["dissolve_covered"] >= limits.dissolve_covered),
            columns["dissolve"],
            0.0,
        )
        for row, first in self._peaks(score, columns["dissolve_pictures"], limits.dissolve_score):
            evidence: dict[str, Scalar] = {
                "value": round(float(score[row]), 2),
                "unit": "code",
                "threshold": limits.dissolve_score,
            }
            yield Transition(TransitionKind.DISSOLVE, first, row, _sure(score[row], limits.dissolve_score), evidence)

    def _wipes(self) -> Iterator[Transition]:
        limits, columns = self._limits, self._columns
        replaced = np.nan_to_num(columns["wipe_replaced"])
        straight = (columns["wipe_way"] >= 1) & (columns["wipe_way"] <= 4)
        score = np.where(
            (replaced >= np.where(straight, limits.wipe_replaced_straight, limits.wipe_replaced))
            & (columns["wipe_covered"] >= limits.wipe_covered)
            & (columns["wipe_unexplained"] >= limits.wipe_unexplained),
            columns["wipe"] * replaced,
            0.0,
        )
        for row in np.flatnonzero(score >= limits.wipe_score).tolist():
            allowed = limits.wipe_unrest if straight[row] else limits.wipe_unrest / 2
            if self._unrest(row - int(columns["wipe_pictures"][row]) + 1, row) > allowed:
                score[row] = 0.0
        ways = ("", "left", "right", "up", "down", "other")
        for row, first in self._peaks(score, columns["wipe_pictures"], limits.wipe_score):
            evidence: dict[str, Scalar] = {
                "value": round(float(replaced[row]), 3),
                "unit": "share",
                "threshold": limits.wipe_replaced,
                "direction": ways[int(columns["wipe_way"][row])],
            }
            yield Transition(TransitionKind.WIPE, first, row, _sure(score[row], limits.wipe_score), evidence)

    def _unrest(self, first: int, last: int) -> float:
        """Change right outside a transition over the change inside, of the livelier side. Somebody walking past the
        lens goes on moving; a wipe is over when it is over."""
        change = self._change
        inside = _median(change[max(0, first) : last + 1])
        sides = [part.min() for part in (change[max(1, first - 2) : first], change[last + 1 : last + 3]) if len(part)]
        return max(sides, default=0.0) / max(inside, 0.1)

    def _peaks(
        self, score: npt.NDArray[np.floating], lengths: npt.NDArray[np.integer], least: float
    ) -> Iterator[tuple[int, int]]:
        """Best rows first, with the first mixed row of each; ranges that touch a better one are left out."""
        taken = bytearray(len(score))
        rows = np.flatnonzero(score >= least)
        rows = rows[np.argsort(-score[rows], kind="stable")]
        for row, length in zip(rows.tolist(), lengths[rows].tolist(), strict=True):
            first = row - length + 1
            if first < 0 or 1 in taken[first : row + 1]:
                continue
            taken[first : row + 1] = b"\1" * length
            yield row, first

    def _fades(self, dissolves: list[Transition], cuts: list[Transition]) -> Iterator[Transition]:
        """Plain black or white stretches grown outwards. A mix that starts or ends in one belongs to the fade."""
        limits = self._limits
        level = np.asarray(self._columns["level"], np.float64)
        contrast = np.asarray(self._columns["contrast"], np.float64)
        steps = np.zeros(len(level) + 1, bool)
        steps[[cut.first for cut in cuts]] = True
        plain = contrast <= limits.flat_contrast
        for colour, flat in (
            ("black", plain & (level <= limits.black_level)),
            ("white", plain & (level >= limits.white_level)),
        ):
            for first, last in runs(flat):
                from_plain = _distance(level, contrast, _median(level[first:last]))
                out, into = self._ramp(from_plain, steps, first, -1), self._ramp(from_plain, steps, last - 1, 1)
                since = min([last, *(d.first for d in dissolves if first < d.first <= into)])
                into = max([into, *(d.last for d in dissolves if first < d.first <= into and d.last - into > TRUSTED)])
                out = min([out, *(d.first for d in dissolves if out <= d.last < last and out - d.first > TRUSTED)])
                hold = self._starts_s[since - 1] - self._starts_s[first]
                if out < first and into > last and hold <= limits.longest_hold_s:
                    yield _fade(out, into, "through", colour)
                    continue
                if out < first:
                    yield _fade(out, first, "out", colour)
                if into > last:
                    yield _fade(since, into, "in", colour)

    def _ramp(self, from_plain: Callable[[int], float], steps: npt.NDArray[np.bool_], flat: int, way: int) -> int:
        """Where the steady way out of a plain row ends: going forward the first full row, going back the first mixed
        one. Without two mixed pictures it is the edge of the plain stretch."""
        at, gone = flat, 0.0
        while 0 <= at + way < len(self._change) and not steps[max(at, at + way)]:
            step, done = from_plain(at + way) - from_plain(at), abs(at - flat)
            if step <= 0 or (done and step < self._limits.fade_step * gone / done):
                break
            gone, at = gone + step, at + way
        if abs(at - flat) < 3:
            return flat + 1 if way > 0 else flat
        return at if way > 0 else at + 1


def _distance(level: Floats, contrast: Floats, plain_level: float) -> Callable[[int], float]:
    """How far a row is from a plain picture of a level, in codes."""
    return lambda row: float(abs(level[row] - plain_level) + contrast[row])


def _median(values: Floats) -> float:
    """The median of some values; `np.median` takes ten times as long to start."""
    ordered = np.sort(values)
    return float((ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2)


def _medians(values: Floats, firsts: Rows, lasts: Rows) -> Floats:
    """The median of each stretch ``values[first:last]``; 0 for an empty one."""
    lengths = lasts - firsts
    result = np.zeros(len(firsts))
    for length in np.unique(lengths[lengths > 0]).tolist():
        alike = np.flatnonzero(lengths == length)
        result[alike] = np.median(values[firsts[alike, None] + np.arange(length)], axis=1)
    return result


def _fade(first: int, last: int, direction: str, colour: str) -> Transition:
    return Transition(TransitionKind.FADE, first, last, 0.9, {"direction": direction, "colour": colour})


def _sure(score: float, least: float) -> float:
    """Half at the threshold, towards one above it."""
    return float(1 - 0.5 * least / score)
