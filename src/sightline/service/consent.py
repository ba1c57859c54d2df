"""That a person agreed to be analysed: the record, the file it may come in, and whether it holds for a policy. Pure.

docs/consent.md says what belongs into such a record and why.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sightline.desks.desk import Assignment
from sightline.desks.interview.plain_yaml import plain_from_yaml
from sightline.desks.interview.policies import DEFAULT_POLICY
from sightline.errors import Conflict, RequestInvalid

LARGEST_BYTES = 256 * 1024
INTERVIEW = "interview"
AHEAD_S = 300
"""So far a clock elsewhere may be ahead of ours."""
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]


class ConsentGiven(BaseModel):
    """What somebody records. ``text`` is what the person read, word for word."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "subject": "Kim Mina",
                "contact": "mina@example.org",
                "purpose": "Screening for the post of editor",
                "policy": "hiring",
                "text": "I agree that my recording is analysed by a program …",
                "language": "en",
                "given_at": "2026-11-21T10:00:00Z",
            }
        },
    )

    subject: _Line
    """The person's name."""
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=320)] | None = None
    """An address to find the person's records by. Only its SHA-256 is kept."""
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    policy: Literal["self_practice", "hiring", "education", "research", "medical"]
    text: _Text
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=32)] = "en"
    given_at: datetime = Field(description="With its zone; without one it is UTC")


@dataclass(frozen=True, slots=True)
class Consent:
    """A record, checked."""

    subject: str
    contact_hash: str | None
    purpose: str
    policy: str
    text: str
    text_sha256: str
    language: str
    given_at: datetime
    """UTC."""

    def to_plain(self) -> dict[str, Any]:
        """As a bundle keeps it beside an analysis of the terminal."""
        return {
            "subject": self.subject,
            "contact_hash": self.contact_hash,
            "purpose": self.purpose,
            "policy": self.policy,
            "text": self.text,
            "text_sha256": self.text_sha256,
            "language": self.language,
            "given_at": self.given_at.isoformat(),
        }


def consent_of(given: ConsentGiven, at: datetime) -> Consent:
    """Raises `RequestInvalid` for a consent that was given after ``at``."""
    moment = given.given_at.replace(tzinfo=UTC) if given.given_at.tzinfo is None else given.given_at
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise RequestInvalid("consent.bad_time") from None
    if (moment - at).total_seconds() > AHEAD_S:
        raise RequestInvalid("consent.bad_time")
    text = unicodedata.normalize("NFC", given.text)
    return Consent(
        given.subject,
        None if not given.contact else contact_hash(given.contact),
        given.purpose,
        given.policy,
        text,
        hashlib.sha256(text.encode()).hexdigest(),
        given.language,
        moment,
    )


def contact_hash(contact: str) -> str:
    """What a person's records are found by."""
    return hashlib.sha256(unicodedata.normalize("NFKC", contact.strip()).casefold().encode()).hexdigest()


def load_consent(path: Path, at: datetime) -> Consent:
    """From a YAML or JSON file with the fields of `ConsentGiven`. Raises `RequestInvalid`."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
            raise RequestInvalid("consent.no_file", path=path, why="–")
        plain = plain_from_yaml(path.read_text(encoding="utf-8"), most_bytes=LARGEST_BYTES)
        return consent_of(ConsentGiven.model_validate(plain), at)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "–"
        raise RequestInvalid("consent.bad_file", path=path, key=key, problem=first["msg"]) from None
    except (OSError, ValueError) as error:
        # A `ValueError` may quote the person's own words.
        raise RequestInvalid("consent.no_file", path=path, why=type(error).__name__) from None


def policy_that_needs_consent(by: Assignment, options: Mapping[str, Any]) -> str | None:
    """The policy a person must have agreed to before anything is measured; None: none is needed."""
    return str(options.get("policy")) if by.demands_consent else None


def refuse_policy(desk: str, options: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raises `RequestInvalid` for an interview under a policy this installation does not allow. Empty: all are."""
    policy = str(options.get("policy") or DEFAULT_POLICY)
    if desk == INTERVIEW and allowed and policy not in allowed:
        raise RequestInvalid("consent.policy_not_here", policy=policy, allowed=", ".join(allowed))


def refuse_other_purpose(was: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Raises `Conflict` where a judgement of what is measured already asks for another policy than the one it was
    measured under: what may be measured, and with whose consent, was decided by that one."""
    before, after = (str(options.get("policy") or DEFAULT_POLICY) for options in (was, asked))
    if before != after:
        raise Conflict("consent.other_purpose", policy=before, asked=after)


def refuse_without(policy: str | None, consent: Consent | None) -> None:
    """Raises `RequestInvalid` where a consent is needed and there is none, or one to something else."""
    if policy is None:
        return
    if consent is None:
        raise RequestInvalid("consent.missing", policy=policy)
    if consent.policy != policy:
        raise RequestInvalid("consent.other_policy", policy=policy, given=consent.policy)
