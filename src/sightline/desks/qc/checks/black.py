"""V1: black pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Black:
    id: ClassVar[str] = "V1"
    name: ClassVar[str] = "black"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("black",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("black", "min_duration_s", "min_duration_s"),)

    min_duration_s: Seconds = 2.0
    """Shorter blacks are let pass. Zero: a single black picture counts."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        black = lasting(timeline.events_of("black"), self.min_duration_s)
        return judged_by_events(self, black, threshold=at_least_s(self.min_duration_s))


CHECK = Black
