"""Settings as people see them: where each value came from, and a file with all of them to begin with."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from sightline.service.operations.redaction import without_secrets
from sightline.service.settings import PREFIX, ReadSettings, Settings

HIDDEN = "***"
_WIDTH = 100
_PARSING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    value: str
    """Secrets are `HIDDEN`; empty where nothing is set."""
    source: str | None
    """Name in the environment, or a file; None: the default."""


def values(read: ReadSettings) -> tuple[Value, ...]:
    """Every setting in the order it is described."""
    return tuple(
        Value(name, value_text(getattr(read.settings, name)), read.sources.get(name)) for name in Settings.model_fields
    )


def sample_file() -> str:
    """A settings file in which every setting stands with its meaning and its default, as a comment."""
    lines = [
        "# Settings of Sightline. A line without # at its beginning holds; the environment",
        f"# ({PREFIX}<NAME> in capitals) wins over it.",
    ]
    defaults = Settings()
    for name, (group, meaning) in described().items():
        if group:
            lines += ["", "", f"# --- {group}"]
        lines += ["", *(f"# {line}" for line in textwrap.wrap(meaning, _WIDTH))]
        lines.append(f"# {name} = {_toml(getattr(defaults, name))}")
    return "\n".join(lines) + "\n"


def described() -> dict[str, tuple[str, str]]:
    """By field: the heading it stands first under, and the words below it in the class."""
    # Two threads that make trees of Python at the same time bring Python 3.11 down with a `SystemError`.
    with _PARSING:
        return _described()


@cache
def _described() -> dict[str, tuple[str, str]]:
    source = textwrap.dedent(inspect.getsource(Settings))
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.ClassDef)
    headings = {
        number: line.strip()[2:] for number, line in enumerate(source.splitlines(), 1) if line.startswith("    # ")
    }
    found: dict[str, tuple[str, str]] = {}
    before = 0
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id in Settings.model_fields
        ):
            group = next((text for number, text in headings.items() if before < number < node.lineno), "")
            is_told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            meaning = inspect.cleandoc(str(after.value.value)) if is_told else ""  # type: ignore[union-attr]
            found[node.target.id] = (group, " ".join(meaning.replace("``", "").split()))
        before = node.lineno
    return found


def plain_value(value: Any) -> Any:
    """As JSON has it. Secrets are `HIDDEN`, nothing is an empty text."""
    match value:
        case SecretStr():
            return HIDDEN if value.get_secret_value() else ""
        case StrEnum():
            return value.value
        case str():
            # The address of a mirror may hold a password.
            return without_secrets(value)
        case Path():
            return str(value)
        case float() if value.is_integer():
            return int(value)
        case None:
            return ""
        case tuple():
            return list(value)
        case _:
            return value


def value_text(value: Any) -> str:
    """On one line."""
    plain = plain_value(value)
    if isinstance(plain, bool):
        return str(plain).lower()
    return ", ".join(plain) if isinstance(plain, list) else str(plain)


def _toml(value: Any) -> str:
    plain = plain_value(value)
    if isinstance(value, Path):
        home = str(Path.home())
        plain = "~" + plain[len(home) :] if home != "/" and plain.startswith(home) else plain
    return json.dumps(plain, ensure_ascii=False)
