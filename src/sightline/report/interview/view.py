"""What the reports of the interview desk show, prepared once for every format: texts in both languages, bounded in
number, every time inside the media."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from sightline.clock import Span
from sightline.desks.judgement import Judgement, Metric, Part, Score, Term
from sightline.insight.claims import Claim, Feedback, Topic
from sightline.report.interview.drawing import FormulaPlot, RangeBar, formula_plot, range_bar
from sightline.report.interview.showing import (
    group_title,
    interval_both,
    metric_title,
    note_title,
    note_value,
    range_both,
    value_both,
)
from sightline.report.page import Both, both
from sightline.report.report import Report
from sightline.text import Language, Message

MOST_CHIPS = 6
"""Moments shown beside a sentence or a metric; the rest is counted."""
MOST_TILES = 2400
"""Metrics of answers shown in one page, over all answers."""
LEAST_TILES = 6
CUES = "cues"
_GROUPS = ("gaze", "face", "emotion", "speech", "voice", "posture", "picture", "sound")


@dataclass(frozen=True, slots=True)
class Chip:
    """A moment that can be jumped to."""

    at_s: float
    text: str
    until: str


@dataclass(frozen=True, slots=True)
class MetricView:
    metric: Metric
    title: Both
    value: Both
    interval: Both | None
    bar: RangeBar | None
    reference: Both | None
    chips: tuple[Chip, ...]
    more_chips: int


@dataclass(frozen=True, slots=True)
class TermView:
    term: Term
    metric: MetricView | None
    value: Both | None
    plot: FormulaPlot | None


@dataclass(frozen=True, slots=True)
class ScoreView:
    score: Score
    terms: tuple[TermView, ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    claim: Claim
    metrics: tuple[MetricView, ...]
    chips: tuple[Chip, ...]
    more_chips: int


@dataclass(frozen=True, slots=True)
class PartView:
    part: Part
    chip: Chip | None
    metrics: tuple[MetricView, ...]
    """With a value; those scores rest on first."""
    hidden: int
    """Metrics with a value that are left out."""
    unmeasured: int
    scores: tuple[ScoreView, ...]
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why some things have no value; the same reason stands once."""

    reason: Message | None
    names: tuple[Both, ...]


@dataclass(frozen=True, slots=True)
class View:
    span: Span
    claims: tuple[tuple[Topic, tuple[ClaimView, ...]], ...]
    """Of the whole, by topic, in the order they are read."""
    categories: tuple[tuple[str, float, tuple[str, ...], tuple[Chip, ...]], ...]
    scores: tuple[ScoreView, ...]
    parts: tuple[PartView, ...]
    groups: tuple[tuple[str, Both, tuple[MetricView, ...]], ...]
    cues: tuple[MetricView, ...]
    unknown: tuple[Unknown, ...]
    notes: tuple[tuple[Both, Both], ...]
    models: tuple[tuple[str, str], ...]
    """Meter and the model it used, where it is noted."""


def view_of(report: Report) -> View:
    judgement, span = report.judgement, report.timeline.span
    shown = {(m.id, m.part): _metric(m, span) for m in judgement.metrics}
    whole = tuple(view for (_, part), view in shown.items() if part is None)
    claims = _claims(report.feedback, shown, span)
    return View(
        span=span,
        claims=tuple(_by_topic(view for view in claims if view.claim.part is None)),
        categories=_categories(report.feedback, span),
        scores=tuple(_score(score, shown) for score in judgement.scores if score.part is None),
        parts=_parts(judgement, shown, claims, span),
        groups=tuple(_groups([view for view in whole if view.metric.group != CUES])),
        cues=tuple(view for view in whole if view.metric.group == CUES and view.metric.value is not None),
        unknown=tuple(_unknown(whole, report.timeline.not_measured)),
        notes=tuple(
            (note_title(name), note_value(name, value))
            for name, value in judgement.notes.items()
            if value is not None and not (name.startswith("questions") and (value == 0 or not judgement.parts))
        ),
        models=tuple(
            (meter, str(columns.notes["model"]))
            for meter, columns in report.timeline.columns.items()
            if columns.notes.get("model")
        ),
    )


def chip_of(span: Span, whole: Span) -> Chip | None:
    """A moment of the media; None for what lies outside it."""
    start, end = max(span.start, whole.start), min(span.end, whole.end)
    if start > end or start > whole.end:
        return None
    return Chip(round(float(start), 3), short_clock(start), short_clock(end))


def short_clock(seconds: Fraction) -> str:
    """``0:12``, ``1:02:05``: what a person looks for in a player."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _chips(spans: Iterable[Span], whole: Span) -> tuple[tuple[Chip, ...], int]:
    chips = tuple(chip for chip in (chip_of(span, whole) for span in spans) if chip is not None)
    return chips[:MOST_CHIPS], max(0, len(chips) - MOST_CHIPS)


def _metric(metric: Metric, whole: Span) -> MetricView:
    chips, more = _chips(metric.spans, whole)
    return MetricView(
        metric=metric,
        title=metric_title(metric.id),
        value=value_both(metric.value, metric.unit),
        interval=interval_both(metric),
        bar=range_bar(metric),
        reference=range_both(metric.reference, metric.unit) if metric.reference else None,
        chips=chips,
        more_chips=more,
    )


_Shown = dict[tuple[str, str | None], MetricView]


def _score(score: Score, shown: _Shown) -> ScoreView:
    return ScoreView(score, tuple(_term(term, score.part, shown) for term in score.terms))


def _term(term: Term, part: str | None, shown: _Shown) -> TermView:
    metric = shown.get((term.metric, part)) if term.metric is not None else None
    unit = metric.metric.unit if metric is not None else ""
    value = None if term.value is None else value_both(term.value, unit)
    return TermView(term, metric, value, formula_plot(term.formula, term.value, term.share))


def _claims(feedback: Feedback | None, shown: _Shown, whole: Span) -> tuple[ClaimView, ...]:
    found = []
    for claim in feedback.claims if feedback is not None else ():
        rests_on = (shown.get((name, claim.part)) or shown.get((name, None)) for name in claim.metrics)
        chips, more = _chips(claim.spans, whole)
        found.append(ClaimView(claim, tuple(view for view in rests_on if view is not None), chips, more))
    return tuple(found)


def _by_topic(claims: Iterable[ClaimView]) -> Iterator[tuple[Topic, tuple[ClaimView, ...]]]:
    ordered = sorted(claims, key=lambda view: list(Topic).index(view.claim.topic))
    for topic, group in groupby(ordered, lambda view: view.claim.topic):
        yield topic, tuple(group)


def _categories(
    feedback: Feedback | None, whole: Span
) -> tuple[tuple[str, float, tuple[str, ...], tuple[Chip, ...]], ...]:
    found = feedback.categories if feedback is not None else ()
    return tuple((c.title, min(100.0, max(0.0, c.score)), c.words, _chips(c.spans, whole)[0]) for c in found)


def _parts(judgement: Judgement, shown: _Shown, claims: Sequence[ClaimView], whole: Span) -> tuple[PartView, ...]:
    most = max(LEAST_TILES, MOST_TILES // max(1, len(judgement.parts)))
    rested_on = {term.metric for score in judgement.scores for term in score.terms}
    by_part: dict[str | None, list[MetricView]] = {}
    for view in shown.values():
        by_part.setdefault(view.metric.part, []).append(view)

    def made(part: Part) -> PartView:
        there = by_part.get(part.id, [])
        known = [view for view in there if view.metric.value is not None]
        known.sort(key=lambda view: view.metric.id not in rested_on)
        return PartView(
            part=part,
            chip=chip_of(part.span, whole),
            metrics=tuple(known[:most]),
            hidden=len(known[most:]),
            unmeasured=len(there) - len(known),
            scores=tuple(_score(score, shown) for score in judgement.scores if score.part == part.id),
            claims=tuple(view for view in claims if view.claim.part == part.id),
        )

    return tuple(made(part) for part in judgement.parts)


def _groups(metrics: Sequence[MetricView]) -> Iterator[tuple[str, Both, tuple[MetricView, ...]]]:
    there = list(dict.fromkeys(view.metric.group for view in metrics))
    for group in sorted(there, key=lambda name: _GROUPS.index(name) if name in _GROUPS else len(_GROUPS)):
        yield group, group_title(group), tuple(view for view in metrics if view.metric.group == group)


def _unknown(metrics: Iterable[MetricView], meters: Mapping[str, Message]) -> Iterator[Unknown]:
    """Metrics by why they have no value, then meters whose reason stands nowhere yet."""
    by_reason: dict[Message | None, list[Both]] = {}
    for view in metrics:
        if view.metric.value is None:
            by_reason.setdefault(view.metric.reason, []).append(view.title)
    told = set(by_reason)
    for meter, message in meters.items():
        if message not in told:
            by_reason.setdefault(message, []).append(both(lambda _, name=meter: name))  # type: ignore[misc]
    for reason, names in by_reason.items():
        yield Unknown(reason, tuple(names))


def in_language(texts: Both | None, language: Language) -> str:
    return "" if texts is None else texts[language]
