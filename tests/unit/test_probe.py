from __future__ import annotations

import os
import socket
import struct
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media_clips import picture_rgb, pictures_of, write_clip
from sightline.errors import MediaEmpty, MediaNotFound, MediaUnreadable
from sightline.facts import Chroma, FieldOrder
from sightline.media.probe import probe


def test_the_facts_of_an_ordinary_file(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", sounds=[("aac", 48000, "stereo")])
    facts = probe(path, hash_bytes=True)
    video, audio = facts.video, facts.audio
    assert video is not None
    assert audio is not None
    assert facts.sha256 == sha256(path.read_bytes()).hexdigest()
    assert (facts.name, facts.size_bytes) == ("clip.mp4", path.stat().st_size)
    assert (video.codec, video.width, video.height, video.pixel_format) == ("h264", 160, 96, "yuv420p")
    assert (video.bit_depth, video.chroma, video.full_range) == (8, Chroma.C420, False)
    assert video.rate == 25
    assert video.frame_count == 30
    assert video.duration == Fraction(30, 25)
    assert video.field_order is FieldOrder.PROGRESSIVE
    assert (audio.codec, audio.sample_rate_hz, audio.channel_names) == ("aac", 48000, ("FL", "FR"))
    assert audio.bit_depth is None
    assert facts.missing == ()
    assert facts.has_edit_list is False


def test_faststart_is_told_from_the_order_of_the_boxes(tmp_path: Path) -> None:
    late = write_clip(tmp_path / "late.mp4")
    early = write_clip(tmp_path / "early.mp4", container_options={"movflags": "faststart"})
    assert probe(late).is_faststart is False
    assert probe(early).is_faststart is True
    assert probe(write_clip(tmp_path / "clip.mkv")).is_faststart is None


@pytest.mark.parametrize(("degrees", "clockwise"), [(0, 0), (90, 270), (-90, 90), (180, 180)])
def test_rotation_is_clockwise(degrees: int, clockwise: int, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", setup=lambda stream: stream.set_display_rotation(degrees))
    video = probe(path).video
    assert video is not None
    assert video.rotation_deg == clockwise
    assert video.display_aspect == (Fraction(160, 96) if clockwise % 180 == 0 else Fraction(96, 160))


def test_a_timecode_track_is_read(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mov", rate=Fraction(30000, 1001), metadata={"timecode": "01:00:00;00"})
    facts = probe(path)
    assert facts.start_timecode == "01:00:00;00"
    assert facts.video is not None
    assert facts.video.start_timecode == "01:00:00;00"


def test_colour_tags_depth_and_range(tmp_path: Path) -> None:
    def tagged(stream: Any) -> None:
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1

    path = write_clip(
        tmp_path / "clip.mp4", codec="libx265", pixel_format="yuv420p10le", setup=tagged,
        options={"preset": "ultrafast", "x265-params":
                 "log-level=none:hdr10=1:max-cll=1000,400:"
                 "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"},
    )  # fmt: skip
    video = probe(path).video
    assert video is not None
    assert (video.color_primaries, video.color_transfer, video.color_matrix) == ("bt2020", "smpte2084", "bt2020nc")
    assert (video.color_range, video.full_range, video.bit_depth) == ("tv", False, 10)
    assert video.hdr is not None
    assert (video.hdr.max_cll, video.hdr.max_fall) == (1000, 400)
    assert video.hdr.max_luminance == 1000
    assert video.hdr.min_luminance == pytest.approx(0.005)
    assert video.hdr.primaries[0] == pytest.approx((0.68, 0.32))
    assert video.hdr.primaries[3] == pytest.approx((0.3127, 0.329))


def test_several_sound_streams_with_their_layouts(tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "clip.mov",
        sounds=[("pcm_s24le", 48000, "stereo"), ("pcm_s16le", 48000, "5.1"), ("aac", 44100, "mono")],
    )
    audios = probe(path).audios
    assert [(a.codec, a.channels, a.bit_depth) for a in audios] == [
        ("pcm_s24le", 2, 24), ("pcm_s16le", 6, 16), ("aac", 1, None),
    ]  # fmt: skip
    assert "LFE" in audios[1].channel_names


@pytest.mark.parametrize("order", ["tff", "bff"])
def test_interlaced_order(order: str, tmp_path: Path) -> None:
    path = write_clip(
        tmp_path / "clip.ts", codec="mpeg2video", options={"flags": "+ilme+ildct"}, fields=order, pictures=10
    )
    video = probe(path).video
    assert video is not None
    assert video.field_order is FieldOrder(order)


def test_sound_alone_says_that_pictures_are_missing(tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / "clip.flac", pictures=0, sounds=[("flac", 44100, "stereo")]))
    assert facts.video is None
    assert facts.missing == ("facts.no_pictures",)
    assert facts.audio is not None
    assert facts.audio.bit_depth == 16


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as output:
        sound: Any = output.add_stream("aac", rate=48000, layout="stereo")
        cover: Any = output.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(picture_rgb(0, 64, 64), "rgb24").reformat(format="yuvj420p")
        for packet in [*cover.encode(frame), *cover.encode(None)]:
            output.mux(packet)
        block = av.AudioFrame.from_ndarray(np.zeros((2, 4096), np.float32), "fltp", "stereo")
        block.sample_rate = 48000
        output.mux([*sound.encode(block), *sound.encode(None)])
    facts = probe(path)
    assert facts.video is None
    assert facts.videos[0].is_attached_picture
    assert "facts.no_pictures" in facts.missing


@pytest.mark.parametrize(("suffix", "codec", "form"), [("png", "png", "rgb24"), ("jpg", "mjpeg", "yuvj420p")])
def test_a_still_image_is_a_video_of_one_picture(suffix: str, codec: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 64, 48, form, Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(picture_rgb(0, 64, 48), "rgb24").reformat(format=form)
    path.write_bytes(b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)]))
    facts = probe(path)
    assert facts.video is not None
    assert facts.video.is_still
    assert facts.video.full_range
    assert len(pictures_of(path, facts)) == 1


def test_a_gif_keeps_its_own_times(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.gif", codec="gif", pixel_format="rgb8", pictures=5, rate=Fraction(10))
    facts = probe(path)
    assert facts.video is not None
    assert [tick * facts.video.time_base for tick, *_ in pictures_of(path, facts)] == [
        Fraction(n, 10) for n in range(5)
    ]


def test_holes_of_a_sparse_file_are_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.ts")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + (1 << 20))
    holes = probe(path).sparse_holes
    if not holes:
        pytest.skip("this file system does not tell of holes")
    assert holes[-1][1] == size + (1 << 20)
    assert size <= holes[-1][0] < size + (1 << 17)


def test_an_empty_edit_counts_as_an_edit_list(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", ticks=lambda n: n + 50, options={"bf": "0"})
    assert probe(path).has_edit_list is True


# What is refused, and how it is said.


def test_what_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="no file"):
        probe(tmp_path / "nothing.mp4")
    with pytest.raises(MediaNotFound):
        probe(write_clip(tmp_path / "clip.mp4") / "below")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "0 bytes"), (b"\0" * 5000, "cannot be read"), (b"plain text\n" * 100, "cannot be read")],
)
def test_what_is_no_media_is_unreadable_and_says_why(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "file.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=words):
        probe(path)


def test_folders_pipes_devices_and_sockets_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listener:
        address = Path("/tmp") / f"sightline-test-{os.getpid()}.sock"
        listener.bind(str(address))
        try:
            for path in (tmp_path, pipe, Path("/dev/zero"), Path("/dev/null"), address):
                with pytest.raises(MediaUnreadable):
                    probe(path)
        finally:
            address.unlink()


def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(MediaUnreadable, match="permissions"):
        probe(path)


def test_addresses_are_refused() -> None:
    for address in (
        "http://127.0.0.1:1/a.mp4",
        "https://example.org/a.mp4",
        "rtsp://127.0.0.1/a",
        "file:///etc/passwd",
    ):
        with pytest.raises(MediaUnreadable, match="address"):
            probe(address)


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp4",
        "new\nline.mp4",
        "frame%03d.mp4",
        "concat:a|b.mp4",
        "한글 파일 이름.mp4",
        "a b'\"$(x).mp4",
        "fd:.mp4",
        "pipe:0",
    ],
)
def test_hostile_names_mean_nothing(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", pictures=3).rename(tmp_path / name)
    facts = probe(path)
    assert facts.name == name
    assert len(pictures_of(path, facts)) == 3


def test_a_name_with_a_pattern_is_one_image(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mov", codec="png", pixel_format="rgb24", pictures=1)
    with av.open(str(path)) as container:
        image = bytes(next(p for p in container.demux(video=0) if p.size))
    target = tmp_path / "frame%03d.png"
    target.write_bytes(image)
    (tmp_path / "frame001.png").write_bytes(image)
    (tmp_path / "frame002.png").write_bytes(image)
    assert len(pictures_of(target, probe(target))) == 1


def test_playlists_cannot_lead_to_other_files(tmp_path: Path) -> None:
    secret = write_clip(tmp_path / "secret.ts")
    lists = {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{secret.name}'\n",
        "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period/></MPD>',
        "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    }
    for name, content in lists.items():
        path = tmp_path / name
        path.write_text(content)
        with pytest.raises(MediaUnreadable):
            probe(path)


def test_a_container_without_pictures_and_sound_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    # ftyp and a moov with nothing but a movie header.
    header = struct.pack(">4sI4s", b"isom", 0x200, b"isom")
    movie = (
        struct.pack(">IIIII", 0, 0, 0, 1000, 0) + struct.pack(">IH", 0x10000, 0x100) + bytes(10 + 36 + 24) + b"\0\0\0\1"
    )
    box = struct.pack(">I4s", len(movie) + 8, b"mvhd") + movie
    path.write_bytes(
        struct.pack(">I4s", len(header) + 8, b"ftyp") + header + struct.pack(">I4s", len(box) + 8, b"moov") + box
    )
    with pytest.raises((MediaEmpty, MediaUnreadable)):
        probe(path)
