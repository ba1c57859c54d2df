"""A8: two channels that are one, and channels of unlike level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import at_least_s, judged_by_events, lasting, over_streams, sound_events
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Channels:
    id: ClassVar[str] = "A8"
    name: ClassVar[str] = "channels"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.PAIR
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("dual_mono", "channel_imbalance")
    asks: ClassVar[tuple[Ask, ...]] = ()

    allow_dual_mono: bool = False
    """Mono programmes are often delivered as two equal channels."""
    min_duration_s: Seconds = 0.0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        kinds = ("channel_imbalance",) if self.allow_dual_mono else ("dual_mono", "channel_imbalance")

        def judge(audio: AudioFacts, _: Columns) -> CheckResult:
            # Two channels may be one for a while, as when somebody speaks in the middle; that is only to know.
            meant = [event for event in sound_events(timeline, audio, *kinds) if event.severity is not Severity.INFO]
            found = lasting(meant, self.min_duration_s)
            counts = {kind: sum(event.kind == kind for event in found) for kind in kinds}
            return judged_by_events(self, found, threshold=at_least_s(self.min_duration_s), details=counts)

        return over_streams(self, timeline, "channels", judge)


CHECK = Channels
