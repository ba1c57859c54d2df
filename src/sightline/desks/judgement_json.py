"""Judgements, events and messages as plain dictionaries, and back.

What comes out is strict JSON: numbers that are not finite become None. Times stand there twice, as exact fractions
(``"1001/30000"``) that are read back, and as rounded seconds for people and scripts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sightline.clock import Span
from sightline.desks.judgement import CheckResult, Fix, Judgement, State, Verdict, Waiver
from sightline.text import LANGUAGES, Message
from sightline.timeline.event import Event, Scalar, Severity

Plain = dict[str, Any]
SECONDS_DECIMALS = 6


def message_to_dict(message: Message) -> Plain:
    """``key`` and ``fields``, which are read back, and ``text`` by language, which is for those who cannot render."""
    return {
        "key": message.key,
        "fields": {name: _finite(value) for name, value in message.fields},
        "text": {str(language): message.render(language) for language in LANGUAGES},
    }


def message_from_dict(plain: Mapping[str, Any]) -> Message:
    return Message.of(plain["key"], **plain.get("fields", {}))


def event_to_dict(event: Event) -> Plain:
    return {
        "kind": event.kind,
        "start_s": round(float(event.span.start), SECONDS_DECIMALS),
        "end_s": round(float(event.span.end), SECONDS_DECIMALS),
        "start": str(event.span.start),
        "end": str(event.span.end),
        "start_frame": event.start_frame,
        "end_frame": event.end_frame,
        "severity": str(event.severity),
        "confidence": _finite(event.confidence),
        "evidence": _scalars(event.evidence),
        "labels": list(event.labels),
    }


def event_from_dict(plain: Mapping[str, Any]) -> Event:
    """Raises `KeyError` or `ValueError` for a dictionary that `event_to_dict` did not make."""
    return Event(
        kind=plain["kind"],
        span=Span(Fraction(plain["start"]), Fraction(plain["end"])),
        severity=Severity(plain["severity"]),
        confidence=plain["confidence"],
        evidence=dict(plain["evidence"]),
        labels=tuple(plain["labels"]),
        start_frame=plain["start_frame"],
        end_frame=plain["end_frame"],
    )


def judgement_to_dict(judgement: Judgement) -> Plain:
    return {
        "desk": judgement.desk,
        "template": judgement.template,
        "template_sha256": judgement.template_sha256,
        "verdict": str(judgement.verdict),
        "not_evaluated": judgement.not_evaluated,
        "checks": [check_to_dict(result) for result in judgement.checks],
    }


def judgement_from_dict(plain: Mapping[str, Any]) -> Judgement:
    """Raises `KeyError` or `ValueError` for a dictionary that `judgement_to_dict` did not make."""
    return Judgement(
        desk=plain["desk"],
        template=plain["template"],
        template_sha256=plain["template_sha256"],
        verdict=Verdict(plain["verdict"]),
        checks=tuple(check_from_dict(result) for result in plain["checks"]),
        not_evaluated=plain["not_evaluated"],
    )


def check_to_dict(result: CheckResult) -> Plain:
    fix, waiver = result.fix, result.waiver
    return {
        "id": result.id,
        "name": result.name,
        "group": result.group,
        "state": str(result.state),
        "value": _finite(result.value),
        "unit": result.unit,
        "threshold": _finite(result.threshold),
        "source": result.source,
        "reason": None if result.reason is None else message_to_dict(result.reason),
        "events": [event_to_dict(event) for event in result.events],
        "details": _scalars(result.details),
        "fix": None
        if fix is None
        else {"action": message_to_dict(fix.action), "value": _finite(fix.value), "unit": fix.unit},
        "waiver": None if waiver is None else {"check": waiver.check, "who": waiver.who, "why": waiver.why},
    }


def check_from_dict(plain: Mapping[str, Any]) -> CheckResult:
    reason, fix, waiver = plain["reason"], plain["fix"], plain["waiver"]
    return CheckResult(
        id=plain["id"],
        name=plain["name"],
        group=plain["group"],
        state=State(plain["state"]),
        value=plain["value"],
        unit=plain["unit"],
        threshold=plain["threshold"],
        source=plain["source"],
        reason=None if reason is None else message_from_dict(reason),
        events=tuple(event_from_dict(event) for event in plain["events"]),
        details=dict(plain["details"]),
        fix=None if fix is None else Fix(message_from_dict(fix["action"]), fix["value"], fix["unit"]),
        waiver=None if waiver is None else Waiver(waiver["check"], waiver["who"], waiver["why"]),
    )


def _scalars(values: Mapping[str, Scalar]) -> Plain:
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: Scalar) -> Scalar:
    return None if isinstance(value, float) and not math.isfinite(value) else value
