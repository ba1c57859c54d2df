"""V2: pictures of one colour, and pictures that flash up for one to three frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, in_order, judged_by_events, lasting
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SingleColour:
    id: ClassVar[str] = "V2"
    name: ClassVar[str] = "single_colour"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("single_colour", "flash_frame")
    asks: ClassVar[tuple[Ask, ...]] = (Ask("single_colour", "min_duration_s", "min_duration_s"),)

    min_duration_s: Seconds = 0.0
    """Of a single colour; a flash frame always counts."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        plain = lasting(timeline.events_of("single_colour"), self.min_duration_s)
        flashes = timeline.events_of("flash_frame")
        return judged_by_events(
            self,
            in_order((*plain, *flashes)),
            threshold=at_least_s(self.min_duration_s),
            details={"single_colour": len(plain), "flash_frames": len(flashes)},
        )


CHECK = SingleColour
