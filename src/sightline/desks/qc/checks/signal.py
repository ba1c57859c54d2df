"""V7: what the signal really uses: bits, blacks and whites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, not_evaluated
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Scalar
from sightline.timeline.timeline import Timeline

EIGHT_BITS = 8


@dataclass(frozen=True, slots=True)
class Signal:
    id: ClassVar[str] = "V7"
    name: ClassVar[str] = "signal"
    group: ClassVar[Group] = Group.VIDEO
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("levels",)
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        levels = timeline.columns["levels"]
        if not len(levels):
            return not_evaluated(self, Message.of("qc.no_rows", meter="levels"))
        depth = int(levels.notes["bit_depth"])
        used = int(np.bitwise_or.reduce(levels["used_bits"]))
        # Low bits that are never set were not there when the file was made.
        true_depth = depth - ((used & -used).bit_length() - 1) if used else 0
        details = {"stored_bits": depth, **_levels(levels)}
        if true_depth < min(depth, EIGHT_BITS):
            # A few flat colours leave low bits unset by chance, so nothing follows from it.
            return answer(self, State.NOT_EVALUATED, Message.of("checks.V7.too_flat"), details=details)
        return answer(
            self,
            State.PASS if true_depth == depth else State.FAIL,
            Message.of("checks.V7.reason", true_depth=true_depth, depth=depth),
            value=true_depth,
            unit="bit",
            threshold=f">= {depth}",
            details=details,
        )


def _levels(levels: Columns) -> dict[str, Scalar]:
    return {
        "y_min": int(levels["y_min"].min()),
        "y_p001_min": int(levels["y_p001"].min()),
        "y_mean": float(levels["y_mean"].mean()),
        "y_p999_max": int(levels["y_p999"].max()),
        "y_max": int(levels["y_max"].max()),
    }


CHECK = Signal
