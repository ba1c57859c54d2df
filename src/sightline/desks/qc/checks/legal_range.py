"""V5: luma and chroma inside the legal range, and no codes that SDI keeps for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, evidence_over, graded, not_applicable, not_evaluated, seconds, total
from sightline.desks.qc.check import Ask, Count, Group, Share, Stream
from sightline.text import Message
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline

RESERVED = "reserved_codes"
"""Label of the events that tell of reserved codes."""


@dataclass(frozen=True, slots=True)
class LegalRange:
    id: ClassVar[str] = "V5"
    name: ClassVar[str] = "legal_range"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("levels",)
    detectors: ClassVar[tuple[str, ...]] = ("out_of_range",)
    asks: ClassVar[tuple[Ask, ...]] = (
        Ask("out_of_range", "max_share", "max_share"),
        Ask("out_of_range", "max_reserved", "max_reserved_samples"),
    )

    max_share: Share = 0.01
    """Of a picture outside 16–235, in chroma 16–240 (8-bit codes)."""
    max_reserved_samples: Count | None = None
    """Most samples of one picture with a reserved code; None: counted and not judged. Files made for computers may
    use them, signals for SDI must not."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        levels = timeline.columns["levels"]
        if not len(levels):
            return not_evaluated(self, Message.of("qc.no_rows", meter="levels"))
        if levels.notes.get("full_range"):
            return not_applicable(self, Message.of("checks.V5.full_range"))
        events = [event for event in timeline.events_of("out_of_range") if self._counts(event)]
        worst, reserved = float(levels["out_of_range_share"].max()), int(levels["reserved"].max())
        limits = [f"<= {self.max_share:g}"]
        if self.max_reserved_samples is not None:
            limits.append(f"reserved <= {self.max_reserved_samples}")
        return answer(
            self,
            graded(events) if events else State.PASS,
            Message.of("checks.V5.reason", worst=f"{100 * worst:.2f}", count=len(events), reserved=reserved),
            value=worst,
            unit="share",
            threshold="; ".join(limits),
            events=events,
            details={
                "reserved_samples": reserved,
                "pictures_with_reserved": int((levels["reserved"] > 0).sum()),
                "total_s": seconds(total(events)),
            },
        )

    def _counts(self, event: Event) -> bool:
        if RESERVED in event.labels:
            return self.max_reserved_samples is not None and evidence_over(event, self.max_reserved_samples)
        return evidence_over(event, self.max_share)


CHECK = LegalRange
