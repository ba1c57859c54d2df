"""What FFmpeg does not tell of MP4 and MOV: order of the boxes, edit lists, Dolby Vision, a missing end.

ISO/IEC 14496-12 (boxes, ``elst``, ``mdhd``, ``mvhd``); Dolby Vision streams within the ISO base media file format
(``dvcC``, ``dvvC``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sightline.media.source import Reader

_PRIMING_S = 0.1
"""An edit that leaves out at most this much at the start, and ends within this of the media's end, only hides what an
encoder needs to get going."""
_LARGEST_INDEX = 256 * 1024 * 1024
_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}


@dataclass(frozen=True, slots=True)
class BoxFacts:
    """What the boxes of one file say."""

    is_faststart: bool
    has_edit_list: bool
    is_truncated: bool
    """A box claims bytes past the end of the file, or there is media and no index."""
    dolby_vision_profile: int | None


@dataclass(slots=True)
class _Track:
    timescale: int = 0
    duration: int = 0
    edits: tuple[tuple[int, int, int], ...] = ()
    """Segment duration (movie timescale), media time, rate in 16.16."""


def box_facts(file: Reader, size: int) -> BoxFacts | None:
    """Facts of an MP4 or MOV; None when its first box is none. Never raises on broken boxes."""
    order: list[bytes] = []
    index = b""
    truncated = False
    for kind, start, end in _top_boxes(file, size):
        order.append(kind)
        truncated |= end > size
        if kind == b"moov" and end - start <= _LARGEST_INDEX:
            file.seek(start)
            index = file.read(min(end, size) - start)
    if not order:
        return None
    has_media, has_index = b"mdat" in order, b"moov" in order
    return BoxFacts(
        is_faststart=has_index and (not has_media or order.index(b"moov") < order.index(b"mdat")),
        has_edit_list=_edits_matter(index),
        is_truncated=truncated or (has_media and not has_index),
        dolby_vision_profile=_dolby_vision(index),
    )


def _top_boxes(file: Reader, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the body and end of each box of the file."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return
        length, kind = struct.unpack(">I4s", header[:8])
        body = position + 8
        if length == 1 and len(header) == 16:
            length, body = struct.unpack(">Q", header[8:])[0], position + 16
        elif length == 0:
            length = size - position
        if length < body - position or not kind.isascii():
            return
        yield kind, body, position + length
        position += length


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if length == 1 and start + 16 <= end:
            length, body = struct.unpack_from(">Q", data, start + 8)[0], start + 16
        elif length == 0:
            length = end - start
        if length < body - start or start + length > end:
            return
        yield kind, body, start + length
        start += length


def _tree(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Boxes in depth-first order, containers before what they hold."""
    for kind, body, after in _boxes(data, start, end):
        yield kind, body, after
        if kind in _CONTAINERS:
            yield from _tree(data, body, after)


def _edits_matter(index: bytes) -> bool:
    movie_timescale = 0
    tracks: list[_Track] = []
    for kind, body, end in _tree(index, 0, len(index)):
        try:
            if kind == b"mvhd":
                movie_timescale = _timescale(index, body)[0]
            elif kind == b"trak":
                tracks.append(_Track())
            elif kind == b"mdhd" and tracks:
                tracks[-1].timescale, tracks[-1].duration = _timescale(index, body)
            elif kind == b"elst" and tracks:
                tracks[-1].edits = _edits(index, body, end)
        except struct.error:
            continue
    return any(_does_more_than_prime(track, movie_timescale) for track in tracks)


def _timescale(data: bytes, body: int) -> tuple[int, int]:
    """Timescale and duration of an ``mvhd`` or ``mdhd``."""
    if data[body] == 1:
        timescale, duration = struct.unpack_from(">IQ", data, body + 20)
    else:
        timescale, duration = struct.unpack_from(">II", data, body + 12)
    return timescale, duration


def _edits(data: bytes, body: int, end: int) -> tuple[tuple[int, int, int], ...]:
    version, count = data[body], struct.unpack_from(">I", data, body + 4)[0]
    form = ">Qqi" if version == 1 else ">Iii"
    width = struct.calcsize(form)
    count = min(count, (end - body - 8) // width)
    return tuple(struct.unpack_from(form, data, body + 8 + i * width) for i in range(count))


def _does_more_than_prime(track: _Track, movie_timescale: int) -> bool:
    if not track.edits:
        return False
    if len(track.edits) > 1 or not track.timescale or not movie_timescale:
        return True
    duration, media_time, rate = track.edits[0]
    if media_time < 0 or rate != 0x10000:
        return True
    left_out_s = media_time / track.timescale
    shown_s, whole_s = duration / movie_timescale, track.duration / track.timescale
    # A fragmented file writes 0 for durations it does not know yet.
    ends_early = bool(duration and track.duration) and whole_s - left_out_s - shown_s > _PRIMING_S
    return left_out_s > _PRIMING_S or ends_early


def _dolby_vision(index: bytes) -> int | None:
    for kind in (b"dvcC", b"dvvC", b"dvwC"):
        found = index.find(kind)
        if found >= 0 and found + 7 <= len(index):
            return index[found + 6] >> 1
    return None


def set_edit_durations(path: Path, duration: Fraction) -> None:
    """Let the last edit of every track of a finished MP4 or MOV end after ``duration`` seconds of the movie.

    Rounded up to the movie's timescale. Edits before the last (an empty one, for a late start) keep their length.
    """
    with path.open("r+b") as file:
        size = path.stat().st_size
        for kind, start, end in _top_boxes(file, size):
            if kind != b"moov":
                continue
            file.seek(start)
            index = bytearray(file.read(end - start))
            _patch_edits(index, duration)
            file.seek(start)
            file.write(index)


def _patch_edits(index: bytearray, duration: Fraction) -> None:
    data = bytes(index)
    timescale = 0
    for kind, body, end in _tree(data, 0, len(data)):
        if kind == b"mvhd":
            timescale = _timescale(data, body)[0]
        elif kind == b"elst" and timescale:
            edits = _edits(data, body, end)
            if not edits:
                continue
            before = sum(edit[0] for edit in edits[:-1])
            length = max(0, -((-duration * timescale) // 1) - before)
            form, width = (">Q", 20) if data[body] == 1 else (">I", 12)
            struct.pack_into(form, index, body + 8 + (len(edits) - 1) * width, min(edits[-1][0], length))
