"""Messages by key, rendered from ``<part>.<language>.toml`` files beside this one.

A file per part and language (``errors.en.toml``, ``errors.ko.toml``) keeps each list short. Keys are
``part.name``; fields are filled in with `str.format`. A test holds the languages to the same keys and fields.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from string import Formatter


class Language(StrEnum):
    ENGLISH = "en"
    KOREAN = "ko"


LANGUAGES = tuple(Language)
FOREIGN = "foreign."
SAID_BY_OTHERS = frozenset({"reason", "problem", "why", "allowed", "known"})
"""Fields of sentences into which those of others are filled."""
LONGEST = 500
"""Of a sentence of others; a longer one is none."""


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
    """The sentence of ``key`` with its fields filled in; what others say in them in its language, where it is known."""
    told = {
        name: told_by_others(value, language) if name in SAID_BY_OTHERS and isinstance(value, str) else value
        for name, value in fields.items()
    }
    return catalogue(language)[key].format(**told)


def told_by_others(said: str, language: Language) -> str:
    """A sentence of a library, of the system or of a document (``foreign.en.toml`` has those that are known) in a
    language; one that is not known stays as it is."""
    if language is Language.ENGLISH or len(said) > LONGEST:
        return said
    exact, patterns = _foreign()
    if (key := exact.get(said)) is not None:
        return catalogue(language)[key]
    for pattern, key in patterns:
        if (found := pattern.fullmatch(said)) is not None:
            told = {name: told_by_others(part, language) for name, part in found.groupdict().items()}
            return catalogue(language)[key].format(**told)
    return said


@cache
def _foreign() -> tuple[Mapping[str, str], Sequence[tuple[re.Pattern[str], str]]]:
    """Keys by sentences that are always the same, and by patterns of the others, the longest first."""
    exact: dict[str, str] = {}
    patterns: list[tuple[re.Pattern[str], str]] = []
    known = [(text, key) for key, text in catalogue(Language.ENGLISH).items() if key.startswith(FOREIGN)]
    for text, key in sorted(known, key=lambda pair: -len(pair[0])):
        parts = list(Formatter().parse(text))
        if all(name is None for _, name, _, _ in parts):
            exact[text] = key
            continue
        signs = "".join(re.escape(plain) + (f"(?P<{name}>.+?)" if name else "") for plain, name, _, _ in parts)
        patterns.append((re.compile(signs, re.DOTALL), key))
    return exact, patterns


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
