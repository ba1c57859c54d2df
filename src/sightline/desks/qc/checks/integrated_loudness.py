"""A1: programme loudness against its target, and the gain that would meet it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.desks.judgement import CheckResult, Fix, State
from sightline.desks.qc.answer import answer, no_limit, not_evaluated, over_streams
from sightline.desks.qc.check import Ask, Group, Positive, Stream
from sightline.desks.qc.mono_streams import MonoStreams, together
from sightline.detectors.loudness import integrated_lufs, maximum_true_peak
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class IntegratedLoudness:
    id: ClassVar[str] = "A1"
    name: ClassVar[str] = "integrated_loudness"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ("loudness",)
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    target_lufs: float | None = None
    tolerance_lu: Positive = 0.2
    gate: Literal["programme", "dialogue"] = "programme"
    """What a delivery measures by. Sightline measures whole programmes only; ``dialogue`` leaves the check open."""
    max_true_peak_dbtp: float | None = None
    """For the advice only: whether the gain that meets the target would push peaks over it."""
    mono_streams: MonoStreams = "apart"
    """Whether the first streams, of one channel each, form one programme, as in MXF."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        try:
            whole = together(timeline, self.mono_streams)
        except ValueError as error:
            return not_evaluated(self, Message.of("checks.A1.apart", why=str(error)))
        if whole is not None:
            return self._of(whole, None)
        peaks = {audio.index: columns for audio, columns in timeline.of_each_audio("true_peak")}

        def judge(audio: AudioFacts, loudness: Columns) -> CheckResult:
            return self._of(loudness, peaks.get(audio.index))

        return over_streams(self, timeline, "loudness", judge)

    def _of(self, loudness: Columns, peaks: Columns | None) -> CheckResult:
        lufs = integrated_lufs(loudness)
        if lufs is None:
            return not_evaluated(self, Message.of("checks.A1.too_short"))
        if self.gate == "dialogue":
            return answer(
                self, State.NOT_EVALUATED, Message.of("checks.A1.no_dialogue_gate", programme_lufs=_shown(lufs)),
                unit="lufs", threshold=self._threshold(), details={"programme_lufs": lufs},
            )  # fmt: skip
        target = self.target_lufs
        if target is None:
            return no_limit(self, lufs, unit="lufs")
        if math.isinf(lufs):
            return answer(self, State.FAIL, Message.of("checks.A1.silent"), unit="lufs", threshold=self._threshold())
        fits = abs(lufs - target) <= self.tolerance_lu
        return answer(
            self,
            State.PASS if fits else State.FAIL,
            Message.of(
                "checks.A1.reason", lufs=_shown(lufs), target=f"{target:.1f}", tolerance=f"{self.tolerance_lu:g}"
            ),
            value=round(lufs, 2),
            unit="lufs",
            threshold=self._threshold(),
            fix=None if fits else self._fix(target - lufs, peaks),
        )

    def _threshold(self) -> str | None:
        return None if self.target_lufs is None else f"{self.target_lufs:g} +- {self.tolerance_lu:g}"

    def _fix(self, gain_db: float, peaks: Columns | None) -> Fix:
        """The gain to the target, and whether peaks then need a limiter."""
        highest = None if peaks is None else maximum_true_peak(peaks)
        limit, gain = self.max_true_peak_dbtp, round(gain_db, 2)
        shown = f"{gain:+.1f}"
        if highest is not None and limit is not None and math.isfinite(highest.value):
            peak = highest.value + gain_db
            if peak > limit:
                fields = {"gain_db": shown, "peak_dbtp": f"{peak:.1f}", "limit_dbtp": f"{limit:g}"}
                return Fix(Message.of("checks.A1.fix_limit", **fields), gain, "db")
        return Fix(Message.of("checks.A1.fix", gain_db=shown), gain, "db")


def _shown(lufs: float) -> str:
    return f"{lufs:.1f}"


CHECK = IntegratedLoudness
