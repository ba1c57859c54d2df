"""One pass over a media file: packets, pictures and sound, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from types import TracebackType
from typing import Self

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightline.errors import MediaUnreadable
from sightline.facts import MediaFacts, VideoFacts
from sightline.media.opening import opened, reason_of
from sightline.media.picture import DecodeFault, PacketFacts, Picture, SoundBlock
from sightline.media.picture_stream import PictureStream, given_time
from sightline.media.seeking import place_before
from sightline.media.sound import SoundUnpacker
from sightline.media.source import Place, name_of

IDLE_PACKETS = 100_000
"""Packets in a row that lead no further in the file and to no picture or sound, after which a file is given up: a
demuxer that goes in circles would never end."""
READ_ERRORS = 10
"""Read errors in a row after which the rest of a file is given up."""

Item = Picture | SoundBlock | PacketFacts


class Decoder:
    """Iterates over one file once, as a context manager.

    Yields `PacketFacts` of every stream (before what is decoded from them), `Picture`s of the main video in order of
    presentation, strictly rising in time, and `SoundBlock`s of the asked streams. Decode errors do not stop it: they
    are gathered in ``faults``.

    ``span`` limits the pictures to ticks ``[start, end)`` of the video's time base; they are the very pictures a whole
    run gives there. Sound and packets are not to be had with a span.

    Raises `MediaNotFound` and `MediaUnreadable` on entering; `MediaUnreadable` while iterating when a file leads
    nowhere or a source can no longer be read.
    """

    def __init__(
        self,
        place: Place,
        facts: MediaFacts,
        *,
        pictures: bool = True,
        sounds: Sequence[int] = (),
        packets: bool = True,
        span: tuple[int, int] | None = None,
        threads: int | None = None,
    ) -> None:
        if span is not None:
            packets, sounds = False, ()
        self._place, self._facts = place, facts
        self._wants_pictures = pictures and facts.video is not None
        self._wants_packets = packets
        self._sound_streams = tuple(sounds)
        self._span = span
        self._threads = threads
        self._stack = ExitStack()
        self._pictures: PictureStream | None = None
        self._sounds: dict[int, SoundUnpacker] = {}
        self._produced = 0
        """Frames of all streams so far, to see whether the file leads anywhere."""
        self.faults: list[DecodeFault] = []
        """What went wrong so far."""
        self.pictures_decoded = 0
        """Pictures that came out of the decoder, handed out or not."""

    def __enter__(self) -> Self:
        self._container = self._stack.enter_context(opened(self._place))
        self._prepare(self._container)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Item]:
        if self._span is not None and self._pictures is not None:
            yield from self._spanned(self._pictures, *self._span)
        else:
            yield from self._whole()

    # Setting up.

    def _prepare(self, container: InputContainer) -> None:
        if self._wants_pictures:
            video = self._facts.video
            assert video is not None
            self._pictures = self._opened_pictures(container, video)
        for audio in self._facts.audios:
            if audio.index in self._sound_streams:
                if audio.index >= len(container.streams):
                    raise MediaUnreadable("errors.media_changed", path=name_of(self._place))
                stream = container.streams[audio.index]
                self._sounds[audio.index] = SoundUnpacker(audio, stream.time_base or audio.time_base)
        for stream in container.streams:
            if not self._wants_packets and not self._is_decoded(stream.index):
                stream.discard = Discard.all

    def _opened_pictures(self, container: InputContainer, video: VideoFacts, *, slices: bool = False) -> PictureStream:
        pictures = PictureStream.of(container, video, threads=self._threads, slices=slices)
        if pictures is None:
            raise MediaUnreadable("errors.media_changed", path=name_of(self._place))
        return pictures

    def _is_decoded(self, stream: int) -> bool:
        return stream in self._sounds or (self._pictures is not None and stream == self._pictures.facts.index)

    # Going through the file.

    def _whole(self) -> Iterator[Item]:
        for packet in self._packets(self._container):
            if self._wants_packets:
                yield _packet_facts(packet)
            if self._is_decoded(packet.stream_index):
                if packet.is_corrupt:
                    self._fault(packet.stream_index, packet.pts, "packet marked as corrupt by the container")
                if packet.size:
                    yield from self._decoded(packet)
        if self._pictures is not None:
            yield from self._drained(self._pictures)
        for index, unpacker in self._sounds.items():
            yield from self._drained_sound(index, unpacker)
        self._note_empty_streams()
        self._note_truncation()

    def _note_empty_streams(self) -> None:
        """A stream that is declared and gives nothing is a fault, though no packet of it was broken."""
        if self._pictures is not None and not self.pictures_decoded:
            self._fault(self._pictures.facts.index, None, "no picture came out of this stream")
        for index, unpacker in self._sounds.items():
            if not unpacker.samples:
                self._fault(index, None, "no sound came out of this stream")

    def _note_truncation(self) -> None:
        video = self._facts.video
        if "facts.truncated" not in self._facts.missing:
            return
        if self._pictures is not None:
            self._fault(self._pictures.facts.index, self._pictures.clock.next, "the file ends before its index says")
        elif video is None:
            self._fault(-1, None, "the file ends before its index says")

    def _spanned(self, state: PictureStream, start: int, end: int) -> Iterator[Picture]:
        """The pictures of ``[start, end)``. Read from the beginning whenever a jump cannot be trusted."""
        state.start = start
        if start > state.clock.first and place_before(self._container, state.stream, start):
            for picture in self._span_pictures(state, end, from_key=True):
                if not state.dropped or state.odd:
                    break
                yield picture
            else:
                if state.dropped and not state.odd:
                    return
        if start > state.clock.first:
            self._restart()
            state = self._pictures or state
            state.start = start
        yield from self._span_pictures(state, end, from_key=False)

    def _span_pictures(self, state: PictureStream, end: int, *, from_key: bool) -> Iterator[Picture]:
        for packet in self._video_packets(self._container, state.stream, from_key=from_key):
            if packet is not None:
                state.expect(packet)
            pictures = self._pictures_of(state, packet) if packet is not None else self._drained(state)
            for picture in pictures:
                if picture.pts >= end:
                    return
                yield picture
        self._note_truncation()

    def _restart(self) -> None:
        self._stack.close()
        self.faults.clear()
        self._container = self._stack.enter_context(opened(self._place))
        self._prepare(self._container)

    def _video_packets(
        self, container: InputContainer, stream: VideoStream, *, from_key: bool
    ) -> Iterator[Packet[Stream] | None]:
        """Packets of the video, from the first keyframe on if so asked, and None at the end."""
        for packet in self._packets(container):
            if packet.stream_index != stream.index or not packet.size:
                continue
            if from_key and not packet.is_keyframe:
                continue
            from_key = False
            if packet.is_corrupt:
                self._fault(stream.index, packet.pts, "packet marked as corrupt by the container")
            yield packet
        yield None

    def _packets(self, container: InputContainer) -> Iterator[Packet[Stream]]:
        """Packets up to the end of the file, without the empty ones PyAV adds to flush decoders."""
        errors = idle = furthest = 0
        produced = self._produced
        while True:
            try:
                for packet in container.demux():
                    errors = 0
                    position = packet.pos if packet.pos is not None else -1
                    if position > furthest or self._produced != produced:
                        idle, furthest, produced = 0, max(furthest, position), self._produced
                    idle += 1
                    if idle > IDLE_PACKETS:
                        raise MediaUnreadable("errors.media_endless", path=name_of(self._place))
                    if packet.size or packet.pts is not None or packet.dts is not None:
                        yield packet
                return
            except IndexError:
                # PyAV stumbles, after the last packet, over streams that appeared while reading.
                return
            except av.error.FFmpegError as error:
                errors += 1
                self._fault(-1, None, f"reading: {reason_of(error)}")
                if errors >= READ_ERRORS:
                    return

    def _decoded(self, packet: Packet[Stream]) -> Iterator[Item]:
        state = self._pictures
        if state is not None and packet.stream_index == state.facts.index:
            state.expect(packet)
            yield from self._pictures_of(state, packet)
            return
        unpacker = self._sounds[packet.stream_index]
        for frame in self._frames(packet.stream, packet, packet.pts):
            if isinstance(frame, AudioFrame):
                yield from self._sound_of(packet.stream_index, unpacker, frame)

    def _frames(self, stream: Stream, packet: Packet[Stream] | None, pts: int | None) -> list[VideoFrame | AudioFrame]:
        try:
            frames = stream.codec_context.decode(packet)  # type: ignore[attr-defined]
        except EOFError:
            return []
        except (av.error.FFmpegError, ValueError) as error:
            self._fault(stream.index, pts, reason_of(error))
            return []
        self._produced += len(frames)
        return list(frames)

    # Pictures.

    def _pictures_of(self, state: PictureStream, packet: Packet[Stream] | None) -> Iterator[Picture]:
        for frame in self._frames(state.stream, packet, state.clock.next):
            if isinstance(frame, VideoFrame) and (picture := self._picture(state, frame)) is not None:
                yield picture

    def _picture(self, state: PictureStream, frame: VideoFrame) -> Picture | None:
        self.pictures_decoded += 1
        dropped = state.dropped
        picture = state.picture(frame, lambda tick, text: self._fault(state.facts.index, tick, text))
        if state.dropped > dropped:
            # Faults before the span are somebody else's.
            self.faults.clear()
        return picture

    def _drained(self, state: PictureStream) -> Iterator[Picture]:
        """The pictures still inside the decoder at the end of the file.

        A decoder with frame threads that meets an error while it is emptied keeps the rest to itself: those pictures
        are decoded once more from the last keyframe, without frame threads.
        """
        faults, counted = len(self.faults), state.faults
        yield from self._pictures_of(state, None)
        last = state.last_given
        if last is None or not state.lacks_end:
            return
        del self.faults[faults:]
        state.faults = counted
        with opened(self._place) as container:
            again = self._opened_pictures(container, state.facts, slices=True)
            if place_before(container, again.stream, last):
                yield from self._tail(state, container, again, last, from_key=True)
                return
        with opened(self._place) as container:
            again = self._opened_pictures(container, state.facts, slices=True)
            yield from self._tail(state, container, again, last, from_key=False)

    def _tail(
        self, state: PictureStream, container: InputContainer, again: PictureStream, last: int, *, from_key: bool
    ) -> Iterator[Picture]:
        """The pictures after ``last``, from another decoder that starts before it."""
        kept, counted = list(self.faults), state.faults
        for packet in self._video_packets(container, again.stream, from_key=from_key):
            for frame in self._frames(again.stream, packet, state.clock.next):
                if not isinstance(frame, VideoFrame):
                    continue
                given = given_time(frame)
                if given is None or given <= last:
                    self.faults[:] = kept
                    state.faults = counted
                elif (picture := self._picture(state, frame)) is not None:
                    yield picture

    # Sound.

    def _sound_of(self, index: int, unpacker: SoundUnpacker, frame: AudioFrame) -> list[SoundBlock]:
        if unpacker.changes_with(frame):
            shape = f"{frame.sample_rate} Hz, {frame.layout.name}"
            self._fault(index, frame.pts, f"sound changes to {shape} in mid-stream")
        try:
            return self._checked(index, unpacker.blocks(frame))
        except (av.error.FFmpegError, ValueError) as error:
            self._fault(index, frame.pts, f"sound cannot be converted: {reason_of(error)}")
            return []

    def _drained_sound(self, index: int, unpacker: SoundUnpacker) -> Iterator[SoundBlock]:
        for frame in self._frames(self._container.streams[index], None, None):
            if isinstance(frame, AudioFrame):
                yield from self._sound_of(index, unpacker, frame)
        yield from self._checked(index, unpacker.blocks(None))

    def _checked(self, index: int, blocks: list[SoundBlock]) -> list[SoundBlock]:
        """The blocks; codecs of floating-point sound can hold what is no number, which no level can be told of."""
        for block in blocks:
            if not np.isfinite(block.samples).all():
                base = self._container.streams[index].time_base or Fraction(1, block.rate_hz)
                self._fault(index, int(block.start / base), "sound holds samples that are no numbers")
        return blocks

    def _fault(self, stream: int, pts: int | None, text: str) -> None:
        self.faults.append(DecodeFault(stream, pts, text))
        if self._pictures is not None and stream in (-1, self._pictures.facts.index):
            self._pictures.faults += 1


def _packet_facts(packet: Packet[Stream]) -> PacketFacts:
    return PacketFacts(
        stream=packet.stream_index,
        pts=packet.pts,
        dts=packet.dts,
        duration=packet.duration or 0,
        size_bytes=packet.size,
        key=packet.is_keyframe,
        corrupt=packet.is_corrupt,
        discard=packet.is_discard,
    )
