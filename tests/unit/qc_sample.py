"""Small timelines made by hand for tests of the QC desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from sightline.clock import Span
from sightline.facts import AudioFacts, Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Provenance, Timeline

RATE = 25
SOUND_HZ = 48_000


def seconds(value: float | str | Fraction) -> Fraction:
    return Fraction(str(value))


def event(
    kind: str, start: float, end: float, *labels: str, severity: Severity = Severity.WARNING, **evidence: Scalar
) -> Event:
    return Event(kind, Span(seconds(start), seconds(end)), severity, 1.0, evidence, labels)


def video_facts(**changes: object) -> VideoFacts:
    facts: dict[str, object] = {
        "index": 0, "codec": "h264", "profile": "High", "level": "4.0", "width": 1920, "height": 1080,
        "pixel_format": "yuv420p", "bit_depth": 8, "chroma": Chroma.C420, "is_rgb": False,
        "sample_aspect": Fraction(1), "rotation_deg": 0, "time_base": Fraction(1, RATE),
        "average_rate": Fraction(RATE), "nominal_rate": Fraction(RATE), "frame_count": None, "start": Fraction(0),
        "duration": None, "bit_rate_bps": None, "field_order": FieldOrder.PROGRESSIVE, "full_range": False,
        "color_range": "tv", "color_primaries": "bt709", "color_transfer": "bt709", "color_matrix": "bt709",
    }  # fmt: skip
    return VideoFacts(**(facts | changes))  # type: ignore[arg-type]


def audio_facts(index: int = 1, channels: int = 2, **changes: object) -> AudioFacts:
    facts: dict[str, object] = {
        "index": index, "codec": "aac", "profile": "LC", "sample_rate_hz": SOUND_HZ, "channels": channels,
        "layout": "stereo" if channels == 2 else "mono", "channel_names": ("FL", "FR") if channels == 2 else ("FC",),
        "sample_format": "fltp", "bit_depth": None, "time_base": Fraction(1, SOUND_HZ), "start": Fraction(0),
        "duration": None, "bit_rate_bps": None,
    }  # fmt: skip
    return AudioFacts(**(facts | changes))  # type: ignore[arg-type]


def media_facts(
    videos: Sequence[VideoFacts] | None = None, audios: Sequence[AudioFacts] | None = None, **changes: object
) -> MediaFacts:
    facts: dict[str, object] = {
        "name": "a.mp4", "size_bytes": 1000, "sha256": "ab" * 32, "container": "mov,mp4,m4a,3gp,3g2,mj2",
        "duration": None, "start": Fraction(0), "bit_rate_bps": None,
        "videos": tuple([video_facts()] if videos is None else videos),
        "audios": tuple([audio_facts()] if audios is None else audios),
        "is_faststart": True, "has_edit_list": False,
    }  # fmt: skip
    return MediaFacts(**(facts | changes))  # type: ignore[arg-type]


def picture_columns(
    meter: str, count: int, notes: Mapping[str, str | int | float] | None = None, **values: object
) -> Columns:
    """Columns on the picture clock; a single number stands for every row."""
    columns = tuple(Column(name, "", np.broadcast_to(np.asarray(value), (count,))) for name, value in values.items())
    return Columns(meter, Fraction(1, RATE), np.arange(count, dtype=np.int64), count, columns, notes or {})


def levels_columns(count: int = 250, **values: object) -> Columns:
    """Ordinary 8-bit levels in limited range, where ``values`` do not say otherwise."""
    plain: dict[str, object] = {
        "y_min": 16, "y_p001": 18, "y_p10": 40, "y_mean": 110.0, "y_p90": 200, "y_p999": 233, "y_max": 235,
        "u_min": 60, "u_mean": 128.0, "u_max": 200, "v_min": 60, "v_mean": 128.0, "v_max": 200,
        "black_share": 0.0, "out_of_range_share": 0.0, "y_out_share": 0.0, "c_out_share": 0.0,
        "reserved": 0, "used_bits": 255,
    }  # fmt: skip
    return picture_columns("levels", count, {"bit_depth": 8, "full_range": 0}, **(plain | values))


def sound_columns(meter: str, length_s: float, rate_hz: int = 100, **values: object) -> Columns:
    """Columns with ``rate_hz`` rows a second, ticks in samples."""
    count, step = round(length_s * rate_hz), SOUND_HZ // rate_hz
    columns = tuple(Column(name, "", np.broadcast_to(np.asarray(value), (count,))) for name, value in values.items())
    notes = {"channels": 2, "weight_0": 1.0, "weight_1": 1.0, "full_range": 0}
    return Columns(meter, Fraction(1, SOUND_HZ), np.arange(count, dtype=np.int64) * step, count * step, columns, notes)


def loudness_columns(lufs: float, length_s: float = 10, meter: str = "loudness") -> Columns:
    """A steady sound of one loudness, equal on both channels."""
    power = 10 ** ((lufs + 0.691) / 10) / 2
    count = round(length_s * 100)
    momentary, short_term = np.full(count, lufs), np.full(count, lufs)
    momentary[:39], short_term[:299] = np.nan, np.nan
    return sound_columns(meter, length_s, momentary=momentary, short_term=short_term, power_0=power, power_1=power)


def timeline(
    *columns: Columns,
    media: MediaFacts | None = None,
    events: Sequence[Event] = (),
    length: int = 250,
    **changes: object,
) -> Timeline:
    """A timeline of ten seconds of pictures, with further columns."""
    media = media or media_facts()
    every = {c.meter: c for c in columns}
    if media.videos and "pictures" not in every:
        keys = np.arange(length) % 12 == 0
        every["pictures"] = picture_columns("pictures", length, key=keys)
    made = Timeline(media, every, Provenance("test", "2026-01-01T00:00:00+00:00"), **changes)  # type: ignore[arg-type]
    return made.with_events(tuple(events))
