"""A watched folder: finished files come in once, broken ones are told once, nothing in it is changed."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.intake import MINE, THEIRS, Site, clip, site

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.database import Database
from sightline.library.running_tables import AuditRow
from sightline.service.intake.watch import Watch


class Watched:
    def __init__(self, here: Site) -> None:
        self.here, self.leads, self.told = here, True, []
        assert here.settings.watch_dir is not None
        self.folder = here.settings.watch_dir
        self.clock = 0.0
        self.watch = self.started_again()

    def started_again(self) -> Watch:
        self.watch = Watch(
            self.here.database, self.here.settings, self.here.take_in, lambda: self.leads,
            lambda video_id, was_there: self.told.append((video_id, was_there)), every_s=0.02, still_s=10,
        )  # fmt: skip
        return self.watch

    def look(self, later_s: float = 11) -> int:
        self.clock += later_s
        return self.watch.look(self.clock)


@pytest.fixture
def watched(sqlite_database: Database, tmp_path: Path) -> Watched:
    (tmp_path / "in").mkdir()
    return Watched(site(sqlite_database, tmp_path, watch_dir=tmp_path / "in", watch_workspace="mine"))


@pytest.fixture
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.getbasetemp())


def test_a_finished_file_comes_in_once(watched: Watched, film: Path) -> None:
    path = watched.folder / "day 1" / "film.mp4"
    path.parent.mkdir()
    shutil.copy(film, path)
    before = path.stat()
    assert [watched.look(), watched.look(), watched.look()] == [0, 1, 0]
    (video,) = watched.here.videos()
    assert (video.name, video.source, video.workspace_id) == ("film.mp4", "watch", MINE)
    assert watched.told == [(video.id, False)]
    assert path.stat() == before
    assert not list((watched.here.settings.work / "watch").iterdir())
    stored = watched.here.blobs.local_path(video.sha256)
    assert stored is not None
    assert not stored.samefile(path)


def test_a_file_that_still_grows_is_waited_for(watched: Watched, film: Path) -> None:
    path, content = watched.folder / "film.mp4", film.read_bytes()
    for end in (1000, 2000, len(content)):
        path.write_bytes(content[:end])
        assert watched.look() == 0
    assert watched.look(5) == 0
    assert watched.look(6) == 1


def test_a_restart_does_not_take_it_again(watched: Watched, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(film, watched.folder / "film.mp4")
    watched.look(), watched.look()
    watched.started_again()
    assert [watched.look(), watched.look()] == [0, 0]
    assert len(watched.told) == 1


def test_without_its_memory_the_same_bytes_are_the_same_video(watched: Watched, film: Path) -> None:
    shutil.copy(film, watched.folder / "film.mp4")
    watched.look(), watched.look()
    (watched.here.settings.data_dir / "watched.json").write_text("{half")
    watched.started_again()
    watched.look(), watched.look()
    assert [was_there for _, was_there in watched.told] == [False, True]
    assert len(watched.here.videos()) == 1


def test_a_changed_file_comes_in_again(watched: Watched, film: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = watched.folder / "film.mp4"
    shutil.copy(film, path)
    watched.look(), watched.look()
    shutil.copy(clip(tmp_path_factory.getbasetemp(), pictures=14), path)
    assert [watched.look(), watched.look()] == [0, 1]
    assert len(watched.here.videos()) == 2


def test_hidden_unfinished_and_outer_files_are_left_alone(watched: Watched, film: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(film, outside / "secret.mp4")
    for name in (".film.mp4", "film.mp4.part", "film.mp4.crdownload", "film.TMP", "~film.mp4", ".hidden/film.mp4"):
        (watched.folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(film, watched.folder / name)
    (watched.folder / "empty.mp4").touch()
    (watched.folder / "secret.mp4").symlink_to(outside / "secret.mp4")
    (watched.folder / "outside").symlink_to(outside)
    (watched.folder / "nowhere.mp4").symlink_to(outside / "nothing")
    os.mkfifo(watched.folder / "pipe.mp4")
    assert [watched.look(), watched.look()] == [0, 0]
    assert watched.here.videos() == []


def test_a_broken_file_is_told_once(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    (watched.folder / "film.mp4").write_text("no film")
    for _ in range(4):
        watched.look()
    watched.started_again()
    watched.look(), watched.look()
    told = [record for record in caplog.records if "film.mp4" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.WARNING]
    with watched.here.database.read(SYSTEM) as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "watch.refused"))
    assert row.subject == "file:film.mp4"
    assert watched.told == []


def test_what_is_not_the_files_fault_is_tried_again(
    watched: Watched, film: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("store.unreachable", where="x", why="y")

    shutil.copy(film, watched.folder / "film.mp4")
    with monkeypatch.context() as patched:
        patched.setattr(watched.here.blobs, "put_file", fail)
        assert [watched.look() for _ in range(4)] == [0] * 4
    assert len([record for record in caplog.records if "wait" in record.getMessage()]) == 1
    assert watched.look() == 1


def test_only_the_leading_process_looks(watched: Watched, film: Path) -> None:
    shutil.copy(film, watched.folder / "film.mp4")
    watched.leads = False
    assert [watched.look() for _ in range(3)] == [0] * 3
    watched.leads = True
    assert [watched.look(), watched.look()] == [0, 1]


def test_files_go_to_the_oldest_workspace_unless_one_is_named(
    sqlite_database: Database, tmp_path: Path, film: Path
) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(film, tmp_path / "in" / "film.mp4")
    for named, expected in (("", {MINE, THEIRS}), (THEIRS, {THEIRS}), ("nobody's", set())):
        here = site(sqlite_database, tmp_path / (named or "none"), watch_dir=tmp_path / "in", watch_workspace=named)
        watched = Watched(here)
        before = {video.id for video in here.videos()}
        watched.look(), watched.look()
        assert {video.workspace_id for video in here.videos() if video.id not in before} <= expected


def test_the_thread_takes_in_and_ends(watched: Watched, film: Path) -> None:
    shutil.copy(film, watched.folder / "film.mp4")
    watch = Watch(
        watched.here.database, watched.here.settings, watched.here.take_in, lambda: True,
        lambda video_id, was_there: watched.told.append((video_id, was_there)), every_s=0.02, still_s=0.05,
    )  # fmt: skip
    watch.begin()
    deadline = time.monotonic() + 20
    while not watched.told and time.monotonic() < deadline:
        time.sleep(0.02)
    watch.end()
    assert len(watched.told) == 1


def test_where_nothing_is_watched_nothing_begins(sqlite_database: Database, tmp_path: Path) -> None:
    here = site(sqlite_database, tmp_path)
    watch = Watch(here.database, here.settings, here.take_in, lambda: True, lambda *_: None)
    watch.begin()
    assert watch.look(0) == 0
    watch.end()
