"""The main video stream while it is decoded: times, planes and flags of its pictures, and what is still to come."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from sightline.facts import VideoFacts
from sightline.media.clockwork import Timekeeper, nominal_duration
from sightline.media.fields import FieldReader
from sightline.media.opening import reason_of
from sightline.media.picture import Picture
from sightline.media.planes import Unpacker

SPARE_THREADS = 3
"""Decoding threads beyond one a core. A frame thread often waits for another, or for a core that a meter holds: on two
cores, five threads kept both busy where two left a sixth of the time unused."""
MOST_THREADS = 16
"""FFmpeg's own bound for frame threads."""

NoteFault = Callable[[int, str], None]
"""Told the tick and the text of a fault."""


@dataclass(slots=True)
class PictureStream:
    """State of the stream; one decoder, one pass."""

    stream: VideoStream
    facts: VideoFacts
    unpacker: Unpacker
    fields: FieldReader
    clock: Timekeeper
    start: int | None = None
    """Pictures before this tick are dropped."""
    faults: int = 0
    """Since the last picture handed out."""
    dropped: int = 0
    odd: bool = False
    """A dropped picture shows that what follows depends on everything before: a wrong or missing time, or a keyframe
    that is none (intra refresh)."""
    last_given: int | None = None
    """Time of the last picture as the file has it."""
    changed: bool = False
    """The last picture had another size or format than the stream."""
    waiting: set[int] = field(default_factory=set)
    """Times of packets that have not come out as pictures."""
    keys: set[int] = field(default_factory=set)
    """Those of keyframes."""

    @classmethod
    def of(
        cls, container: InputContainer, video: VideoFacts, *, threads: int | None, slices: bool = False
    ) -> Self | None:
        """The stream ready to decode; None when the container does not have it. ``slices`` leaves out frame threads."""
        stream = container.streams[video.index] if video.index < len(container.streams) else None
        if not isinstance(stream, VideoStream):
            return None
        stream.thread_type = "SLICE" if slices else "AUTO"
        stream.thread_count = (
            threads if threads is not None else min(MOST_THREADS, (os.cpu_count() or 1) + SPARE_THREADS)
        )
        first = int(video.start / video.time_base) if video.start is not None else 0
        return cls(
            stream,
            video,
            Unpacker(video.pixel_format, video.width, video.height),
            FieldReader(video.time_base),
            Timekeeper(nominal_duration(video.rate, video.time_base), first),
        )

    def expect(self, packet: Packet[Stream]) -> None:
        """A packet is about to be decoded."""
        if packet.pts is not None and not packet.is_discard:
            self.waiting.add(packet.pts)
            if packet.is_keyframe:
                self.keys.add(packet.pts)

    @property
    def lacks_end(self) -> bool:
        """Packets that should be shown after the last picture never came out."""
        return self.last_given is not None and any(pts > self.last_given for pts in self.waiting)

    def picture(self, frame: VideoFrame, note: NoteFault) -> Picture | None:
        """The frame as a picture; None when it lies before ``start`` or cannot be converted."""
        given = given_time(frame)
        if given is not None:
            self.waiting.discard(given)
        tick, wrong = self.clock.tick(given, frame.duration)
        self.last_given = given
        if self.start is not None and tick < self.start:
            no_key = given in self.keys and frame.pict_type != PictureType.I
            self.odd |= wrong is not None or frame.pts is None or no_key
            self.faults, self.dropped = 0, self.dropped + 1
            return None
        if wrong is not None:
            note(tick, wrong)
        try:
            return self._unpacked(frame, tick, note)
        except (av.error.FFmpegError, ValueError) as error:
            note(tick, f"picture cannot be converted: {reason_of(error)}")
            return None

    def _unpacked(self, frame: VideoFrame, tick: int, note: NoteFault) -> Picture:
        fits = self.unpacker.fits(frame)
        if not fits and not self.changed:
            note(tick, f"pictures change to {frame.width}x{frame.height} {frame.format.name} in mid-stream")
        self.changed = not fits
        planes = self.unpacker.planes(frame)
        if frame.is_corrupt:
            note(tick, "picture damaged")
        faults, self.faults = self.faults, 0
        return Picture(
            planes,
            pts=tick,
            duration=max(0, frame.duration),
            time_base=self.facts.time_base,
            bit_depth=self.unpacker.layout.bit_depth,
            key=frame.key_frame,
            corrupt=frame.is_corrupt,
            interlaced=frame.interlaced_frame,
            top_field_first=frame.interlaced_frame and self.fields.top_first(frame),
            repeat_pict=-1,
            faults=faults,
            keep=frame,
        )


def given_time(frame: VideoFrame) -> int | None:
    """The picture's time as the file has it. AVI has decoding times only; FFmpeg hands on the one that fits."""
    return frame.pts if frame.pts is not None else frame.dts
