"""F4: does the file decode whole and without faults?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, graded, not_evaluated
from sightline.desks.qc.check import Ask, Count, Group, Stream
from sightline.text import Message
from sightline.timeline.timeline import Timeline

TRUNCATED = "facts.truncated"


@dataclass(frozen=True, slots=True)
class Integrity:
    id: ClassVar[str] = "F4"
    name: ClassVar[str] = "integrity"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.ANY
    needs: ClassVar[tuple[str, ...]] = ("faults",)
    detectors: ClassVar[tuple[str, ...]] = ("decode_error",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    max_faults: Count = 0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        media, events = timeline.media, timeline.events_of("decode_error")
        faults = sum(int(event.evidence.get("value") or 1) for event in events)
        holes, truncated = len(media.sparse_holes), TRUNCATED in media.missing
        # Holes and a missing end have no place on the timeline, so no waiver with a range covers them.
        untimed = holes + truncated
        many = faults > self.max_faults
        undecoded = [f"{o.index} ({o.codec})" for o in media.others if o.kind in ("video", "audio")]
        if undecoded and not many and not untimed:
            return not_evaluated(self, Message.of("qc.undecoded", streams=", ".join(undecoded)))
        return answer(
            self,
            State.FAIL if untimed else graded(events) if many else State.PASS,
            Message.of(
                "checks.F4.reason" if untimed or faults else "checks.F4.whole",
                faults=faults,
                holes=holes,
                truncated=int(truncated),
            ),
            value=faults,
            unit="count",
            threshold=f"<= {self.max_faults}",
            events=events if many else (),
            details={"sparse_holes": holes, "truncated": truncated, "untimed": untimed},
        )


CHECK = Integrity
