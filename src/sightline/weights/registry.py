"""Every model Sightline can run, read from ``registry.toml``: what its files hash to and who may use them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

UNKNOWN_SIZE_LIMIT = 64 << 20
"""Bytes a file may have whose size nobody has published."""
REGISTRY = Path(__file__).with_name("registry.toml")


class Commercial(StrEnum):
    """Whether a model may be used commercially, as far as its publisher says (no legal advice)."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """The training data came with terms for research only, or the publisher has not said which licence holds."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file of a model."""

    name: str
    sha256: str
    """Lower-case hexadecimal."""
    size: int | None = None
    """In bytes; None where nobody has published it."""
    also_named: tuple[str, ...] = ()
    """Other names the same bytes go by."""

    @property
    def size_limit(self) -> int:
        return UNKNOWN_SIZE_LIMIT if self.size is None else self.size


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its files, where they come from, and on what terms."""

    id: str
    files: tuple[WeightsFile, ...]
    sources: tuple[str, ...]
    """Official addresses, tried in turn; ``{file}`` stands for the name of a file."""
    licence: str
    """SPDX name of the licence of the files."""
    data: str
    """What it was trained on: ``weights.data.<data>`` of the catalogue."""
    commercial: Commercial
    groups: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Other names its folder has elsewhere."""

    @property
    def purpose_key(self) -> str:
        return f"weights.purpose.{self.id}"

    @property
    def data_key(self) -> str:
        return f"weights.data.{self.data}"

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where one is unknown."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def addresses(self, file: WeightsFile) -> tuple[str, ...]:
        return tuple(source.replace("{file}", file.name) for source in self.sources)


def registry() -> Mapping[str, Model]:
    """Every model by id."""
    return _read(REGISTRY)


def groups() -> Mapping[str, tuple[str, ...]]:
    """Ids of the models of every group."""
    names = sorted({group for model in registry().values() for group in model.groups})
    return {name: tuple(m.id for m in registry().values() if name in m.groups) for name in names}


def models_named(names: Iterable[str]) -> tuple[Model, ...]:
    """The models of ids and groups, each once, in the order of the registry. Raises `KeyError` for an unknown name."""
    wanted: set[str] = set()
    for name in names:
        wanted |= {name} if name in registry() else set(groups()[name])
    return tuple(model for model in registry().values() if model.id in wanted)


@cache
def _read(path: Path) -> Mapping[str, Model]:
    return {name: _model(name, entry) for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def _model(name: str, entry: Mapping[str, Any]) -> Model:
    return Model(
        id=name,
        files=tuple(_file(file) for file in entry["files"]),
        sources=tuple(entry["sources"]),
        licence=entry["licence"],
        data=entry["data"],
        commercial=Commercial(entry["commercial"]),
        groups=tuple(entry.get("groups", ())),
        folders=tuple(entry.get("folders", ())),
    )


def _file(entry: Mapping[str, Any]) -> WeightsFile:
    return WeightsFile(entry["name"], entry["sha256"], entry.get("size"), tuple(entry.get("also_named", ())))
