"""P4: regular stripes that can trigger photosensitive seizures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Pattern:
    id: ClassVar[str] = "P4"
    name: ClassVar[str] = "pattern"
    group: ClassVar[Group] = Group.FLASH
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("pattern",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("pattern", "max_duration_s", "min_duration_s"),)

    min_duration_s: Seconds = 0.5

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        striped = lasting(timeline.events_of("pattern"), self.min_duration_s)
        return judged_by_events(self, striped, threshold=at_least_s(self.min_duration_s))


CHECK = Pattern
