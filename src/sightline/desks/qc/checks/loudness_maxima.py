"""A2: highest momentary and short-term loudness, and loudness range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, no_limit, not_evaluated, over_streams
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.desks.qc.mono_streams import MonoStreams, together
from sightline.detectors.loudness import loudness_range_lu, maximum
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Scalar
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class LoudnessMaxima:
    id: ClassVar[str] = "A2"
    name: ClassVar[str] = "loudness_maxima"
    group: ClassVar[Group] = Group.AUDIO
    stream: ClassVar[Stream] = Stream.AUDIO
    needs: ClassVar[tuple[str, ...]] = ("loudness",)
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None
    min_range_lu: float | None = None
    max_range_lu: float | None = None
    mono_streams: MonoStreams = "apart"
    """Whether the first streams, of one channel each, form one programme, as in MXF."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        try:
            whole = together(timeline, self.mono_streams)
        except ValueError as error:
            return not_evaluated(self, Message.of("checks.A1.apart", why=str(error)))
        if whole is not None:
            return self._of(whole)

        def judge(_: AudioFacts, loudness: Columns) -> CheckResult:
            return self._of(loudness)

        return over_streams(self, timeline, "loudness", judge)

    def _of(self, loudness: Columns) -> CheckResult:
        momentary, short_term = (maximum(loudness, name) for name in ("momentary", "short_term"))
        span = loudness_range_lu(loudness)
        found = {
            "max_momentary_lufs": None if momentary is None else round(momentary.value, 2),
            "max_short_term_lufs": None if short_term is None else round(short_term.value, 2),
            "loudness_range_lu": None if span is None else round(span, 2),
        }
        details: dict[str, Scalar] = dict(found)
        for name, highest in (("momentary", momentary), ("short_term", short_term)):
            if highest is not None and math.isfinite(highest.value):
                details[f"max_{name}_at_s"] = round(float(highest.span.start), 3)
        limits = [
            (name, found[name], sign, limit)
            for name, sign, limit in (
                ("max_momentary_lufs", "<=", self.max_momentary_lufs),
                ("max_short_term_lufs", "<=", self.max_short_term_lufs),
                ("loudness_range_lu", ">=", self.min_range_lu),
                ("loudness_range_lu", "<=", self.max_range_lu),
            )
            if limit is not None
        ]
        if not limits:
            return no_limit(self, found["max_short_term_lufs"], details, "lufs")
        missed = [
            f"{name} = {value:g} ({sign} {limit:g})"
            for name, value, sign, limit in limits
            if value is not None and not (value <= limit if sign == "<=" else value >= limit)
        ]
        unknown = [name for name, value, *_ in limits if value is None]
        if missed:
            state, reason = State.FAIL, Message.of("qc.not_as_wanted", facts="; ".join(missed))
        elif unknown:
            # Sound shorter than three seconds has no short-term loudness, so none of it can be too loud.
            state, reason = State.NOT_EVALUATED, Message.of("qc.unknown_facts", facts=", ".join(unknown))
        else:
            state, reason = State.PASS, Message.of("qc.as_wanted")
        first, value, *_ = limits[0]
        return answer(
            self, state, reason, value=value, unit=first.rpartition("_")[2],
            threshold="; ".join(f"{name} {sign} {limit:g}" for name, _, sign, limit in limits), details=details,
        )  # fmt: skip


CHECK = LoudnessMaxima
