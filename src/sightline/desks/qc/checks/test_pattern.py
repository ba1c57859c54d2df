"""V11: colour bars and other line-up pictures where a programme should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TestPattern:
    id: ClassVar[str] = "V11"
    name: ClassVar[str] = "test_pattern"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("bars",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    min_duration_s: Seconds = 0.0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        bars = lasting(timeline.events_of("bars"), self.min_duration_s)
        return judged_by_events(self, bars, threshold=at_least_s(self.min_duration_s))


CHECK = TestPattern
