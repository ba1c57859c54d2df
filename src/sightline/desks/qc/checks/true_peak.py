"""A3: true peak, and the places where it is over the limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, Fix, State
from sightline.desks.qc.answer import answer, evidence_over, graded, no_limit, not_evaluated, over_streams, sound_events
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.detectors.loudness import maximum_true_peak
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TruePeak:
    id: ClassVar[str] = "A3"
    name: ClassVar[str] = "true_peak"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ("true_peak",)
    detectors: ClassVar[tuple[str, ...]] = ("true_peak_over",)
    asks: ClassVar[tuple[Ask, ...]] = (Ask("true_peak_over", "max_dbtp", "max_true_peak_dbtp"),)

    max_true_peak_dbtp: float | None = None

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        def judge(audio: AudioFacts, peaks: Columns) -> CheckResult:
            return self._of(timeline, audio, peaks)

        return over_streams(self, timeline, "true_peak", judge)

    def _of(self, timeline: Timeline, audio: AudioFacts, peaks: Columns) -> CheckResult:
        highest, limit = maximum_true_peak(peaks), self.max_true_peak_dbtp
        if highest is None:
            return not_evaluated(self, Message.of("qc.no_rows", meter="true_peak"))
        if limit is None:
            return no_limit(self, highest.value, unit="dbtp")
        over = highest.value > limit
        # The detector lists what is over its own threshold, which may be lower than this template's limit.
        events = [e for e in sound_events(timeline, audio, "true_peak_over") if evidence_over(e, limit)]
        shown = "-inf" if math.isinf(highest.value) else f"{highest.value:.1f}"
        return answer(
            self,
            State.PASS if not over else graded(events) if events else State.FAIL,
            Message.of("checks.A3.reason", peak=shown, limit=f"{limit:g}"),
            value=round(highest.value, 2),
            unit="dbtp",
            threshold=f"<= {limit:g}",
            events=events,
            details={"at_s": round(float(highest.span.start), 3), "channel": highest.channel, "overs": len(events)},
            fix=_fix(limit - highest.value) if over else None,
        )


def _fix(gain_db: float) -> Fix:
    gain = math.floor(gain_db * 100) / 100
    return Fix(Message.of("checks.A3.fix", gain_db=f"{gain:+.2f}"), gain, "db")


CHECK = TruePeak
