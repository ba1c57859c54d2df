"""Who speaks how long, turns, answers and silences."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import replace

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen, mean_of_events, rate
from sightline.desks.judgement import Reference
from sightline.timeline.event import Event

GROUP = "speech"
LATCH_S = 0.1
"""Whoever begins within this of somebody else's voice did not wait for a silence. Heuristic."""
PAUSES = Reference(None, 1.0, "heuristic: with pauses of 0.25 s and longer (De Jong & Bosker 2013 on the cut-off)")
PAUSE_SHARE = Reference(0.10, 0.40, "heuristic")


def speaking_share(scene: Scene) -> Reading:
    """Share of the time with sound in which the person's voice is heard."""
    heard, edges = listened(scene), scene.blocks.edges
    seconds = heard.sums()
    draws = scene.blocks.drawn(lambda part, whole: part / whole, scene.own_speech.each_within(edges), seconds)
    value = min(1.0, scene.own_speech.total / float(seconds.sum()))
    return Reading(value, len(scene.own_speech), heard.coverage, draws)


def talk_ratio(scene: Scene) -> Reading:
    """The person's part of all speech."""
    own, others = scene.own_speech, scene.spoken.others_speech.within(scene.start, scene.end)
    _require_others(scene, others)
    edges = scene.blocks.edges
    draws = scene.blocks.drawn(lambda a, b: a / (a + b), own.each_within(edges), others.each_within(edges))
    value = own.total / (own.total + others.total)
    return Reading(value, len(own) + len(others), listened(scene).coverage, draws)


def turns(scene: Scene) -> Reading:
    """How many times the person had the word."""
    found = _turns(scene)
    return Reading(float(len(found)), len(found), listened(scene).coverage, spans=longest(found))


def longest_monologue(scene: Scene) -> Reading:
    """The person's longest turn, in s, pauses included."""
    lengths = scene.own_turns.lengths
    if not len(lengths):
        raise Unmeasured("interview.no_speech")
    return Reading(float(lengths.max()), len(lengths), listened(scene).coverage, spans=longest(_turns(scene), 1))


def interruptions(scene: Scene) -> Reading:
    """Turns that the person began while somebody else's voice had not paused."""
    _require_others(scene, scene.spoken.others_turns)
    began = tuple(turn for turn in _turns(scene) if _gap(turn) is not None and (_gap(turn) or 0.0) < LATCH_S)
    return Reading(float(len(began)), len(_turns(scene)), listened(scene).coverage, spans=longest(began))


def response_latency(scene: Scene) -> Reading:
    """Mean silence, in s, between somebody else's voice and the person's; of an answer whose question was not heard,
    from its given start to the first word."""
    answers = tuple(turn for turn in _turns(scene) if _gap(turn) is not None)
    if answers:
        gaps = np.array([_gap(turn) or 0.0 for turn in answers])
        return replace(mean_of_events(scene, answers, gaps, 1.0), details={"from": "other_voice"})
    if scene.part is None:
        _require_others(scene, ())
    if not len(scene.own_speech):
        raise Unmeasured("interview.no_speech")
    latency = float(scene.own_speech.starts[0]) - scene.start
    if latency <= 0:
        raise Unmeasured("interview.already_speaking")
    return Reading(latency, 1, 1.0, details={"from": "start_of_answer"})


def pauses_per_min(scene: Scene) -> Reading:
    """Pauses of 0.25 s and longer a minute of the person's turns."""
    return rate(scene, scene.events("pause"), scene.own_turns.each_within(scene.blocks.edges), 1.0)


def mean_pause(scene: Scene) -> Reading:
    """Mean length of the pauses, in s."""
    pauses = scene.events("pause")
    return mean_of_events(scene, pauses, np.array([float(pause.span.duration) for pause in pauses]), 1.0)


def longest_pause(scene: Scene) -> Reading:
    """The longest pause, in s; 0 without any."""
    _require_speech(scene)
    pauses = scene.events("pause")
    most = max((float(pause.span.duration) for pause in pauses), default=0.0)
    return Reading(most, len(pauses), 1.0, spans=longest(pauses, 1))


def pause_share(scene: Scene) -> Reading:
    """Share of the person's turns that is pause."""
    _require_speech(scene)
    edges = scene.blocks.edges
    paused, whole = scene.cut("pause").each_within(edges), scene.own_turns.each_within(edges)
    draws = scene.blocks.drawn(lambda a, b: a / b, paused, whole)
    pauses = scene.events("pause")
    return Reading(float(paused.sum() / whole.sum()), len(pauses), 1.0, draws, longest(pauses))


def listened(scene: Scene) -> Seen:
    """The time in which speech was listened for. Raises `Unmeasured` where there was no sound."""
    scene.spoken.require_voice()
    clock = scene.whole.clock("voice")
    heard = Seen(scene, clock, np.ones(len(clock), np.bool_))
    if heard.seconds <= 0:
        raise Unmeasured("interview.no_sound_here")
    return heard


def _require_others(scene: Scene, others: Sized) -> None:
    """Raises `Unmeasured` where nobody else speaks, or nobody can tell."""
    if not len(others):
        untold = scene.spoken.told_by == "voice"
        raise Unmeasured("interview.voices_not_told_apart" if untold else "interview.nobody_else")


def _turns(scene: Scene) -> tuple[Event, ...]:
    return tuple(turn for turn in scene.events("speaker_turn") if turn.evidence.get("own"))


def _gap(turn: Event) -> float | None:
    gap = turn.evidence.get("gap")
    return float(gap) if gap is not None else None


def _require_speech(scene: Scene) -> None:
    if not scene.own_turns.total:
        raise Unmeasured("interview.no_speech")


VOICE = ("voice",)
METRICS = (
    Definition("speaking_share", GROUP, "share", "speaking/1", speaking_share, VOICE),
    Definition("talk_ratio", GROUP, "share", "speaking/1", talk_ratio, VOICE),
    Definition("turns", GROUP, "count", "speaking/1", turns, VOICE),
    Definition("longest_monologue", GROUP, "s", "speaking/1", longest_monologue, VOICE),
    Definition("interruptions", GROUP, "count", "speaking/1", interruptions, VOICE),
    Definition("response_latency", GROUP, "s", "speaking/1", response_latency, VOICE),
    Definition("pauses_per_min", GROUP, "1/min", "pauses/1", pauses_per_min, VOICE),
    Definition("mean_pause", GROUP, "s", "pauses/1", mean_pause, VOICE, PAUSES),
    Definition("longest_pause", GROUP, "s", "pauses/1", longest_pause, VOICE),
    Definition("pause_share", GROUP, "share", "pauses/1", pause_share, VOICE, PAUSE_SHARE),
)
