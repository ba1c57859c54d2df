"""F6: do pictures and sound last equally long?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, not_evaluated, over_streams, seconds
from sightline.desks.qc.check import Ask, Group, Positive, Stream
from sightline.facts import AudioFacts
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class DurationMismatch:
    id: ClassVar[str] = "F6"
    name: ClassVar[str] = "duration_mismatch"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.BOTH
    needs: ClassVar[tuple[str, ...]] = ("pictures", "samples")
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    max_shorter_frames: Positive = 1.0
    """By how many pictures a sound track may be shorter than the pictures."""
    max_longer_frames: Positive = 1.0

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        pictures = timeline.columns["pictures"]
        if not len(pictures):
            return not_evaluated(self, Message.of("qc.no_rows", meter="pictures"))

        def judge(_: AudioFacts, sound: Columns) -> CheckResult:
            return self._of_stream(pictures, sound)

        return over_streams(self, timeline, "samples", judge)

    def _of_stream(self, pictures: Columns, sound: Columns) -> CheckResult:
        if not len(sound):
            return not_evaluated(self, Message.of("qc.no_rows", meter="samples"))
        video, audio = (c.start_of(len(c)) - c.start_of(0) for c in (pictures, sound))
        frame = video / len(pictures)
        difference = audio - video
        limit = Fraction(str(self.max_longer_frames if difference > 0 else self.max_shorter_frames))
        fits = abs(difference) <= limit * frame
        frames = float(difference / frame) if frame else 0.0
        return answer(
            self,
            State.PASS if fits else State.FAIL,
            Message.of("checks.F6.reason", difference_s=f"{float(difference):+.3f}", frames=f"{frames:+.1f}"),
            value=seconds(difference),
            unit="s",
            threshold=f"-{self.max_shorter_frames:g} .. +{self.max_longer_frames:g} frames",
            details={
                "video_s": seconds(video),
                "audio_s": seconds(audio),
                "difference_frames": round(frames, 3),
                "start_offset_s": seconds(sound.start_of(0) - pictures.start_of(0)),
            },
        )


CHECK = DurationMismatch
