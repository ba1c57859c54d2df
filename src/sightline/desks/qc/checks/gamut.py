"""V6: R, G, B and Y within the tolerance of EBU R 103."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, evidence_over, graded, not_evaluated, seconds, total
from sightline.desks.qc.check import Ask, Group, Share, Stream
from sightline.text import Message
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Gamut:
    id: ClassVar[str] = "V6"
    name: ClassVar[str] = "gamut"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("gamut",)
    detectors: ClassVar[tuple[str, ...]] = ("out_of_gamut",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("out_of_gamut", "max_share", "max_share"),)

    max_share: Share = 0.01
    """Of a picture."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        shares = timeline.columns["gamut"]["out_share"]
        if not np.isfinite(shares).any():
            return not_evaluated(self, Message.of("qc.no_rows", meter="gamut"))
        events = [event for event in timeline.events_of("out_of_gamut") if evidence_over(event, self.max_share)]
        worst = float(np.nanmax(shares))
        return answer(
            self,
            graded(events) if events else State.PASS,
            Message.of("checks.V6.reason", worst=f"{100 * worst:.2f}", count=len(events)),
            value=worst,
            unit="share",
            threshold=f"<= {self.max_share:g}",
            events=events,
            details={"total_s": seconds(total(events))},
        )


CHECK = Gamut
