"""The questions of an interview, as somebody hands them over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from sightline.clock import exact_seconds, seconds_from_text
from sightline.desks.interview.plain_yaml import plain_from_yaml
from sightline.errors import RequestInvalid

MOST_BYTES = 64 * 1024
MOST_QUESTIONS = 100
LONGEST_S = 86_400
"""A day: no recording of an interview is longer, and a time beyond it is a slip."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question and, where it is known, the time of its answer in seconds of the media."""

    id: str
    title: str
    start: Fraction | None = None
    end: Fraction | None = None


def seconds(value: object) -> Fraction:
    """Seconds from a number, ``12.5``, ``1:02.5`` or ``1:02:03.25``. Raises `ValueError`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a time (write 12.5, 1:02.5 or 1:02:03.25)")
    if isinstance(value, str):
        found = seconds_from_text(value) if len(value) <= 32 else None
    else:
        # A whole number may be too large to be a float at all.
        found = exact_seconds(value) if abs(value) <= LONGEST_S and math.isfinite(value) else None
    if found is None or not 0 <= found <= LONGEST_S:
        raise ValueError(f"a time lies between 0 and {LONGEST_S} s")
    return found


Moment = Annotated[Fraction, BeforeValidator(seconds)]
_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class QuestionRow(BaseModel):
    """One question as JSON or YAML has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id: _Id | None = None
    title: _Title
    start: Moment | None = None
    end: Moment | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: Annotated[list[QuestionRow], Field(max_length=MOST_QUESTIONS)]


def questions_from(text: str) -> tuple[Question, ...]:
    """The questions of a YAML text: a list ``questions`` of ``{id?, title, start?, end?}``, or that list alone.

    Raises `RequestInvalid` naming the place and the problem.
    """
    try:
        plain = plain_from_yaml(text, most_bytes=MOST_BYTES, only_text=True)
    except ValueError as error:
        raise RequestInvalid("interview.questions_not_yaml", problem=str(error)) from None
    try:
        rows = _File.model_validate({"questions": plain} if isinstance(plain, list) else plain).questions
    except ValidationError as error:
        raise _refusal(error) from None
    return checked(rows)


def questions_to_plain(questions: Sequence[Question]) -> list[Mapping[str, Any]]:
    """As ``Brief.options["questions"]`` takes them."""
    return [
        {"id": question.id, "title": question.title}
        | ({} if question.start is None else {"start": float(question.start)})
        | ({} if question.end is None else {"end": float(question.end)})
        for question in questions
    ]


def checked(rows: Sequence[QuestionRow]) -> tuple[Question, ...]:
    """The questions, numbered where they have no id. Raises `RequestInvalid`."""
    found: list[Question] = []
    for number, row in enumerate(rows, 1):
        question = Question(row.id or f"q{number}", row.title, row.start, row.end)
        key = f"questions.{number - 1}"
        if question.id in {other.id for other in found}:
            raise RequestInvalid("interview.option", key=f"{key}.id", problem=f"{question.id} stands there twice")
        if question.end is not None and question.start is None:
            raise RequestInvalid("interview.option", key=f"{key}.start", problem="missing, although there is an end")
        if question.end is not None and question.start is not None and question.end <= question.start:
            raise RequestInvalid("interview.option", key=f"{key}.end", problem="not after the start")
        found.append(question)
    timed = [question.start for question in found if question.start is not None]
    if timed and len(timed) < len(found):
        raise RequestInvalid("interview.option", key="questions", problem="some have a start and some have none")
    if timed != sorted(timed):
        raise RequestInvalid("interview.option", key="questions", problem="not in order of time")
    return tuple(found)


def _refusal(error: ValidationError) -> RequestInvalid:
    first = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])[:200] or "questions"
    return RequestInvalid("interview.option", key=key, problem=first["msg"][:300])
