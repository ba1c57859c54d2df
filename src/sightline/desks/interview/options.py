"""What somebody asks of the interview desk besides its rubric: ``Brief.options``, understood and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sightline.clock import Span
from sightline.desks.interview.policies import DEFAULT_POLICY, POLICIES, Policy
from sightline.desks.interview.questions import MOST_QUESTIONS, Moment, Question, QuestionRow, checked
from sightline.errors import RequestInvalid

SPEECH_MODELS = tuple(f"speech_whisper_{size}" for size in ("tiny", "base", "small", "medium", "large_v3", "turbo"))
MOST_OPT_OUTS = 200
LEAST_CALIBRATION_S = 1
"""Fewer than a dozen pictures do not tell a direction."""


@dataclass(frozen=True, slots=True)
class Options:
    """Everything the desk heeds, checked."""

    policy: Policy
    language: str | None
    """``ko`` or ``en``; None: as it is recognised."""
    questions: tuple[Question, ...]
    emotion: bool
    """Emotion was asked for and the policy allows it."""
    opt_out: frozenset[str]
    """Ids of metrics that must be neither measured nor judged for this person."""
    calibration: Span | None
    """When the person looked at the lens."""
    model: str | None
    """Model for speech recognition; None: the best that is here."""
    consent: str | None
    """Id of the consent record. Whether it exists and holds is for the service to look up."""


_Word = Annotated[str, StringConstraints(max_length=80)]


class _CalibrationRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    start: Moment
    end: Moment


class _OptionsRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    policy: _Word = DEFAULT_POLICY
    language: Literal["auto", "ko", "en"] = "auto"
    questions: Annotated[list[QuestionRow], Field(max_length=MOST_QUESTIONS)] = Field(default_factory=list)
    emotion: Annotated[bool, Field(strict=True)] = False
    opt_out: Annotated[list[_Word], Field(max_length=MOST_OPT_OUTS)] = Field(default_factory=list)
    calibration: _CalibrationRow | None = None
    model: _Word | None = None
    consent: _Word | None = None


def options_from(plain: Mapping[str, Any], metrics: frozenset[str]) -> Options:
    """Options from plain JSON. ``metrics``: ids that can be opted out of. Raises `RequestInvalid`."""
    try:
        row = _OptionsRow.model_validate(dict(plain))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])[:200] or "options"
        if first["type"] == "extra_forbidden":
            raise _refused(key, f"unknown; there are {', '.join(_OptionsRow.model_fields)}") from None
        raise _refused(key, first["msg"][:300]) from None
    policy = POLICIES.get(row.policy)
    if policy is None:
        raise _refused("policy", f"{row.policy!r}; there are {', '.join(POLICIES)}")
    if row.emotion and not policy.allows_emotion:
        raise RequestInvalid("interview.emotion_denied", policy=policy.id)
    if unknown := sorted(set(row.opt_out) - metrics):
        raise _refused("opt_out", f"no metric {unknown[0]!r}")
    if row.model is not None and row.model not in SPEECH_MODELS:
        raise _refused(
            "model", f"{row.model!r} is no model for speech recognition; there are {', '.join(SPEECH_MODELS)}"
        )
    language = None if row.language == "auto" else row.language
    return Options(policy, language, checked(row.questions), row.emotion, frozenset(row.opt_out),
                   _calibration(row.calibration), row.model, row.consent or None)  # fmt: skip


def _calibration(row: _CalibrationRow | None) -> Span | None:
    if row is None:
        return None
    if row.end - row.start < LEAST_CALIBRATION_S:
        raise _refused("calibration", f"at least {LEAST_CALIBRATION_S} s from start to end")
    return Span(row.start, row.end)


def _refused(key: str, problem: str) -> RequestInvalid:
    return RequestInvalid("interview.option", key=key, problem=problem)
