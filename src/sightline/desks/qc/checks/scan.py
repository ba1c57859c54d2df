"""V9: are the pictures scanned as the file says?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import judged_by_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

MISMATCHES = ("flagged_progressive", "field_order_mismatch", "unflagged")


@dataclass(frozen=True, slots=True)
class Scan:
    id: ClassVar[str] = "V9"
    name: ClassVar[str] = "scan"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("interlaced",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    expected: Literal["as_flagged", "progressive", "interlaced"] = "as_flagged"
    """``as_flagged``: fields in the order the file names. Whole pictures in a file flagged interlaced are common
    practice (segmented frames) and count only where ``interlaced`` is expected."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        woven = timeline.events_of("interlaced")
        offenders: tuple[Event, ...] = tuple(event for event in woven if set(event.labels) & set(MISMATCHES))
        if self.expected == "progressive":
            offenders = woven
        elif self.expected == "interlaced":
            offenders += timeline.events_of("progressive_in_interlaced")
        return judged_by_events(
            self,
            offenders,
            threshold=self.expected,
            # Without any flag nobody knows which order is right, so nothing is proved wrong.
            failing=lambda event: self.expected != "as_flagged" or "unflagged" not in event.labels,
            details={"interlaced": len(woven)},
        )


CHECK = Scan
