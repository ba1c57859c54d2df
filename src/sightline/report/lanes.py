"""Signals made small enough to draw: least, mean and greatest per bin, as SVG paths and hover values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

MOST_BINS = 3000
"""Enough to zoom into an hour to about a second, few enough to keep a report small."""
HEIGHT = 100
"""Height of a lane in its own units; the page stretches it."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signal in equal bins over a span; NaN where nothing was measured."""

    least: Floats
    mean: Floats
    greatest: Floats

    def __len__(self) -> int:
        return len(self.mean)


@dataclass(frozen=True, slots=True)
class Curve:
    """One signal of a lane, ready to draw. ``path`` lives in ``0 … bins`` by ``0 … HEIGHT``, top is 0."""

    name: str
    """Catalogue key of its name."""
    style: str
    """``band`` is filled between least and greatest, ``line`` is the mean, ``area`` is filled from below."""
    path: str
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    """For hovering, per bin; equal for lines."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A horizontal line with its value, at a share of the height from the top."""

    at: float
    value: float
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Curves that share an axis."""

    name: str
    """Catalogue key of its title."""
    unit: str
    bins: int
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]


def lanes(timeline: Timeline) -> tuple[Lane, ...]:
    """Every lane there are signals for: loudness, luma range, flashes."""
    made = (_loudness(timeline), _luma(timeline), _flashes(timeline))
    return tuple(lane for lane in made if lane is not None)


def envelope(columns: Columns, name: str, span: Span, bins: int) -> Envelope:
    """Least, mean and greatest of a column in equal bins of a span. A bin without a row of its own has the last
    one's value: a row lasts until the next, and the last one until the columns end. After that there is nothing."""
    values = np.asarray(columns[name], np.float64)
    times_s = columns.ticks * float(columns.time_base)
    edges_s = np.linspace(float(span.start), float(span.end), bins + 1)
    edges = np.searchsorted(times_s, edges_s)
    edges[-1] = len(values)
    first, last = edges[:-1], edges[1:]
    held = first == last
    is_over = edges_s[:-1] >= columns.end * float(columns.time_base)
    starts = np.minimum(np.where(held, np.maximum(first - 1, 0), first), len(values) - 1)
    lengths = np.where(held, 1, last - first)
    least, greatest, mean = (np.full(bins, np.nan) for _ in range(3))
    for i in range(bins):
        part = values[starts[i] : starts[i] + lengths[i]]
        part = part[~np.isnan(part)]
        if len(part) and not (held[i] and (first[i] == 0 or is_over[i])):
            least[i], greatest[i], mean[i] = part.min(), part.max(), part.mean()
    return Envelope(least, mean, greatest)


def _bins_for(columns: Columns) -> int:
    return max(1, min(MOST_BINS, len(columns)))


def _loudness(timeline: Timeline) -> Lane | None:
    columns = timeline.columns.get("loudness")
    if columns is None or not len(columns) or "momentary" not in columns:
        return None
    bins = _bins_for(columns)
    low, high = -50.0, 0.0
    # Sums over minus infinity make means of it; what is below the axis is drawn at its foot.
    curves = [
        curve_of("report.curve.momentary", "band", envelope(columns, "momentary", timeline.span, bins), low, high)
    ]
    if "short_term" in columns:
        short_term = envelope(columns, "short_term", timeline.span, bins)
        curves.append(curve_of("report.curve.short_term", "line", short_term, low, high))
    marks = tuple(_mark(value, low, high) for value in (-10.0, -23.0, -40.0))
    return Lane("report.lane.loudness", "LUFS", bins, tuple(curves), marks)


def _luma(timeline: Timeline) -> Lane | None:
    columns, video = timeline.columns.get("levels"), timeline.media.video
    if columns is None or video is None or not len(columns):
        return None
    bins = _bins_for(columns)
    low, high = 0.0, float(2**video.bit_depth - 1)
    least, mean, greatest = (envelope(columns, name, timeline.span, bins) for name in ("y_min", "y_mean", "y_max"))
    whole = Envelope(least.least, mean.mean, greatest.greatest)
    curves = (
        curve_of("report.curve.luma_range", "band", whole, low, high),
        curve_of("report.curve.luma_mean", "line", mean, low, high),
    )
    scale = 2.0 ** (video.bit_depth - 8)
    # Black and white of limited range: ITU-R BT.709 and BT.2100.
    marks = () if video.full_range else tuple(_mark(code * scale, low, high, True) for code in (16, 235))
    return Lane("report.lane.luma", "code", bins, curves, marks)


def _flashes(timeline: Timeline) -> Lane | None:
    columns = timeline.columns.get("flash")
    if columns is None or not len(columns):
        return None
    names = [name for name in ("lum_near", "lum_over", "red_over") if name in columns]
    bins = _bins_for(columns)
    curves = tuple(
        curve_of(f"report.curve.flash_{name}", "area", envelope(columns, name, timeline.span, bins), 0.0, 1.0)
        for name in names
    )
    # ITU-R BT.1702 allows flashing on up to a quarter of the screen.
    return Lane("report.lane.flash", "share", bins, curves, (_mark(0.25, 0.0, 1.0, True),))


def curve_of(name: str, style: str, found: Envelope, low: float, high: float) -> Curve:
    """A curve of a lane from its envelope, between the values at its foot and top. ``name`` is a catalogue key;
    ``style`` as `Curve` has it, or ``low``: a line through the least of each bin."""
    if style == "low":
        found, style = Envelope(found.least, found.least, found.least), "line"
    if style == "line":
        top = bottom = found.mean
    else:
        top, bottom = found.greatest, (found.least if style == "band" else np.full(len(found), low))
    upper, lower = (_heights(values, low, high) for values in (top, bottom))
    path = _line(upper) if style == "line" else _band(upper, lower)
    shown_low = found.mean if style == "line" else found.least if style == "band" else found.greatest
    return Curve(name, style, path, _hover(shown_low), _hover(top))


def _heights(values: Floats, low: float, high: float) -> Floats:
    clipped = np.clip(np.nan_to_num(values, nan=np.nan, neginf=low, posinf=high), low, high)
    return np.round((1 - (clipped - low) / (high - low)) * HEIGHT, 1)


def _line(heights: Floats) -> str:
    parts: list[str] = []
    for first, last in _stretches(heights):
        points = [f"{x + 0.5:g} {heights[x]:g}" for x in range(first, last)]
        # A lone point has no length; a bin's width makes it visible.
        parts.append(f"M{points[0]}h1" if len(points) == 1 else "M" + "L".join(points))
    return "".join(parts)


def _band(upper: Floats, lower: Floats) -> str:
    parts: list[str] = []
    for first, last in _stretches(upper):
        there = [f"{x:g} {upper[x]:g}H{x + 1:g}" for x in range(first, last)]
        back = [f"V{lower[x]:g}H{x:g}" for x in reversed(range(first, last))]
        parts.append("M" + "V".join(p if i == 0 else p.split(" ", 1)[1] for i, p in enumerate(there)))
        parts.append("".join(back) + "Z")
    return "".join(parts)


def _stretches(heights: Floats) -> list[tuple[int, int]]:
    known = np.concatenate(([False], ~np.isnan(heights), [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(known)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _hover(values: Floats) -> tuple[float | None, ...]:
    return tuple(
        None if math.isnan(value) else (-1000.0 if value == -math.inf else round(value, 3 if abs(value) < 2 else 1))
        for value in values.tolist()
    )


def _mark(value: float, low: float, high: float, is_limit: bool = False) -> Mark:
    return Mark(round((1 - (value - low) / (high - low)) * HEIGHT, 2), value, is_limit)
