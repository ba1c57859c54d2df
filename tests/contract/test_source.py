"""A media behind a source is the same media: same facts, same numbers, and no way from it to anything else."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest

import sightline.media.opening
from media_clips import write_clip
from sightline.clock import Span
from sightline.engine.cache import MeasurementCache
from sightline.engine.child import measure_in_child
from sightline.engine.run import Request, measure
from sightline.errors import MediaNotFound, MediaUnreadable, PartMissing
from sightline.media.cut import cut
from sightline.media.decode import Decoder
from sightline.media.opening import opened
from sightline.media.picture import Picture
from sightline.media.probe import probe, sha256_of
from sightline.media.proxy import proxy
from sightline.media.seeking import keyframes
from sightline.media.source import Place, Source
from sightline.media.thumbnail import thumbnail
from sightline.timeline.timeline import Timeline

SOUND = [("aac", 48_000, "stereo")]
METERS = {"levels": {}, "loudness": {}, "packets": {}}


@dataclass(frozen=True)
class Bytes:
    """Bytes behind a source."""

    content: bytes
    name: str = "clip.mp4"
    sha256: str | None = None
    claimed_bytes: int | None = None
    reader: Callable[[bytes], Any] = io.BytesIO
    opened: list[BinaryIO] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        return len(self.content) if self.claimed_bytes is None else self.claimed_bytes

    def open(self) -> BinaryIO:
        reader = cast(BinaryIO, self.reader(self.content))
        self.opened.append(reader)
        return reader


class Failing(io.BytesIO):
    """Cannot be read beyond its first part."""

    readable_share = 0.6

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.tell() > self.readable_share * len(self.getbuffer()):
            raise OSError(5, "the store hung up")
        return data


class Trickling(io.BytesIO):
    """Gives less than it is asked for, as a socket does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000))


class Overflowing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) + b"more than asked for"


def source_of(path: Path, **changes: Any) -> Bytes:
    return replace(Bytes(path.read_bytes(), path.name), opened=[], **changes)


CLIPS: dict[str, dict[str, Any]] = {
    "clip.mp4": {"sounds": SOUND, "b_frames": 2},
    "faststart.mov": {"container_options": {"movflags": "faststart"}, "sounds": SOUND},
    "fragmented.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov"}, "sounds": SOUND},
    "clip.mkv": {"codec": "ffv1", "sounds": SOUND},
    "clip.ts": {"sounds": SOUND},
    "clip.avi": {"codec": "mpeg4"},
    "clip.mxf": {"codec": "mpeg2video"},
    "raw.h264": {"container": "h264"},
    "sound.wav": {"pictures": 0, "sounds": [("pcm_s16le", 48_000, "stereo")]},
}


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return {name: write_clip(folder / name, **{"pictures": 60, **about}) for name, about in CLIPS.items()}


def assert_same(one: Timeline, other: Timeline) -> None:
    assert other.media == one.media
    assert other.not_measured == one.not_measured
    assert set(other.columns) == set(one.columns)
    for name, columns in one.columns.items():
        np.testing.assert_array_equal(other.columns[name].ticks, columns.ticks, err_msg=name)
        for column, same in zip(columns.columns, other.columns[name].columns, strict=True):
            np.testing.assert_array_equal(same.values, column.values, err_msg=f"{name}.{column.name}")


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("reader", [io.BytesIO, Trickling])
def test_a_source_has_the_facts_and_numbers_of_its_file(
    name: str, reader: Callable[[bytes], Any], clips: dict[str, Path]
) -> None:
    source = source_of(clips[name], reader=reader)
    assert probe(source, hash_bytes=True) == probe(clips[name], hash_bytes=True)
    assert_same(measure(Request(clips[name], METERS, 1)), measure(Request(source, METERS, 1)))
    assert all(file.closed for file in source.opened)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts"])
def test_seeking_in_a_source_leads_where_it_does_in_its_file(name: str, clips: dict[str, Path], tmp_path: Path) -> None:
    path, source = clips[name], source_of(clips[name])
    facts = probe(path)
    video = facts.video
    assert video is not None
    assert keyframes(source, video.index) == keyframes(path, video.index)
    span = (round(1 / video.time_base), round(Fraction(3, 2) / video.time_base))
    spans = []
    for place in (path, source):
        with Decoder(place, facts, span=span) as decoder:
            spans.append([item.pts for item in decoder if isinstance(item, Picture)])
    assert spans[0] == spans[1] != []
    assert thumbnail(source, facts, Fraction(1)) == thumbnail(path, facts, Fraction(1))


def test_a_source_can_be_cut_and_copied_small(clips: dict[str, Path], tmp_path: Path) -> None:
    source = source_of(clips["clip.mp4"])
    facts = probe(source)
    assert proxy(source, facts, tmp_path / "small.mp4").path.stat().st_size > 0
    kept = cut(source, facts, Span(Fraction(0), Fraction(1)), tmp_path / "cut.mp4")
    assert probe(kept.path).video is not None


def test_a_hash_that_is_known_is_not_computed(clips: dict[str, Path], tmp_path: Path) -> None:
    known = "5" * 64
    source = source_of(clips["clip.mp4"], sha256=known)
    assert sha256_of(source) == known
    assert source.opened == []
    cache = MeasurementCache(tmp_path)
    timeline = measure(Request(source, METERS, 1), cache=cache)
    assert timeline.media.sha256 == known
    assert measure(Request(source, METERS, 1), cache=cache).provenance.decodes == 0


@pytest.mark.parametrize("share", [0.0, 0.6, 0.9])
@pytest.mark.parametrize("name", CLIPS)
def test_a_source_that_breaks_off_is_told_by_name(
    name: str, share: float, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Failing, "readable_share", share)
    source = source_of(clips[name], sha256="5" * 64, reader=Failing)
    with pytest.raises(MediaUnreadable, match=rf"{name}.*the store hung up"):
        measure(Request(source, METERS, 1))
    assert all(file.closed for file in source.opened)
    assert capfd.readouterr().err == ""


def test_a_source_that_breaks_off_while_decoding_ends_the_decoder(clips: dict[str, Path]) -> None:
    facts = probe(clips["clip.mkv"])
    with (
        pytest.raises(MediaUnreadable, match="the store hung up"),
        Decoder(source_of(clips["clip.mkv"], reader=Failing), facts) as decoder,
    ):
        list(decoder)


@pytest.mark.parametrize("name", ["clip.mp4", "faststart.mov", "clip.mkv", "clip.ts", "clip.avi"])
@pytest.mark.parametrize("claims", [False, True])
def test_a_source_that_is_short_is_a_truncated_file(
    name: str, claims: bool, clips: dict[str, Path], tmp_path: Path
) -> None:
    content = clips[name].read_bytes()
    short = tmp_path / name
    short.write_bytes(content[: len(content) * 2 // 3])
    source = source_of(short, claimed_bytes=len(content) if claims else None)
    as_file, as_source = outcome(short), outcome(source)
    if isinstance(as_file, Timeline) and isinstance(as_source, Timeline):
        media = replace(as_source.media, size_bytes=short.stat().st_size)
        assert_same(as_file, replace(as_source, media=media))
    else:
        assert as_source == as_file


def outcome(place: Place) -> Timeline | str:
    """What was measured, or the key of the error."""
    try:
        return measure(Request(place, METERS, 1))
    except MediaUnreadable as error:
        return error.message.key


def test_a_source_without_bytes_or_gone_is_told_as_a_file_is() -> None:
    with pytest.raises(MediaUnreadable, match="0 bytes"):
        probe(Bytes(b""))

    def gone(content: bytes) -> BinaryIO:
        raise FileNotFoundError(2, "no such key")

    with pytest.raises(MediaNotFound, match=r"clip\.mp4"):
        probe(Bytes(b"something", reader=gone))


def test_a_reader_that_gives_more_than_asked_for_is_not_believed(clips: dict[str, Path]) -> None:
    with pytest.raises((ValueError, MediaUnreadable), match="bytes for"):
        probe(source_of(clips["clip.mp4"], reader=Overflowing))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "sound.wav"])
def test_a_child_process_is_lent_the_source(name: str, clips: dict[str, Path], tmp_path: Path) -> None:
    request = Request(source_of(clips[name]), METERS, 1)
    assert_same(measure(request), measure_in_child(request, cache=MeasurementCache(tmp_path)))


def test_a_source_lent_to_a_child_that_breaks_off_is_told_by_name(clips: dict[str, Path]) -> None:
    source = source_of(clips["clip.mkv"], sha256="5" * 64, reader=Failing)
    with pytest.raises(MediaUnreadable, match=r"clip\.mkv.*the store hung up"):
        measure_in_child(Request(source, METERS, 1))
    deadline = time.monotonic() + 5
    while not all(file.closed for file in source.opened):
        assert time.monotonic() < deadline, "a reader was left open"
        time.sleep(0.01)


def test_what_only_the_parent_understands_is_raised_there(clips: dict[str, Path]) -> None:
    def gone(content: bytes) -> BinaryIO:
        raise PartMissing("errors.media_not_found", path="the store")

    with pytest.raises(PartMissing):
        measure_in_child(Request(source_of(clips["clip.mkv"], reader=gone), METERS, 1))

    def no_key(content: bytes) -> BinaryIO:
        raise FileNotFoundError(2, "no such key")

    with pytest.raises(MediaNotFound, match=r"clip\.mkv"):
        measure_in_child(Request(source_of(clips["clip.mkv"], reader=no_key), METERS, 1))


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{url}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
    'mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("listed", [False, True])
def test_a_playlist_in_a_source_opens_nothing(
    kind: str, listed: bool, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a demuxer that follows addresses were on our list by mistake."""
    if listed:
        more = (*sightline.media.opening.DEMUXERS, "hls", "concat", "dash", "sdp")
        monkeypatch.setattr(sightline.media.opening, "DEMUXERS", more)
    with socket.create_server(("127.0.0.1", 0)) as server:
        called: list[object] = []
        port = server.getsockname()[1]
        server.settimeout(0.3)

        def listen() -> None:
            try:
                called.append(server.accept())
            except TimeoutError:
                return

        listening = threading.Thread(target=listen)
        listening.start()
        for url in (f"http://127.0.0.1:{port}/x.ts", f"tcp://127.0.0.1:{port}", clips["clip.ts"].as_uri(), "clip.ts"):
            body = PLAYLISTS[kind].format(url=url, port=port).encode()
            with pytest.raises(MediaUnreadable), opened(cast(Source, Bytes(body, "list.m3u8"))):
                pass
        listening.join()
    assert called == []


def test_that_test_would_notice(clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clips["clip.ts"].parent)
    monkeypatch.setattr(sightline.media.opening, "DEMUXERS", (*sightline.media.opening.DEMUXERS, "concat"))
    source = Bytes(PLAYLISTS["concat"].format(url="clip.ts").encode(), "list.txt")
    with pytest.raises(MediaUnreadable), opened(source):
        pass
    monkeypatch.setattr(sightline.media.opening, "_NO_PROTOCOL", "file")
    with opened(source) as container:
        assert container.streams
