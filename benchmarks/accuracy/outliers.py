"""FFmpeg's measure of outlying lines (`signalstats`, TOUT) on the same picture in 8 and in 10 bits.

Sightline has no such measure and cannot be compared; this says why FFmpeg's must not be used to check one. Every
sixteenth line of a plain picture lies higher than the rest. The share of outlying pixels does not depend on the depth
of the samples.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

import imageio_ffmpeg
import numpy as np

WIDTH_PX, HEIGHT_PX = 160, 96
LEVEL, STEPS = 60, (64, 25)
"""Codes of 8 bits; 10 bits have four times as many. 256 of 10 bits, four times 64, have the same low byte as none."""


def run(quick: bool = False) -> dict[str, Any]:
    """A row for every step: what FFmpeg says of 8 and 10 bits, and how many pixels do lie apart."""
    rows = []
    for step in STEPS[: 1 if quick else None]:
        share, eight = _outlying("yuv420p", step, np.uint8, 1)
        _, ten = _outlying("yuv420p10le", step, np.uint16, 4)
        rows.append({"step": step, "planted": share, "ffmpeg_8_bit": eight, "ffmpeg_10_bit": ten})
    return {"rows": rows, "ffmpeg_version": imageio_ffmpeg.get_ffmpeg_version()}


def _outlying(pixel_format: str, step: int, dtype: type[np.unsignedinteger[Any]], scale: int) -> tuple[float, float]:
    """Share of pixels on outlying lines, and TOUT."""
    luma = np.full((HEIGHT_PX, WIDTH_PX), LEVEL * scale, dtype)
    luma[8::16] += dtype(step * scale)
    chroma = np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128 * scale, dtype)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-f", "rawvideo", "-pix_fmt", pixel_format,
        "-s", f"{WIDTH_PX}x{HEIGHT_PX}", "-i", "pipe:0", "-vf", "signalstats=stat=tout,metadata=print:file=-",
        "-f", "null", "-",
    ]  # fmt: skip
    raw = b"".join(plane.tobytes() for plane in (luma, chroma, chroma))
    printed = subprocess.run(command, input=raw, capture_output=True, check=True).stdout.decode()
    (value,) = re.findall(r"signalstats\.TOUT=(\S+)", printed)
    return round(float((luma != LEVEL * scale).mean()), 4), round(float(value), 4)
