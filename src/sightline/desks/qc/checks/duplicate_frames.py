"""V4: pictures shown twice in moving material, and the beat they fall in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import judged_by_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class DuplicateFrames:
    id: ClassVar[str] = "V4"
    name: ClassVar[str] = "duplicate_frames"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("duplicate_frames",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        return judged_by_events(self, timeline.events_of("duplicate_frames"), threshold=0)


CHECK = DuplicateFrames
