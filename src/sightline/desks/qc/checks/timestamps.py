"""F5: do pictures and sound follow each other in time?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import judged_by_events
from sightline.desks.qc.check import Ask, Group, Positive, Stream
from sightline.timeline.timeline import Timeline

LABELS = ("gap", "early", "variable_rate", "repeated_time", "times_run_back")


@dataclass(frozen=True, slots=True)
class Timestamps:
    id: ClassVar[str] = "F5"
    name: ClassVar[str] = "timestamps"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.ANY
    needs: ClassVar[tuple[str, ...]] = ("packets",)
    detectors: ClassVar[tuple[str, ...]] = ("timestamp_gap",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("timestamp_gap", "min_frames", "min_frames"),)

    min_frames: Positive = 0.5
    """How far a picture may be off its place."""
    allow_variable_rate: bool = False

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        found = timeline.events_of("timestamp_gap")
        if self.allow_variable_rate:
            found = tuple(event for event in found if "variable_rate" not in event.labels)
        counts = {label: sum(label in event.labels for event in found) for label in LABELS}
        return judged_by_events(self, found, threshold=f"<= {self.min_frames:g} frames", details=counts)


CHECK = Timestamps
