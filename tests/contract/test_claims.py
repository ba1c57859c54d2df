"""A file is never removed while somebody relies on it, whoever dies when."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.claims import adopt, bring, claim, release_unused
from sightline.library.columns import new_id, now
from sightline.library.database import Database
from sightline.library.lock import Lock
from sightline.library.tables import BlobRow, VideoRow, WorkspaceRow

CONTENT = b"a video" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WORKSPACE = "a" * 32


@pytest.fixture
def library(database: Database) -> Database:
    with database.write(SYSTEM) as session:
        session.add_all(WorkspaceRow(id=digit * 32, name="mine") for digit in "abc")
    return database


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.in_folder(tmp_path / "archive")


@pytest.fixture
def put(blobs: Blobs, tmp_path: Path) -> Callable[[], int]:
    def bring_it() -> int:
        path = tmp_path / new_id()
        path.write_bytes(CONTENT)
        blobs.put_file(path, SHA256)
        return len(CONTENT)

    return bring_it


def _write(session: Session, workspace_id: str = WORKSPACE) -> str:
    video = VideoRow(
        id=new_id(), workspace_id=workspace_id, sha256=SHA256, name="x", size_bytes=1, media_type="video/mp4", facts={},
        source="upload",
    )  # fmt: skip
    session.add(video)
    return video.id


def _forget(library: Database, video_id: str) -> None:
    with library.write(SYSTEM) as session:
        session.delete(session.get_one(VideoRow, video_id))


def _rows(library: Database) -> list[str]:
    with library.read(SYSTEM) as session:
        return [row.sha256 for row in session.query(BlobRow)]


def test_a_file_stays_while_a_video_uses_it_and_goes_after(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    video = bring(library, blobs, SYSTEM, SHA256, put, _write)
    assert release_unused(library, blobs, grace_s=0) == 0
    assert blobs.exists(SHA256)
    _forget(library, video)
    assert release_unused(library, blobs, grace_s=3600) == 0
    assert release_unused(library, blobs, only="0" * 64, grace_s=0) == 0
    assert release_unused(library, blobs, only=SHA256, grace_s=0) == 1
    assert not blobs.exists(SHA256)
    assert _rows(library) == []


def test_a_file_removed_before_its_video_was_written_is_brought_again(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    puts = []

    def put_and_lose() -> int:
        size = put()
        puts.append(size)
        if len(puts) == 1:
            assert release_unused(library, blobs, grace_s=0) == 1
        return size

    bring(library, blobs, SYSTEM, SHA256, put_and_lose, _write)
    assert len(puts) == 2
    assert blobs.exists(SHA256)
    assert _rows(library) == [SHA256]


def test_a_file_removed_and_claimed_by_another_is_brought_again(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    """The row is there and not leaving, but its file is not there yet."""
    puts = []

    def put_and_lose() -> int:
        puts.append(put())
        if len(puts) == 1:
            release_unused(library, blobs, grace_s=0)
            claim(library, blobs, SHA256)
        return puts[-1]

    bring(library, blobs, SYSTEM, SHA256, put_and_lose, _write)
    assert len(puts) == 2
    assert blobs.exists(SHA256)


def test_a_file_removed_while_it_comes_is_brought_again(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    puts = []

    def lose_then_put() -> int:
        puts.append(1)
        if len(puts) == 1:
            release_unused(library, blobs, grace_s=0)
            raise Unavailable("store.size_differs", where="x", sent=1, kept=0)
        return put()

    bring(library, blobs, SYSTEM, SHA256, lose_then_put, _write)
    assert blobs.exists(SHA256)


def test_what_fails_leaves_no_file(library: Database, blobs: Blobs, put: Callable[[], int]) -> None:
    def fail(_session: Session) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        bring(library, blobs, SYSTEM, SHA256, put, fail)
    assert not blobs.exists(SHA256)
    assert _rows(library) == []


def test_what_fails_leaves_the_file_another_video_uses(library: Database, blobs: Blobs, put: Callable[[], int]) -> None:
    def fail(_session: Session) -> None:
        raise RuntimeError("no")

    bring(library, blobs, SYSTEM, SHA256, put, _write)
    with pytest.raises(RuntimeError):
        bring(library, blobs, SYSTEM, SHA256, put, fail)
    assert blobs.exists(SHA256)


def _begin_to_leave(library: Database, *, ago_s: float) -> None:
    with library.write(SYSTEM) as session:
        row = session.get_one(BlobRow, SHA256)
        row.is_leaving, row.claimed_at = True, now() - timedelta(seconds=ago_s)


@pytest.mark.parametrize("by", ["clean-up", "bringer"])
def test_a_removal_whose_process_died_is_finished(
    library: Database, blobs: Blobs, put: Callable[[], int], by: str
) -> None:
    claim(library, blobs, SHA256)
    put()
    _begin_to_leave(library, ago_s=1)
    if by == "clean-up":
        assert release_unused(library, blobs) == 1
        assert not blobs.exists(SHA256)
    else:
        bring(library, blobs, SYSTEM, SHA256, put, _write)
        assert blobs.exists(SHA256)


def test_a_removal_that_may_still_be_under_way_is_waited_for(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    blobs.store.settles_s = 60
    claim(library, blobs, SHA256)
    put()
    _begin_to_leave(library, ago_s=30)
    assert release_unused(library, blobs) == 0
    with pytest.raises(Unavailable):
        claim(library, blobs, SHA256, patience_s=0.2)
    _begin_to_leave(library, ago_s=61)
    claim(library, blobs, SHA256, patience_s=5)
    assert not blobs.exists(SHA256)


def test_a_bringer_waits_while_another_removes(library: Database, blobs: Blobs, put: Callable[[], int]) -> None:
    claim(library, blobs, SHA256)
    put()
    _begin_to_leave(library, ago_s=1)
    lock = Lock(library, "blobs")
    assert lock.acquire()
    try:
        with pytest.raises(Unavailable):
            claim(library, blobs, SHA256, patience_s=0.2)
        assert release_unused(library, blobs) == 0
        assert blobs.exists(SHA256)
    finally:
        lock.release()


def test_files_without_a_row_are_found_and_go(library: Database, blobs: Blobs, put: Callable[[], int]) -> None:
    put()
    assert adopt(library, blobs, older_than_s=3600) == 0
    assert adopt(library, blobs, older_than_s=-60) == 1
    assert adopt(library, blobs, older_than_s=-60) == 0
    assert release_unused(library, blobs, grace_s=0) == 1
    assert not blobs.exists(SHA256)


def test_bringers_and_removers_at_once_never_leave_a_video_without_its_file(
    library: Database, blobs: Blobs, put: Callable[[], int]
) -> None:
    over, wrong = threading.Event(), []

    def clean() -> None:
        while not over.is_set():
            release_unused(library, blobs, grace_s=0)

    def come_and_go(workspace_id: str) -> None:
        try:
            for _ in range(8):
                video = bring(library, blobs, SYSTEM, SHA256, put, lambda session: _write(session, workspace_id))
                if not blobs.exists(SHA256):
                    wrong.append("a video without its file")
                _forget(library, video)
        except Exception as error:  # noqa: BLE001  a thread must tell what it met
            wrong.append(repr(error))

    threads = [threading.Thread(target=come_and_go, args=(d * 32,), name=f"bringer-{d}") for d in "abc"]
    cleaner = threading.Thread(target=clean, name="cleaner")
    cleaner.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    cleaner.join()
    assert not wrong
    release_unused(library, blobs, grace_s=0)
    assert not blobs.exists(SHA256)
