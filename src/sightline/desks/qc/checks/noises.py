"""A9: DC offset, clicks, hum and dropouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import judged_by_events, over_streams, sound_events
from sightline.desks.qc.check import Ask, Count, Group, Stream
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

KINDS = ("dc_offset", "click", "hum", "dropout")


@dataclass(frozen=True, slots=True)
class Noises:
    id: ClassVar[str] = "A9"
    name: ClassVar[str] = "noises"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("dc_offset", "click", "hum", "dropout")
    asks: ClassVar[tuple[Ask, ...]] = ()

    max_clicks: Count = 0
    """So many clicks in a stream are let pass."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        def judge(audio: AudioFacts, _: Columns) -> CheckResult:
            found = sound_events(timeline, audio, *KINDS)
            counts = {kind: sum(event.kind == kind for event in found) for kind in KINDS}
            if counts["click"] <= self.max_clicks:
                found = tuple(event for event in found if event.kind != "click")
            return judged_by_events(self, found, threshold=f"clicks <= {self.max_clicks}; 0", details=counts)

        return over_streams(self, timeline, "samples", judge)


CHECK = Noises
