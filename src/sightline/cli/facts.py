"""What a file says of itself, as a table."""

from __future__ import annotations

from fractions import Fraction

from rich.table import Table
from rich.text import Text

from sightline.cli.state import LANGUAGE, one_line, say
from sightline.clock import clock_text
from sightline.facts import AudioFacts, MediaFacts, VideoFacts
from sightline.media.cut import CutResult
from sightline.text import words


def facts_table(media: MediaFacts) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row(say("facts.file"), Text(one_line(media.name)))
    table.add_row(say("facts.size"), say("facts.bytes", count=f"{media.size_bytes:,}"))
    table.add_row(say("facts.container"), _joined(media.container, _bit_rate(media.bit_rate_bps)))
    if media.duration is not None:
        table.add_row(say("facts.duration"), clock_text(media.duration))
    if media.start_timecode:
        table.add_row(say("facts.timecode"), media.start_timecode)
    for video in media.videos:
        table.add_row(say("facts.video", index=video.index), _video(video))
    for audio in media.audios:
        table.add_row(say("facts.audio", index=audio.index), _audio(audio))
    for other in media.others:
        table.add_row(say("facts.other", index=other.index), _joined(other.kind, other.codec, other.language))
    for key in media.missing:
        table.add_row(say("facts.missing"), words(key, LANGUAGE))
    if media.sha256:
        table.add_row(say("facts.sha256"), media.sha256)
    return table


def cut_sentence(made: CutResult) -> str:
    """What was written, and honestly what it shows."""
    times = {"start": clock_text(made.kept.start), "end": clock_text(made.kept.end)}
    if made.is_exact:
        return say("cut.exact", path=made.path, **times)
    asked = clock_text(made.asked.start)
    return say("cut.keyframe", path=made.path, asked=asked, container=made.path.suffix.lstrip("."), **times)


def _video(video: VideoFacts) -> str:
    aspect = video.sample_aspect
    colour = "/".join(tag or "?" for tag in (video.color_primaries, video.color_transfer, video.color_matrix))
    return _joined(
        _named(video.codec, video.profile),
        f"{video.width}x{video.height}",
        f"{aspect.numerator}:{aspect.denominator}" if aspect != 1 else None,
        None if video.rate is None else f"{_number(video.rate)}/s",
        f"{video.pixel_format} ({video.bit_depth} bit, {video.chroma}, {'full' if video.full_range else 'limited'})",
        str(video.field_order),
        colour,
        f"{video.rotation_deg}°" if video.rotation_deg else None,
        "HDR" if video.hdr is not None else None,
        _bit_rate(video.bit_rate_bps),
        video.language,
    )


def _audio(audio: AudioFacts) -> str:
    return _joined(
        _named(audio.codec, audio.profile),
        f"{audio.sample_rate_hz:,} Hz",
        audio.layout,
        f"{audio.bit_depth} bit" if audio.bit_depth else None,
        _bit_rate(audio.bit_rate_bps),
        audio.language,
    )


def _named(codec: str, profile: str | None) -> str:
    return f"{codec} ({profile})" if profile else codec


def _bit_rate(bps: int | None) -> str | None:
    return None if not bps else f"{bps / 1e6:.2f} Mb/s" if bps >= 1e6 else f"{bps / 1e3:.0f} kb/s"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):.3f}"


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
