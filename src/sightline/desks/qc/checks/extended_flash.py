"""P3: flashing that stays near the limit for seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import highest, judged_by_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.desks.qc.checks.luminance_flash import EXTENDED
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ExtendedFlash:
    id: ClassVar[str] = "P3"
    name: ClassVar[str] = "extended_flash"
    group: ClassVar[Group] = Group.FLASH
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("flash",)
    detectors: ClassVar[tuple[str, ...]] = ("flash_luminance", "flash_red")
    asks: ClassVar[tuple[Ask, ...]] = ()

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        flash = timeline.columns["flash"]
        found = [e for e in timeline.events_of("flash_luminance", "flash_red") if EXTENDED in e.labels]
        return judged_by_events(
            self,
            found,
            threshold="<= 0.8 of 5 s near the limit",
            details={f"worst_{what}_near_share": highest(flash, f"{what}_near") for what in ("lum", "red")},
        )


CHECK = ExtendedFlash
