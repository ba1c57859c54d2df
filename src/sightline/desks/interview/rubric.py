"""Rubrics: how metrics become points, as a versioned YAML file that anybody can read, and replace with their own."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sightline.desks.interview.definition import definitions
from sightline.desks.interview.formulas import Formula, formula_from
from sightline.desks.interview.plain_yaml import plain_from_yaml
from sightline.desks.mistakes import MOST, Mistakes
from sightline.errors import NotFound, TemplateInvalid
from sightline.text import Language

SHIPPED = Path(__file__).with_name("rubrics")
MOST_BYTES = 64 * 1024
LEAST_COVERAGE = 0.6
"""A term counts when at least this share of its time was measured; a score, when terms of this weight count."""
LEAST_QUALITY = 0.25
"""A term does not count when its metric tells of itself that it is hardly to be believed. Heuristic."""
WEIGHT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get at a term: a metric and what its value is worth."""

    metric: str
    formula: Formula
    source: str
    """Where the numbers come from."""


@dataclass(frozen=True, slots=True)
class TermPlan:
    """One summand. The first source that has a value counts."""

    id: str
    weight: float
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """One score."""

    id: str
    most: float
    bands: tuple[tuple[str, float], ...]
    """Id and least points, the highest first; the last begins at 0."""
    terms: tuple[TermPlan, ...]
    emotion: bool | None
    """Given only where emotion was measured, only where it was not, or (None) always."""
    parts: bool
    """Given for every answer as well."""


@dataclass(frozen=True, slots=True)
class OverallPlan:
    """One score out of others, for practice."""

    most: float
    bands: tuple[tuple[str, float], ...]
    weights: Mapping[str, float]
    """By the id of a score."""


@dataclass(frozen=True, slots=True)
class Rubric:
    """A resolved rubric."""

    name: str
    version: int
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    scores: tuple[ScorePlan, ...]
    overall: OverallPlan | None
    sha256: str
    """Of everything that can change a score."""

    @property
    def reads(self) -> frozenset[str]:
        """Metrics it asks for."""
        terms = (term for score in self.scores for term in score.terms)
        return frozenset(source.metric for term in terms for source in term.sources)


_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Words = Annotated[str, StringConstraints(max_length=2000)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SourceRow(_Row):
    metric: str
    formula: str
    source: _Words


class _TermRow(_Row):
    weight: Annotated[float, Field(gt=0, le=1)]
    of: Annotated[list[_SourceRow], Field(min_length=1, max_length=5)]


class _ScoreRow(_Row):
    most: Annotated[float, Field(gt=0, le=1000)]
    emotion: bool | None = None
    parts: bool = True
    bands: Annotated[dict[_Id, Annotated[float, Field(ge=0)]], Field(min_length=1, max_length=10)]
    terms: Annotated[dict[_Id, _TermRow], Field(min_length=1, max_length=30)]


class _OverallRow(_Row):
    most: Annotated[float, Field(gt=0, le=1000)]
    bands: Annotated[dict[_Id, Annotated[float, Field(ge=0)]], Field(min_length=1, max_length=10)]
    of: Annotated[dict[_Id, Annotated[float, Field(gt=0, le=1)]], Field(min_length=1, max_length=20)]


class _RubricRow(_Row):
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    title: dict[Literal["en", "ko"], _Words] = Field(default_factory=dict)
    description: dict[Literal["en", "ko"], _Words] = Field(default_factory=dict)
    scores: Annotated[dict[_Id, _ScoreRow], Field(min_length=1, max_length=20)]
    overall: _OverallRow | None = None


def names() -> tuple[str, ...]:
    """The rubrics that come with the program, the default first."""
    return tuple(sorted((path.stem for path in SHIPPED.glob("*.yaml")), key=lambda name: (name != "default", name)))


@cache
def load_rubric(name: str) -> Rubric:
    """A rubric that comes with the program. Raises `NotFound`."""
    return parse_rubric(name, shipped_text(name))


def shipped_text(name: str) -> str:
    """The YAML of a rubric that comes with the program: what one of one's own begins with. Raises `NotFound`."""
    if name not in names():
        hint = next(iter(difflib.get_close_matches(name, names(), 1)), "–")
        raise NotFound("interview.rubric_unknown", name=name[:80], allowed=", ".join(names()), hint=hint)
    return (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")


def parse_rubric(name: str, text: str) -> Rubric:
    """The rubric of a YAML text. Raises `TemplateInvalid` naming the key and the problem."""
    mistakes = Mistakes()
    try:
        plain = plain_from_yaml(text, most_bytes=MOST_BYTES)
    except ValueError as error:
        raise TemplateInvalid("interview.rubric_not_yaml", file=name, problem=str(error)[:500]) from None
    try:
        row = _RubricRow.model_validate(plain, strict=True)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False)[:MOST]:
            with mistakes.noted():
                _refuse(name, ".".join(str(part) for part in one["loc"])[:200] or "rubric", one["msg"][:300])
        mistakes.tell()
        raise
    scores, overall = [], None
    for score_id, score in row.scores.items():
        with mistakes.noted():
            scores.append(_score(name, score_id, score))
    if row.overall is not None:
        with mistakes.noted():
            overall = _overall(name, row.overall, set(row.scores))
    mistakes.tell()
    judged = row.model_dump(mode="json", exclude={"title", "description"})
    sha256 = hashlib.sha256(json.dumps(judged, sort_keys=True).encode()).hexdigest()
    titles = {Language(language): title for language, title in row.title.items()}
    descriptions = {Language(language): text for language, text in row.description.items()}
    return Rubric(name, row.version, titles, descriptions, tuple(scores), overall, sha256)


def _score(name: str, score_id: str, row: _ScoreRow) -> ScorePlan:
    key = f"scores.{score_id}"
    mistakes, terms = Mistakes(), []
    for term_id, term in row.terms.items():
        with mistakes.noted():
            terms.append(_term(name, f"{key}.terms", term_id, term))
    weights = sum(term.weight for term in row.terms.values())
    with mistakes.noted():
        if abs(weights - 1) > WEIGHT_TOLERANCE:
            _refuse(name, f"{key}.terms", f"the weights add up to {weights:g}, not to 1")
    with mistakes.noted():
        bands = _bands(name, key, row.bands, row.most)
    mistakes.tell()
    return ScorePlan(score_id, row.most, bands, tuple(terms), row.emotion, row.parts)


def _term(name: str, key: str, term_id: str, row: _TermRow) -> TermPlan:
    return TermPlan(
        term_id, row.weight, tuple(_source(name, f"{key}.{term_id}.of.{n}", source) for n, source in enumerate(row.of))
    )


def _source(name: str, key: str, row: _SourceRow) -> Source:
    if row.metric not in definitions():
        hint = next(iter(difflib.get_close_matches(row.metric, list(definitions()), 1)), "–")
        _refuse(name, f"{key}.metric", f"no metric {row.metric[:80]!r}; nearest: {hint}")
    try:
        return Source(row.metric, formula_from(row.formula), row.source)
    except ValueError as error:
        _refuse(name, f"{key}.formula", str(error))


def _bands(name: str, key: str, rows: Mapping[str, float], most: float) -> tuple[tuple[str, float], ...]:
    bands = tuple(rows.items())
    if [least for _, least in bands] != sorted((least for _, least in bands), reverse=True) or bands[-1][1] != 0:
        _refuse(name, f"{key}.bands", "must fall, the last from 0")
    if bands[0][1] > most:
        _refuse(name, f"{key}.bands", f"beyond full marks of {most:g}")
    return bands


def _overall(name: str, row: _OverallRow, scores: set[str]) -> OverallPlan:
    if unknown := sorted(set(row.of) - scores):
        _refuse(name, "overall.of", f"no score {unknown[0]!r}")
    return OverallPlan(row.most, _bands(name, "overall", row.bands, row.most), dict(row.of))


def _refuse(name: str, key: str, problem: str) -> NoReturn:
    raise TemplateInvalid("interview.rubric_value", file=name, key=key, problem=problem)
