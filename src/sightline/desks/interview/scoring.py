"""Points from metrics, every term laid open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.blocks import DRAWS, interval
from sightline.desks.interview.measuring import Measured
from sightline.desks.interview.rubric import (
    LEAST_COVERAGE,
    LEAST_QUALITY,
    OverallPlan,
    Rubric,
    ScorePlan,
    Source,
    TermPlan,
)
from sightline.desks.judgement import Score, Standing, Term
from sightline.text import Message

OVERALL = "overall"
DIGITS = 4
_EDGE = 1e-9
"""Of rounding: the weights of terms that add up to 0.6 do so but for this."""


@dataclass(frozen=True, eq=False, slots=True)
class _Counted:
    """A term and its share in every draw; None: left out."""

    term: Term
    draws: npt.NDArray[np.float64] | None
    absent: bool = False


def scores_of(rubric: Rubric, measured: Mapping[str, Measured], *, emotion: bool, overall: bool,
              part: str | None) -> tuple[Score, ...]:  # fmt: skip
    """``emotion``: whether it was measured; ``overall``: whether one score over all may be given."""
    plans = [plan for plan in rubric.scores if plan.emotion in (None, emotion) and (part is None or plan.parts)]
    found = [_score(plan, measured, part) for plan in plans]
    scores = [score for score, _ in found]
    if overall and rubric.overall is not None and part is None:
        scores.append(_overall(rubric.overall, found))
    return tuple(scores)


def _score(plan: ScorePlan, measured: Mapping[str, Measured], part: str | None
           ) -> tuple[Score, npt.NDArray[np.float64] | None]:  # fmt: skip
    counted = [_term(term, measured) for term in plan.terms]
    return _summed(plan.id, plan.most, plan.bands, counted, part)


def _term(plan: TermPlan, measured: Mapping[str, Measured]) -> _Counted:
    """The first source with enough evidence; where none has, the first that was measured tells why."""
    hindrances = [(source, _hindrance(measured[source.metric])) for source in plan.sources]
    for source, hindrance in hindrances:
        if hindrance is None:
            return _counted(plan, source, measured[source.metric])
    source, reason = next((pair for pair in hindrances if not measured[pair[0].metric].absent), hindrances[0])
    absent = all(measured[other.metric].absent for other in plan.sources)
    value = measured[source.metric].metric.value
    return _Counted(
        Term(plan.id, plan.weight, 0.0, source.metric, value, None, source.formula.text, reason=reason), None, absent
    )


def _hindrance(measured: Measured) -> Message | None:
    """Why a metric cannot be counted."""
    metric = measured.metric
    if metric.value is None:
        return metric.reason
    if metric.quality is not None and metric.quality < LEAST_QUALITY:
        return Message.of("interview.low_quality", percent=round(100 * metric.quality))
    if metric.coverage < LEAST_COVERAGE:
        return Message.of(
            "interview.low_coverage", percent=round(100 * metric.coverage), least=round(100 * LEAST_COVERAGE)
        )
    return None


def _counted(plan: TermPlan, source: Source, measured: Measured) -> _Counted:
    value = measured.metric.value
    assert value is not None
    share = source.formula.of(value)
    draws = None if measured.draws is None else source.formula.of_each(measured.draws)
    term = Term(plan.id, plan.weight, 0.0, source.metric, value, round(share, DIGITS), source.formula.text)
    # A draw without a value (no picture of the person in any of its blocks) says nothing against the term.
    told = np.full(DRAWS, share) if draws is None else np.where(np.isnan(draws), share, draws)
    return _Counted(term, told)


def _summed(score_id: str, most: float, bands: tuple[tuple[str, float], ...], counted: Sequence[_Counted],
            part: str | None) -> tuple[Score, npt.NDArray[np.float64] | None]:  # fmt: skip
    whole = sum(each.term.weight for each in counted)
    weight = sum(each.term.weight for each in counted if each.draws is not None)
    coverage = weight / whole
    empty = Score(score_id, most, Standing.INSUFFICIENT, None, None, None, round(coverage, DIGITS), None, bands,
                  tuple(each.term for each in counted), part=part)  # fmt: skip
    if coverage < LEAST_COVERAGE - _EDGE:
        return _without_points(empty, counted), None
    terms, value, draws = [], 0.0, np.zeros(DRAWS)
    for each in counted:
        if each.draws is None:
            terms.append(each.term)
            continue
        applied = each.term.weight / weight
        points = (each.term.share or 0.0) * applied * most
        value, draws = value + points, draws + each.draws * applied * most
        terms.append(replace(each.term, applied=round(applied, DIGITS), points=round(points, DIGITS)))
    low, high = interval(draws)
    score = replace(
        empty,
        standing=Standing.SCORED,
        value=round(value, DIGITS),
        low=round(min(low, value), DIGITS) if low is not None else None,
        high=round(max(high, value), DIGITS) if high is not None else None,
        band=next(name for name, least in bands if round(value, DIGITS) >= least),
        terms=tuple(terms),
    )
    return score, draws


def _without_points(score: Score, counted: Sequence[_Counted]) -> Score:
    """Nothing was measured at all, or not enough."""
    if all(each.absent for each in counted):
        return replace(score, standing=Standing.NOT_EVALUATED, reason=counted[0].term.reason)
    percent = round(100 * score.coverage)
    why = Message.of("interview.insufficient", percent=percent, least=round(100 * LEAST_COVERAGE))
    return replace(score, reason=why)


def _overall(plan: OverallPlan, found: Sequence[tuple[Score, npt.NDArray[np.float64] | None]]) -> Score:
    counted = []
    for score, draws in found:
        weight = plan.weights.get(score.id)
        if weight is None:
            continue
        term = Term(score.id, weight, 0.0, None, score.value, None, f"{score.id} / {score.most:g}", reason=score.reason)
        if draws is None or score.value is None:
            counted.append(_Counted(term, None, score.standing is Standing.NOT_EVALUATED))
        else:
            share = score.value / score.most
            counted.append(_Counted(replace(term, share=round(share, DIGITS)), draws / score.most))
    return _summed(OVERALL, plan.most, plan.bands, counted, None)[0]
