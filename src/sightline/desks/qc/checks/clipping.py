"""A6: samples that stay at the rail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, graded, over_streams, sound_events
from sightline.desks.qc.check import Ask, Group, Seconds, Stream
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Clipping:
    id: ClassVar[str] = "A6"
    name: ClassVar[str] = "clipping"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ()
    detectors: ClassVar[tuple[str, ...]] = ("clipping",)
    asks: ClassVar[tuple[Ask, ...]] = ()

    fail_duration_s: Seconds = 0.25
    """A plateau so long fails; a shorter one, from the detector's least number of samples, warns."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        def judge(audio: AudioFacts, _: Columns) -> CheckResult:
            return self._of(sound_events(timeline, audio, "clipping"), audio.sample_rate_hz)

        return over_streams(self, timeline, "samples", judge)

    def _of(self, clipped: tuple[Event, ...], rate_hz: int) -> CheckResult:
        """An event gathers clippings that lie close together; its value is the longest of them, in samples."""
        longest_ms = max((1000 * _longest_run(event) / rate_hz for event in clipped), default=0.0)
        plateaus = [event for event in clipped if _longest_run(event) >= self.fail_duration_s * rate_hz]
        limit_ms = 1000 * self.fail_duration_s
        reason = Message.of(
            "checks.A6.reason", count=len(clipped), longest_ms=f"{longest_ms:.1f}", limit_ms=f"{limit_ms:g}"
        )
        return answer(
            self,
            graded(plateaus) if plateaus else State.WARN if clipped else State.PASS,
            reason if clipped else Message.of("qc.none_found"),
            value=longest_ms,
            unit="ms",
            threshold=f"< {limit_ms:g}",
            events=clipped,
            details={"places": len(clipped), "plateaus": len(plateaus)},
        )


def _longest_run(event: Event) -> float:
    """In samples. A clipping that does not tell counts as endless."""
    value = event.evidence.get("value")
    return float(value) if isinstance(value, int | float) else math.inf


CHECK = Clipping
