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
from sightline.desks.judgement import (
    CheckResult,
    Fix,
    Judgement,
    Metric,
    Part,
    Place,
    Reference,
    Score,
    Standing,
    State,
    Term,
    Verdict,
    Waiver,
)
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
        **_times(event.span),
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
        span=_span(plain),
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
        "verdict": None if judgement.verdict is None else str(judgement.verdict),
        "not_evaluated": judgement.not_evaluated,
        "checks": [check_to_dict(result) for result in judgement.checks],
        **_assessment_to_dict(judgement),
    }


def judgement_from_dict(plain: Mapping[str, Any]) -> Judgement:
    """Raises `KeyError` or `ValueError` for a dictionary that `judgement_to_dict` did not make."""
    return Judgement(
        desk=plain["desk"],
        template=plain["template"],
        template_sha256=plain["template_sha256"],
        verdict=None if plain["verdict"] is None else Verdict(plain["verdict"]),
        checks=tuple(check_from_dict(result) for result in plain["checks"]),
        not_evaluated=plain["not_evaluated"],
        # Documents of before there were scores have none of these.
        scores=tuple(score_from_dict(score) for score in plain.get("scores", ())),
        metrics=tuple(metric_from_dict(metric) for metric in plain.get("metrics", ())),
        parts=tuple(Part(part["id"], part["title"], _span(part)) for part in plain.get("parts", ())),
        notes=dict(plain.get("notes", {})),
    )


def _assessment_to_dict(judgement: Judgement) -> Plain:
    """What desks add that assess a person; nothing for those that do not."""
    told = {
        "scores": [score_to_dict(score) for score in judgement.scores],
        "metrics": [metric_to_dict(metric) for metric in judgement.metrics],
        "parts": [{"id": part.id, "title": part.title, **_times(part.span)} for part in judgement.parts],
        "notes": _scalars(judgement.notes),
    }
    return {name: value for name, value in told.items() if value}


def metric_to_dict(metric: Metric) -> Plain:
    reference = metric.reference
    return {
        "id": metric.id,
        "group": metric.group,
        "part": metric.part,
        "value": _finite(metric.value),
        "unit": metric.unit,
        "n": metric.n,
        "coverage": _finite(metric.coverage),
        "quality": _finite(metric.quality),
        "low": _finite(metric.low),
        "high": _finite(metric.high),
        "reference": None
        if reference is None
        else {"low": _finite(reference.low), "high": _finite(reference.high), "source": reference.source},
        "place": None if metric.place is None else str(metric.place),
        "method": metric.method,
        "reason": None if metric.reason is None else message_to_dict(metric.reason),
        "spans": [_times(span) for span in metric.spans],
        "details": _scalars(metric.details),
    }


def metric_from_dict(plain: Mapping[str, Any]) -> Metric:
    reference, place, reason = plain["reference"], plain["place"], plain["reason"]
    return Metric(
        id=plain["id"],
        group=plain["group"],
        unit=plain["unit"],
        value=plain["value"],
        n=plain["n"],
        coverage=plain["coverage"],
        quality=plain["quality"],
        low=plain["low"],
        high=plain["high"],
        reference=None if reference is None else Reference(reference["low"], reference["high"], reference["source"]),
        place=None if place is None else Place(place),
        method=plain["method"],
        reason=None if reason is None else message_from_dict(reason),
        spans=tuple(_span(span) for span in plain["spans"]),
        part=plain["part"],
        details=dict(plain["details"]),
    )


def score_to_dict(score: Score) -> Plain:
    return {
        "id": score.id,
        "part": score.part,
        "most": score.most,
        "standing": str(score.standing),
        "value": _finite(score.value),
        "low": _finite(score.low),
        "high": _finite(score.high),
        "coverage": _finite(score.coverage),
        "band": score.band,
        "bands": [list(band) for band in score.bands],
        "reason": None if score.reason is None else message_to_dict(score.reason),
        "terms": [
            {
                "id": term.id,
                "weight": term.weight,
                "applied": _finite(term.applied),
                "metric": term.metric,
                "value": _finite(term.value),
                "share": _finite(term.share),
                "formula": term.formula,
                "points": _finite(term.points),
                "reason": None if term.reason is None else message_to_dict(term.reason),
            }
            for term in score.terms
        ],
    }


def score_from_dict(plain: Mapping[str, Any]) -> Score:
    def message(of: Mapping[str, Any]) -> Message | None:
        return None if of["reason"] is None else message_from_dict(of["reason"])

    return Score(
        id=plain["id"],
        most=plain["most"],
        standing=Standing(plain["standing"]),
        value=plain["value"],
        low=plain["low"],
        high=plain["high"],
        coverage=plain["coverage"],
        band=plain["band"],
        bands=tuple((str(band), float(least)) for band, least in plain["bands"]),
        terms=tuple(Term(**{**term, "reason": message(term)}) for term in plain["terms"]),
        reason=message(plain),
        part=plain["part"],
    )


def _times(span: Span) -> Plain:
    return {
        "start_s": round(float(span.start), SECONDS_DECIMALS),
        "end_s": round(float(span.end), SECONDS_DECIMALS),
        "start": str(span.start),
        "end": str(span.end),
    }


def _span(plain: Mapping[str, Any]) -> Span:
    return Span(Fraction(plain["start"]), Fraction(plain["end"]))


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
