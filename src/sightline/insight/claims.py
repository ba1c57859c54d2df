"""What feedback consists of: sentences, each resting on metrics and moments that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sightline.clock import Span
from sightline.text import LANGUAGES, Language, Message


class Topic(StrEnum):
    """What a claim is for."""

    SUMMARY = "summary"
    STRENGTH = "strength"
    PRACTISE = "practise"
    ADVICE = "advice"
    ANSWER = "answer"
    """About what was said in answer to a question."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence with its evidence."""

    topic: Topic
    text: str
    metrics: tuple[str, ...]
    """Ids of metrics of the judgement it rests on."""
    spans: tuple[Span, ...]
    """Moments of the media it rests on; at least one metric or one span, always."""
    part: str | None = None
    """The answer it is about."""


@dataclass(frozen=True, slots=True)
class Category:
    """A keyword category of what was said."""

    id: str
    """``teamwork``; titles come from the prompt's file."""
    title: str
    score: float
    """0 to 100: see ``insight/keywords.py`` for the formula."""
    words: tuple[str, ...]
    """Words of the transcript that were counted."""
    spans: tuple[Span, ...]
    """Where they were said."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said to the person, and where it comes from."""

    language: Language
    source: str
    """``templates``, or ``model``."""
    claims: tuple[Claim, ...]
    categories: tuple[Category, ...] = ()
    provider: str | None = None
    model: str | None = None
    prompt: str | None = None
    """Id and version of the prompt: ``interview-review/1``."""
    note: Message | None = None
    """Why there is no model's word, or what was left out of it."""
    rejected: int = 0
    """Sentences of the model that were thrown away because their evidence does not exist."""
    cost_usd: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def feedback_to_dict(feedback: Feedback) -> dict[str, Any]:
    return {
        "language": str(feedback.language),
        "source": feedback.source,
        "claims": [
            {
                "topic": str(claim.topic),
                "text": claim.text,
                "metrics": list(claim.metrics),
                "spans": _spans_to_list(claim.spans),
                "part": claim.part,
            }
            for claim in feedback.claims
        ],
        "categories": [
            {"id": c.id, "title": c.title, "score": c.score, "words": list(c.words), "spans": _spans_to_list(c.spans)}
            for c in feedback.categories
        ],
        "provider": feedback.provider,
        "model": feedback.model,
        "prompt": feedback.prompt,
        "note": None if feedback.note is None else _note(feedback.note),
        "rejected": feedback.rejected,
        "cost_usd": feedback.cost_usd,
        "tokens_in": feedback.tokens_in,
        "tokens_out": feedback.tokens_out,
        "details": dict(feedback.details),
    }


def feedback_from_dict(plain: Mapping[str, Any]) -> Feedback:
    """Raises `KeyError` or `ValueError` for a dictionary that `feedback_to_dict` did not make."""
    note = plain["note"]
    return Feedback(
        language=Language(plain["language"]),
        source=plain["source"],
        claims=tuple(
            Claim(Topic(c["topic"]), c["text"], tuple(c["metrics"]), _spans(c["spans"]), c["part"])
            for c in plain["claims"]
        ),
        categories=tuple(
            Category(c["id"], c["title"], c["score"], tuple(c["words"]), _spans(c["spans"]))
            for c in plain["categories"]
        ),
        provider=plain["provider"],
        model=plain["model"],
        prompt=plain["prompt"],
        note=None if note is None else Message.of(note["key"], **note["fields"]),
        rejected=plain["rejected"],
        cost_usd=plain["cost_usd"],
        tokens_in=plain["tokens_in"],
        tokens_out=plain["tokens_out"],
        details=dict(plain["details"]),
    )


def _note(note: Message) -> dict[str, Any]:
    """``key`` and ``fields``, which are read back, and ``text`` by language for those who cannot render."""
    text = {str(language): note.render(language) for language in LANGUAGES}
    return {"key": note.key, "fields": dict(note.fields), "text": text}


def _spans_to_list(spans: tuple[Span, ...]) -> list[dict[str, Any]]:
    return [
        {
            "start": str(span.start),
            "end": str(span.end),
            "start_s": round(float(span.start), 6),
            "end_s": round(float(span.end), 6),
        }
        for span in spans
    ]


def _spans(plain: list[dict[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(Fraction(span["start"]), Fraction(span["end"])) for span in plain)
