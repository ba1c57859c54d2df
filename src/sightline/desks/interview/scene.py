"""What metrics look at: the whole of a timeline once, and each stretch of it that is judged by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.desks.interview.blocks import Blocks
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.options import Options
from sightline.desks.interview.reading import MOST_SPANS, Unmeasured
from sightline.desks.interview.spoken import Spoken
from sightline.desks.judgement import Part
from sightline.detectors.person.body import Body, body_of
from sightline.detectors.person.eyes import Eyes, eyes_of
from sightline.detectors.person.face_tracks import Clock, Track, Tracks, tracks_of
from sightline.detectors.person.gaze import GAZE_LIMITS, Gaze, GazeLimits, gaze_of
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

ONSET_S = 3.0
"""People look up or aside at the beginning of an answer, to think: told apart from the rest."""

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Made = TypeVar("Made")


class Refusing(Protocol):
    """A detector that says where it cannot tell."""

    @property
    def name(self) -> str: ...

    def refusal(self, timeline: Timeline) -> Message | None: ...


def gaze_limits(calibration: Span | None) -> GazeLimits:
    """The usual limits, with the stretch in which the person looked into the lens where there is one."""
    if calibration is None:
        return GAZE_LIMITS
    start, end = calibration.seconds
    return replace(GAZE_LIMITS, calibration_start_s=start, calibration_end_s=end)


@dataclass(frozen=True, eq=False)
class Whole:
    """One recording, and what all its stretches share. Everything is worked out when first asked for."""

    timeline: Timeline
    options: Options
    _kept: dict[str, object] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made when first asked for by this name."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast(Made, self._kept[name])

    def require(self, detector: Refusing) -> None:
        """Raises `Unmeasured` where a detector cannot tell, with its reason."""
        refusal = self.once(f"refusal {detector.name}", lambda: detector.refusal(self.timeline))
        if refusal is not None:
            raise Unmeasured(refusal)

    def found(self, kind: str) -> tuple[tuple[Event, ...], Floats]:
        """Events of a kind in order of their middles, and those in seconds."""

        def make() -> tuple[tuple[Event, ...], Floats]:
            events = sorted(self.timeline.events_of(kind), key=lambda event: event.span.middle)
            return tuple(events), np.array([float(event.span.middle) for event in events])

        return self.once(f"found {kind}", make)

    def columns(self, meter: str) -> Columns:
        """Raises `Unmeasured` with the reason there is."""
        columns = self.timeline.columns.get(meter)
        if columns is not None and (len(columns) or meter == "words"):
            # No words at all is an answer: nobody said anything that was understood.
            return columns
        why = self.timeline.not_measured.get(meter)
        if why is None:
            why = Message.of("interview.not_measured" if columns is None else "interview.no_rows", meter=meter)
        raise Unmeasured(why, absent=True)

    def clock(self, meter: str) -> Clock:
        """The clock of a meter with one row a moment. Raises as `columns`."""
        columns = self.columns(meter)
        return self.once(f"clock {meter}", lambda: Clock(columns.ticks, columns.end, columns.time_base))

    @cached_property
    def tracks(self) -> Tracks:
        return tracks_of(self.timeline)

    @property
    def person(self) -> Track:
        """The main person. Raises `Unmeasured` without anybody."""
        self.columns("faces")
        if self.tracks.main is None:
            raise Unmeasured("interview.no_face")
        return self.tracks.main

    @cached_property
    def body(self) -> Body:
        """The main person's upper body. Raises `Unmeasured` where none was looked for."""
        self.columns("pose")
        body = body_of(self.timeline)
        if body is None:
            raise Unmeasured("interview.not_measured", meter="pose", absent=True)
        return body

    @cached_property
    def eyes(self) -> Eyes:
        """The main person's. Raises as `person`."""
        return eyes_of(self.person)

    @cached_property
    def gaze(self) -> Gaze:
        """The main person's. Raises as `person`, and where no eyes were measured."""
        gaze = gaze_of(self.timeline, self.person, gaze_limits(self.options.calibration))
        if not gaze.known.any():
            raise Unmeasured("interview.no_face")
        return gaze

    @cached_property
    def spoken(self) -> Spoken:
        """What was said and by whom."""
        return Spoken(self.timeline, self.options.language)


@dataclass(frozen=True, eq=False)
class Scene:
    """A stretch of a recording: the whole, or one answer."""

    whole: Whole
    span: Span
    part: Part | None = None

    @property
    def start(self) -> float:
        return self.span.seconds[0]

    @property
    def end(self) -> float:
        return self.span.seconds[1]

    @property
    def duration(self) -> float:
        return self.end - self.start

    @cached_property
    def blocks(self) -> Blocks:
        return Blocks(self.start, self.end)

    @property
    def spoken(self) -> Spoken:
        return self.whole.spoken

    @cached_property
    def pictures(self) -> Mask:
        """Pictures of the faces' clock that start inside."""
        times = self.whole.tracks.clock.times_s
        return (times >= self.start) & (times < self.end)

    @cached_property
    def own_turns(self) -> Intervals:
        """When the person has the word, pauses included."""
        return self.spoken.own_turns.within(self.start, self.end)

    @cached_property
    def own_speech(self) -> Intervals:
        """When the person's voice is heard."""
        return self.spoken.own_speech.within(self.start, self.end)

    @cached_property
    def onsets(self) -> Intervals:
        """The first seconds of every answer: of a turn after somebody else's, or of the first speech in the stretch."""
        turns = [t for t in self.whole.timeline.events_of("speaker_turn") if t.evidence.get("own")]
        starts = [t.span.seconds[0] for t in turns if "after" in t.evidence]
        if len(self.own_turns):
            starts.append(float(self.own_turns.starts[0]))
        return Intervals.of((start, start + ONSET_S) for start in starts).within(self.start, self.end)

    @cached_property
    def listening(self) -> Intervals:
        """The rest: when the person does not have the word."""
        return Intervals.of([(self.start, self.end)]).without(self.own_turns)

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """Events whose middle lies inside: each belongs to one stretch only."""
        inside: list[Event] = []
        for kind in kinds:
            events, middles = self.whole.found(kind)
            first, last = np.searchsorted(middles, [self.start, self.end])
            inside += events[first:last]
        return tuple(inside)

    def cut(self, *kinds: str) -> Intervals:
        """The time these events cover, inside the stretch."""
        return Intervals.of_spans(e.span for e in self.whole.timeline.events_of(*kinds)).within(self.start, self.end)


def longest(events: tuple[Event, ...], most: int = MOST_SPANS) -> tuple[Span, ...]:
    """Where to look: the longest of the events, in order of time."""
    chosen = sorted(events, key=lambda event: event.span.duration, reverse=True)[:most]
    return tuple(sorted(event.span for event in chosen))
