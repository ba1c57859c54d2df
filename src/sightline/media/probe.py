"""Facts of a media file: what container, streams and first picture say, before anything is measured."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sightline.errors import MediaEmpty
from sightline.facts import AudioFacts, Chroma, FieldOrder, MediaFacts, OtherStream, VideoFacts
from sightline.media import tags
from sightline.media.boxes import BoxFacts, box_facts
from sightline.media.fields import FieldReader
from sightline.media.hdr import hdr_facts
from sightline.media.opening import open_file, opened, reading
from sightline.media.planes import Layout, layout_of
from sightline.media.source import Place, name_of

HASH_CHUNK_BYTES = 4 * 1024 * 1024
_FIRST_PICTURE_PACKETS = 300
_RATE_LIMIT_HZ = 1000
"""Rates above this are a time base mistaken for a rate."""


def probe(place: Place, *, hash_bytes: bool = False) -> MediaFacts:
    """Everything known of a media without measuring it. ``hash_bytes`` reads all of it for its SHA-256.

    Raises `MediaNotFound`, `MediaUnreadable`, or `MediaEmpty` when it holds neither pictures nor sound.
    """
    with opened(place) as container:
        boxes = _boxes_of(place, container.format.name)
        first = _first_pictures(container)
        videos = tuple(_video(s, container, first.get(s.index), boxes) for s in container.streams.video if _shown(s))
        audios = tuple(_audio(s) for s in container.streams.audio if _heard(s))
        known = {v.index for v in videos} | {a.index for a in audios}
        others = tuple(_other(s) for s in container.streams if s.index not in known)
        if not audios and all(v.is_attached_picture for v in videos):
            raise MediaEmpty("errors.media_empty", path=name_of(place))
        duration = _seconds(container.duration)
        return MediaFacts(
            name=shown_name(place),
            size_bytes=_size_of(place),
            sha256=sha256_of(place) if hash_bytes else None,
            container=container.format.name,
            duration=duration,
            start=_seconds(container.start_time),
            bit_rate_bps=container.bit_rate or None,
            videos=videos,
            audios=audios,
            others=others,
            start_timecode=_timecode(container, videos),
            is_faststart=boxes.is_faststart if boxes else None,
            has_edit_list=boxes.has_edit_list if boxes else None,
            sparse_holes=sparse_holes(place),
            tags={str(key): str(value) for key, value in container.metadata.items()},
            missing=_missing(videos, audios, others, duration, boxes),
        )


def shown_name(place: Place) -> str:
    """The file's name as text that can be written anywhere; bytes that are no UTF-8 as ``\\xff``."""
    return os.fsencode(Path(name_of(place)).name).decode("utf-8", "backslashreplace")


def _size_of(place: Place) -> int:
    return Path(place).stat().st_size if isinstance(place, str | Path) else place.size_bytes


def _seconds(microseconds: int | None) -> Fraction | None:
    return None if microseconds is None else Fraction(microseconds, av.time_base)


def sha256_of(place: Place, check: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of all bytes of a media, in hexadecimal; of a source that knows it, as it says.

    ``check`` is called often and raises to stop.
    """
    if not isinstance(place, str | Path) and place.sha256 is not None:
        return place.sha256
    digest = hashlib.sha256()
    with reading(place) as file:
        while chunk := file.read(HASH_CHUNK_BYTES):
            check()
            digest.update(chunk)
    return digest.hexdigest()


def sparse_holes(place: Place) -> tuple[tuple[int, int], ...]:
    """Byte ranges ``[start, end)`` the file system never stored; empty where it cannot tell."""
    if not hasattr(os, "SEEK_HOLE") or not isinstance(place, str | Path):
        return ()
    holes: list[tuple[int, int]] = []
    with os.fdopen(open_file(place), "rb", buffering=0) as file, suppress(OSError):
        size = os.fstat(file.fileno()).st_size
        position = 0
        while position < size:
            hole = os.lseek(file.fileno(), position, os.SEEK_HOLE)
            if hole >= size:
                break
            try:
                position = os.lseek(file.fileno(), hole, os.SEEK_DATA)
            except OSError:
                position = size
            holes.append((hole, position))
    return tuple(holes)


def _boxes_of(place: Place, container: str) -> BoxFacts | None:
    if "mp4" not in container.split(","):
        return None
    size = _size_of(place)
    with reading(place) as file:
        facts = box_facts(file, size)
        file.seek(size - 1)
        # A source may hold less than it says.
        return facts if facts is None or file.read(1) else replace(facts, is_truncated=True)


def _shown(stream: VideoStream) -> bool:
    # PyAV has no codec context, against its type, where there is no decoder.
    context = getattr(stream, "codec_context", None)
    return context is not None and bool(context.width and context.height and context.pix_fmt)


def _heard(stream: AudioStream) -> bool:
    context = getattr(stream, "codec_context", None)
    if context is None or context.format is None:
        return False
    return bool(context.sample_rate and context.layout.nb_channels)


def _first_pictures(container: InputContainer) -> dict[int, VideoFrame]:
    """The first picture of the main video: it carries what the stream's header does not."""
    main = next((s for s in container.streams.video if _shown(s) and not _is_cover(s)), None)
    if main is None:
        return {}
    for stream in container.streams:
        stream.discard = Discard.default if stream.index == main.index else Discard.all
    with suppress(av.error.FFmpegError, EOFError, IndexError):
        for count, packet in enumerate(container.demux(main)):
            if count > _FIRST_PICTURE_PACKETS:
                break
            with suppress(av.error.InvalidDataError):
                for frame in packet.decode():
                    return {main.index: frame}
    return {}


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _video(
    stream: VideoStream, container: InputContainer, first: VideoFrame | None, boxes: BoxFacts | None
) -> VideoFacts:
    context = stream.codec_context
    pixel_format = context.pix_fmt or ""
    layout = layout_of(pixel_format)
    time_base = stream.time_base or Fraction(1, av.time_base)
    color_range = tags.color_range(context.color_range or (first.color_range if first is not None else 0))
    return VideoFacts(
        index=stream.index,
        codec=context.codec.canonical_name,
        profile=context.profile,
        level=tags.level_text(context.codec.canonical_name, context.level),
        width=context.width,
        height=context.height,
        pixel_format=pixel_format,
        bit_depth=layout.stored_depth,
        chroma=layout.chroma,
        is_rgb=layout.is_rgb,
        sample_aspect=stream.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1),
        rotation_deg=_rotation(first),
        time_base=time_base,
        average_rate=_rate(stream.average_rate),
        nominal_rate=_rate(stream.base_rate),
        frame_count=stream.frames or None,
        start=stream.start_time * time_base if stream.start_time is not None else None,
        duration=stream.duration * time_base if stream.duration is not None else None,
        bit_rate_bps=context.bit_rate or None,
        field_order=_field_order(context.field_order, first),
        full_range=_full_range(layout, color_range),
        color_range=color_range,
        color_primaries=tags.primaries(context.color_primaries),
        color_transfer=tags.transfer(context.color_trc),
        color_matrix=tags.matrix(context.colorspace),
        hdr=hdr_facts(first, boxes.dolby_vision_profile if boxes else None),
        start_timecode=stream.metadata.get("timecode") or _timecode_beside(container),
        language=_language(stream),
        is_attached_picture=_is_cover(stream),
        is_still=container.format.name.endswith("_pipe") or bool(stream.disposition & Disposition.still_image),
    )


def _rate(rate: Fraction | None) -> Fraction | None:
    return rate if rate is not None and 0 < rate <= _RATE_LIMIT_HZ else None


def _rotation(first: VideoFrame | None) -> int:
    """Clockwise turn in steps of 90 degrees. FFmpeg's angle is counter-clockwise."""
    return 0 if first is None else round(-first.rotation / 90) % 4 * 90


def _field_order(declared: int, first: VideoFrame | None) -> FieldOrder:
    order = tags.field_order(declared)
    if order is not FieldOrder.UNKNOWN or first is None:
        return order
    if not first.interlaced_frame:
        return FieldOrder.PROGRESSIVE
    return FieldOrder.TOP_FIRST if FieldReader(Fraction(1, 25)).top_first(first) else FieldOrder.BOTTOM_FIRST


def _full_range(layout: Layout, color_range: str | None) -> bool:
    """As tagged; untagged RGB, grey and JPEG formats are full, as FFmpeg takes them."""
    if color_range is not None:
        return color_range == "pc"
    return layout.is_rgb or layout.chroma is Chroma.GREY or layout.stored.startswith("yuvj")


def _audio(stream: AudioStream) -> AudioFacts:
    context = stream.codec_context
    time_base = stream.time_base or Fraction(1, context.sample_rate)
    codec = context.codec.canonical_name
    return AudioFacts(
        index=stream.index,
        codec=codec,
        profile=context.profile,
        sample_rate_hz=context.sample_rate,
        channels=context.layout.nb_channels,
        layout=context.layout.name,
        channel_names=tuple(channel.name for channel in context.layout.channels),
        sample_format=context.format.name,
        bit_depth=tags.audio_depth(codec, context.format.name, context.extradata),
        time_base=time_base,
        start=stream.start_time * time_base if stream.start_time is not None else None,
        duration=stream.duration * time_base if stream.duration is not None else None,
        bit_rate_bps=context.bit_rate or None,
        language=_language(stream),
    )


def _other(stream: Stream) -> OtherStream:
    context = getattr(stream, "codec_context", None)
    name = context.name if context is not None else getattr(stream, "name", None)
    return OtherStream(stream.index, stream.type, name or "unknown", _language(stream))


def _language(stream: Stream) -> str | None:
    language = stream.metadata.get("language")
    return None if language in (None, "", "und") else language


_TIMECODE = re.compile(r"^\d{2}:\d{2}:\d{2}[:;.]\d{2,3}$")


def _timecode_beside(container: InputContainer) -> str | None:
    """Timecode of a timecode track (``tmcd``)."""
    found = (s.metadata.get("timecode") for s in container.streams if s.type == "data")
    return next((t for t in found if t and _TIMECODE.match(t)), None)


def _timecode(container: InputContainer, videos: tuple[VideoFacts, ...]) -> str | None:
    found = [v.start_timecode for v in videos] + [container.metadata.get("timecode"), _timecode_beside(container)]
    return next((t for t in found if t and _TIMECODE.match(t)), None)


def _missing(
    videos: tuple[VideoFacts, ...],
    audios: tuple[AudioFacts, ...],
    others: tuple[OtherStream, ...],
    duration: Fraction | None,
    boxes: BoxFacts | None,
) -> tuple[str, ...]:
    missing = {
        "facts.no_pictures": all(v.is_attached_picture for v in videos),
        "facts.no_audio": not audios,
        "facts.unknown_codec": any(o.kind in ("video", "audio") for o in others),
        "facts.no_duration": duration is None,
        "facts.truncated": boxes is not None and boxes.is_truncated,
    }
    return tuple(key for key, is_missing in missing.items() if is_missing)
