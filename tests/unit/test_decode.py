from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from media_clips import picture_rgb, pictures_of, write_clip
from sightline.errors import MediaUnreadable
from sightline.media import decode
from sightline.media.decode import Decoder
from sightline.media.picture import PacketFacts, Picture, SoundBlock
from sightline.media.probe import probe
from sightline.media.seeking import keyframes

X264_OPEN = {"preset": "fast", "x264-params": "open-gop=1:bframes=3:keyint=12:min-keyint=12:scenecut=0"}
X264_REFRESH = {"preset": "fast", "x264-params": "intra-refresh=1:keyint=12:bframes=0"}
X265_OPEN = {"preset": "ultrafast", "x265-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:log-level=none"}
FAST = {"preset": "fast"}

SPANNED: dict[str, dict[str, Any]] = {
    "closed.mp4": {"options": FAST},
    "open.mp4": {"options": X264_OPEN},
    "open.mkv": {"options": X264_OPEN},
    "open.ts": {"options": X264_OPEN},
    "refresh.mp4": {"options": X264_REFRESH},
    "hevc_open.mkv": {"codec": "libx265", "options": X265_OPEN},
    "hevc_open.ts": {"codec": "libx265", "options": X265_OPEN},
    "mpeg2.mpg": {"codec": "mpeg2video", "b_frames": 2},
    "mpeg2.mxf": {"codec": "mpeg2video", "b_frames": 2},
    "mpeg4.avi": {"codec": "mpeg4", "b_frames": 2},
    "x264.avi": {"options": FAST},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "raw.h264": {"options": FAST, "container": "h264"},
    "flash.flv": {"options": FAST},
}


@pytest.mark.parametrize("name", SPANNED)
def test_spans_joined_are_the_pictures_of_a_whole_run(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, pictures=70, **SPANNED[name])
    facts = probe(path)
    whole = pictures_of(path, facts)
    assert len(whole) == 70
    ticks = [tick for tick, *_ in whole]
    edges = [-(1 << 62), *ticks[3::11], 1 << 62]
    joined = [row for start, end in itertools.pairwise(edges) for row in pictures_of(path, facts, (start, end))]
    assert joined == whole


def test_a_span_from_a_keyframe_starts_with_it(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=70, options=FAST)
    facts = probe(path)
    assert facts.video is not None
    keys = keyframes(path, facts.video.index)
    assert len(keys) == 6
    assert pictures_of(path, facts, (keys[2], keys[3]))[0][0] == keys[2]


def test_keyframes_are_none_where_the_file_has_no_presentation_times(tmp_path: Path) -> None:
    assert keyframes(write_clip(tmp_path / "raw.h264", container="h264"), 0) == ()


@pytest.mark.parametrize("name", ["mpeg4.avi", "x264.avi"])
def test_avi_with_b_frames_keeps_a_constant_rate(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, **SPANNED[name])
    ticks = [tick for tick, *_ in pictures_of(path, probe(path))]
    assert ticks == list(range(ticks[0], ticks[0] + 30))


def test_packets_come_before_what_is_decoded_from_them(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", sounds=[("aac", 48000, "stereo")])
    facts = probe(path)
    seen = 0
    kinds = set()
    with Decoder(path, facts, sounds=(1,)) as decoder:
        for item in decoder:
            kinds.add(type(item))
            if isinstance(item, PacketFacts):
                seen += item.stream == 0
            elif isinstance(item, Picture):
                assert seen >= decoder.pictures_decoded
    assert kinds == {PacketFacts, Picture, SoundBlock}
    assert seen == decoder.pictures_decoded == 30
    assert decoder.faults == []


def test_planes_are_the_decoder_s_memory_and_read_only(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", codec="ffv1", pictures=3)
    with Decoder(path, probe(path), packets=False) as decoder:
        kept = [item for item in decoder if isinstance(item, Picture)]
    digests = [np.ascontiguousarray(p.y).tobytes() for p in kept]
    assert len(set(digests)) == 3, "planes stay valid after the decoder is closed"
    for plane in (kept[0].y, kept[0].u, kept[0].v):
        assert plane is not None
        assert not plane.flags.writeable
        assert plane.base is not None
        cv2.resize(plane, (20, 10), interpolation=cv2.INTER_AREA)
    with pytest.raises(ValueError, match="read-only"):
        kept[0].y[0, 0] = 1


FORMATS: list[tuple[str, str, str, int, tuple[int, int] | None]] = [
    ("yuv420p", "ffv1", "mkv", 8, (48, 80)),
    ("yuv422p10le", "ffv1", "mkv", 10, (96, 80)),
    ("yuv422p10le", "v210", "mov", 10, (96, 80)),
    ("yuv444p", "ffv1", "mkv", 8, (96, 160)),
    ("yuv411p", "ffv1", "mkv", 8, (96, 40)),
    ("yuv410p", "ffv1", "mkv", 8, (24, 40)),
    ("yuv440p", "ffv1", "mkv", 8, (48, 160)),
    ("yuva420p", "ffv1", "mkv", 8, (48, 80)),
    ("yuv420p16le", "ffv1", "mkv", 16, (48, 80)),
    ("gray", "ffv1", "mkv", 8, None),
    ("gray10le", "ffv1", "mkv", 10, None),
    ("ya8", "png", "mov", 8, None),
    ("monob", "png", "mov", 8, None),
    ("nv12", "rawvideo", "nut", 8, (48, 80)),
    ("uyvy422", "rawvideo", "nut", 8, (96, 80)),
    ("yuv420p10be", "rawvideo", "nut", 10, (48, 80)),
    ("rgb565le", "rawvideo", "nut", 8, (96, 160)),
    ("gbrpf32le", "rawvideo", "nut", 16, (96, 160)),
    ("bgr24", "rawvideo", "avi", 8, (96, 160)),
    ("bgr0", "ffv1", "mkv", 8, (96, 160)),
    ("gbrp10le", "ffv1", "mkv", 10, (96, 160)),
    ("rgb48be", "png", "mov", 16, (96, 160)),
    ("rgba64be", "png", "mov", 16, (96, 160)),
]


@pytest.mark.parametrize(
    ("form", "codec", "suffix", "depth", "chroma"), FORMATS, ids=[f[0] + "-" + f[1] for f in FORMATS]
)
def test_every_pixel_format_becomes_planar_of_its_own_depth(
    form: str, codec: str, suffix: str, depth: int, chroma: tuple[int, int] | None, tmp_path: Path
) -> None:
    path = write_clip(tmp_path / f"clip.{suffix}", codec=codec, pixel_format=form, pictures=2, gop=1)
    with Decoder(path, probe(path), packets=False) as decoder:
        picture = next(item for item in decoder if isinstance(item, Picture))
    assert picture.bit_depth == depth
    assert picture.y.shape == (96, 160)
    assert picture.y.dtype == (np.uint8 if depth == 8 else np.uint16)
    assert int(picture.y.max()) < 1 << depth
    assert (None if picture.u is None else picture.u.shape) == chroma
    # The picture itself, whatever the way: luma follows the RGB it was made of.
    rgb = picture_rgb(0, 160, 96).astype(np.float64)
    luma = rgb @ (0.2126, 0.7152, 0.0722)
    assert np.corrcoef(luma.ravel(), picture.y.astype(np.float64).ravel())[0, 1] > (0.3 if form == "monob" else 0.97)


def test_rgb_becomes_full_range_bt709(tmp_path: Path) -> None:
    path = tmp_path / "red.mkv"
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "bgr0"
        for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (255, 255, 255), (0, 0, 0)]):
            image = np.empty((32, 64, 3), np.uint8)
            image[:] = colour
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="bgr0")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    facts = probe(path)
    assert facts.video is not None
    assert facts.video.full_range
    assert facts.video.is_rgb
    with Decoder(path, facts, packets=False) as decoder:
        pictures = [item for item in decoder if isinstance(item, Picture)]
    found = [tuple(int(plane[16, 32]) for plane in (p.y, p.u, p.v) if plane is not None) for p in pictures]
    # ITU-R BT.709: Y = 0.2126 R + 0.7152 G + 0.0722 B; full range, chroma around 128.
    expected = [(54, 99, 255), (182, 30, 12), (255, 128, 128), (0, 128, 128)]
    assert np.abs(np.array(found) - expected).max() <= 1


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize(("codec", "options", "suffix"), [
    ("mpeg2video", {"flags": "+ilme+ildct"}, "ts"), ("libx264", {"x264-params": "tff=1"}, "mp4"),
])  # fmt: skip
def test_field_order_is_told_for_each_picture(
    order: str, codec: str, options: dict[str, str], suffix: str, tmp_path: Path
) -> None:
    path = write_clip(tmp_path / f"clip.{suffix}", codec=codec, options=options, fields=order, pictures=8)
    with Decoder(path, probe(path), packets=False) as decoder:
        flags = {(p.interlaced, p.top_field_first) for p in decoder if isinstance(p, Picture)}
    assert flags == {(True, order == "tff")}


@pytest.mark.parametrize(("codec", "suffix", "tolerance"), [
    ("pcm_s16le", "wav", 2e-5), ("pcm_s24le", "wav", 2e-7), ("pcm_u8", "wav", 5e-3), ("pcm_f32le", "wav", 0.0),
    ("pcm_s32le", "mov", 1e-7), ("flac", "flac", 2e-5), ("pcm_f64le", "wav", 1e-7),
])  # fmt: skip
def test_sound_comes_as_float_planes_at_full_scale_one(
    codec: str, suffix: str, tolerance: float, tmp_path: Path
) -> None:
    path = write_clip(tmp_path / f"clip.{suffix}", pictures=0, sounds=[(codec, 48000, "stereo")])
    facts = probe(path)
    with Decoder(path, facts, sounds=(0,)) as decoder:
        blocks = [item for item in decoder if isinstance(item, SoundBlock)]
    sound = np.concatenate([b.samples for b in blocks], axis=1)
    assert sound.dtype == np.float32
    assert [b.start_sample for b in blocks] == np.cumsum([0, *(b.samples.shape[1] for b in blocks[:-1])]).tolist()
    assert all(b.samples.flags.c_contiguous and not b.samples.flags.writeable for b in blocks)
    wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    assert sound.shape == (2, 48000)
    assert np.abs(sound[0] - wave.astype(np.float32)).max() <= tolerance
    assert np.abs(sound[1] - (0.9 * wave).astype(np.float32)).max() <= tolerance


def test_a_change_of_size_in_mid_stream_is_a_fault_and_does_not_stop(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "a.ts", pictures=12, options={"bf": "0"})
    large = write_clip(tmp_path / "b.ts", pictures=12, size=(192, 128), options={"bf": "0"})
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    facts = probe(path)
    with Decoder(path, facts, packets=False) as decoder:
        pictures = [item for item in decoder if isinstance(item, Picture)]
    assert len(pictures) == 24
    assert {p.y.shape for p in pictures} == {(96, 160)}
    assert sum("change" in fault.text for fault in decoder.faults) == 1
    ticks = [p.pts for p in pictures]
    assert all(b > a for a, b in itertools.pairwise(ticks)), "times that start anew are moved on"


def test_a_truncated_file_gives_what_it_has_and_a_fault(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", pictures=50, container_options={"movflags": "faststart"})
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    facts = probe(path)
    assert "facts.truncated" in facts.missing
    with Decoder(path, facts, packets=False) as decoder:
        pictures = [item for item in decoder if isinstance(item, Picture)]
    assert 5 < len(pictures) < 50
    assert decoder.faults


@pytest.mark.parametrize("threads", [1, 2, 6])
def test_damage_near_the_end_costs_no_other_picture(threads: int, tmp_path: Path) -> None:
    """Frame threads must not swallow the pictures that come after a broken one while the decoder is emptied."""
    path = write_clip(tmp_path / "clip.mkv", codec="ffv1", pictures=20, gop=1)
    data = bytearray(path.read_bytes())
    facts = probe(path)
    with av.open(str(path)) as container:
        positions = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    position, size = positions[-3]
    start = data.index(bytes(data[position + 40 : position + 60]), position)
    data[start : start + size // 2] = bytes(size // 2)
    path.write_bytes(bytes(data))
    got = [tick for tick, *_ in pictures_of(path, facts, threads=threads)]
    assert {0, 17 * 40 + 40, 17 * 40 + 80} <= set(got)
    assert got == sorted(set(got))


def test_faults_are_counted_at_the_picture_after(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.ts", pictures=40, options={"bf": "0", "slices": "4"}, gop=10)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 40 * 188] = bytes(np.random.default_rng(1).integers(0, 255, 40 * 188, np.uint8))
    path.write_bytes(bytes(data))
    with Decoder(path, probe(path), packets=False) as decoder:
        pictures = [item for item in decoder if isinstance(item, Picture)]
    assert decoder.faults
    assert 0 < sum(p.faults for p in pictures) <= len(decoder.faults)
    assert len(pictures) > 20


def test_a_demuxer_that_goes_in_circles_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=0, sounds=[("aac", 48000, "stereo")])
    facts = probe(path)
    monkeypatch.setattr(decode, "IDLE_PACKETS", 5)
    with Decoder(path, facts) as decoder:

        class Circling:
            def demux(self) -> Any:
                packet = next(p for p in decoder._container.demux() if p.size)
                while True:
                    yield packet

        with pytest.raises(MediaUnreadable, match="circles"):
            list(decoder._packets(Circling()))  # type: ignore[arg-type]


def test_variable_rate_keeps_exact_times(tmp_path: Path) -> None:
    times = [0, 1, 2, 5, 6, 12, 13, 14]
    path = write_clip(tmp_path / "clip.mp4", pictures=8, ticks=times.__getitem__, options={"bf": "2"})
    facts = probe(path)
    assert facts.video is not None
    got = [tick * facts.video.time_base for tick, *_ in pictures_of(path, facts)]
    assert got == [Fraction(t, 25) for t in times]


def test_sound_that_changes_its_rate_goes_on_at_the_first(tmp_path: Path) -> None:
    parts = [("aac", 48000, "stereo"), ("aac", 44100, "mono"), ("aac", 32000, "stereo"), ("aac", 48000, "stereo")]
    path = tmp_path / "clip.ts"
    path.write_bytes(
        b"".join(
            write_clip(tmp_path / f"{n}.ts", pictures=0, sounds=[part]).read_bytes() for n, part in enumerate(parts)
        )
    )
    facts = probe(path)
    assert facts.audio is not None
    assert facts.audio.sample_rate_hz == 48000
    with Decoder(path, facts, sounds=(0,)) as decoder:
        blocks = [item for item in decoder if isinstance(item, SoundBlock)]
    assert sum("mid-stream" in fault.text for fault in decoder.faults) >= 3
    assert {b.samples.shape[0] for b in blocks} == {2}
    assert sum(b.samples.shape[1] for b in blocks) == pytest.approx(4 * 48000, rel=0.05)
    ends = [b.start_sample + b.samples.shape[1] for b in blocks]
    assert [b.start_sample for b in blocks[1:]] == ends[:-1]
