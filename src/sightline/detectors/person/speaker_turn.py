"""Who has the word, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.clock import Span, exact_seconds
from sightline.detectors.person.voices import PERSON, Voice, voices_of
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SpeakerTurnDetector:
    """Event ``speaker_turn``: from the first to the last of a speaker's voice while nobody else speaks.

    ``speaker`` 0 and ``own`` are the main person. ``by`` says how speakers were told apart: ``speakers``, ``lips``, or
    ``voice``, where all speech is taken to be the person's. ``gap`` is the silence since somebody else's voice without
    the pad of the speech events, 0 where there was none; ``after`` that speaker.
    """

    max_silence_s: float = 10.0
    """A longer silence ends a turn: another take, or waiting. Heuristic."""

    name: ClassVar[str] = "speaker_turn"
    kinds: ClassVar[tuple[str, ...]] = ("speaker_turn",)
    needs: ClassVar[tuple[str, ...]] = ("voice",)
    after: ClassVar[tuple[str, ...]] = ("speech",)

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        voices = voices_of(timeline)
        turns: list[list[Voice]] = []
        for voice in voices.voices:
            same = turns and turns[-1][-1].speaker == voice.speaker
            if same and voice.start - turns[-1][-1].end <= self.max_silence_s:
                turns[-1].append(voice)
            else:
                turns.append([voice])
        pad = max((float(speech.evidence.get("pad") or 0.0) for speech in timeline.events_of("speech")), default=0.0)
        return tuple(
            self._event(turn, turns[place - 1] if place else None, (voices.by, pad)) for place, turn in enumerate(turns)
        )

    def _event(self, turn: list[Voice], earlier: list[Voice] | None, told: tuple[str, float]) -> Event:
        by, pad = told
        start, end = turn[0].start, turn[-1].end
        spoken = sum(voice.end - voice.start for voice in turn)
        evidence: dict[str, Scalar] = {
            "value": round(end - start, 3),
            "unit": "s",
            "threshold": self.max_silence_s,
            "speaker": turn[0].speaker,
            "own": turn[0].speaker == PERSON,
            "seen": turn[0].seen,
            "spoken": round(spoken, 3),
            "by": by,
        }
        if earlier is not None and earlier[-1].speaker != turn[0].speaker:
            between = start - earlier[-1].end
            gap = between + 2 * pad if between > 0 else 0.0
            evidence |= {"gap": round(gap, 3), "after": earlier[-1].speaker}
        sure = sum(voice.confidence * (voice.end - voice.start) for voice in turn) / spoken if spoken else 0.0
        return Event("speaker_turn", span_of(start, end), Severity.INFO, round(sure, 3), evidence)


def span_of(start_s: float, end_s: float) -> Span:
    """To the tenth of a millisecond: voices are told in rows of 32 ms."""
    return Span(exact_seconds(round(start_s, 4)), exact_seconds(round(end_s, 4)))


DETECTOR = SpeakerTurnDetector
