"""Words that feedback may not hold, by topic and by policy (``lexicon.yaml``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field

_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that are not seen but would part a word."""
STRICTEST = "hiring"
"""What holds for a policy nobody wrote down here."""


class _Topic(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    en: tuple[str, ...] = Field(min_length=1)
    ko: tuple[str, ...] = Field(min_length=1)
    but: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    topics: dict[str, _Topic]
    policies: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that may not be there."""

    word: str
    """As it stands in the sentence."""
    topic: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Topics with their patterns, and the topics each policy forbids."""

    patterns: Mapping[str, re.Pattern[str]]
    let_through: Mapping[str, re.Pattern[str]]
    policies: Mapping[str, frozenset[str]]

    def topics(self, policy: str, more: Iterable[str] = ()) -> frozenset[str]:
        """What may not be spoken of: what the policy forbids, and ``more``. Raises `KeyError` for an unknown topic.

        A policy that is not known here is taken as the strictest.
        """
        wanted = self.policies.get(policy, self.policies[STRICTEST]) | frozenset(more)
        if unknown := wanted - set(self.patterns):
            raise KeyError(f"no such topics: {', '.join(sorted(unknown))}; there are {', '.join(self.patterns)}")
        return wanted

    def hits(self, sentence: str, topics: Iterable[str]) -> tuple[Hit, ...]:
        """Words of ``sentence`` that belong to one of ``topics``, topic by topic."""
        plain = visible(sentence)
        found: list[Hit] = []
        for topic in sorted(topics):
            rest = self.let_through[topic].sub(" ", plain) if topic in self.let_through else plain
            found += (Hit(match.group(0), topic) for match in self.patterns[topic].finditer(rest))
        return tuple(found)


def visible(text: str) -> str:
    """The text in small letters as it is seen: composed, wide letters narrow, and without what is not seen at all."""
    return _HIDDEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def lexicon() -> Lexicon:
    """The list that is shipped. Raises `ValueError` for a broken file."""
    text = resources.files("sightline.insight").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    file = _File.model_validate(yaml.safe_load(text))
    for topics in file.policies.values():
        if unknown := set(topics) - set(file.topics):
            raise ValueError(f"a policy forbids topics that are not listed: {sorted(unknown)}")
    return Lexicon(
        {name: re.compile("|".join([*map(_english, topic.en), *map(_korean, topic.ko)])) for name, topic in
         file.topics.items()},
        {name: re.compile("|".join(map(re.escape, map(visible, topic.but)))) for name, topic in file.topics.items()
         if topic.but},
        {name: frozenset(topics) for name, topics in file.policies.items()},
    )  # fmt: skip


def _english(stem: str) -> str:
    whole = stem.startswith("=")
    words = r"\s+".join(re.escape(word) for word in visible(stem.removeprefix("=")).split())
    return f"(?<![a-z]){words}" + ("(?![a-z])" if whole else "[a-z]*")


def _korean(stem: str) -> str:
    start = "(?<![가-힣])" if stem.startswith("^") else ""
    return start + r"\s*".join(re.escape(word) for word in visible(stem.removeprefix("^")).split())
