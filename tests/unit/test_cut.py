from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from media_clips import pictures_of, write_clip
from sightline.clock import Span
from sightline.errors import CutImpossible, OutputUnwritable
from sightline.media.cut import cut
from sightline.media.decode import Decoder
from sightline.media.picture import SoundBlock
from sightline.media.probe import probe

SOUND = [("aac", 48000, "stereo")]


def _frames(first: int, last: int, rate: Fraction = Fraction(25)) -> Span:
    return Span(first / rate, last / rate)


def _digests(path: Path) -> list[str]:
    return [digest for *_, digest in pictures_of(path, probe(path))]


SOURCES: dict[str, dict[str, Any]] = {
    "closed.mp4": {"options": {"preset": "fast"}},
    "matroska.mkv": {"options": {"preset": "fast"}},
    "open.mp4": {
        "options": {"x264-params": "open-gop=1:bframes=3:keyint=12:min-keyint=12:scenecut=0", "preset": "fast"}
    },
    "mpeg.ts": {"options": {"preset": "fast"}},
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("frames", [(0, 20), (17, 41), (24, 25), (30, 50), (5, 49)])
def test_a_cut_to_mp4_is_exact_to_the_picture(name: str, frames: tuple[int, int], tmp_path: Path) -> None:
    source = write_clip(tmp_path / name, pictures=50, **SOURCES[name], sounds=SOUND)
    facts = probe(source)
    assert facts.video is not None
    assert facts.video.start is not None
    whole = _digests(source)
    offset = facts.video.start
    span = Span(offset + Fraction(frames[0], 25), offset + Fraction(frames[1], 25))
    result = cut(source, facts, span, tmp_path / "cut.mp4")
    assert result.is_exact
    assert result.kept.start == span.start
    assert abs(result.kept.end - span.end) < Fraction(1, 1000)
    assert _digests(result.path) == whole[frames[0] : frames[1]]


def test_players_built_on_ffmpeg_show_the_same_pictures(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", pictures=50, options={"preset": "fast"}, sounds=SOUND)
    result = cut(source, probe(source), _frames(17, 41), tmp_path / "cut.mp4")
    shown = [_md5s(path) for path in (source, result.path)]
    assert shown[1] == shown[0][17:41]


def _md5s(path: Path) -> list[str]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def test_sound_stays_with_the_picture(tmp_path: Path) -> None:
    source = write_clip(
        tmp_path / "clip.mov", pictures=50, options={"preset": "fast"}, sounds=[("pcm_s16le", 48000, "mono")]
    )
    facts = probe(source)
    result = cut(source, facts, _frames(17, 41), tmp_path / "cut.mov")
    got = probe(result.path)
    before, after = _sound(source, facts), _sound(result.path, got)
    # FFmpeg ends an edit of sound at the end of a packet.
    assert 0 <= after.shape[1] - 24 * 1920 < 1024
    first = 17 * 1920
    assert np.abs(after[0, :40000] - before[0, first : first + 40000]).max() < 1e-4


def _sound(path: Path, facts: Any) -> Any:
    with Decoder(path, facts, pictures=False, sounds=(facts.audio.index,), packets=False) as decoder:
        blocks = [item for item in decoder if isinstance(item, SoundBlock)]
    return np.concatenate([b.samples for b in blocks], axis=1)


def test_other_containers_start_at_the_keyframe_and_say_so(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mkv", pictures=50, options={"preset": "fast", "bf": "0"}, gop=12)
    facts = probe(source)
    result = cut(source, facts, _frames(17, 41), tmp_path / "cut.mkv")
    assert not result.is_exact
    assert result.kept.start == Fraction(12, 25)
    assert result.hidden == 0
    assert _digests(result.path) == _digests(source)[12:41]
    at_key = cut(source, facts, _frames(24, 41), tmp_path / "key.mkv")
    assert at_key.is_exact
    assert at_key.kept == _frames(24, 41)


def test_sound_alone_can_be_cut(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.m4a", container="mp4", pictures=0, sounds=[("aac", 48000, "stereo")])
    result = cut(source, probe(source), Span(Fraction(1, 4), Fraction(3, 4)), tmp_path / "cut.m4a")
    assert result.kept == Span(Fraction(1, 4), Fraction(3, 4))
    got = probe(result.path)
    assert abs(_sound(result.path, got).shape[1] - 24000) <= 1024


@pytest.mark.parametrize("span", [Span(Fraction(5), Fraction(6)), Span(Fraction(1), Fraction(1))])
def test_a_cut_outside_the_media_is_refused(span: Span, tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", pictures=50)
    with pytest.raises(CutImpossible, match="outside"):
        cut(source, probe(source), span, tmp_path / "cut.mp4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_container_that_cannot_hold_the_streams_is_refused(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mkv", codec="ffv1", pictures=10)
    with pytest.raises(CutImpossible, match="cannot hold"):
        cut(source, probe(source), _frames(2, 8), tmp_path / "cut.webm")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mkv"]


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", pictures=10)
    with pytest.raises(OutputUnwritable):
        cut(source, probe(source), _frames(2, 8), tmp_path / "nowhere" / "cut.mp4")
