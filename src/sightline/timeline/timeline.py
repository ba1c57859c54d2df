"""The timeline: everything measured and found of one media."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sightline.clock import Span
from sightline.facts import AudioFacts, MediaFacts
from sightline.text import Message
from sightline.timeline.columns import Column, Columns, Values
from sightline.timeline.event import Event

T = TypeVar("T")

PICTURE_CLOCK = "pictures"
"""The meter whose rows are the pictures themselves: row number = frame number."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One column on its clock: ``loudness.momentary``."""

    name: str
    unit: str
    values: Values
    ticks: npt.NDArray[np.int64]
    end: int
    time_base: Fraction

    def __len__(self) -> int:
        return len(self.values)

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """Start of each row in seconds, for showing; exact time is ``ticks * time_base``."""
        return np.asarray(self.ticks * float(self.time_base), np.float64)

    def numpy(self) -> Values:
        return self.values

    def arrow(self) -> pa.Table:
        """A table with ``time_s`` and the values under the signal's name."""
        return pa.table({"time_s": self.times_s, self.name: pa.array(self.values)})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who measured, when, and how."""

    program: str
    """``sightline 0.1.0``."""
    made_at: str
    """ISO 8601 with zone."""
    meters: Mapping[str, int] = field(default_factory=dict)
    """Version of each meter by id."""
    decodes: int = 0
    """How many times the media was decoded for this run; 0 when everything came from the cache."""
    pictures_decoded: int = 0
    from_cache: tuple[str, ...] = ()
    seconds: float = 0.0
    """Wall time of measuring."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Signals, events and facts of one media. Immutable; ``with_…`` gives a changed copy."""

    media: MediaFacts
    columns: Mapping[str, Columns]
    """By meter, see `Columns.meter`."""
    provenance: Provenance
    events: tuple[Event, ...] = ()
    not_measured: Mapping[str, Message] = field(default_factory=dict)
    """Why a meter has no columns, by meter id."""
    _by_kind: dict[str, tuple[Event, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Sorted out when first asked: every check asks, and an hour has thousands of events."""
    _worked_out: dict[Hashable, tuple[tuple[Columns | None, ...], Any]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What `once` keeps, with the columns it was made of. Copies with other events share it."""

    def __contains__(self, meter: object) -> bool:
        return meter in self.columns

    def signal(self, name: str) -> Signal:
        """The signal ``<meter>.<column>``. Raises `KeyError` naming what exists."""
        meter, _, column = name.rpartition(".")
        columns = self.columns.get(meter)
        if columns is None:
            why = self.not_measured.get(meter)
            raise KeyError(f"no signal {name!r}: {why or f'measured are {sorted(self.columns)}'}")
        unit = next((c.unit for c in columns.columns if c.name == column), "")
        return Signal(name, unit, columns[column], columns.ticks, columns.end, columns.time_base)

    def signal_names(self) -> tuple[str, ...]:
        return tuple(f"{meter}.{c.name}" for meter, columns in self.columns.items() for c in columns.columns)

    def of_each_audio(self, meter: str) -> tuple[tuple[AudioFacts, Columns], ...]:
        """The columns of a sound meter for every audio stream that has them, in stream order."""
        found = []
        for position, audio in enumerate(self.media.audios):
            columns = self.columns.get(meter if position == 0 else f"{meter}@{audio.index}")
            if columns is not None:
                found.append((audio, columns))
        return tuple(found)

    def events_of(self, *kinds: str) -> tuple[Event, ...]:
        """Events of any of these kinds, in the order of `events`."""
        if not self._by_kind:
            found: dict[str, list[Event]] = {}
            for event in self.events:
                found.setdefault(event.kind, []).append(event)
            self._by_kind.update({kind: tuple(events) for kind, events in found.items()})
        there = [kind for kind in kinds if kind in self._by_kind]
        if len(there) > 1:
            return tuple([event for event in self.events if event.kind in kinds])
        return self._by_kind[there[0]] if there else ()

    def once(self, name: Hashable, meters: Sequence[str], make: Callable[[], T]) -> T:
        """What ``make`` works out of the columns of these meters and of nothing else, made when first asked for.

        A dozen detectors follow the same faces through hours, and a desk asks again.
        """
        made_of = tuple(self.columns.get(meter) for meter in meters)
        kept = self._worked_out.get(name)
        if kept is None or any(one is not other for one, other in zip(kept[0], made_of, strict=True)):
            kept = self._worked_out[name] = made_of, make()
        made: T = kept[1]
        return made

    @property
    def pictures(self) -> Columns | None:
        """The picture clock, or None without pictures."""
        return self.columns.get(PICTURE_CLOCK)

    @property
    def span(self) -> Span:
        """From the first picture or sound to the end of the last; empty at 0 when nothing was measured."""
        clocks = [c for name, c in self.columns.items() if len(c) and not name.startswith("packets")]
        if not clocks:
            return Span(Fraction(0), Fraction(0))
        return Span(min(c.start_of(0) for c in clocks), max(c.start_of(len(c)) for c in clocks))

    def frames_of(self, span: Span) -> tuple[int, int] | None:
        """Numbers ``[first, last)`` of the pictures that start inside a span; None without pictures.

        A span inside one picture gives that picture.
        """
        frames = self._frames_of([span])
        return frames[0] if frames is not None else None

    def _frames_of(self, spans: Sequence[Span]) -> list[tuple[int, int]] | None:
        clock = self.pictures
        if clock is None or not len(clock):
            return None
        began_at = _first_ticks([span.start for span in spans], clock.time_base)
        starts, between = np.array(began_at, np.int64).reshape(-1, 2).T
        ends = [tick for tick, _ in _first_ticks([span.end for span in spans], clock.time_base)]
        firsts, lasts = (np.searchsorted(clock.ticks, moments, side="left") for moments in (starts, ends))
        # Only a picture that began before the span, and lasts into it, can be the one a short span lies in.
        inside = (firsts == lasts) & (firsts > 0)
        began = np.append(clock.ticks, clock.end)[firsts] > starts
        firsts = firsts - (inside & ((firsts == len(clock)) | began | (between > 0)))
        lasts = np.maximum(lasts, np.minimum(firsts + 1, len(clock)))
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))

    def with_events(self, events: Sequence[Event]) -> Timeline:
        """The timeline with these events, in order of time, numbered by picture."""
        ordered = sorted(events, key=lambda event: (*event.span.seconds, event.kind))
        frames = self._frames_of([event.span for event in ordered])
        if frames is not None:
            ordered = [event.numbered(*numbers) for event, numbers in zip(ordered, frames, strict=True)]
        return replace(self, events=tuple(ordered))


def _first_ticks(moments: Sequence[Fraction], time_base: Fraction) -> list[tuple[int, bool]]:
    """The first tick at or after each moment, and whether it is after."""
    # Spelt out in integers: an hour has thousands of events, and dividing fractions costs microseconds each.
    number, scale = time_base.numerator, time_base.denominator
    parts = [divmod(moment.numerator * scale, moment.denominator * number) for moment in moments]
    return [(tick + 1, True) if rest else (tick, False) for tick, rest in parts]


__all__ = ["PICTURE_CLOCK", "Column", "Columns", "Provenance", "Signal", "Timeline"]
