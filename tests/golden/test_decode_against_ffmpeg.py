"""Every picture and its time, against FFmpeg's own program."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from media_clips import pictures_of, write_clip
from sightline.media.probe import probe

CLIPS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"options": {"preset": "fast"}},
    "h264.ts": {"options": {"preset": "fast"}},
    "ten_bit.mkv": {"codec": "libx265", "pixel_format": "yuv420p10le", "options": {"x265-params": "log-level=none"}},
    "mpeg2.mpg": {"codec": "mpeg2video", "b_frames": 2},
    "mpeg4.avi": {"codec": "mpeg4", "b_frames": 2},
    "h264.avi": {"options": {"preset": "fast"}},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}},
    "late.mp4": {"options": {"bf": "2"}, "ticks": lambda n: n + 10},
    "variable.mkv": {"options": {"bf": "2"}, "ticks": lambda n: n + n // 4},
}


def _ffmpeg(path: Path) -> list[tuple[Fraction, str]]:
    """Second and MD5 of each picture as FFmpeg decodes it."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-copyts", "-i", str(path), "-map", "0:v:0",
        "-fps_mode", "passthrough", "-enc_time_base", "demux", "-f", "framemd5", "-",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    base = Fraction(1)
    rows = []
    for line in done.stdout.splitlines():
        if line.startswith("#tb 0:"):
            base = Fraction(line.split(":")[1].strip())
        elif not line.startswith("#"):
            fields = [field.strip() for field in line.split(",")]
            rows.append((int(fields[2]) * base, fields[-1]))
    return rows


def _ours(path: Path) -> list[tuple[Fraction, str]]:
    facts = probe(path)
    assert facts.video is not None
    return [(tick * facts.video.time_base, digest) for tick, _, digest in pictures_of(path, facts)]


@pytest.mark.parametrize("name", CLIPS)
def test_the_same_pictures_at_the_same_times(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, pictures=40, **CLIPS[name])
    assert _ours(path) == _ffmpeg(path)


@pytest.mark.parametrize("name", ["big_buck_bunny_60s.mp4", "traffic.mp4", "signing_person.mkv"])
def test_real_clips_too(name: str, shared_media: Path) -> None:
    assert _ours(shared_media / name) == _ffmpeg(shared_media / name)
