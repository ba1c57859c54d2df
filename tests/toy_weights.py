"""A registry of small models of the tests' own, in place of the real one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from sightline.weights import registry

Files = Mapping[str, bytes]


def toy_registry(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    models: Mapping[str, Files],
    *,
    source: str = "https://models.invalid/{file}",
    sizes: bool = True,
) -> None:
    """Has the registry hold ``models`` (id -> file name -> bytes) and nothing else, all in the group ``toys``.

    ``source`` is where their files come from; ``{model}`` stands for the id.
    """
    lines: list[str] = []
    for model, files in models.items():
        lines += [
            f"[{model}]",
            f"sources = [{json.dumps(source.replace('{model}', model))}]",
            'licence = "MIT"',
            'data = "vendor"',
            'commercial = "yes"',
            'groups = ["toys"]',
            f'folders = ["of-{model}"]',
            "files = [",
            *(_entry(name, content, sizes) for name, content in files.items()),
            "]",
        ]
    path = folder / "registry.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(registry, "REGISTRY", path)


def _entry(name: str, content: bytes, sizes: bool) -> str:
    size = f"size = {len(content)}, " if sizes else ""
    return (
        f'  {{ name = "{name}", {size}sha256 = "{hashlib.sha256(content).hexdigest()}", also_named = ["old-{name}"] }},'
    )


def put(folder: Path, files: Files) -> Path:
    """The files in the folder, made where it is not."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
