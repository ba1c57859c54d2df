"""What a detector is. Each kind stands in a file of its own beside this one and names its class ``DETECTOR``.

A detector is a frozen dataclass: its fields are its thresholds, with defaults and sources in their docstrings, and a
template may set them (``[detectors.black] min_duration_s = 0.5``). `detect` is a pure function of the timeline.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

import sightline.detectors.person
from sightline.clock import Span, exact_seconds
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline


@runtime_checkable
class Detector(Protocol):
    """Pure function from a timeline to events."""

    name: ClassVar[str]
    """The file's name; the key of its thresholds in a template."""
    kinds: ClassVar[tuple[str, ...]]
    """Kinds of event it makes."""
    needs: ClassVar[tuple[str, ...]]
    """Meters it reads. It is run when all of them have columns."""
    after: ClassVar[tuple[str, ...]]
    """Detectors whose events it reads from ``timeline.events``; they run first."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]: ...


@cache
def detectors() -> Mapping[str, type[Detector]]:
    """Every detector of pictures and sound as such, by name: the files of this folder, those others build on first."""
    return _found_in(sightline.detectors)


@cache
def person_detectors() -> Mapping[str, type[Detector]]:
    """Every detector of what can be seen and heard of a person: the files of ``person/``, in the same order."""
    return _found_in(sightline.detectors.person)


def _found_in(package: ModuleType) -> Mapping[str, type[Detector]]:
    found: dict[str, type[Detector]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        detector = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "DETECTOR", None)
        if detector is not None:
            found[detector.name] = detector
    ordered: dict[str, type[Detector]] = {}

    def place(name: str) -> None:
        if name not in ordered:
            for earlier in found[name].after:
                place(earlier)
            ordered[name] = found[name]

    for name in sorted(found):
        place(name)
    return ordered


def runs(mask: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open row ranges ``[first, last)`` in which ``mask`` is true."""
    firsts, lasts = run_edges(mask)
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)


def run_edges(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first rows of the runs, and the first rows after them."""
    closed = np.zeros(len(mask) + 2, np.bool_)
    closed[1:-1] = mask
    edges = np.flatnonzero(closed[1:] != closed[:-1])
    return edges[::2], edges[1::2]


def lasting_runs(columns: Columns, mask: npt.NDArray[np.bool_], least_s: float) -> Iterator[tuple[int, int]]:
    """The `runs` that last at least so long, told in ticks: a mask of an hour can have thousands of short ones."""
    firsts, lasts = run_edges(mask)
    edges = np.append(columns.ticks, columns.end)
    long = edges[lasts] - edges[firsts] >= ticks_lasting(least_s, columns)
    yield from zip(firsts[long].tolist(), lasts[long].tolist(), strict=True)


def ticks_lasting(seconds: float, columns: Columns) -> int:
    """The fewest ticks that last at least so long."""
    return math.ceil(exact_seconds(seconds) / columns.time_base)


def span_of_rows(columns: Columns, first: int, last: int) -> Span:
    """The time of rows ``[first, last)``."""
    ticks, base = columns.ticks, columns.time_base
    number, scale = base.numerator, base.denominator
    # As `Columns.start_of`, without the calls: every event asks.
    start, end = (int(ticks[row] if row < len(ticks) else columns.end) for row in (first, last))
    return Span(Fraction(start * number, scale), Fraction(end * number, scale))
