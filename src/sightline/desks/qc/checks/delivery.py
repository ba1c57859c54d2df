"""F7: index before the media, edit lists, distance of key pictures, bit rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

import numpy as np

from sightline.desks.judgement import CheckResult, State
from sightline.desks.qc.answer import answer, no_limit, seconds
from sightline.desks.qc.check import Ask, Group, Positive, Stream
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.event import Scalar
from sightline.timeline.timeline import Timeline

HIGH_RATE = 48
"""Pictures a second from which ``min_mbps_high_rate`` holds."""


@dataclass(frozen=True, slots=True)
class Delivery:
    id: ClassVar[str] = "F7"
    name: ClassVar[str] = "delivery"
    group: ClassVar[Group] = Group.FILE
    stream: ClassVar[Stream] = Stream.VIDEO
    needs: ClassVar[tuple[str, ...]] = ("pictures", "packets")
    detectors: ClassVar[tuple[str, ...]] = ()
    asks: ClassVar[tuple[Ask, ...]] = ()

    faststart: bool = False
    """MP4 and MOV: the index must stand before the media."""
    no_edit_lists: bool = False
    max_gop_s: Positive | None = None
    """Longest time between two key pictures. Whether groups are closed is not looked at."""
    max_gop_frames: Positive | None = None
    min_mbps: dict[str, float] = field(default_factory=dict)
    """Least video bit rate by height of the picture: ``{1080 = 8.0}``. A height not named has no limit."""
    min_mbps_high_rate: dict[str, float] = field(default_factory=dict)
    """The same from 48 pictures a second on."""
    max_mbps: Positive | None = None

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        media, pictures = timeline.media, timeline.columns["pictures"]
        gop_frames, gop_s = _longest_group(pictures)
        mbps = _mbps(timeline)
        details: dict[str, Scalar] = {
            "faststart": media.is_faststart,
            "edit_list": media.has_edit_list,
            "longest_gop_frames": gop_frames,
            "longest_gop_s": gop_s,
            "video_mbps": mbps,
        }
        limits = self._limits(timeline)
        if not limits:
            return no_limit(self, None, details)
        wrong = [
            f"{name} = {value} ({sign} {limit:g})"
            for name, value, sign, limit in limits
            if value is not None and not (value <= limit if sign == "<=" else value >= limit)
        ]
        unknown = [name for name, value, *_ in limits if value is None]
        threshold = "; ".join(f"{name} {sign} {limit:g}" for name, _, sign, limit in limits)
        if wrong:
            state, reason = State.FAIL, Message.of("qc.not_as_wanted", facts="; ".join(wrong))
        elif unknown:
            state, reason = State.NOT_EVALUATED, Message.of("qc.unknown_facts", facts=", ".join(unknown))
        else:
            state, reason = State.PASS, Message.of("qc.as_wanted")
        return answer(self, state, reason, value=mbps, unit="Mbit/s", threshold=threshold, details=details)

    def _limits(self, timeline: Timeline) -> list[tuple[str, float | None, str, float]]:
        """Name, value, sign and limit of everything the template asks for and the container can have."""
        media = timeline.media
        gop_frames, gop_s = _longest_group(timeline.columns["pictures"])
        limits: list[tuple[str, float | None, str, float]] = []
        # Only MP4 and MOV have an index to move and edit lists; F1 says which containers are welcome.
        if self.faststart and media.is_faststart is not None:
            limits.append(("faststart", float(media.is_faststart), ">=", 1))
        if self.no_edit_lists and media.has_edit_list is not None:
            limits.append(("edit_list", float(media.has_edit_list), "<=", 0))
        if self.max_gop_s is not None:
            limits.append(("gop_s", gop_s, "<=", self.max_gop_s))
        if self.max_gop_frames is not None:
            limits.append(("gop_frames", gop_frames, "<=", self.max_gop_frames))
        if self.max_mbps is not None:
            limits.append(("video_mbps", _mbps(timeline), "<=", self.max_mbps))
        least = self._least_mbps(timeline)
        if least is not None:
            limits.append(("video_mbps", _mbps(timeline), ">=", least))
        return limits

    def _least_mbps(self, timeline: Timeline) -> float | None:
        video = timeline.media.video
        if video is None:
            return None
        high = video.rate is not None and round(video.rate) >= HIGH_RATE
        # A standing picture is rated by its short side, as a lying one is.
        return (self.min_mbps_high_rate if high else self.min_mbps).get(str(min(video.width, video.height)))


def _longest_group(pictures: Columns) -> tuple[int | None, float | None]:
    """Pictures and seconds from a key picture to the next or to the end; None without a key picture."""
    keys = np.flatnonzero(pictures["key"])
    if not len(keys):
        return None, None
    edges = np.append(keys, len(pictures))
    ticks = np.append(pictures.ticks, pictures.end)[edges]
    return int(np.diff(edges).max()), seconds(int(np.diff(ticks).max()) * pictures.time_base)


def _mbps(timeline: Timeline) -> float | None:
    """Of the main video stream, counted over its packets."""
    video, packets, pictures = timeline.media.video, timeline.columns["packets"], timeline.columns["pictures"]
    length = pictures.start_of(len(pictures)) - pictures.start_of(0) if len(pictures) else Fraction(0)
    if video is None or not length:
        return None
    size = int(packets["size_bytes"][packets["stream"] == video.index].sum())
    return round(float(8 * size / length / 1_000_000), 3)


CHECK = Delivery
