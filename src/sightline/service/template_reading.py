"""What a template or rubric says once everything it builds on is taken in, for looking at it and for changing it; and
where in its text a mistake is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import yaml
from pydantic import TypeAdapter

from sightline.desks.desk import Assignment, Brief, desks
from sightline.desks.interview.definition import definitions
from sightline.desks.interview.desk import InterviewAssignment
from sightline.desks.interview.rubric import Rubric, ScorePlan, TermPlan
from sightline.desks.interview.rubric import shipped_text as shipped_rubric
from sightline.desks.qc.check import checks
from sightline.desks.qc.desk import QcAssignment
from sightline.desks.qc.template import PlannedCheck, Template
from sightline.desks.qc.template import shipped_text as shipped_template
from sightline.errors import SightlineError
from sightline.text import LANGUAGES, Language, catalogue, words

_UNITS = {"s", "hz", "lufs", "lu", "dbtp", "db", "share", "frames", "mbps", "deg", "samples"}
_SPELT = {"mbps": "Mbit/s"}
_KINDS = {"number": "number", "integer": "number", "boolean": "bool", "array": "list", "object": "table"}
_AT_END = "at end of document"
LONGEST_KEY = 1000
EDITED = "-edited"
"""How the page ends the name of a template whose limits somebody changed on trial."""
_AT_LINE = re.compile(r"\bline (\d{1,7})\b")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One threshold of a check."""

    name: str
    value: Any
    """Plain JSON; null where no limit is set."""
    kind: str
    """``number``, ``text``, ``bool``, ``list``, ``table`` (names with numbers)."""
    unit: str | None
    default: Any
    """The program's own, where no template says otherwise."""
    choices: Sequence[str]
    """What a text, or each of a list, may be; empty: anything."""
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class ResolvedCheck:
    id: str
    name: Mapping[Language, str]
    group: str
    state: str
    """``fail``, ``warn``, ``report`` or ``off``."""
    parameters: Sequence[Parameter]
    source: str | None


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    metric: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class ResolvedTerm:
    id: str
    weight: float
    metric: str
    """Of the first way to get at it."""
    formula: str
    of: Sequence[ResolvedSource]
    """Every way; the first whose metric has a value counts."""


@dataclass(frozen=True, slots=True)
class Band:
    id: str
    least: float
    """Points from which it begins."""


@dataclass(frozen=True, slots=True)
class ResolvedScore:
    id: str
    most: float
    bands: Sequence[Band]
    terms: Sequence[ResolvedTerm]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Checks of a template, or scores of a rubric."""

    checks: Sequence[ResolvedCheck] = ()
    scores: Sequence[ResolvedScore] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a text is no template."""

    error: SightlineError
    where: str | None
    """Its key, as ``checks.A1.target_lufs``."""
    line: int | None
    """From 1."""


def shipped_source(desk: str, name: str) -> str:
    """The text of one that comes with the program."""
    return shipped_template(name) if desk == QcAssignment.desk else shipped_rubric(name)


def extends_of(assignment: Assignment) -> str | None:
    """The template it builds on directly."""
    return next(iter(assignment.by.ancestry), None) if isinstance(assignment, QcAssignment) else None


def about(assignment: Assignment) -> Template | Rubric | None:
    """What has its title and description."""
    match assignment:
        case QcAssignment(by=template):
            return template
        case InterviewAssignment(rubric=rubric):
            return rubric
    return None


def template_title(desk: str, name: str, source: str | None) -> Mapping[Language, str]:
    """What people call a template or rubric that something was judged by: one that comes with the program, or one with
    this text. One without a title of its own, made by changing limits of another, is called after that. Empty where
    nothing can be said."""
    if source is None:
        shipped = desks().get(desk)
        return shipped.about(name).title if shipped is not None and name in shipped.names() else {}
    try:
        by = desks()[desk].read(Brief(name, source))
    except (KeyError, SightlineError):
        # Kept by another version.
        return {}
    told = about(by)
    if told is None or told.title:
        return {} if told is None else told.title
    base = name.removesuffix(EDITED) if name.endswith(EDITED) else None
    titles = {} if base is None or base != extends_of(by) else template_title(desk, base, None)
    return {language: words("templates.changed", language, title=title) for language, title in titles.items()}


@cache
def shipped_sources() -> frozenset[str]:
    """Everything that limits, terms and ranges which come with the program name as where they are from."""
    told = {about.reference.source for about in definitions().values() if about.reference is not None}
    for desk in desks().values():
        for name in desk.names():
            match desk.read(Brief(name)):
                case QcAssignment(by=template):
                    told |= {plan.source for plan in (*template.checks, *template.off) if plan.source}
                case InterviewAssignment(rubric=rubric):
                    told |= {way.source for score in rubric.scores for term in score.terms for way in term.sources}
    return frozenset(told)


def resolved(assignment: Assignment) -> Resolved:
    """Every check there is, those that are off among them, or every score."""
    match assignment:
        case QcAssignment(by=template):
            plans = {plan.check.id: plan for plan in (*template.checks, *template.off)}
            return Resolved(checks=[_check(plans[check]) for check in _ordered(plans)])
        case InterviewAssignment(rubric=rubric):
            return Resolved(scores=[_score(score) for score in rubric.scores])
    return Resolved()


def mistake(desk: str, source: str, error: SightlineError) -> Mistake:
    """Where in a text the mistake is that ``error`` tells of."""
    fields = dict(error.message.fields)
    key = str(fields["key"]) if "key" in fields else None
    if told := _AT_LINE.search(str(fields.get("problem", ""))):
        return Mistake(error, key, int(told[1]))
    if _AT_END in str(fields.get("problem", "")):
        return Mistake(error, key, source.rstrip("\n").count("\n") + 1)
    if key is None:
        # Only what it extends is named without a key.
        key = "extends" if error.message.key == "qc.template_unknown" else None
    if key is None:
        return Mistake(error, None, None)
    line = _toml_line(source, key) if desk == QcAssignment.desk else _yaml_line(source, key.split("."))
    return Mistake(error, key, line)


def _ordered(plans: Mapping[str, PlannedCheck]) -> Sequence[str]:
    return [name for name in checks() if name in plans]


def _check(plan: PlannedCheck) -> ResolvedCheck:
    check = plan.check
    schema = TypeAdapter(type(check)).json_schema()["properties"] if asdict(check) else {}  # type: ignore[call-overload]
    names = {language: catalogue(language).get(f"checks.{check.id}.title", check.name) for language in LANGUAGES}
    parameters = [_parameter(name, value, schema[name]) for name, value in asdict(check).items()]  # type: ignore[call-overload]
    return ResolvedCheck(check.id, names, str(check.group), str(plan.on_failure), parameters, plan.source)


def _parameter(name: str, value: Any, schema: Mapping[str, Any]) -> Parameter:
    said = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    default = schema.get("default", {} if said.get("type") == "object" else None)
    return Parameter(
        name=name,
        value=list(value) if isinstance(value, tuple) else value,
        kind=_KINDS.get(said.get("type", ""), "text"),
        unit=_unit(name),
        default=list(default) if isinstance(default, tuple) else default,
        choices=[str(one) for one in (said.get("enum") or said.get("items", {}).get("enum") or ())],
        least=said.get("minimum", said.get("exclusiveMinimum")),
        most=said.get("maximum", said.get("exclusiveMaximum")),
    )


def _unit(name: str) -> str | None:
    ending = name.rpartition("_")[2] if "_" in name else ""
    return _SPELT.get(ending, ending) if ending in _UNITS else None


def _score(score: ScorePlan) -> ResolvedScore:
    bands = [Band(name, least) for name, least in score.bands]
    return ResolvedScore(score.id, score.most, bands, [_term(term) for term in score.terms])


def _term(term: TermPlan) -> ResolvedTerm:
    ways = [ResolvedSource(way.metric, way.formula.text, way.source) for way in term.sources]
    return ResolvedTerm(term.id, term.weight, ways[0].metric, ways[0].formula, ways)


def _toml_line(source: str, key: str) -> int | None:
    """The line that sets a key, else that of the nearest table around it."""
    table, found, longest = "", None, 0
    lists: Counter[str] = Counter()
    for number, line in enumerate(source.split("\n"), 1):
        text = line.strip()[:LONGEST_KEY]
        # No sign fits two parts of a pattern: whoever writes the text must not make it slow.
        if header := re.match(r"\[+([^\[\]#]{1,300})\]", text):
            table = _plain(header[1])
            if text.startswith("[["):
                lists[table] += 1
                table = f"{table}.{lists[table] - 1}"
            here = table
        elif name := re.match(r"([A-Za-z0-9_.\"' \t-]{1,200})=", text):
            here = f"{table}.{_plain(name[1])}".lstrip(".")
        else:
            continue
        fits = key == here or key.startswith(f"{here}.")
        if fits and len(here) > longest:
            found, longest = number, len(here)
    return found


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _yaml_line(source: str, path: Sequence[str]) -> int | None:
    """The line a key or an item stands at, else that of the nearest around it."""
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line: int | None = None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if getattr(key, "value", None) == part), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part[:6]) < len(node.value):
            node = node.value[int(part[:6])]
            line = node.start_mark.line + 1
        else:
            return line
    return line
