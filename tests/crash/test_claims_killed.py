"""Processes that bring and remove the same files, shot at any instant: no video without its file, no file left over."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select
from tests.intake import MINE, THEIRS, site

from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.claims import release_unused
from sightline.library.database import Database
from sightline.library.tables import BlobRow, VideoRow

BUSY = """
import hashlib, random, sys
from pathlib import Path
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.claims import bring, release_unused
from sightline.library.columns import new_id
from sightline.library.database import Database
from sightline.library.tables import VideoRow

url, archive, folder, workspace, seed = sys.argv[1:]
database, blobs, dice = Database(url), Blobs.in_folder(Path(archive)), random.Random(seed)
print("ready", flush=True)
while True:
    content = bytes([dice.randrange(3)]) * 50_000
    sha256 = hashlib.sha256(content).hexdigest()

    def put():
        path = Path(folder) / new_id()
        path.write_bytes(content)
        blobs.put_file(path, sha256)
        path.unlink()
        return len(content)

    def write(session):
        session.add(VideoRow(workspace_id=workspace, sha256=sha256, name="x", size_bytes=1, media_type="video/mp4",
                             facts={}, source="upload"))
        session.flush()

    if dice.random() < 0.5:
        try:
            bring(database, blobs, SYSTEM, sha256, put, write)
        except IntegrityError:
            pass
    else:
        def forget(session):
            for row in session.scalars(select(VideoRow).where(VideoRow.workspace_id == workspace)):
                session.delete(row)
        database.change(SYSTEM, forget)
        release_unused(database, blobs, grace_s=0)
"""
ROUNDS = 10


def test_no_video_is_without_its_file_whoever_was_shot(database: Database, tmp_path: Path) -> None:
    here = site(database, tmp_path)
    blobs, dice = Blobs.in_folder(tmp_path / "archive"), random.Random(5)
    folder = tmp_path / "work"
    folder.mkdir()

    def begin(workspace: str, seed: int) -> subprocess.Popen[bytes]:
        busy = subprocess.Popen(
            [sys.executable, "-c", BUSY, database.url, str(tmp_path / "archive"), str(folder), workspace, str(seed)],
            stdout=subprocess.PIPE,
        )
        assert busy.stdout is not None
        if busy.stdout.readline() != b"ready\n":
            busy.kill()
            busy.communicate()
            raise AssertionError("it did not begin")
        return busy

    processes = []
    try:
        processes += [begin(MINE, 1), begin(THEIRS, 2)]
        for number in range(ROUNDS):
            time.sleep(dice.uniform(0.05, 0.4))
            shot = processes[number % 2]
            assert shot.poll() is None, "it ended by itself"
            shot.kill()
            shot.communicate()
            processes[number % 2] = begin((MINE, THEIRS)[number % 2], 10 + number)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    with database.read(SYSTEM) as session:
        used = set(session.scalars(select(VideoRow.sha256)))
    assert all(blobs.exists(sha256) for sha256 in used)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        # A lock of a connection that was shot is given back when the server notices.
        release_unused(database, blobs, grace_s=0)
        with database.read(SYSTEM) as session:
            if set(session.scalars(select(BlobRow.sha256))) == used:
                break
        time.sleep(0.1)
    assert {sha256 for sha256, _ in blobs.all()} == set(here.blob_rows()) == used
