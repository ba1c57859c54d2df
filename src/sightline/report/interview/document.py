"""What the interview desk adds to the JSON document: feedback, review and transcript. Scores, metrics and parts
stand in the judgement."""

from __future__ import annotations

from typing import Any

from sightline.desks.judgement_json import SECONDS_DECIMALS, message_to_dict
from sightline.desks.review import review_to_dict
from sightline.insight.claims import Feedback, feedback_to_dict
from sightline.report.interview.transcript import Line, transcript_of
from sightline.report.report import Report


def interview_values(report: Report) -> dict[str, Any]:
    lines = transcript_of(report.timeline, most_words=10**9).lines
    return {
        "feedback": None if report.feedback is None else _feedback(report.feedback),
        "review": None if report.review is None else review_to_dict(report.review),
        "transcript": [_line(line) for line in lines],
    }


def _feedback(feedback: Feedback) -> dict[str, Any]:
    note = None if feedback.note is None else message_to_dict(feedback.note)
    return feedback_to_dict(feedback) | {"note": note}


def _line(line: Line) -> dict[str, Any]:
    return {
        "start_s": round(float(line.span.start), SECONDS_DECIMALS),
        "end_s": round(float(line.span.end), SECONDS_DECIMALS),
        "voice": line.voice or None,
        "text": line.text,
    }
