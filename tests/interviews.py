"""Recordings to be judged: whole interviews with planted behaviour, and what the desk says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tests.people import Body, Take
from tests.talk import evenly, loudness, pitch, syllables, talking, voice_quality, words

from sightline.desks.desk import Brief
from sightline.desks.interview.desk import DESK, InterviewAssignment
from sightline.desks.judgement import Judgement
from sightline.text import Message
from sightline.timeline.timeline import Timeline

TEXT = (
    "We built a small team and shipped the first version within three months because our customers needed it and I "
    "learned how to plan work with people from other departments"
)
SENTENCE = TEXT.split()


def answer(duration_s: float = 60.0, rate_hz: float = 15.0, language: str = "en") -> tuple[Take, Body]:
    """One person who talks all the time with pauses, at an ordinary pace, and whose sound is fine."""
    take = Take.of(duration_s, rate_hz)
    person = take.person()
    voiced = [(start, min(start + 4.4, duration_s - 0.5)) for start in np.arange(1.0, duration_s - 1.5, 5.2).tolist()]
    talking(person, *voiced)
    said: list[tuple[str, float, float]] = []
    for number, (start, end) in enumerate(voiced):
        count = max(1, round((end - start) * 3.3))
        texts = [SENTENCE[(number * 7 + place) % len(SENTENCE)] for place in range(count)]
        said += evenly(texts, start, end)
    take.with_(
        take.voice(voiced),
        words(said, duration_s, language),
        pitch(duration_s, [(start, end, 150.0) for start, end in voiced], wobble_st=3.0),
        loudness(duration_s, [(start, end, -22.0) for start, end in voiced]),
        voice_quality(duration_s, voiced),
        syllables(duration_s, [t for start, end in voiced for t in np.arange(start, end, 0.22).tolist()]),
        take.pose(wrist_right_x=_strokes(duration_s)),
        take.hands(),
    )
    return take, person


def _strokes(duration_s: float):  # type: ignore[no-untyped-def]
    """A hand that goes to and fro for a second every ten."""

    def at(t: np.ndarray) -> np.ndarray:
        inside = (t % 10) < 1.0
        return np.where(inside, 0.15 * np.sin(2 * np.pi * 1.0 * (t % 10)), 0.0)

    return at


def assignment(rubric: str = "default", source: str | None = None, **options: object) -> InterviewAssignment:
    made = DESK().read(Brief(rubric, source, options=options))
    assert isinstance(made, InterviewAssignment)
    return made


def judged(media: Take | Timeline, rubric: str = "default", source: str | None = None, **options: object) -> Judgement:
    timeline = media.timeline() if isinstance(media, Take) else media
    desk = assignment(rubric, source, **options)
    return desk.judge(desk.detect(timeline))


def without(timeline: Timeline, meters: Sequence[str], why: Message | None = None) -> Timeline:
    """The timeline as it is when some meters could not measure, with the reason that was given."""
    columns = {name: columns for name, columns in timeline.columns.items() if name not in meters}
    reasons = {} if why is None else dict.fromkeys(meters, why)
    return replace(timeline, columns=columns, not_measured={**timeline.not_measured, **reasons})
