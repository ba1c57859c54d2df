"""V3: pictures that stand still where they should move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.desks.qc.context import WITH_BLACK
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Freeze:
    id: ClassVar[str] = "V3"
    name: ClassVar[str] = "freeze"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("freeze", "black")
    asks: ClassVar[tuple[Ask, ...]] = (Ask("freeze", "min_duration_s", "min_duration_s"),)

    min_duration_s: Seconds = 2.0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        # A black picture stands still by nature, and check V1 speaks of it.
        still = [event for event in timeline.events_of("freeze") if WITH_BLACK not in event.labels]
        frozen = lasting(still, self.min_duration_s)
        return judged_by_events(self, frozen, threshold=at_least_s(self.min_duration_s))


CHECK = Freeze
