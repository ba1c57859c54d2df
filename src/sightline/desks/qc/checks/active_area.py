"""V8: bars around the picture, and changes of the active area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import judged_by_events, no_limit
from sightline.desks.qc.check import Ask, Count, Group, Stream
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ActiveArea:
    id: ClassVar[str] = "V8"
    name: ClassVar[str] = "active_area"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("letterbox",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    forbidden: tuple[Literal["letterbox", "pillarbox", "windowbox"], ...] = ()
    max_changes: Count | None = None
    """How often the active area may change."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        bars, changes = timeline.events_of("letterbox"), timeline.events_of("area_change")
        shapes = ", ".join(sorted({str(event.evidence.get("bars")) for event in bars})) or "full"
        if not self.forbidden and self.max_changes is None:
            return no_limit(self, shapes, {"changes": len(changes)})
        offenders = [event for event in bars if event.evidence.get("bars") in self.forbidden]
        if self.max_changes is not None and len(changes) > self.max_changes:
            offenders += changes
        limits = [*(f"no {shape}" for shape in self.forbidden)]
        if self.max_changes is not None:
            limits.append(f"changes <= {self.max_changes}")
        return judged_by_events(
            self, offenders, threshold="; ".join(limits), details={"shapes": shapes, "changes": len(changes)}
        )


CHECK = ActiveArea
