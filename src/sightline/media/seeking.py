"""Finding keyframes, and starting to read early enough that a picture comes out as it would in a whole run."""

from __future__ import annotations

from collections.abc import Callable

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream

from sightline.media.opening import opened
from sightline.media.source import Place

TRIES = 12


def keyframes(place: Place, stream: int, check: Callable[[], None] = lambda: None) -> tuple[int, ...]:
    """Ticks at which keyframes of a video stream are shown, rising, from its packets.

    Empty when the stream cannot be cut into segments: a keyframe has no time, or times run backwards. ``check`` is
    called for every packet and raises to stop.
    """
    found: list[int] = []
    with opened(place) as container:
        for other in container.streams:
            other.discard = Discard.nonkey if other.index == stream else Discard.all
        try:
            for packet in container.demux(container.streams[stream]):
                check()
                if not packet.size or not packet.is_keyframe:
                    continue
                if packet.pts is None or (found and packet.pts <= found[-1]):
                    return ()
                if not packet.is_discard:
                    found.append(packet.pts)
        except (av.error.FFmpegError, IndexError):
            return tuple(found)
    return tuple(found)


def place_before(container: InputContainer, stream: Stream, start: int) -> bool:
    """Seek to the keyframe before the one that the picture at ``start`` hangs on.

    A keyframe further back than needed costs a group of pictures and pays for open groups, leading pictures and
    intra refresh. False when there is nothing that early, or seeking does not work: read from the beginning then.
    """
    needed = keyframe_at_or_before(container, stream, start)
    if needed is None or needed.pts is None:
        return False
    target = min(needed.pts, needed.dts if needed.dts is not None else needed.pts) - 1
    earlier = keyframe_at_or_before(container, stream, target)
    if earlier is None or earlier.pts is None or earlier.pts >= needed.pts:
        return False
    target = min(earlier.pts, earlier.dts if earlier.dts is not None else earlier.pts)
    again = _landing(container, stream, target)
    if again is None or again.pts is None or again.pts > earlier.pts:
        return False
    container.seek(target, stream=stream, backward=True)
    return True


def keyframe_at_or_before(container: InputContainer, stream: Stream, tick: int) -> Packet[Stream] | None:
    """The last keyframe shown at or before a tick; None when seeking leads to none."""
    target, step = tick, round(1 / (stream.time_base or 1))
    for _ in range(TRIES):
        packet = _landing(container, stream, target)
        if packet is None or packet.pts is None:
            return None
        if packet.pts <= tick:
            return packet
        # Demuxers seek by decoding time, or by bytes: either can land too late.
        target, step = target - step, 2 * step
    return None


def _landing(container: InputContainer, stream: Stream, target: int) -> Packet[Stream] | None:
    """The first keyframe read after seeking to ``target``."""
    try:
        container.seek(target, stream=stream, backward=True)
        for packet in container.demux(stream):
            if packet.size and packet.is_keyframe:
                return packet
    except (av.error.FFmpegError, IndexError):
        return None
    return None
