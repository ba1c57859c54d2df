"""The reference page of settings, made of `Settings` itself."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from sightline.service.settings import FILE_SETTING, OLD_NAMES, PREFIX, Settings
from tools.documents.markdown import code, page, paragraph, table

_COMPUTED = {
    "cache_dir": "`~/.cache/sightline`",
    "data_dir": "`~/.local/share/sightline`",
    "max_concurrent_tasks": "half of the cores, at least 2, at most 16",
}


def settings_page() -> str:
    parts = [
        paragraph(
            f"Every setting is an environment variable (`{PREFIX}PORT=9000`) or a line of a TOML file (`port = 9000`): "
            f"`sightline.toml` in the data directory, or the file `{FILE_SETTING}` names. The environment wins. An "
            "unknown name is an error. `sightline config show` says what holds and where it came from."
        ),
        paragraph(f"Names of older systems are taken as well: {', '.join(code(name) for name in OLD_NAMES)}."),
    ]
    for title, fields in _groups():
        rows = [(code(f"{PREFIX}{name.upper()}"), _default(name), text) for name, text in fields]
        parts += [f"## {title}", table(("name", "default", "meaning"), rows)]
    return page("Settings", *parts)


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Fields with their docstrings, under the comments that head them in the source."""
    source = inspect.getsource(Settings)
    comments = {
        number: match[1]
        for number, line in enumerate(source.splitlines(), 1)
        if (match := re.match(r"    # ([A-Z][^.]*)$", line))
    }
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for number, node in enumerate(body.body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        if node.target.id not in Settings.model_fields:
            continue
        heading = max((line for line in comments if line < node.lineno), default=0)
        title = comments.get(heading, "")
        if not groups or groups[-1][0] != title:
            groups.append((title, []))
        after = body.body[number + 1] if number + 1 < len(body.body) else None
        groups[-1][1].append((node.target.id, _text(after)))
    return groups


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.replace("``", "`").split())
    return ""


def _default(name: str) -> str:
    if name in _COMPUTED:
        return _COMPUTED[name]
    default: Any = Settings.model_fields[name].default
    if default is PydanticUndefined or default is None:
        return ""
    if isinstance(default, SecretStr):
        return code(default.get_secret_value()) if default.get_secret_value() else ""
    if isinstance(default, tuple):
        return code(",".join(default)) if default else ""
    if isinstance(default, bool):
        return code(str(int(default)))
    return code(str(default)) if str(default) and not isinstance(default, Path) else ""
