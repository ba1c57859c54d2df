"""Somebody else's voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.person.speaker_turn import span_of
from sightline.detectors.person.voices import PERSON, Voice, voices_of
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SecondVoiceDetector:
    """Event ``second_voice``: a voice that is not the main person's, for ``min_duration_s`` or longer.

    Told by the labels of speakers, or by lips that rest while a voice is heard. An interviewer is a second voice too:
    this is a moment to look at, and says nothing about why.
    """

    min_duration_s: float = 1.0
    bridge_s: float = 0.5
    """Shorter silences between such voices are part of it."""

    name: ClassVar[str] = "second_voice"
    kinds: ClassVar[tuple[str, ...]] = ("second_voice",)
    needs: ClassVar[tuple[str, ...]] = ("voice",)
    after: ClassVar[tuple[str, ...]] = ("speech",)

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        voices = voices_of(timeline)
        if voices.by == "voice":
            return ()
        held: list[list[Voice]] = []
        for voice in voices.voices:
            if voice.speaker == PERSON:
                continue
            follows = held and held[-1][-1].speaker == voice.speaker
            if follows and voice.start - held[-1][-1].end <= self.bridge_s:
                held[-1].append(voice)
            else:
                held.append([voice])
        return tuple(
            self._event(group, voices.by) for group in held if group[-1].end - group[0].start >= self.min_duration_s
        )

    def _event(self, group: list[Voice], by: str) -> Event:
        evidence: dict[str, Scalar] = {
            "value": round(group[-1].end - group[0].start, 3),
            "unit": "s",
            "threshold": self.min_duration_s,
            "speaker": group[0].speaker,
            "seen": group[0].seen,
            "by": by,
        }
        sure = sum(voice.confidence for voice in group) / len(group)
        span = span_of(group[0].start, group[-1].end)
        return Event("second_voice", span, Severity.INFO, round(sure, 3), evidence)


DETECTOR = SecondVoiceDetector
