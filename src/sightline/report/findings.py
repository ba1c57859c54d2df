"""Findings: the events a person has to look at, each with the checks that judged it."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.desks.judgement import CheckResult, Judgement, State
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline

_GRAVITY = (State.FAIL, State.WARN, State.WAIVED, State.NOT_EVALUATED, State.PASS, State.NOT_APPLICABLE)
_LOOKED_AT = (State.FAIL, State.WARN, State.WAIVED)


@dataclass(frozen=True, slots=True)
class Finding:
    """An event and what the template made of it."""

    number: int
    """Counted from 1 in order of time, the same in every format."""
    event: Event
    checks: tuple[CheckResult, ...] = ()
    """Checks that name this event, the gravest first."""
    is_judged: bool = True
    """Whether a template was applied at all; an event that none of its checks names is then none of its concern."""

    @property
    def state(self) -> State | None:
        """The gravest state of its checks; None when no check of the template names it."""
        return self.checks[0].state if self.checks else None

    @property
    def is_open(self) -> bool:
        """Whether somebody should look: a check failed, warned or was waived on it.

        What no check names counts when it is an error by itself, or, without any template, a caution.
        """
        if self.state is None:
            severity = self.event.severity
            return severity is Severity.ERROR or (severity is Severity.WARNING and not self.is_judged)
        return self.state in _LOOKED_AT


def findings(timeline: Timeline, judgement: Judgement) -> tuple[Finding, ...]:
    """Every event once, in order of time, with its checks. Events only a check knows come along."""
    events = {_identity(event): event for event in timeline.events}
    judged: dict[tuple[object, ...], list[CheckResult]] = {}
    for check in judgement.checks:
        for event in check.events:
            key = _identity(event)
            events.setdefault(key, event)
            judged.setdefault(key, []).append(check)
    is_judged = bool(judgement.checks)
    ordered = sorted(events.items(), key=lambda item: (item[1].span.start, item[1].span.end, item[1].kind))
    return tuple(
        Finding(
            number, event, tuple(sorted(judged.get(key, ()), key=lambda check: _GRAVITY.index(check.state))), is_judged
        )
        for number, (key, event) in enumerate(ordered, start=1)
    )


def open_findings(timeline: Timeline, judgement: Judgement) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings(timeline, judgement) if finding.is_open)


def _identity(event: Event) -> tuple[object, ...]:
    # Labels and severity may change while judging; what was found, where and when does not.
    where = tuple(event.evidence.get(name) for name in ("stream", "channel", "profile", "region"))
    return event.kind, event.span, where
