"""A recording of an answer, as feedback is written about it: in English and in Korean."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from sightline.clock import Span
from sightline.insight.facts import Dossier, Fact, Passage, Word
from sightline.text import Language

SAID = "Last year our team had a problem with late orders . We tried a new list and the result was 12 percent fewer ."
SAID_KO = "작년에 저희 팀은 주문이 늦는 문제가 있었습니다 그래서 함께 새 목록을 시도했고 결과가 좋았습니다"


def span(start: float, end: float) -> Span:
    return Span(Fraction(str(start)), Fraction(str(end)))


def words_of(text: str, start: float = 2.0, step: float = 0.5) -> tuple[Word, ...]:
    """Each word takes four fifths of ``step``."""
    return tuple(
        Word(word, span(round(start + i * step, 2), round(start + i * step + 0.8 * step, 2)))
        for i, word in enumerate(text.split())
    )


RATE = Fact(
    "speech_rate", "Speaking rate", "186 words/min", "words/min", 186.4, 0.94, "above", (span(2, 9), span(20, 31)),
    group="speech", low=140, high=160, reference_text="140–160 words/min", n=210,
)  # fmt: skip
CAMERA = Fact(
    "on_camera", "Looking at the camera", "72 %", "share", 0.718, 0.9, "within",
    group="gaze", low=0.6, high=0.98, reference_text="60–98 %", n=900,
)  # fmt: skip
PAUSES = Fact(
    "long_pauses", "Long pauses", "3 /min", "per_min", 3.0, 0.97, "above", (span(14, 17),), part="q1",
    group="speech", high=2, reference_text="up to 2 /min", n=2,
)  # fmt: skip
SMILE = Fact("smile_share", "Smiling", "8 %", "share", 0.08, 0.3, "within", group="face", low=0.05, high=0.5)
PITCH = Fact("pitch_variation", "Pitch variation", "–", "semitones", None, 0.0, group="voice")
SECOND = Fact("second_face", "Second face", "1", "count", 1.0, 1.0, "above", (span(30, 31),), group="cues", high=0)


def dossier(**changes: Any) -> Dossier:
    """Under ``hiring``, with two values off, one as it should be, one poorly measured, one not at all, and a cue."""
    whole = Dossier(
        language=Language.ENGLISH,
        policy="hiring",
        facts=(RATE, CAMERA, PAUSES, SMILE, PITCH, SECOND),
        duration=Fraction(40),
        words=words_of(SAID),
        parts=(Passage("q1", "Tell me about a problem you solved.", span(1, 35)),),
        not_evaluated=("Pitch variation was not evaluated: there was too little voiced speech.",),
        spoken="en",
    )
    return replace(whole, **changes)


def korean(**changes: Any) -> Dossier:
    titles = {"speech_rate": "말하는 속도", "on_camera": "카메라를 본 시간", "long_pauses": "긴 멈춤"}
    facts = tuple(replace(fact, title=titles.get(fact.id, fact.title)) for fact in dossier().facts)
    return dossier(language=Language.KOREAN, facts=facts, words=words_of(SAID_KO), spoken="ko", **changes)


def claim(**changes: Any) -> dict[str, Any]:
    """A claim of a model that may stand."""
    return {
        "topic": "strength",
        "text": "You looked at the camera for 72 % of the time.",
        "metrics": ["on_camera"],
        "spans": [{"start_s": 0, "end_s": 40}],
        "part": None,
    } | changes


def reply(*claims: dict[str, Any]) -> dict[str, Any]:
    return {"claims": list(claims)}
