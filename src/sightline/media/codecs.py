"""What the FFmpeg libraries inside PyAV can do on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import av.error
from av.codec import Codec
from av.video.codeccontext import VideoCodecContext

SOFTWARE_ENCODERS = ("libx264", "libsvtav1", "libopenh264", "aac")
HARDWARE_ENCODERS = ("h264_nvenc", "hevc_nvenc", "av1_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox")


@dataclass(frozen=True, slots=True)
class CodecReport:
    libraries: str
    """``PyAV 18.1.0, libavcodec 62.11.100 …``"""
    encoders: tuple[str, ...]
    """Software encoders that are compiled in."""
    hardware: tuple[str, ...]
    """Hardware encoders that really open here."""


def ffmpeg_version() -> str:
    """Of the libraries that came with PyAV."""
    return str(av.ffmpeg_version_info)


def codec_report() -> CodecReport:
    """Looks, and opens each hardware encoder once. Raises nothing."""
    versions = [
        f"{name} {'.'.join(map(str, version))}"
        for name, version in av.library_versions.items()
        if name in ("libavcodec", "libavformat")
    ]
    return CodecReport(
        ", ".join([f"PyAV {av.__version__}", *versions]),
        tuple(name for name in SOFTWARE_ENCODERS if _is_compiled(name)),
        tuple(name for name in HARDWARE_ENCODERS if opens(name)),
    )


def _is_compiled(name: str) -> bool:
    try:
        Codec(name, "w")
    except ValueError:
        return False
    return True


def opens(encoder: str) -> bool:
    """Whether a video encoder opens: being compiled in says nothing of a driver or a device."""
    if not _is_compiled(encoder):
        return False
    try:
        context = av.CodecContext.create(encoder, "w")
        if not isinstance(context, VideoCodecContext):
            return False
        context.width, context.height, context.pix_fmt = 256, 256, "yuv420p"
        context.time_base = Fraction(1, 25)
        context.open()
    except (av.error.FFmpegError, ValueError):
        return False
    return True
