"""V10: combed pictures where there are no fields, and film spread over fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, graded, in_order, not_evaluated, seconds, total
from sightline.desks.qc.check import Ask, Group, Share, Stream
from sightline.text import Message
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Combing:
    id: ClassVar[str] = "V10"
    name: ClassVar[str] = "combing"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("interlaced", "telecine")
    asks: ClassVar[tuple[Ask, ...]] = ()

    max_share: Share = 0.01
    """Of the time."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        fields = timeline.columns["fields"]
        length = fields.start_of(len(fields)) - fields.start_of(0) if len(fields) else 0
        if not length:
            return not_evaluated(self, Message.of("qc.no_rows", meter="fields"))
        combed, telecined = timeline.events_of("combing"), timeline.events_of("telecine")
        events = in_order((*combed, *telecined))
        share = total(events) / float(length)
        over = share > self.max_share
        return answer(
            self,
            graded(events) if over else State.PASS,
            Message.of("checks.V10.reason", share=f"{100 * share:.2f}", limit=f"{100 * self.max_share:g}"),
            value=share,
            unit="share",
            threshold=f"<= {self.max_share:g}",
            events=events if over else (),
            details={"combed_s": seconds(total(combed)), "telecined_s": seconds(total(telecined))},
        )


CHECK = Combing
