"""Which language model is asked, where, and what asking is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Protocol
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict

from sightline.errors import SetupError
from sightline.insight.facts import Picture
from sightline.insight.prices import Usage
from sightline.insight.reply import Reply


class Provider(StrEnum):
    """Whose protocol is spoken."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    OPENAI_COMPATIBLE = "openai_compatible"
    """Any server or gateway that speaks OpenAI's chat completions: a local model server, a company's gateway."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at an address. Raises `SetupError` for one that cannot be."""

    provider: Provider
    model: str
    """As the provider calls it."""
    key: str = field(default="", repr=False)
    """Never shown. A local server may do without."""
    base_url: str = ""
    """Empty: the provider's own."""
    timeout_s: float = 60.0
    """For one request from its beginning to the last byte of its answer."""

    def __post_init__(self) -> None:
        if not self.model:
            raise SetupError("insight.no_model_named", provider=self.provider)
        if self.provider is Provider.OPENAI_COMPATIBLE and not self.base_url:
            raise SetupError("insight.no_base_url")
        if not self.key and self.provider is not Provider.OPENAI_COMPATIBLE:
            raise SetupError("insight.no_key", provider=self.provider)
        if self.key and not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise SetupError("insight.bad_key", provider=self.provider)
        if self.base_url:
            _check_address(self.base_url, carries_key=bool(self.key))

    @property
    def name(self) -> str:
        """``openai/gpt-4o``: for showing and for prices."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said in a conversation with a model."""

    is_model: bool
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One request: everything the model reads, and how much it may write."""

    system: str
    turns: tuple[Turn, ...]
    temperature: float
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said."""

    reply: Reply
    text: str
    """The same as the model wrote it, to hold it before the model when it is asked again."""
    usage: Usage | None
    """None: the provider did not tell."""


class Asker(Protocol):
    """Asks one model. Safe for many threads."""

    @property
    def endpoint(self) -> Endpoint: ...

    def ask(self, question: Question) -> Answer:
        """Sends exactly one request. Raises the errors of `sightline.insight.failures` and nothing else.

        An error that knows what was used has it as ``usage``.
        """
        ...


class _Models(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    defaults: dict[Provider, str]


def default_model(provider: Provider) -> str:
    """The model taken where none is named; empty for a provider that has none."""
    return _models().defaults.get(provider, "")


@cache
def _models() -> _Models:
    text = resources.files("sightline.insight").joinpath("models.yaml").read_text(encoding="utf-8")
    return _Models.model_validate(yaml.safe_load(text))


def _check_address(url: str, *, carries_key: bool) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SetupError("insight.bad_base_url") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError("insight.bad_base_url")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SetupError("insight.base_url_secret")
    if parts.scheme == "http" and carries_key and not _is_near(parts.hostname):
        raise SetupError("insight.base_url_open", host=parts.hostname)


def _is_near(host: str) -> bool:
    """Whether a key would not leave this machine or the private network it is in."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host
    return address.is_private or address.is_loopback
