"""P1: flashes of luminance that can trigger photosensitive seizures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import highest, judged_by_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.timeline.timeline import Timeline

EXTENDED = "extended"
"""Label of flashing near the limit, which check P3 speaks of."""


@dataclass(frozen=True, slots=True)
class LuminanceFlash:
    id: ClassVar[str] = "P1"
    name: ClassVar[str] = "luminance_flash"
    group: ClassVar[Group] = Group.FLASH
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("flash",)
    detectors: ClassVar[tuple[str, ...]] = ("flash_luminance",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        flash = timeline.columns["flash"]
        found = [event for event in timeline.events_of("flash_luminance") if EXTENDED not in event.labels]
        return judged_by_events(
            self,
            found,
            threshold="changes in 1 s <= 6 or area <= 0.25",
            details={"worst_share": highest(flash, "lum_over"), "most_changes": highest(flash, "lum_changes")},
        )


CHECK = LuminanceFlash
