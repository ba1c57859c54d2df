"""The interview desk's CSV: one table of everything that is a row. ``record`` says what a row is, so that a spreadsheet
can filter by it: ``score``, ``term``, ``override`` (a person's score), ``metric`` or ``event``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sightline.clock import Span, clock_text
from sightline.desks.judgement import Metric, Score, Term
from sightline.desks.review import Override
from sightline.report.interview.showing import kind_title, metric_title, score_title, term_title
from sightline.report.page import Both
from sightline.report.report import Report
from sightline.text import Language, Message
from sightline.timeline.event import Event

_COLUMNS = (
    "record", "id", "title", "part", "group", "value", "unit", "low", "high", "n", "coverage", "quality",
    "reference_low", "reference_high", "reference_source", "place", "start_s", "end_s", "start", "end", "most", "band",
    "weight", "applied", "share", "points", "formula", "metric", "confidence", "labels", "evidence", "method", "reason",
)  # fmt: skip
_DECIMALS = 6


def interview_columns() -> tuple[str, ...]:
    """Names of the columns, the same in every language."""
    return _COLUMNS


def interview_rows(report: Report) -> Iterator[tuple[object, ...]]:
    """Scores each with its terms, what people gave instead, then metrics, then events in order of time. A cell that
    does not apply is empty."""
    judgement, language = report.judgement, report.language
    units = {(metric.id, metric.part): metric.unit for metric in judgement.metrics}
    for score in judgement.scores:
        yield _cells(_score(score, language))
        for term in score.terms:
            unit = units.get((term.metric, score.part), "") if term.metric is not None else ""
            yield _cells(_term(term, score, unit, language))
    for given in report.review.overrides if report.review is not None else ():
        yield _cells(_override(given, language))
    for metric in judgement.metrics:
        yield _cells(_metric(metric, language))
    for event in report.timeline.events:
        yield _cells(_event(event, language))


def _cells(row: Mapping[str, object]) -> tuple[object, ...]:
    values = (row.get(name) for name in _COLUMNS)
    return tuple("" if v is None else round(v, _DECIMALS) if isinstance(v, float) else v for v in values)


def _score(score: Score, language: Language) -> dict[str, object]:
    return {
        "record": "score", "id": score.id, "title": score_title(score.id)[language], "part": score.part,
        "value": score.value, "unit": "points", "low": score.low, "high": score.high, "coverage": score.coverage,
        "most": score.most, "band": score.band, "reason": _why(score.reason, language),
    }  # fmt: skip


def _override(given: Override, language: Language) -> dict[str, object]:
    return {
        "record": "override", "id": given.score, "title": score_title(given.score)[language], "part": given.part,
        "value": given.value, "unit": "points", "reason": f"{given.reason} ({given.who}, {given.at})",
    }  # fmt: skip


def _term(term: Term, score: Score, unit: str, language: Language) -> dict[str, object]:
    return {
        "record": "term", "id": f"{score.id}.{term.id}", "title": term_title(term.id)[language], "part": score.part,
        "value": term.value, "unit": unit, "weight": term.weight, "applied": term.applied, "share": term.share,
        "points": term.points, "formula": term.formula, "metric": term.metric, "reason": _why(term.reason, language),
    }  # fmt: skip


def _metric(metric: Metric, language: Language) -> dict[str, object]:
    reference = metric.reference
    return {
        "record": "metric", "id": metric.id, "title": metric_title(metric.id)[language], "part": metric.part,
        "group": metric.group, "value": metric.value, "unit": metric.unit, "low": metric.low, "high": metric.high,
        "n": metric.n, "coverage": metric.coverage, "quality": metric.quality,
        "reference_low": reference.low if reference else None, "reference_high": reference.high if reference else None,
        "reference_source": reference.source if reference else None, "place": metric.place and metric.place.value,
        "evidence": " ".join(_span_text(span) for span in metric.spans), "method": metric.method,
        "reason": _why(metric.reason, language),
    }  # fmt: skip


def _event(event: Event, language: Language) -> dict[str, object]:
    evidence = dict(event.evidence)
    value, unit = evidence.pop("value", None), evidence.pop("unit", None)
    title: Both = kind_title(event.kind)
    return {
        "record": "event", "id": event.kind, "title": title[language], "value": value, "unit": unit,
        "start_s": float(event.span.start), "end_s": float(event.span.end), "start": clock_text(event.span.start),
        "end": clock_text(event.span.end), "confidence": round(event.confidence, 4), "labels": " ".join(event.labels),
        "evidence": "; ".join(f"{name}={text}" for name, text in evidence.items()),
    }  # fmt: skip


def _why(reason: Message | None, language: Language) -> str | None:
    return None if reason is None else reason.render(language)


def _span_text(span: Span) -> str:
    return f"{clock_text(span.start)}-{clock_text(span.end)}"
