"""A5: silence, of the whole programme or of single channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting, over_streams, sound_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Silence:
    id: ClassVar[str] = "A5"
    name: ClassVar[str] = "silence"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("silence",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("silence", "min_duration_s", "min_duration_s"),)

    min_duration_s: Annotated[float, Field(ge=0.2)] = 2.0
    """From 0.2 s on, the shortest silence the measurement is sure to see."""
    channels: Literal["all", "each"] = "all"
    """``all``: every channel is silent at once; ``each``: one silent channel is enough, save surrounds and LFE,
    which any mix leaves silent for long."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        def judge(audio: AudioFacts, _: Columns) -> CheckResult:
            found = sound_events(timeline, audio, "silence")
            if self.channels == "all":
                found = tuple(event for event in found if event.evidence.get("channel") in (None, "all"))
            found = tuple(event for event in found if event.severity is not Severity.INFO)
            silent = lasting(found, self.min_duration_s)
            return judged_by_events(self, silent, threshold=at_least_s(self.min_duration_s))

        return over_streams(self, timeline, "samples", judge)


CHECK = Silence
