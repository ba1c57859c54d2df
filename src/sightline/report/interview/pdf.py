"""The interview desk's PDF: summary, scores with their terms, the time axis, metrics, what could not be measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from sightline.clock import Span, clock_text
from sightline.desks.judgement import Score
from sightline.report.interview.drawing import RangeBar, band_bar
from sightline.report.interview.lanes import Kind, axis_of
from sightline.report.interview.showing import band_title, plain_number, score_title, term_title
from sightline.report.interview.view import (
    ClaimView,
    MetricView,
    PartView,
    ScoreView,
    TermView,
    View,
    in_language,
    view_of,
)
from sightline.report.report import Report
from sightline.report.typeset import typeset
from sightline.text import Language, catalogue, told_by_others, words

MOST_PARTS = 40
"""Answers set; a PDF of more is read by nobody. The CSV has all."""
MOST_TOLD = 12
"""Metrics set for each answer, those scores rest on first."""
STRIP_BINS = 600

Data = dict[str, Any]


def interview_pdf(report: Report) -> bytes:
    view = view_of(report)
    return typeset("sightline.report.interview", "interview.typ", _data(report, view), report.made_at)


_WORDS = (
    "heading.title", "heading.summary", "heading.scores", "heading.timeline", "heading.answers", "heading.metrics",
    "heading.cues", "heading.open", "heading.how", "notice.title", "notice.text", "cues_notice", "no_feedback",
    "no_claims", "review.title", "retention", "column.metric", "column.value", "column.place", "column.reference",
    "column.n", "column.coverage", "metrics_hint", "all_measured", "scores_hint",
)  # fmt: skip


def _data(report: Report, view: View) -> Data:
    timeline, judgement, language = report.timeline, report.judgement, report.language
    provenance, duration = timeline.provenance, timeline.media.duration
    parts = view.parts[:MOST_PARTS]
    left_out = len(view.parts) - len(parts)
    return {
        "language": language.value,
        "name": timeline.media.name,
        "facts": [
            [_say("fact.measured_at", language), provenance.made_at.replace("T", " ")],
            *([[_say("fact.duration", language), clock_text(duration, decimals=0)]] if duration is not None else []),
            [_say("fact.rubric", language), report.judged_by(language)],
            *([name[language], value[language]] for name, value in view.notes),
        ],
        "by": _by(report),
        "claims": [
            [topic.value, _say(f"topic.{topic.value}", language), [_claim(claim, language) for claim in claims]]
            for topic, claims in view.claims
        ],
        "has_feedback": report.feedback is not None,
        "scores": [_score(score, report) for score in view.scores],
        "review": _review(report),
        "axis": _axis(report, view),
        "parts": [_part(part, language) for part in parts],
        "left_out": _say("and_more", language, count=left_out) if left_out else "",
        "groups": [[title[language], [_metric(m, language) for m in metrics]] for _, title, metrics in view.groups],
        "cues": [_metric(metric, language) for metric in view.cues],
        "open": [
            [", ".join(name[language] for name in unknown.names), _why(unknown.reason, language)]
            for unknown in view.unknown
        ],
        "how": [
            [_say("how.program", language), provenance.program],
            [_say("how.reported_at", language), report.made_at.replace("T", " ")],
            [_say("how.meters", language), ", ".join(f"{m} v{version}" for m, version in provenance.meters.items())],
            [_say("how.models", language), ", ".join(f"{meter}: {model}" for meter, model in view.models) or "–"],
        ],
        "hashes": [
            [_say("how.media_hash", language), timeline.media.sha256 or _say("how.not_counted", language)],
            [_say("how.rubric_hash", language), judgement.template_sha256],
        ],
        "words": {key: catalogue(language)[f"interview_report.{key}"] for key in _WORDS},
    }


def _say(key: str, language: Language, **fields: object) -> str:
    return words(f"interview_report.{key}", language, **fields)


def _why(reason: Any, language: Language) -> str:
    return reason.render(language) if reason is not None else _say("no_reason", language)


def _by(report: Report) -> str:
    feedback, language = report.feedback, report.language
    if feedback is None:
        return ""
    if feedback.source == "model":
        return _say("by_model", language, model=feedback.model or "?", provider=feedback.provider or "?")
    return _say("by_templates", language)


def _claim(view: ClaimView, language: Language) -> Data:
    rests_on = [f"{in_language(m.title, language)} {in_language(m.value, language)}" for m in view.metrics]
    return {"text": view.claim.text, "evidence": " · ".join([*rests_on, *(chip.text for chip in view.chips)])}


def _score(view: ScoreView, report: Report) -> Data:
    score, language = view.score, report.language
    bar = band_bar(score)
    count = len(bar.bands)
    return {
        "title": score_title(score.id)[language],
        "value": "–" if score.value is None else plain_number(round(score.value, 1)),
        "most": plain_number(score.most),
        "band": _band(score, language),
        "bands": [[left, right, count - i] for i, (_, left, right) in enumerate(bar.bands)],
        "mark": bar.value,
        "spread": bar.spread,
        "told": _told(score, language),
        "reason": score.reason.render(language) if score.reason is not None else "",
        "given": _given(report, score),
        "terms": [_term(term, score, language) for term in view.terms],
    }


def _given(report: Report, score: Score) -> str:
    """What a person gave instead; the machine's score stays."""
    given = report.review.override_of(score.id, score.part) if report.review is not None else None
    if given is None:
        return ""
    told = _say("review.instead", report.language, value=plain_number(given.value), most=plain_number(score.most))
    return f"{told} · {given.reason} · {_say('review.by', report.language, who=given.who, at=given.at)}"


def _review(report: Report) -> list[str]:
    review, language = report.review, report.language
    if review is None:
        return []
    steps = (
        f"{_say(f'action.{step.action.value}', language)}: {step.text} "
        f"({_say('review.by_link' if step.is_by_link else 'review.by', language, who=step.who, at=step.at)})"
        for step in review.steps
    )
    return [_say(f"review.{review.state.value}", language), *steps]


def _band(score: Score, language: Language) -> str:
    if score.value is None:
        return _say(f"standing.{score.standing.value}", language)
    return band_title(score.band)[language] if score.band else ""


def _told(score: Score, language: Language) -> str:
    told = [_say("term_coverage", language, share=plain_number(round(score.coverage * 100)))]
    if score.low is not None and score.high is not None:
        low, high = (plain_number(round(edge, 1)) for edge in (score.low, score.high))
        told.insert(0, _say("interval", language, low=low, high=high))
    told += [f"{band_title(band)[language]} ≥ {plain_number(least)}" for band, least in score.bands]
    return " · ".join(told)


def _term(view: TermView, score: Score, language: Language) -> Data:
    term = view.term
    reference = view.metric.reference if view.metric else None
    shown = f" = {plain_number(round(term.share * 100, 1))} %" if term.share is not None else ""
    weight = _say("weight", language, weight=plain_number(round(term.weight * 100, 1)))
    if term.points is not None and abs(term.applied - term.weight) > 0.0005:
        weight += f" → {plain_number(round(term.applied * 100, 1))} %"
    return {
        "title": term_title(term.id)[language],
        "metric": in_language(view.metric.title, language) if view.metric else "",
        "value": in_language(view.value, language),
        "range": f"{_say('range', language)} {reference[language]}" if reference else "",
        "formula": f"{term.formula}{shown}",
        "weight": weight,
        "points": "–" if term.points is None else plain_number(round(term.points, 1)),
        "most": "" if term.points is None else plain_number(round(term.applied * score.most, 1)),
        "reason": term.reason.render(language) if term.reason is not None else "",
    }


def _metric(view: MetricView, language: Language) -> Data:
    metric = view.metric
    return {
        "title": view.title[language],
        "value": "" if metric.value is None else view.value[language],
        "interval": in_language(view.interval, language),
        "bar": _bar(view.bar),
        "place": _say(f"place.{metric.place.value}", language) if metric.place else "",
        "reference": in_language(view.reference, language),
        "source": told_by_others(metric.reference.source, language) if metric.reference else "",
        "n": plain_number(metric.n),
        "coverage": f"{plain_number(round(metric.coverage * 100))} %",
        "reason": _why(metric.reason, language) if metric.value is None else "",
    }


def _bar(bar: RangeBar | None) -> Data | None:
    return None if bar is None else {"low": bar.low, "high": bar.high, "value": bar.value}


def _part(view: PartView, language: Language) -> Data:
    return {
        "title": view.part.title,
        "span": f"{view.chip.text} – {view.chip.until}" if view.chip else _say("outside", language),
        "metrics": [[m.title[language], m.value[language]] for m in view.metrics[:MOST_TOLD]],
        "claims": [claim.claim.text for claim in view.claims],
    }


def _axis(report: Report, view: View) -> Data | None:
    """Lanes of events as stretches ``[left, width]`` of a unit length; None where there is no time to draw."""
    span, language = view.span, report.language
    if not span.duration:
        return None
    lanes = [lane for lane in axis_of(report.timeline).lanes if lane.kinds]
    ticks = [[i / 4, clock_text(span.start + span.duration * i / 4, decimals=0)] for i in range(5)]
    strips = [
        [
            lane.name[language],
            [[_stretches(kind, span), i, plain_number(kind.count)] for i, kind in enumerate(lane.kinds)],
        ]
        for lane in lanes
    ]
    return {"lanes": strips, "ticks": ticks} if strips else None


def _stretches(kind: Kind, span: Span) -> list[list[float]]:
    """Runs of bins in which something lies, so that thousands of blinks stay a picture."""
    start, length = float(span.start), float(span.duration)
    firsts, lasts = (
        np.clip(((np.array(times) - start) / length * STRIP_BINS).astype(int), 0, STRIP_BINS - 1)
        for times in (kind.starts_s, kind.ends_s)
    )
    edges = np.zeros(STRIP_BINS + 1, np.int64)
    np.add.at(edges, firsts, 1)
    np.add.at(edges, lasts + 1, -1)
    taken = np.concatenate(([False], np.cumsum(edges)[:-1] > 0, [False])).astype(np.int8)
    runs = np.flatnonzero(np.diff(taken)).reshape(-1, 2).tolist()
    return [[first / STRIP_BINS, (last - first) / STRIP_BINS] for first, last in runs]
