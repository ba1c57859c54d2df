"""What only a store in a folder does: no copies, nothing half-written, a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sightline.errors import OutputUnwritable
from sightline.library.blobs import Blobs, name_of
from sightline.library.folder_store import FolderStore

CONTENT = b"a video" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "come in.mp4"
    path.write_bytes(CONTENT)
    return path


def _left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_on_one_file_system_nothing_is_copied(tmp_path: Path, file: Path) -> None:
    blobs = Blobs.in_folder(tmp_path / "archive")
    blobs.put_file(file, SHA256)
    path = blobs.local_path(SHA256)
    assert path is not None
    assert path.samefile(file)
    assert _left(tmp_path / "archive") == [SHA256]


def test_what_is_linked_already_can_be_put_again(tmp_path: Path, file: Path) -> None:
    store = FolderStore(tmp_path / "archive")
    store.put("a", file)
    store.put("a", file)
    assert _left(tmp_path / "archive") == ["a"]


def test_from_another_file_system_it_is_copied(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    blobs = Blobs.in_folder(tmp_path / "archive")
    blobs.put_file(file, SHA256)
    path = blobs.local_path(SHA256)
    assert path is not None
    assert not path.samefile(file)
    assert path.read_bytes() == CONTENT


def test_the_folder_is_made_when_something_is_written_and_not_before(tmp_path: Path) -> None:
    blobs = Blobs.in_folder(tmp_path / "archive")
    assert not blobs.exists(SHA256)
    assert not list(blobs.list(""))
    assert not (tmp_path / "archive").exists()


def test_what_another_process_was_the_first_to_write_is_seen(tmp_path: Path, file: Path) -> None:
    early = Blobs.in_folder(tmp_path / "archive")
    assert not early.exists(SHA256)
    Blobs.in_folder(tmp_path / "archive").put_file(file, SHA256)
    assert early.exists(SHA256)
    assert b"".join(early.read(SHA256)) == CONTENT
    assert [sha256 for sha256, _ in early.all()] == [SHA256]


FULL = """
import resource, sys
from pathlib import Path
from sightline.errors import OutputUnwritable
from sightline.library.blobs import Blobs
from sightline.library.folder_store import FolderStore
import os, errno
def refuse(*_, **__): raise OSError(errno.EXDEV, "another disk")
os.link = refuse
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
archive, file, sha256 = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
blobs = Blobs.in_folder(archive)
for put in (lambda: blobs.put_file(file, sha256), lambda: blobs.put_bytes("x", b"1" * 2000),
            lambda: blobs.put_folder("f", file.parent)):
    try:
        put()
    except OutputUnwritable as error:
        print(error.message.key)
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, file: Path) -> None:
    """A limit on the size of files stands for the disk."""
    folder = tmp_path / "in"
    folder.mkdir()
    file = file.rename(folder / "come in.mp4")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "archive"), str(file), SHA256],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["store.full"] * 3
    assert _left(tmp_path / "archive") == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path, file: Path) -> None:
    blobs = Blobs.in_folder(file / "archive")
    with pytest.raises(OutputUnwritable):
        blobs.check()
    with pytest.raises(OutputUnwritable):
        blobs.put_file(file, SHA256)


def test_what_dead_writers_left_is_removed_after_a_day(tmp_path: Path, file: Path) -> None:
    store = FolderStore(tmp_path / "archive")
    Blobs(store).put_file(file, SHA256)
    folder = (tmp_path / "archive" / name_of(SHA256)).parent
    for name, age_s in ((".old.part", 25 * 3600), (".new.part", 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age_s,) * 2)
    (folder / ".olddir.part").mkdir()
    os.utime(folder / ".olddir.part", (0, 0))
    assert store.remove_parts() == 2
    assert _left(tmp_path / "archive") == [".new.part", SHA256]
    assert [sha256 for sha256, _ in Blobs(store).all()] == [SHA256]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "manifest.json").write_text("1")
    (folder / "passwd").symlink_to("/etc/passwd")
    blobs = Blobs.in_folder(tmp_path / "archive")
    blobs.put_folder("analyses/a", folder)
    assert _left(tmp_path / "archive") == ["manifest.json"]
