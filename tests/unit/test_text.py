"""The catalogue: every sentence in every language, with the same fields."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import sightline
from sightline.text import LANGUAGES, Language, Message, catalogue

SOURCES = Path(sightline.__file__).parent


def _fields(sentence: str) -> set[str]:
    return {re.split(r"[.\[!:]", name)[0] for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_language_has_the_same_keys() -> None:
    assert set(catalogue(Language.ENGLISH)) == set(catalogue(Language.KOREAN))


@pytest.mark.parametrize("key", sorted(catalogue(Language.ENGLISH)))
def test_every_language_fills_in_the_same_fields(key: str) -> None:
    fields = {language: _fields(catalogue(language)[key]) for language in LANGUAGES}
    assert len(set(map(frozenset, fields.values()))) == 1, fields


def test_korean_sentences_are_korean() -> None:
    """A sentence left untranslated has no Hangul; names, units and formats may stand as they are."""
    english, korean = catalogue(Language.ENGLISH), catalogue(Language.KOREAN)
    same = {k for k in english if english[k] == korean[k] and len(re.findall(r"[A-Za-z]{3,}", english[k])) > 4}
    assert not same


def _literal_keys() -> set[str]:
    """Keys named in the source as the first argument of what takes a key."""
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            value = node.args[0].value
            takes_key = name in ("of", "words", "NotMeasurable") or (
                isinstance(node.func, ast.Name) and name[:1].isupper() and isinstance(value, str)
            )
            if takes_key and isinstance(value, str) and re.fullmatch(r"[a-z]+(\.\w+)+", value):
                found.add(value)
            if name == "say" and isinstance(value, str) and path.parent.name == "cli":
                found.add(f"cli.{value}")
    return found


def test_every_key_the_code_names_has_a_sentence() -> None:
    known = set(catalogue(Language.ENGLISH))
    parts = {key.partition(".")[0] for key in known}
    keys = {key for key in _literal_keys() if key.partition(".")[0] in parts}
    assert len(keys) > 100
    assert not keys - known


def _evidence_names() -> set[str]:
    """Keys of the dictionaries in detectors that hold a measured value or its unit, or are added to evidence."""
    found: set[str] = set()
    for path in (SOURCES / "detectors").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            added = isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "evidence"
            literal = node.value if added and isinstance(node, ast.AugAssign) else node
            if isinstance(literal, ast.Dict):
                keys = {k.value for k in literal.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
                found |= keys if added or keys & {"value", "unit"} else set()
    return found - {"value", "unit", "threshold"}


def test_everything_in_the_evidence_of_an_event_has_a_name() -> None:
    names = _evidence_names()
    assert len(names) > 40
    assert not {f"report.evidence.{name}" for name in names} - set(catalogue(Language.KOREAN))


def test_a_message_renders_in_both_languages() -> None:
    message = Message.of("bundle.not_one", path="x")
    assert message.render(Language.ENGLISH).startswith("x is not a Sightline bundle")
    assert "번들이 아닙니다" in message.render(Language.KOREAN)
