"""A process that is shot while it receives: no byte it acknowledged is lost, none it had to verify is taken unseen."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs_under_fire import until

from sightline.service.intake.upload_file import UploadFile

RECEIVER = """
import hashlib, sys, time
from pathlib import Path
from sightline.service.intake.upload_file import Checksum, UploadFile

def slowly(piece):
    for at in range(0, len(piece), 4096):
        time.sleep(0.0005)
        yield piece[at : at + 4096]

upload, size, checked = UploadFile(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3] == "checked"
print("ready", flush=True)
while True:
    piece = sys.stdin.buffer.read(size)
    checksum = Checksum("sha256", hashlib.sha256(piece).digest()) if checked else None
    with upload.locked() as file:
        received = file.append(slowly(piece), size, checksum)
    print(received, flush=True)
"""
PIECE = 300_000


@pytest.mark.parametrize("checked", ["checked", "unchecked"])
def test_every_acknowledged_byte_is_there_after_kill_9(tmp_path: Path, checked: str) -> None:
    upload = UploadFile(tmp_path / "upload")
    upload.create()
    content = random.Random(7).randbytes(PIECE * 40)
    instants = random.Random(3)
    acknowledged = kills_in_a_piece = 0
    for number in range(12):
        offset = upload.offset()
        assert offset >= acknowledged
        with upload.locked() as file:
            assert file.size == offset
        assert upload.path.read_bytes() == content[:offset]
        if checked == "checked":
            assert offset % PIECE == 0
        acknowledged = offset
        with subprocess.Popen(
            [sys.executable, "-c", RECEIVER, str(upload.path), str(PIECE), checked],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as receiver:  # fmt: skip
            assert receiver.stdin is not None
            assert receiver.stdout is not None
            assert receiver.stdout.readline() == b"ready\n"
            for _ in range(instants.randrange(3)):
                receiver.stdin.write(content[acknowledged : acknowledged + PIECE])
                receiver.stdin.flush()
                acknowledged = int(receiver.stdout.readline())
            receiver.stdin.write(content[acknowledged : acknowledged + PIECE])
            receiver.stdin.flush()
            if number % 3 == 2:
                # Whatever the machine is busy with: some are shot within a piece.
                until(lambda: upload.path.stat().st_size > acknowledged, 60)  # noqa: B023
            else:
                time.sleep(instants.uniform(0, 0.05))
            receiver.kill()
        kills_in_a_piece += upload.path.stat().st_size not in (acknowledged, acknowledged + PIECE)
    assert hashlib.sha256(upload.path.read_bytes()[:acknowledged]).digest() == (
        hashlib.sha256(content[:acknowledged]).digest()
    )
    assert kills_in_a_piece > 0
