from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from media_clips import pictures_of, write_clip
from sightline.errors import Cancelled, OutputUnwritable
from sightline.media.probe import probe
from sightline.media.proxy import ProxyCodec, proxy


def test_a_viewing_copy_is_fragmented_h264_with_aac_at_the_same_times(tmp_path: Path) -> None:
    times = [0, 1, 2, 5, 6, 12, 13, 14]
    path = write_clip(
        tmp_path / "clip.mov", codec="prores_ks", pixel_format="yuv422p10le", pictures=8, ticks=times.__getitem__,
        sounds=[("pcm_s24le", 48000, "5.1")],
    )  # fmt: skip
    done: list[float] = []
    result = proxy(path, probe(path), tmp_path / "proxy.mp4", progress=done.append)
    facts = probe(result.path)
    video, audio = facts.video, facts.audio
    assert video is not None
    assert audio is not None
    assert (video.codec, video.pixel_format, audio.codec, audio.channels) == ("h264", "yuv420p", "aac", 2)
    assert b"moof" in result.path.read_bytes()
    got = [tick * video.time_base for tick, *_ in pictures_of(result.path, facts)]
    assert [round(float(t - got[0]) * 25) for t in got] == times
    assert max(done) == pytest.approx(14 / 25, abs=0.1)


def test_rotation_and_aspect_are_baked_in_and_sizes_even(tmp_path: Path) -> None:
    def turned(stream: Any) -> None:
        stream.set_display_rotation(-90)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)

    path = write_clip(tmp_path / "clip.mp4", size=(162, 96), setup=turned, pictures=5)
    result = proxy(path, probe(path), tmp_path / "proxy.mp4", max_width_px=64)
    video = probe(result.path).video
    assert video is not None
    assert (video.rotation_deg, video.sample_aspect) == (0, 1)
    assert (video.width, video.height) == (result.width_px, result.height_px) == (64, 144)


def test_av1_when_asked(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=5)
    result = proxy(path, probe(path), tmp_path / "proxy.mp4", codec=ProxyCodec.AV1)
    video = probe(result.path).video
    assert video is not None
    assert video.codec == "av1"


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=30)

    def stop() -> None:
        raise Cancelled("engine.cancelled")

    with pytest.raises(Cancelled):
        proxy(path, probe(path), tmp_path / "proxy.mp4", check=stop)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=3)
    with pytest.raises(OutputUnwritable):
        proxy(path, probe(path), tmp_path / "nowhere" / "proxy.mp4")
