"""What is known about a media before anything is measured: what the container and the codecs say of themselves.

Plain data, so that judging an analysis years later needs no decoder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Chroma(StrEnum):
    """Chroma subsampling of the pictures as they are handed to meters."""

    C420 = "4:2:0"
    C422 = "4:2:2"
    C444 = "4:4:4"
    C411 = "4:1:1"
    C440 = "4:4:0"
    C410 = "4:1:0"
    GREY = "4:0:0"


class FieldOrder(StrEnum):
    PROGRESSIVE = "progressive"
    TOP_FIRST = "tff"
    BOTTOM_FIRST = "bff"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HdrFacts:
    """HDR metadata. Luminances in cd/m², primaries as CIE 1931 xy in the order R, G, B, white."""

    max_luminance: float | None = None
    min_luminance: float | None = None
    primaries: tuple[tuple[float, float], ...] = ()
    max_cll: int | None = None
    max_fall: int | None = None
    dolby_vision_profile: int | None = None


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video stream. ``width`` and ``height`` are coded pixels before rotation and sample aspect ratio."""

    index: int
    """Index of the stream in the container."""
    codec: str
    profile: str | None
    level: str | None
    width: int
    height: int
    pixel_format: str
    """As stored, FFmpeg's name."""
    bit_depth: int
    chroma: Chroma
    """As stored. RGB is 4:4:4."""
    is_rgb: bool
    sample_aspect: Fraction
    """Width over height of a pixel; 1 when the file does not say."""
    rotation_deg: int
    """Clockwise turn the file asks of a player: 0, 90, 180 or 270."""
    time_base: Fraction
    average_rate: Fraction | None
    nominal_rate: Fraction | None
    """The rate the container or codec claims (r_frame_rate)."""
    frame_count: int | None
    """As the container claims, or None."""
    start: Fraction | None
    duration: Fraction | None
    bit_rate_bps: int | None
    field_order: FieldOrder
    full_range: bool
    """True for full (JPEG, PC) range. An untagged file is limited unless its format says otherwise."""
    color_range: str | None
    """Tag as written: ``tv``, ``pc`` or None when untagged."""
    color_primaries: str | None
    color_transfer: str | None
    color_matrix: str | None
    hdr: HdrFacts | None = None
    start_timecode: str | None = None
    language: str | None = None
    is_attached_picture: bool = False
    is_still: bool = False

    @property
    def display_aspect(self) -> Fraction:
        """Display aspect ratio after rotation."""
        aspect = Fraction(self.width, self.height) * self.sample_aspect
        return 1 / aspect if self.rotation_deg % 180 else aspect

    @property
    def rate(self) -> Fraction | None:
        return self.average_rate or self.nominal_rate


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One audio stream."""

    index: int
    codec: str
    profile: str | None
    sample_rate_hz: int
    channels: int
    layout: str
    """FFmpeg's layout name, ``stereo``, ``5.1(side)``, or ``6 channels`` when the file does not say."""
    channel_names: tuple[str, ...]
    """``FL``, ``FR``, ``LFE`` … in stream order."""
    sample_format: str
    bit_depth: int | None
    """Of the stored samples; None for lossy codecs."""
    time_base: Fraction
    start: Fraction | None
    duration: Fraction | None
    bit_rate_bps: int | None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class OtherStream:
    """Subtitles, data, attachments."""

    index: int
    kind: str
    codec: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """One file as its container describes it."""

    name: str
    """File name without its folder."""
    size_bytes: int
    sha256: str | None
    """Of all bytes; None while it has not been counted."""
    container: str
    """FFmpeg's demuxer name: ``mov,mp4,m4a,3gp,3g2,mj2``."""
    duration: Fraction | None
    start: Fraction | None
    bit_rate_bps: int | None
    videos: tuple[VideoFacts, ...] = ()
    audios: tuple[AudioFacts, ...] = ()
    others: tuple[OtherStream, ...] = ()
    start_timecode: str | None = None
    is_faststart: bool | None = None
    """MP4 and MOV: the index stands before the media. None elsewhere."""
    has_edit_list: bool | None = None
    """MP4 and MOV: an edit list that does more than skip the encoder's priming. None elsewhere."""
    sparse_holes: tuple[tuple[int, int], ...] = ()
    """Byte ranges ``[start, end)`` of the file that the file system never stored."""
    tags: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """Catalogue keys of what could not be had: ``facts.no_audio``, ``facts.truncated`` …"""

    @property
    def video(self) -> VideoFacts | None:
        """The main video stream: the first that is no cover picture."""
        return next((v for v in self.videos if not v.is_attached_picture), None)

    @property
    def audio(self) -> AudioFacts | None:
        return self.audios[0] if self.audios else None
