"""A file that has arrived becomes a video, or nothing is kept of it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.intake import ME, MINE, STRANGER, THEIRS, VIEWER, Site, clip, sha256, site
from tests.media_clips import write_clip

from sightline.errors import (
    LimitExceeded,
    MeasuringFailed,
    MediaEmpty,
    MediaUnreadable,
    NotAllowed,
    NotFound,
    OutputUnwritable,
    RequestInvalid,
    Unavailable,
)
from sightline.library.actor import SYSTEM
from sightline.library.database import Database
from sightline.library.running_tables import ChangeRow
from sightline.library.tables import TagRow
from sightline.service.intake import examine as examining
from sightline.service.intake.names import file_name, url_name
from sightline.timeline.media_json import media_from_json


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Site:
    return site(sqlite_database, tmp_path)


@pytest.fixture
def file(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path / "arrived"
    shutil.copy(clip(tmp_path_factory.getbasetemp()), path)
    return path


def test_a_file_becomes_a_video(database: Database, tmp_path: Path, file: Path) -> None:
    here = site(database, tmp_path)
    taken = here.take_in.take(ME, MINE, file, "가족 여행.MP4", "upload", (" b ", "a", "b"))
    assert not taken.was_there
    (video,) = here.videos()
    content = file.read_bytes()
    assert (video.id, video.workspace_id, video.created_by) == (taken.video_id, MINE, ME.user_id)
    assert (video.sha256, video.size_bytes, video.name) == (sha256(content), len(content), "가족 여행.MP4")
    assert (video.width, video.height, video.rate, video.codec) == (160, 96, 25.0, "h264")
    assert (video.media_type, video.source) == ("video/mp4", "upload")
    assert video.duration_s == pytest.approx(0.4, abs=0.1)
    assert video.search_text == "가족 여행.mp4 a b"
    facts = media_from_json(video.facts)
    assert (facts.name, facts.sha256) == ("가족 여행.MP4", video.sha256)
    with here.database.read(SYSTEM) as session:
        assert session.scalars(select(TagRow.tag).order_by(TagRow.tag)).all() == ["a", "b"]
        change = session.scalars(select(ChangeRow)).one()
        assert (change.kind, change.subject, change.subject_id) == ("created", "video", video.id)
    assert here.audited() == ["video.created"]
    assert b"".join(here.blobs.read(video.sha256)) == content


def test_the_same_bytes_are_one_video_in_a_workspace_and_one_file_in_all(here: Site, file: Path) -> None:
    first = here.take_in.take(ME, MINE, file, "a.mp4", "upload")
    again = here.take_in.take(ME, MINE, file, "b.mp4", "url")
    other = here.take_in.take(STRANGER, THEIRS, file, "c.mp4", "upload")
    assert again == (first.video_id, True)
    assert not other.was_there
    assert len(here.videos()) == 2
    assert len(here.stored()) == 1


def test_the_same_bytes_at_the_same_time_are_one_video(database: Database, tmp_path: Path, file: Path) -> None:
    here = site(database, tmp_path)
    taken, start = [], threading.Barrier(3)

    def take() -> None:
        start.wait()
        taken.append(here.take_in.take(ME, MINE, file, "a.mp4", "upload"))

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.video_id for each in taken}) == 1
    assert sorted(each.was_there for each in taken) == [False, True, True]
    assert len(here.videos()) == len(here.stored()) == 1


@pytest.mark.parametrize(
    ("codec", "container", "pictures", "sounds", "expected"),
    [
        ("libx264", "mp4", 5, (), "video/mp4"),
        ("libx264", "mov", 5, (), "video/quicktime"),
        ("libx264", "matroska", 5, (), "video/x-matroska"),
        ("libx264", "mpegts", 5, (), "video/mp2t"),
        ("mpeg2video", "mxf", 5, (), "application/mxf"),
        ("libvpx-vp9", "webm", 5, (), "video/webm"),
        ("", "wav", 0, (("pcm_s16le", 48000, "stereo"),), "audio/wav"),
        ("", "mp4", 0, (("aac", 48000, "stereo"),), "audio/mp4"),
    ],
)
def test_the_type_is_what_is_inside_whatever_the_name_says(
    here: Site, tmp_path: Path, codec: str, container: str, pictures: int, sounds: tuple[object, ...], expected: str
) -> None:
    path = write_clip(tmp_path / "x", codec=codec, container=container, pictures=pictures, sounds=sounds)  # type: ignore[arg-type]
    here.take_in.take(ME, MINE, path, "page.html", "upload")
    assert [video.media_type for video in here.videos()] == [expected]


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"<html><script>alert(1)</script>", MediaUnreadable), (b"#EXTM3U\n/etc/passwd\n", MediaUnreadable)],
)
def test_what_is_no_media_is_refused_whatever_its_name(
    here: Site, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "arrived"
    path.write_bytes(content)
    with pytest.raises(error) as told:
        here.take_in.take(ME, MINE, path, "film.mp4", "upload")
    assert "film.mp4" in str(told.value)
    assert str(tmp_path) not in str(told.value)
    assert here.videos() == []
    assert here.stored() == here.blob_rows() == []


def test_a_crash_while_looking_into_it_is_an_error(here: Site, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining.sys, "executable", "/bin/false")
    with pytest.raises(MeasuringFailed):
        here.take_in.take(ME, MINE, file, "film.mp4", "upload")
    assert here.stored() == []


@pytest.mark.parametrize(
    ("setting", "value"), [("max_upload_gb", 1e-7), ("max_duration_s", 0.1)], ids=["size", "duration"]
)
def test_limits_are_kept(sqlite_database: Database, tmp_path: Path, file: Path, setting: str, value: float) -> None:
    here = site(sqlite_database, tmp_path, **{setting: value})
    with pytest.raises(LimitExceeded):
        here.take_in.take(ME, MINE, file, "film.mp4", "upload")
    assert here.stored() == here.blob_rows() == []


def test_a_full_workspace_takes_no_more(sqlite_database: Database, tmp_path: Path, file: Path) -> None:
    here = site(sqlite_database, tmp_path, max_videos=1)
    here.take_in.take(ME, MINE, file, "film.mp4", "upload")
    with pytest.raises(LimitExceeded):
        here.take_in.take(ME, MINE, write_clip(tmp_path / "y.mp4", pictures=3), "film.mp4", "upload")


def test_only_who_may_brings_videos_in(here: Site, file: Path) -> None:
    with pytest.raises(NotAllowed):
        here.take_in.take(VIEWER, MINE, file, "film.mp4", "upload")
    with pytest.raises(NotFound):
        here.take_in.take(STRANGER, MINE, file, "film.mp4", "upload")
    with pytest.raises(RequestInvalid):
        here.take_in.take(ME, MINE, file, "film.mp4", "upload", ("x" * 101,))
    assert here.stored() == []


@pytest.mark.parametrize("error", [Unavailable, OutputUnwritable])
def test_a_store_that_fails_leaves_nothing(
    here: Site, file: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error("store.full", where="x", why="y")

    monkeypatch.setattr(here.blobs, "put_file", fail)
    with pytest.raises(error):
        here.take_in.take(ME, MINE, file, "film.mp4", "upload")
    assert here.videos() == []
    assert here.stored() == here.blob_rows() == []
    assert here.audited() == []


def test_a_row_that_cannot_be_written_leaves_no_file(here: Site, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("sightline.service.intake.take_in.audit.record", fail)
    with pytest.raises(RuntimeError):
        here.take_in.take(ME, MINE, file, "film.mp4", "upload")
    assert here.videos() == []
    assert here.stored() == here.blob_rows() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("film.mp4", "film.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\film.mp4", "film.mp4"),
        ("a\x00b\n\u202ec.mp4", "abc.mp4"),
        ("한글.mp4", "한글.mp4"),
        ("..", "video"),
        ("", "video"),
        ("/", "video"),
        ("\udcff.mp4", ".mp4"),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_names_are_text_and_never_paths(text: str, expected: str) -> None:
    assert file_name(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a/far%20away.mp4?X-Signature=secret#t=1", "far away.mp4"),
        ("https://example.org/%ED%95%9C%EA%B5%AD.mp4", "한국.mp4"),
        ("https://example.org/?id=secret", "example.org"),
        ("s3://bucket/inbox/talk.mp4", "talk.mp4"),
    ],
)
def test_an_address_is_named_by_its_file_and_nothing_secret(url: str, expected: str) -> None:
    assert url_name(url) == expected


def test_an_empty_media_is_refused(here: Site, tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(b"")
    with pytest.raises((MediaUnreadable, MediaEmpty)):
        here.take_in.take(ME, MINE, path, "film.mp4", "upload")
