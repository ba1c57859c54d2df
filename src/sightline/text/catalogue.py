"""Messages by key, rendered from ``<part>.<language>.toml`` files beside this one.

A file per part and language (``errors.en.toml``, ``errors.ko.toml``) keeps each list short. Keys are
``part.name``; fields are filled in with `str.format`. A test holds the languages to the same keys and fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Language(StrEnum):
    ENGLISH = "en"
    KOREAN = "ko"


LANGUAGES = tuple(Language)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be: a catalogue key and its fields."""

    key: str
    fields: tuple[tuple[str, str | int | float], ...] = ()

    @classmethod
    def of(cls, key: str, /, **fields: object) -> Message:
        return cls(key, tuple((k, v if isinstance(v, str | int | float) else str(v)) for k, v in fields.items()))

    def render(self, language: Language = Language.ENGLISH) -> str:
        """The sentence. Raises `KeyError` for a key no catalogue has (a test forbids it)."""
        return words(self.key, language, **dict(self.fields))

    def __str__(self) -> str:
        return self.render()


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Every sentence of a language by its full key (``errors.media_not_found``)."""
    found: dict[str, str] = {}
    for entry in sorted(resources.files("sightline.text").iterdir(), key=lambda e: e.name):
        part, _, rest = entry.name.partition(".")
        if rest == f"{language}.toml":
            for key, sentence in _flat(tomllib.loads(entry.read_text(encoding="utf-8"))).items():
                found[f"{part}.{key}"] = sentence
    return found


def words(key: str, language: Language = Language.ENGLISH, /, **fields: object) -> str:
    """The sentence of ``key`` with its fields filled in."""
    return catalogue(language)[key].format(**fields)


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
