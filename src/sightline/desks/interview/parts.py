"""The answers: which stretch of the recording belongs to which question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sightline.clock import Span
from sightline.desks.interview.questions import Question
from sightline.desks.judgement import Part
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Parts:
    """The answers, and how they were found."""

    parts: tuple[Part, ...]
    placed: str
    """``by_time``; ``by_turns``: each answer is what the person says after somebody else spoke; ``as_one``;
    ``nowhere``: there are questions, and nobody can tell their answers apart; ``none``: no questions."""
    outside: int = 0
    """Questions whose time lies outside the recording."""


def parts_of(timeline: Timeline, questions: Sequence[Question]) -> Parts:
    whole = timeline.span
    if not questions or not whole.duration:
        return Parts((), "none" if not questions else "nowhere")
    if questions[0].start is not None:
        return _by_time(whole, questions)
    answers = _answers(timeline.events_of("speaker_turn"))
    if len(answers) == len(questions):
        pairs = zip(questions, answers, strict=True)
        return Parts(tuple(Part(question.id, question.title, span) for question, span in pairs), "by_turns")
    if len(questions) == 1:
        return Parts((Part(questions[0].id, questions[0].title, whole),), "as_one")
    return Parts((), "nowhere")


def _by_time(whole: Span, questions: Sequence[Question]) -> Parts:
    """An answer without an end lasts until the next question."""
    parts, following = [], [*(question.start for question in questions[1:]), None]
    for question, after in zip(questions, following, strict=True):
        start = max(question.start or whole.start, whole.start)
        end = min(question.end or after or whole.end, whole.end)
        if start < end:
            parts.append(Part(question.id, question.title, Span(start, end)))
    return Parts(tuple(parts), "by_time", len(questions) - len(parts))


def _answers(turns: Sequence[Event]) -> list[Span]:
    """What the person says from after somebody else's turn until the next one begins to speak."""
    answers: list[Span] = []
    asked = False
    for turn in turns:
        if not turn.evidence.get("own"):
            asked = True
        elif asked:
            answers.append(turn.span)
            asked = False
        elif answers:
            answers[-1] = Span(answers[-1].start, turn.span.end)
    return answers
