"""Uploads that are broken off and continued."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.intake import COLLEAGUE, ME, MINE, STRANGER, VIEWER, Site, clip_bytes, pieces, site

from sightline.errors import (
    ChecksumMismatch,
    Conflict,
    LimitExceeded,
    MediaUnreadable,
    NotAllowed,
    NotFound,
    OutputUnwritable,
    RequestInvalid,
    TooManyAttempts,
    Unavailable,
)
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import UploadRow
from sightline.media import probe as probing
from sightline.service.intake import take_in as taking
from sightline.service.intake.upload_file import Checksum
from sightline.service.intake.uploads import Uploads


@pytest.fixture
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clip_bytes(tmp_path_factory.getbasetemp())


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Site:
    return site(sqlite_database, tmp_path)


class Gone(Exception):
    """The sender went away."""


def _breaks_off(content: bytes, after: int) -> Iterator[bytes]:
    yield from pieces(content[:after])
    raise Gone


def _files(here: Site) -> list[str]:
    return sorted(path.name for path in here.uploads.folder.iterdir()) if here.uploads.folder.is_dir() else []


def test_an_upload_in_one_go_becomes_a_video(database: Database, tmp_path: Path, content: bytes) -> None:
    here = site(database, tmp_path)
    begun = here.uploads.begin(ME, MINE, "../film.mp4", len(content), ("tag",))
    assert (begun.offset, begun.name, begun.state, begun.tags) == (0, "film.mp4", "arriving", ("tag",))
    sent = here.uploads.append(ME, begun.id, 0, pieces(content))
    assert sent.is_complete
    taken = here.uploads.finish(ME, begun.id)
    assert here.uploads.finish(ME, begun.id).video_id == taken.video_id
    after = here.uploads.get(ME, begun.id)
    assert (after.state, after.video_id, after.offset) == ("done", taken.video_id, len(content))
    (video,) = here.videos()
    assert b"".join(here.blobs.read(video.sha256)) == content
    assert _files(here) == []
    with pytest.raises(Conflict):
        here.uploads.append(ME, begun.id, len(content), ())


def test_what_came_before_the_sender_went_away_stays(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    with pytest.raises(Gone):
        here.uploads.append(ME, begun.id, 0, _breaks_off(content, 5000))
    assert here.uploads.get(ME, begun.id).offset == 5000
    elsewhere = Uploads(here.database, here.settings, here.take_in)
    elsewhere.append(ME, begun.id, 5000, pieces(content[5000:8000]))
    here.uploads.append(ME, begun.id, 8000, pieces(content[8000:]))
    here.uploads.finish(ME, begun.id)
    assert [video.sha256 for video in here.videos()] == [hashlib.sha256(content).hexdigest()]


def test_what_comes_in_one_process_is_not_read_again_to_be_hashed(
    here: Site, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_again(*_: object) -> str:
        raise AssertionError("read again")

    monkeypatch.setattr(taking, "sha256_of", read_again)
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    with pytest.raises(Gone):
        here.uploads.append(ME, begun.id, 0, _breaks_off(content, 5000))
    wrong = Checksum("sha1", b"\0" * 20)
    with pytest.raises(ChecksumMismatch):
        here.uploads.append(ME, begun.id, 5000, pieces(b"x" * 10), checksum=wrong)
    monkeypatch.setattr(taking, "sha256_of", probing.sha256_of)
    here.uploads.append(ME, begun.id, 5000, pieces(content[5000:]))
    here.uploads.finish(ME, begun.id)
    monkeypatch.setattr(taking, "sha256_of", read_again)
    again = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    with pytest.raises(Gone):
        here.uploads.append(ME, again.id, 0, _breaks_off(content, 5000))
    here.uploads.append(ME, again.id, 5000, pieces(content[5000:]))
    assert here.uploads.finish(ME, again.id).was_there


@pytest.mark.parametrize("offset", [0, 4999, 5001])
def test_another_offset_than_the_upload_has_is_a_conflict(here: Site, content: bytes, offset: int) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.append(ME, begun.id, 0, pieces(content[:5000]))
    with pytest.raises(Conflict, match="5000"):
        here.uploads.append(ME, begun.id, offset, pieces(b"x"))
    assert here.uploads.get(ME, begun.id).offset == 5000


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_with_a_wrong_checksum_is_not_kept(here: Site, content: bytes, algorithm: str) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    good = Checksum(algorithm, hashlib.new(algorithm, content[:5000]).digest())
    with pytest.raises(ChecksumMismatch):
        here.uploads.append(ME, begun.id, 0, pieces(content[:4999] + b"x"), checksum=good)
    assert here.uploads.get(ME, begun.id).offset == 0
    with pytest.raises(Gone):
        here.uploads.append(ME, begun.id, 0, _breaks_off(content, 3000), checksum=good)
    assert here.uploads.get(ME, begun.id).offset == 0
    assert here.uploads.append(ME, begun.id, 0, pieces(content[:5000]), checksum=good).offset == 5000
    assert _files(here) == [begun.id]
    with pytest.raises(RequestInvalid):
        here.uploads.append(ME, begun.id, 5000, (), checksum=Checksum("crc32", b""))


def test_more_bytes_than_said_are_not_kept(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", 5000)
    here.uploads.append(ME, begun.id, 0, pieces(content[:2000]))
    with pytest.raises(LimitExceeded):
        here.uploads.append(ME, begun.id, 2000, pieces(content[2000:5001]))
    assert here.uploads.get(ME, begun.id).offset == 2000


def test_two_senders_do_not_mix(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    first_is_in, second_was_refused = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield content[:1000]
        first_is_in.set()
        assert second_was_refused.wait(10)
        yield content[1000:]

    thread = threading.Thread(target=here.uploads.append, args=(ME, begun.id, 0, slow()))
    thread.start()
    assert first_is_in.wait(10)
    other = Uploads(here.database, here.settings, here.take_in)
    for act in (
        lambda: other.append(ME, begun.id, 1000, pieces(content[1000:])),
        lambda: other.finish(ME, begun.id),
        lambda: other.terminate(ME, begun.id),
    ):
        with pytest.raises(Conflict):
            act()
    second_was_refused.set()
    thread.join()
    assert here.uploads.get(ME, begun.id).is_complete
    here.uploads.finish(ME, begun.id)
    assert b"".join(here.blobs.read(here.videos()[0].sha256)) == content


def test_an_upload_is_its_senders_alone(here: Site, content: bytes) -> None:
    with pytest.raises(NotAllowed):
        here.uploads.begin(VIEWER, MINE, "film.mp4", 10)
    with pytest.raises(NotFound):
        here.uploads.begin(STRANGER, MINE, "film.mp4", 10)
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    for other, error in ((STRANGER, NotFound), (COLLEAGUE, NotFound), (VIEWER, NotAllowed)):
        for act in (
            lambda other=other: here.uploads.get(other, begun.id),
            lambda other=other: here.uploads.append(other, begun.id, 0, pieces(content)),
            lambda other=other: here.uploads.finish(other, begun.id),
            lambda other=other: here.uploads.terminate(other, begun.id),
        ):
            with pytest.raises(error):
                act()
    assert here.uploads.get(ME, begun.id).offset == 0


def test_a_finish_before_the_end_is_a_conflict(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.append(ME, begun.id, 0, pieces(content[:100]))
    with pytest.raises(Conflict):
        here.uploads.finish(ME, begun.id)


def test_the_size_can_be_said_later_and_once(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", None)
    here.uploads.append(ME, begun.id, 0, pieces(content[:5000]))
    with pytest.raises(RequestInvalid):
        here.uploads.append(ME, begun.id, 5000, (), size_bytes=4999)
    assert here.uploads.append(ME, begun.id, 5000, pieces(content[5000:]), size_bytes=len(content)).is_complete
    with pytest.raises(RequestInvalid):
        here.uploads.append(ME, begun.id, len(content), (), size_bytes=len(content) + 1)


@pytest.mark.parametrize("size", [0, -1])
def test_an_upload_of_nothing_is_refused(here: Site, size: int) -> None:
    with pytest.raises(RequestInvalid):
        here.uploads.begin(ME, MINE, "film.mp4", size)
    assert _files(here) == []


def test_limits_are_kept_before_anything_is_sent(sqlite_database: Database, tmp_path: Path) -> None:
    here = site(sqlite_database, tmp_path, max_upload_gb=1e-6, uploads_per_minute=3)
    with pytest.raises(LimitExceeded):
        here.uploads.begin(ME, MINE, "film.mp4", 2000)
    unknown = here.uploads.begin(ME, MINE, "film.mp4", None)
    with pytest.raises(LimitExceeded):
        here.uploads.append(ME, unknown.id, 0, pieces(b"x" * 2000))
    for _ in range(2):
        here.uploads.begin(ME, MINE, "film.mp4", 100)
    with pytest.raises(TooManyAttempts) as told:
        here.uploads.begin(ME, MINE, "film.mp4", 100)
    assert 0 < told.value.retry_after_s <= 60
    here.uploads.begin(COLLEAGUE, MINE, "film.mp4", 100)
    assert len(_files(here)) == 4


def test_nothing_is_taken_in_while_the_disk_is_nearly_full(sqlite_database: Database, tmp_path: Path) -> None:
    here = site(sqlite_database, tmp_path, min_free_disk_gb=10**6)
    with pytest.raises(OutputUnwritable):
        here.uploads.begin(ME, MINE, "film.mp4", 100)
    assert _files(here) == []


def test_what_is_no_media_ends_the_upload_with_its_error(here: Site) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", 4)
    here.uploads.append(ME, begun.id, 0, [b"text"])
    for _ in range(2):
        with pytest.raises(MediaUnreadable):
            here.uploads.finish(ME, begun.id)
    after = here.uploads.get(ME, begun.id)
    assert (after.state, after.video_id) == ("failed", None)
    assert after.error is not None
    assert after.error["type"] == "MediaUnreadable"
    assert _files(here) == []


def test_an_upload_whose_store_was_gone_is_finished_later(
    here: Site, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("store.unreachable", where="x", why="y")

    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.append(ME, begun.id, 0, pieces(content))
    with monkeypatch.context() as patched:
        patched.setattr(here.blobs, "put_file", fail)
        with pytest.raises(Unavailable):
            here.uploads.finish(ME, begun.id)
        waiting = here.uploads.get(ME, begun.id)
        assert (waiting.state, waiting.is_complete) == ("arriving", True)
        assert waiting.error is not None
        assert here.uploads.finish_waiting(older_than_s=0) == []
    (taken,) = here.uploads.finish_waiting(older_than_s=0)
    after = here.uploads.get(ME, begun.id)
    assert (after.state, after.video_id, after.error) == ("done", taken.video_id, None)
    assert [video.created_by for video in here.videos()] == [ME.user_id]
    assert here.uploads.finish_waiting(older_than_s=0) == []


def test_what_has_just_come_is_left_to_whoever_received_it(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.append(ME, begun.id, 0, pieces(content))
    assert here.uploads.finish_waiting(older_than_s=3600) == []
    long_ago = time.time() - 3601
    os.utime(here.uploads.file_of(begun.id).path, (long_ago, long_ago))
    assert len(here.uploads.finish_waiting(older_than_s=3600)) == 1


def test_a_process_that_is_just_being_started_holds_nobody_up(here: Site) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", 100)
    file = here.uploads.file_of(begun.id)
    with file.locked() as writer:
        inherited = os.dup(writer._file)
    try:
        with file.locked() as again:
            assert again.size == 0
    finally:
        os.close(inherited)


def test_a_given_up_upload_is_gone(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.append(ME, begun.id, 0, pieces(content[:5000]))
    here.uploads.terminate(ME, begun.id)
    assert _files(here) == []
    with pytest.raises(NotFound):
        here.uploads.get(ME, begun.id)
    assert here.audited() == ["upload.begun", "upload.removed"]


def _expire(here: Site, upload_id: str) -> None:
    with here.database.write(SYSTEM) as session:
        past = now() - timedelta(hours=1)
        session.execute(update(UploadRow).where(UploadRow.id == upload_id).values(expires_at=past))


def test_an_upload_nobody_went_on_with_expires(database: Database, tmp_path: Path, content: bytes) -> None:
    here = site(database, tmp_path)
    kept, old, lost = (here.uploads.begin(ME, MINE, "film.mp4", len(content)) for _ in range(3))
    download = here.uploads.begin(ME, MINE, "https://example.org/x", None, source="url")
    for upload in (old, lost, download):
        _expire(here, upload.id)
    here.uploads.file_of(lost.id).remove()
    with pytest.raises(NotFound):
        here.uploads.append(ME, old.id, 0, pieces(content))
    assert here.uploads.expire() == 2
    assert here.uploads.expire() == 0
    assert _files(here) == [kept.id]
    assert here.uploads.get(SYSTEM, download.id).state == "arriving"


def test_going_on_with_an_upload_prolongs_it_and_one_that_is_sent_does_not_expire(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    with here.database.write(SYSTEM) as session:
        soon = now() + timedelta(minutes=5)
        session.execute(update(UploadRow).where(UploadRow.id == begun.id).values(expires_at=soon))

    def watched() -> Iterator[bytes]:
        yield content[:100]
        assert here.uploads.expire(now() + timedelta(days=2)) == 0
        yield content[100:]

    after = here.uploads.append(ME, begun.id, 0, watched())
    assert after.is_complete
    assert after.expires_at > now() + timedelta(hours=23)
    assert here.uploads.get(ME, begun.id).expires_at == after.expires_at


def test_files_without_a_row_are_swept_after_a_day(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    for name, age_s in (("d" * 32, 25 * 3600), ("e" * 32, 60), (f"{'d' * 32}.unverified", 25 * 3600)):
        path = here.uploads.folder / name
        path.write_bytes(b"x")
        os.utime(path, (time.time() - age_s,) * 2)
    os.utime(here.uploads.folder / begun.id, (0, 0))
    here.uploads.expire()
    assert _files(here) == sorted([begun.id, "e" * 32])


@pytest.mark.parametrize("upload_id", ["../x", "a/b", "", "x" * 200, "é"])
def test_an_id_is_never_a_path(here: Site, upload_id: str) -> None:
    with pytest.raises(NotFound):
        here.uploads.get(ME, upload_id)


def test_bytes_that_are_gone_are_told(here: Site, content: bytes) -> None:
    begun = here.uploads.begin(ME, MINE, "film.mp4", len(content))
    here.uploads.file_of(begun.id).remove()
    for act in (
        lambda: here.uploads.get(ME, begun.id),
        lambda: here.uploads.append(ME, begun.id, 0, pieces(content)),
    ):
        with pytest.raises(NotFound, match="Begin it again"):
            act()


FULL = """
import resource, signal, sys
from pathlib import Path
from sightline.errors import OutputUnwritable
from sightline.service.intake.upload_file import UploadFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))
upload = UploadFile(Path(sys.argv[1]))
upload.create()
try:
    with upload.locked() as file:
        file.append([b"x" * 1000] * 5, 5000)
except OutputUnwritable as error:
    print(error.message.key, upload.offset())
"""


def test_a_full_disk_keeps_what_has_come(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "upload")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["intake.disk_full", "2500"]
