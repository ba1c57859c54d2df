"""How checks answer: one `CheckResult` from a finding, from many events, or from several audio streams."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sightline.clock import exact_seconds
from sightline.desks.judgement import CheckResult, Fix, State
from sightline.desks.qc.check import SOFTENED, Check, Stream
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar
from sightline.timeline.timeline import Timeline

_WORST_FIRST = (State.FAIL, State.WARN, State.NOT_EVALUATED, State.PASS, State.NOT_APPLICABLE, State.WAIVED)


def answer(
    check: Check | type[Check],
    state: State,
    reason: Message,
    *,
    value: Scalar = None,
    unit: str | None = None,
    threshold: Scalar = None,
    events: Sequence[Event] = (),
    details: Mapping[str, Scalar] | None = None,
    fix: Fix | None = None,
) -> CheckResult:
    """A result of ``check``. The desk adds the source from the template."""
    return CheckResult(
        check.id,
        check.name,
        str(check.group),
        state,
        value=tidy(value),
        unit=unit,
        threshold=tidy(threshold),
        reason=reason,
        events=tuple(events),
        details={name: tidy(detail) for name, detail in (details or {}).items()},
        fix=fix,
    )


def not_evaluated(check: Check | type[Check], reason: Message) -> CheckResult:
    return answer(check, State.NOT_EVALUATED, reason)


def not_applicable(check: Check | type[Check], reason: Message, value: Scalar = None) -> CheckResult:
    return answer(check, State.NOT_APPLICABLE, reason, value=value)


def no_limit(
    check: Check | type[Check],
    value: Scalar = None,
    details: Mapping[str, Scalar] | None = None,
    unit: str | None = None,
) -> CheckResult:
    """The template sets nothing to hold the measurement against; it is shown and not judged."""
    return answer(check, State.NOT_APPLICABLE, Message.of("qc.no_limit"), value=value, unit=unit, details=details)


def judged_by_events(
    check: Check,
    offenders: Sequence[Event],
    *,
    threshold: Scalar,
    failing: Callable[[Event], bool] = lambda _: True,
    details: Mapping[str, Scalar] | None = None,
) -> CheckResult:
    """PASS without offenders, FAIL when one is ``failing`` and not softened by a rule, else WARN.

    The value is how many there are; the longest and the sum of their time go into the details.
    """
    if not offenders:
        return answer(
            check, State.PASS, Message.of("qc.none_found"), value=0, unit="count", threshold=threshold, details=details
        )
    grave = [event for event in offenders if failing(event)]
    longest = max(float(event.span.end) - float(event.span.start) for event in offenders)
    return answer(
        check,
        graded(grave) if grave else State.WARN,
        Message.of("qc.found", count=len(offenders), longest_s=seconds(longest)),
        value=len(offenders),
        unit="count",
        threshold=threshold,
        events=offenders,
        details={"longest_s": seconds(longest), "total_s": seconds(total(offenders))} | dict(details or {}),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """One fact held against a list; an empty list allows everything."""

    name: str
    value: Scalar
    allowed: tuple[str | int, ...]
    gravity: State = State.FAIL
    """What it means when the fact is not in the list."""

    @property
    def is_met(self) -> bool:
        return not self.allowed or self.value in self.allowed

    def __str__(self) -> str:
        return f"{self.name} = {self.value} ({', '.join(str(one) for one in self.allowed)})"


def judged_by_facts(check: Check, wanted: Sequence[Wanted]) -> CheckResult:
    """The worst gravity among the facts that are not as wanted; all facts stand in the details."""
    details = {want.name: want.value for want in wanted}
    value = ", ".join(str(want.value) for want in wanted if want.value not in (None, "yes", "no"))
    limits = [want for want in wanted if want.allowed]
    if not limits:
        return no_limit(check, value, details)
    wrong = [want for want in limits if not want.is_met]
    threshold = "; ".join(f"{want.name}: {', '.join(str(one) for one in want.allowed)}" for want in limits)
    if not wrong:
        return answer(check, State.PASS, Message.of("qc.as_wanted"), value=value, threshold=threshold, details=details)
    state = State.FAIL if any(want.gravity is State.FAIL for want in wrong) else State.WARN
    reason = Message.of("qc.not_as_wanted", facts="; ".join(str(want) for want in wrong))
    return answer(check, state, reason, value=value, threshold=threshold, details=details)


def graded(offenders: Iterable[Event]) -> State:
    """WARN when rules softened every one of them, else FAIL."""
    return State.WARN if all(SOFTENED in event.labels for event in offenders) else State.FAIL


def evidence_over(event: Event, limit: float) -> bool:
    """Whether an event's measured value is over a limit. A value that is not told counts as over."""
    value = event.evidence.get("value")
    return not isinstance(value, int | float) or value > limit


def highest(columns: Columns, name: str) -> float | None:
    """The largest value of a column; None without any."""
    values = columns[name]
    return float(np.nanmax(values)) if np.isfinite(values).any() else None


def sound_events(timeline: Timeline, audio: AudioFacts, *kinds: str) -> tuple[Event, ...]:
    """The events of one audio stream; an event that names no stream belongs to the first."""
    first = timeline.media.audios[0].index
    return tuple(event for event in timeline.events_of(*kinds) if event.evidence.get("stream", first) == audio.index)


def lasting(events: Iterable[Event], min_duration_s: float) -> tuple[Event, ...]:
    """The events at least so long. A time given as a decimal is taken as that decimal, not as its float."""
    least = exact_seconds(min_duration_s)
    if not least:
        return tuple(events)
    return tuple(event for event in events if event.span.duration >= least)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """By time. Floats order them as well as fractions do and much faster; a tie keeps its order."""
    return tuple(sorted(events, key=lambda event: (float(event.span.start), float(event.span.end))))


def total(events: Iterable[Event]) -> float:
    """Seconds all last together, for showing."""
    return math.fsum(float(event.span.end) - float(event.span.start) for event in events)


def seconds(span: Fraction | float) -> float:
    return round(float(span), 3)


def at_least_s(limit: float) -> str | int:
    """The threshold of a check that lets shorter events pass; 0 when it lets none."""
    return f"< {limit:g} s" if limit else 0


def over_streams(
    check: Check,
    timeline: Timeline,
    meter: str,
    judge: Callable[[AudioFacts, Columns], CheckResult],
) -> CheckResult:
    """Every audio stream judged by itself; the worst one answers, the others stand in the details.

    A stream that could not be measured keeps a pass from being given. Streams of one channel are left aside by checks
    of pairs.
    """
    measured = {audio.index: columns for audio, columns in timeline.of_each_audio(meter)}
    results: list[tuple[AudioFacts, CheckResult]] = []
    for audio in timeline.media.audios:
        if check.stream is Stream.PAIR and audio.channels < 2:
            continue
        columns = measured.get(audio.index)
        if columns is None:
            results.append((audio, not_evaluated(check, why_missing(timeline, meter, audio.index))))
        elif not len(columns):
            results.append((audio, not_evaluated(check, Message.of("qc.no_rows", meter=meter))))
        else:
            results.append((audio, judge(audio, columns)))
    if len(results) == 1:
        return results[0][1]
    audio, worst = min(results, key=lambda pair: _WORST_FIRST.index(pair[1].state))
    details: dict[str, Scalar] = {"streams": len(results), "stream": audio.index} | dict(worst.details)
    for other, result in results:
        details |= {f"state_{other.index}": str(result.state), f"value_{other.index}": result.value}
    return answer(
        check, worst.state, worst.reason or Message.of("qc.no_limit"), value=worst.value, unit=worst.unit,
        threshold=worst.threshold, events=[event for _, result in results for event in result.events],
        details=details, fix=worst.fix,
    )  # fmt: skip


def why_missing(timeline: Timeline, meter: str, stream: int | None = None) -> Message:
    """Why a meter has no columns, in the timeline's words where it has any."""
    names = [meter] if stream is None else [f"{meter}@{stream}", meter]
    for name in names:
        if name in timeline.not_measured:
            return timeline.not_measured[name]
    return Message.of("qc.not_measured", meter=meter)


def measured(timeline: Timeline, meter: str) -> bool:
    """Whether a meter has columns of any stream."""
    return meter in timeline.columns or any(name.startswith(f"{meter}@") for name in timeline.columns)


def has_rows(timeline: Timeline, meter: str) -> bool:
    """Whether a meter measured anything in any stream: nothing can be found where nothing was looked at."""
    columns = (c for name, c in timeline.columns.items() if name == meter or name.startswith(f"{meter}@"))
    return any(len(one) for one in columns)


def tidy(value: Scalar) -> Scalar:
    """No NaN and no infinity in a result; floats to six significant decimals."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
