"""A template laid over one that is no file: a workspace's own, or one somebody is changing at this moment.

Templates handed over as text may extend shipped ones only, so that an analysis can keep all it was judged by. So the
two are made one text, which says the same and extends what the lower one does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sightline.desks.qc.template_file import TemplateTable, parsed

_ABOUT = ("title", "description")


def parent_of(name: str, source: str) -> str | None:
    """What a template's text extends. Raises `TemplateInvalid`."""
    return parsed(name, source).extends


def laid_over(name: str, source: str, below: str, source_below: str) -> str:
    """One text for ``source`` over ``source_below``, the text of the template ``below``. Raises `TemplateInvalid`."""
    upper, lower = parsed(name, source), parsed(below, source_below)
    tables: dict[str, Mapping[str, Any]] = {}
    for key in _ABOUT:
        tables[key] = getattr(upper, key) or getattr(lower, key)
    for check in dict.fromkeys((*lower.checks, *upper.checks)):
        tables[f"checks.{check}"] = _check(lower.checks.get(check, {}), upper.checks.get(check, {}))
    for detector in dict.fromkeys((*lower.detectors, *upper.detectors)):
        tables[f"detectors.{detector}"] = {**lower.detectors.get(detector, {}), **upper.detectors.get(detector, {})}
    return "\n".join(_lines(lower.extends, tables, [*_rules(upper), *_rules(lower)])) + "\n"


def _check(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> Mapping[str, Any]:
    # A threshold changed without naming a document must not keep the document of the one it replaces.
    is_changed = bool(upper.keys() - {"state", "source"})
    kept = {name: value for name, value in lower.items() if not (is_changed and name == "source")}
    return {**kept, **upper}


def _rules(table: TemplateTable) -> list[dict[str, Any]]:
    return [rule.model_dump(exclude_none=True) for rule in table.rules]


def _lines(extends: str | None, tables: Mapping[str, Mapping[str, Any]], rules: list[dict[str, Any]]) -> Iterator[str]:
    if extends is not None:
        yield f"extends = {_value(extends)}"
    for header, table in tables.items():
        if table:
            yield f"\n[{'.'.join(_key(part) for part in header.split('.', 1))}]"
            yield from (f"{_key(name)} = {_value(value)}" for name, value in table.items())
    for rule in rules:
        yield "\n[[rules]]"
        yield from (f"{_key(name)} = {_value(value)}" for name, value in rule.items())


def _key(name: str) -> str:
    return _text(name)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(name))} = {_value(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # Numbers as Python writes them are TOML's too; dates and times are refused where a template is built.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(text: str) -> str:
    # JSON's strings are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
