"""The door for template files: reading, checking and building, with errors that say where and what instead."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from sightline.desks.mistakes import MOST, Mistakes
from sightline.desks.qc.check import checks
from sightline.desks.qc.context import DETECTOR_LABELS, LABELS
from sightline.detectors.detector import detectors
from sightline.errors import TemplateInvalid

Built = TypeVar("Built")
Table = Mapping[str, Any]
MAX_BYTES = 1_000_000
MAX_ANCESTORS = 16
MAX_DOTS = 64
"""In a line: a key of n dotted parts takes tomllib time that grows as n²."""


class RuleTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: str
    label: str
    to: Literal["keep", "warn", "info", "ignore"]
    max_duration_s: float | None = Field(default=None, ge=0)


class TemplateTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    extends: str | None = None
    title: dict[Literal["en", "ko"], str] = Field(default_factory=dict)
    description: dict[Literal["en", "ko"], str] = Field(default_factory=dict)
    detectors: dict[str, dict[str, Any]] = Field(default_factory=dict)
    checks: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rules: list[RuleTable] = Field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """One file of a chain of templates."""

    name: str
    file: TemplateTable


def layers(name_or_path: str | Path, shipped: Path) -> list[Layer]:
    """The template and those it extends, nearest first. Raises `TemplateInvalid`."""
    path = _path_of(name_or_path, shipped, beside=Path())
    chain: list[Layer] = []
    seen: set[Path] = set()
    while True:
        if path.resolve() in seen or len(chain) == MAX_ANCESTORS:
            raise TemplateInvalid("qc.template_loop", file=chain[0].name, chain=" > ".join(x.name for x in chain))
        seen.add(path.resolve())
        layer = Layer(path.stem, _read(path))
        _check_names(layer)
        chain.append(layer)
        if layer.file.extends is None:
            return chain
        path = _path_of(layer.file.extends, shipped, beside=path.parent)


def layers_of_source(name: str, source: str, shipped: Path) -> list[Layer]:
    """As `layers`, of a template handed over as text. It may build on shipped ones, by name; paths mean nothing here.

    Raises `TemplateInvalid`.
    """
    layer = Layer(name, parsed(name, source))
    mistakes = Mistakes()
    parent = layer.file.extends
    names = sorted(path.stem for path in shipped.glob("*.toml"))
    if parent is not None and parent not in names:
        allowed = ", ".join(names)
        mistakes.note(TemplateInvalid("qc.template_unknown", name=parent, allowed=allowed, hint=_close(parent, names)))
    with mistakes.noted():
        _check_names(layer)
    mistakes.tell()
    return [layer] if parent is None else [layer, *layers(parent, shipped)]


def built(kind: type[Built], key: str, parameters: Sequence[tuple[Layer, Table]]) -> Built:
    """A check or detector with its parameters, each from the nearest layer that sets it."""
    origin: dict[str, Layer] = {}
    values: dict[str, Any] = {}
    mistakes = Mistakes()
    allowed = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # both are dataclasses
    for layer, table in parameters:
        for name, value in table.items():
            if name not in allowed:
                mistakes.note(_unknown(layer.name, f"{key}.{name}", allowed))
                continue
            origin.setdefault(name, layer)
            values.setdefault(name, value)
    try:
        made = _adapter(kind).validate_json(_plain(values), strict=True)
    except ValidationError as error:
        for one in error.errors():
            name = str(next(iter(one["loc"]), ""))
            mistakes.note(_wrong(origin[name].name if name in origin else parameters[0][0].name, one, key))
    mistakes.tell()
    return made


def choice(layer: Layer, key: str, value: object, choices: type[StrEnum]) -> str | None:
    """A word out of ``choices``, or None when nothing is said."""
    if value is None:
        return None
    if value not in [str(one) for one in choices]:
        raise TemplateInvalid("qc.template_value", file=layer.name, key=key, value=repr(value),
                              allowed=", ".join(choices))  # fmt: skip
    return str(value)


def sentence(layer: Layer, key: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TemplateInvalid("qc.template_value", file=layer.name, key=key, value=repr(value), allowed='"…"')
    return value


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type[Built]) -> TypeAdapter[Built]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _plain(values: Table) -> bytes:
    """JSON for strict validation: there a list may become a tuple, but a text never a number."""
    return json.dumps({name: _no_infinity(value) for name, value in values.items()}, default=str).encode()


def _no_infinity(value: object) -> object:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _path_of(name_or_path: str | Path, shipped: Path, *, beside: Path) -> Path:
    text = str(name_or_path)
    if isinstance(name_or_path, str) and not text.endswith(".toml"):
        names = sorted(path.stem for path in shipped.glob("*.toml"))
        if text not in names:
            raise TemplateInvalid("qc.template_unknown", name=text, allowed=", ".join(names), hint=_close(text, names))
        return shipped / f"{text}.toml"
    return beside / name_or_path


def _read(path: Path) -> TemplateTable:
    try:
        # A template is a page of text; whatever is larger, or no plain file, is not one.
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise TemplateInvalid("qc.template_no_file", file=str(path))
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateInvalid("qc.template_no_file", file=str(path)) from error
    return parsed(path.stem, source)


def parsed(name: str, source: str) -> TemplateTable:
    """The tables of a TOML text, whose names nobody has looked at yet. Raises `TemplateInvalid`."""
    try:
        for number, line in enumerate(source.split("\n"), 1):
            if line.count(".") > MAX_DOTS:
                raise ValueError(f"more than {MAX_DOTS} dots (at line {number})")
        table = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        raise TemplateInvalid("qc.template_not_toml", file=f"{name}.toml", problem=str(error)) from None
    try:
        return TemplateTable.model_validate(table)
    except ValidationError as error:
        mistakes = Mistakes()
        for one in error.errors()[:MOST]:
            mistakes.note(_wrong(name, one, ""))
        mistakes.tell()
        raise


def _check_names(layer: Layer) -> None:
    mistakes = Mistakes()
    known = sorted({kind for detector in detectors().values() for kind in detector.kinds})
    for key, names, allowed in (
        ("checks", layer.file.checks, list(checks())),
        ("detectors", layer.file.detectors, list(detectors())),
        ("rules.kind", (rule.kind for rule in layer.file.rules), known),
        ("rules.label", (rule.label for rule in layer.file.rules), [*LABELS, *DETECTOR_LABELS]),
    ):
        for name in dict.fromkeys(names):
            if name not in allowed:
                mistakes.note(_unknown(layer.name, f"{key}.{name}", allowed))
    mistakes.tell()


def _unknown(file: str, key: str, allowed: Iterable[str]) -> TemplateInvalid:
    allowed = list(allowed)
    return TemplateInvalid("qc.template_unknown_key", file=file, key=key, allowed=", ".join(allowed) or "–",
                           hint=_close(key.rpartition(".")[2], allowed))  # fmt: skip


def _close(word: str, allowed: list[str]) -> str:
    """The nearest allowed word, or a dash."""
    return next(iter(difflib.get_close_matches(word, allowed, 1)), "–")


def _wrong(file: str, error: ErrorDetails, prefix: str) -> TemplateInvalid:
    key = ".".join(str(part) for part in (*([prefix] if prefix else []), *error["loc"]))
    if error["type"] == "extra_forbidden":
        return _unknown(file, key, TemplateTable.model_fields if len(error["loc"]) == 1 else RuleTable.model_fields)
    if error["type"] == "missing":
        return TemplateInvalid("qc.template_missing_key", file=file, key=key)
    return TemplateInvalid("qc.template_value", file=file, key=key, value=repr(error["input"]),
                           allowed=_allowed(error))  # fmt: skip


def _allowed(error: ErrorDetails) -> str:
    """What would be right, as short signs where there are any, else in the words of the validator."""
    limits = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    context = error.get("ctx", {})
    signs = [f"{sign} {context[name]}" for name, sign in limits.items() if name in context]
    return ", ".join(signs) or str(context.get("expected", error["msg"]))
