"""Prompts: files of their own, versioned, in every language, checked when they are read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sightline.errors import TemplateInvalid
from sightline.insight.claims import Topic
from sightline.text import LANGUAGES, Language

SHIPPED = "interview-review"
LARGEST = 256 * 1024
"""Bytes of a prompt file; one of the user's own is read no further."""


class SectionId(StrEnum):
    """What can be put before a model."""

    FACTS = "facts"
    PARTS = "parts"
    NOT_EVALUATED = "not_evaluated"
    TRANSCRIPT = "transcript"
    TASK = "task"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _whole(texts: dict[Language, str]) -> dict[Language, str]:
    for language, text in texts.items():
        if not text.strip():
            raise ValueError(f"the text in {language} is empty")
    return texts


Texts = Annotated[dict[Language, str], AfterValidator(_whole)]
Stems = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class Idea(_Model):
    """One thing that can be spoken of, and the beginnings of words that tell that it was."""

    id: Id
    weight: float = Field(gt=0, le=100)
    en: Stems
    ko: Stems


class KeywordCategory(_Model):
    """Ideas that belong together."""

    id: Id
    title: Texts
    ideas: tuple[Idea, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        _once("idea", [idea.id for idea in self.ideas])
        return self


class Section(_Model):
    """A block of what a model reads, with the line above it."""

    id: SectionId
    title: Texts


class _File(_Model):
    id: Id
    version: int = Field(ge=1)
    languages: tuple[Language, ...]
    temperature: float = Field(ge=0, le=0.5)
    """Low, because a fact has one wording that is true and many that are not."""
    max_output_tokens: int = Field(ge=200, le=32_000)
    system: Texts
    policies: dict[Id, Texts] = {}
    sections: tuple[Section, ...] = Field(min_length=1)
    most: dict[Topic, Annotated[int, Field(ge=0, le=50)]]
    again: Texts
    categories: tuple[KeywordCategory, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if set(self.languages) != set(LANGUAGES):
            raise ValueError(f"languages must be {', '.join(LANGUAGES)}")
        _once("section", [section.id for section in self.sections])
        _once("category", [category.id for category in self.categories])
        if missing := {SectionId.FACTS, SectionId.TASK} - {section.id for section in self.sections}:
            raise ValueError(f"no section {', '.join(sorted(missing))}")
        if missing_topics := set(Topic) - set(self.most):
            raise ValueError(f"most: says nothing of {', '.join(sorted(missing_topics))}")
        titles = [*(s.title for s in self.sections), *(c.title for c in self.categories)]
        for texts in (self.system, self.again, *self.policies.values(), *titles):
            if set(texts) != set(self.languages):
                raise ValueError(f"a text is not there in every language: {next(iter(texts.values()))[:40]!r}")
        for text in self.again.values():
            if {name for _, name, _, _ in Formatter().parse(text) if name is not None} != {"reasons"}:
                raise ValueError("again: must hold {reasons} and no other field")
        return self


@dataclass(frozen=True, slots=True)
class Prompt:
    """A checked prompt."""

    file: _File
    sha256: str
    """Of the file's bytes: a changed wording is another prompt, whatever its version says."""

    @property
    def name(self) -> str:
        """``interview-review/1``."""
        return f"{self.file.id}/{self.file.version}"


def load_prompt(name: str = SHIPPED) -> Prompt:
    """A prompt that is shipped, by its id, or a file of one's own, by a path that ends in ``.yaml``.

    Raises `TemplateInvalid`.
    """
    if name in shipped_prompts():
        return _shipped(name)
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        raise TemplateInvalid("insight.prompt_unknown", name=name, allowed=", ".join(shipped_prompts()))
    try:
        with path.open("rb") as stream:
            read = stream.read(LARGEST + 1)
    except OSError as error:
        raise TemplateInvalid("insight.prompt_unreadable", file=name, problem=error.strerror or error) from error
    if len(read) > LARGEST:
        raise TemplateInvalid("insight.prompt_unreadable", file=name, problem=f"> {LARGEST} bytes")
    return parse_prompt(read, name)


def shipped_prompts() -> tuple[str, ...]:
    """Ids of the prompts that come with Sightline."""
    folder = resources.files("sightline.insight").joinpath("prompts")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


def parse_prompt(read: bytes, name: str) -> Prompt:
    """Raises `TemplateInvalid` that says what is wrong where in the file ``name``."""
    try:
        plain = yaml.safe_load(read.decode("utf-8"))
        return Prompt(_File.model_validate(plain), hashlib.sha256(read).hexdigest())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "-"
        raise TemplateInvalid("insight.prompt_invalid", file=name, where=where, problem=first["msg"]) from error
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # PyYAML raises others than its own where a value is not what its tag says.
        problem = " ".join(str(error).split())
        raise TemplateInvalid("insight.prompt_invalid", file=name, where="-", problem=problem) from error


@cache
def _shipped(name: str) -> Prompt:
    file = resources.files("sightline.insight").joinpath("prompts", f"{name}.yaml")
    return parse_prompt(file.read_bytes(), f"{name}.yaml")


def _once(what: str, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{what} named twice: {', '.join(twice)}")
