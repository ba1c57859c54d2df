"""Templates: which checks a delivery asks for, how hard they weigh, and the thresholds of checks and detectors.

A template is a TOML file, shipped here in ``templates/`` or anywhere else; it may build on another (``extends``).
Loading resolves it into a frozen `Template` whose checks and detectors are ready to run, or raises `TemplateInvalid`
naming the file, the key and what would be allowed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sightline.clock import exact_seconds
from sightline.desks.mistakes import Mistakes
from sightline.desks.qc import template_file
from sightline.desks.qc.check import Check, checks
from sightline.desks.qc.template_file import Layer
from sightline.detectors.detector import Detector, detectors
from sightline.errors import TemplateInvalid
from sightline.text import Language
from sightline.timeline.event import Event

SHIPPED = Path(__file__).with_name("templates")


class OnFailure(StrEnum):
    """What a failed check means for the verdict."""

    FAIL = "fail"
    WARN = "warn"
    REPORT = "report"
    """Measured and shown, never judged."""
    OFF = "off"


class Outcome(StrEnum):
    """What a rule makes of an event."""

    KEEP = "keep"
    """As it is; for taking back a rule of the template this one extends."""
    WARN = "warn"
    INFO = "info"
    """Shown among the events, held against no check."""
    IGNORE = "ignore"
    """Like info, and not counted among what rules excused."""


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check with its parameters as the template has them."""

    check: Check
    on_failure: OnFailure
    source: str | None
    """Document the thresholds come from."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Events of ``kind`` that carry ``label`` and last no longer than ``max_duration_s`` weigh as ``to`` says.

    The first rule that fits counts.
    """

    kind: str
    label: str
    to: Outcome
    max_duration_s: float | None = None

    def fits(self, event: Event) -> bool:
        if event.kind != self.kind or self.label not in event.labels:
            return False
        return self.max_duration_s is None or event.span.duration <= exact_seconds(self.max_duration_s)


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A shipped template, for choosing one."""

    name: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    extends: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A resolved template."""

    name: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    ancestry: tuple[str, ...]
    """Names of the templates it builds on, nearest first."""
    checks: tuple[PlannedCheck, ...]
    """In the order of a report, without those that are off."""
    off: tuple[PlannedCheck, ...]
    """Those that are off or that nobody asks for, as they would run."""
    detectors: tuple[Detector, ...]
    """All there are, those others build on first."""
    rules: tuple[Rule, ...]
    sha256: str
    """Of everything that can change a judgement: checks, their parameters and weight, detectors, rules."""


def load_template(name_or_path: str | Path) -> Template:
    """The template of a shipped name (``ebu-r128``) or of a TOML file. Raises `TemplateInvalid`."""
    return _resolved(template_file.layers(name_or_path, SHIPPED))


def parse_template(name: str, source: str) -> Template:
    """The template of a TOML text, which may build on a shipped one. Raises `TemplateInvalid`."""
    return _resolved(template_file.layers_of_source(name, source, SHIPPED))


def shipped_text(name: str) -> str:
    """The TOML of one of `templates`, what one of one's own may look like."""
    return (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")


@cache
def templates() -> Mapping[str, TemplateInfo]:
    """The shipped templates by name, the default first."""
    names = sorted((path.stem for path in SHIPPED.glob("*.toml")), key=lambda name: (name != "default", name))
    found = {}
    for name in names:
        layer = template_file.layers(name, SHIPPED)[0]
        found[name] = TemplateInfo(name, _by_language(layer.file.title), _by_language(layer.file.description),
                                   layer.file.extends)  # fmt: skip
    return found


def _resolved(layers: list[Layer]) -> Template:
    rules = tuple(
        Rule(rule.kind, rule.label, Outcome(rule.to), rule.max_duration_s)
        for layer in layers
        for rule in layer.file.rules
    )
    mistakes = Mistakes()
    every = []
    for name in checks():
        with mistakes.noted():
            every.append(_planned(name, layers))
    built = []
    for name, kind in detectors().items():
        with mistakes.noted():
            built.append(template_file.built(kind, f"detectors.{name}", _tables(name, layers)))
    mistakes.tell()
    planned = tuple(plan for plan in every if plan.on_failure is not OnFailure.OFF)
    running = tuple(_lowered(detector, planned) for detector in built)
    first = layers[0]
    return Template(
        first.name,
        _by_language(first.file.title),
        _by_language(first.file.description),
        tuple(layer.name for layer in layers[1:]),
        planned,
        tuple(plan for plan in every if plan.on_failure is OnFailure.OFF),
        running,
        rules,
        _sha256(first.name, planned, running, rules),
    )


def _tables(name: str, layers: list[Layer]) -> list[tuple[Layer, Mapping[str, Any]]]:
    """What each layer sets of a detector."""
    return [(layer, layer.file.detectors.get(name, {})) for layer in layers]


def _planned(name: str, layers: list[Layer]) -> PlannedCheck:
    """The check as the nearest layers have it, off where nobody asks for it."""
    state: str | None = None
    source: str | None = None
    parameters = []
    mistakes = Mistakes()
    for layer in layers:
        table = dict(layer.file.checks.get(name, {}))
        said, where = table.pop("state", None), table.pop("source", None)
        with mistakes.noted():
            state = state or template_file.choice(layer, f"checks.{name}.state", said, OnFailure)
        with mistakes.noted():
            where = template_file.sentence(layer, f"checks.{name}.source", where)
        # A threshold changed without naming a document must not keep the document of the one it replaces.
        source = source or where or (f"template {layer.name}" if table else None)
        parameters.append((layer, table))
    with mistakes.noted():
        check = template_file.built(checks()[name], f"checks.{name}", parameters)
    mistakes.tell()
    if state is None and any(table for _, table in parameters):
        raise TemplateInvalid("qc.template_no_state", file=layers[0].name, key=f"checks.{name}")
    return PlannedCheck(check, OnFailure(state or OnFailure.OFF), source)


def _lowered(detector: Detector, planned: tuple[PlannedCheck, ...]) -> Detector:
    """The detector with its thresholds no higher than the checks need to see everything they judge."""
    for plan in planned:
        for ask in plan.check.asks:
            wanted = getattr(plan.check, ask.parameter)
            if ask.detector == detector.name and wanted is not None and wanted < getattr(detector, ask.field):
                detector = replace(detector, **{ask.field: wanted})  # type: ignore[type-var]  # a detector is a dataclass
    return detector


def _sha256(
    name: str, planned: tuple[PlannedCheck, ...], running: tuple[Detector, ...], rules: tuple[Rule, ...]
) -> str:
    whole = {
        "name": name,
        "checks": [[plan.check.id, plan.on_failure, plan.source, asdict(plan.check)] for plan in planned],  # type: ignore[call-overload]  # a check is a dataclass
        "detectors": [[detector.name, asdict(detector)] for detector in running],  # type: ignore[call-overload]
        "rules": [asdict(rule) for rule in rules],
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _by_language(texts: Mapping[Literal["en", "ko"], str]) -> Mapping[Language, str]:
    return {Language(language): text for language, text in texts.items()}
