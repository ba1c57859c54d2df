"""A7: left and right against each other: what is lost when they are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting, over_streams, sound_events
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Phase:
    id: ClassVar[str] = "A7"
    name: ClassVar[str] = "phase"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.PAIR
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("out_of_phase",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("out_of_phase", "min_duration_s", "min_duration_s"),)

    min_duration_s: Seconds = 2.0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        def judge(audio: AudioFacts, _: Columns) -> CheckResult:
            found = sound_events(timeline, audio, "out_of_phase")
            opposed = lasting(found, self.min_duration_s)
            return judged_by_events(self, opposed, threshold=at_least_s(self.min_duration_s))

        return over_streams(self, timeline, "phase", judge)


CHECK = Phase
