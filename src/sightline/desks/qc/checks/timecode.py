"""F8: the timecode the file starts and ends with, and whether it drops labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sightline.clock import Timecode
from sightline.desks.judgement import CheckResult
from sightline.desks.qc.answer import Wanted, judged_by_facts, no_limit
from sightline.desks.qc.check import Ask, Group, Stream
from sightline.facts import VideoFacts
from sightline.timeline.event import Scalar
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TimecodeCheck:
    id: ClassVar[str] = "F8"
    name: ClassVar[str] = "timecode"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("pictures",)
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    required: bool = False
    start: tuple[str, ...] = ()
    """Start timecodes that will do: ``10:00:00:00``, with ``;`` before the frames for drop-frame."""
    counting: Literal["drop", "non_drop", "any"] = "any"

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        video, media = timeline.media.video, timeline.media
        assert video is not None
        written = media.start_timecode or video.start_timecode
        asks = self.required or self.start or self.counting != "any"
        if written is None and not asks:
            return no_limit(self)
        found = _read(written, video, len(timeline.columns["pictures"]))
        there = "no" if written is None else "unreadable" if written and not found else "yes"
        counting: tuple[str, ...] = () if self.counting == "any" or not found else (self.counting,)
        return judged_by_facts(
            self,
            [
                Wanted("timecode", there, ("yes",) if asks else ()),
                Wanted("start", found.get("start", written), self.start if found else ()),
                Wanted("end", found.get("end"), ()),
                Wanted("counting", found.get("counting"), counting),
            ],
        )


def _read(written: str | None, video: VideoFacts, pictures: int) -> dict[str, Scalar]:
    """Start, end (that of the last picture) and way of counting; empty when it cannot be read."""
    rate = video.nominal_rate or video.average_rate
    if written is None or rate is None:
        return {}
    try:
        start = Timecode.parse(written, rate)
    except ValueError:
        return {}
    last = start + max(0, pictures - 1)
    return {"start": str(start), "end": str(last), "counting": "drop" if start.drop else "non_drop"}


CHECK = TimecodeCheck
