"""What the older interview systems answered, said with what was really measured. None where it was not."""

from __future__ import annotations

from typing import Any

from sightline.desks.judgement import Judgement, Score

EMOTIONS = {
    "happy": "emotion_happiness",
    "neutral": "emotion_neutral",
    "sad": "emotion_sadness",
    "angry": "emotion_anger",
    "fear": "emotion_fear",
    "disgust": "emotion_disgust",
    "surprise": "emotion_surprise",
}
"""Their seven names, and the metrics that stand for them. What the classifier takes for contempt is in none of them, so
the seven need not add up to 1."""


def older_of(judgement: Judgement) -> dict[str, Any]:
    """``emotion_analysis`` and ``eye_tracking`` in their old shapes; None for a desk that measures nobody.

    ``interview_score``: points of 60, from the classifier where it was asked for and allowed, else of the visible
    expression. ``attention_score``: points of 100 of the gaze. ``gaze_stability``: 0 to 1, what the rubric makes of the
    gaze's spread. ``blink_frequency``: blinks a minute.
    """
    if not judgement.metrics:
        return {"emotion_analysis": None, "eye_tracking": None}
    expression = _score(judgement, "expression") or _score(judgement, "visible_expression")
    gaze = _score(judgement, "gaze")
    steady = None if gaze is None else next((term.share for term in gaze.terms if term.metric == "gaze_sd"), None)
    emotions = {name: _value(judgement, metric) for name, metric in EMOTIONS.items()}
    return {
        "emotion_analysis": {
            "interview_score": None if expression is None else _rounded(expression.value),
            "emotions": None if any(value is None for value in emotions.values()) else emotions,
        },
        "eye_tracking": {
            "attention_score": None if gaze is None else _rounded(gaze.value),
            "gaze_stability": _rounded(steady, 4),
            "blink_frequency": _rounded(_value(judgement, "blink_rate")),
        },
    }


def _score(judgement: Judgement, name: str) -> Score | None:
    return next((score for score in judgement.scores if score.id == name and score.part is None), None)


def _value(judgement: Judgement, name: str) -> float | None:
    found = next((metric for metric in judgement.metrics if metric.id == name and metric.part is None), None)
    return None if found is None else _rounded(found.value, 4)


def _rounded(value: float | None, decimals: int = 2) -> float | None:
    return None if value is None else round(value, decimals)
