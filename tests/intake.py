"""A library with a workspace and people in it, for the tests of taking in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.media_clips import write_clip

from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.blobs import Blobs
from sightline.library.database import Database
from sightline.library.running_tables import AuditRow
from sightline.library.tables import BlobRow, UserRow, VideoRow, WorkspaceRow
from sightline.service.intake.take_in import TakeIn
from sightline.service.intake.uploads import Uploads
from sightline.service.settings import Settings

MINE, THEIRS = "a" * 32, "b" * 32
ME = Actor("u" * 32, "me@example.org", {MINE: Role.EDITOR})
COLLEAGUE = Actor("c" * 32, "colleague@example.org", {MINE: Role.EDITOR})
VIEWER = Actor("v" * 32, "viewer@example.org", {MINE: Role.VIEWER})
STRANGER = Actor("s" * 32, "stranger@example.org", {THEIRS: Role.OWNER})


@dataclass(frozen=True)
class Site:
    """One installation."""

    database: Database
    blobs: Blobs
    settings: Settings
    take_in: TakeIn
    uploads: Uploads

    def videos(self) -> list[VideoRow]:
        with self.database.read(SYSTEM) as session:
            return list(session.scalars(select(VideoRow).order_by(VideoRow.id)))

    def blob_rows(self) -> list[str]:
        with self.database.read(SYSTEM) as session:
            return list(session.scalars(select(BlobRow.sha256)))

    def audited(self) -> list[str]:
        with self.database.read(SYSTEM) as session:
            return list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))

    def stored(self) -> list[str]:
        return [sha256 for sha256, _ in self.blobs.all()]


def site(database: Database, folder: Path, blobs: Blobs | None = None, **settings: Any) -> Site:
    """With two workspaces and four people; the disk may be as full as it likes."""
    chosen = Settings(**{"data_dir": folder / "data", "cache_dir": folder / "cache", "min_free_disk_gb": 0} | settings)
    with database.write(SYSTEM) as session:
        if session.get(WorkspaceRow, MINE) is None:
            session.add_all([WorkspaceRow(id=MINE, name="mine"), WorkspaceRow(id=THEIRS, name="theirs")])
            people = (ME, COLLEAGUE, VIEWER, STRANGER)
            session.add_all([UserRow(id=person.user_id, email=person.name) for person in people])
    blobs = blobs or Blobs.in_folder(chosen.archive)
    take_in = TakeIn(database, blobs, chosen)
    return Site(database, blobs, chosen, take_in, Uploads(database, chosen, take_in))


@cache
def clip(folder: Path, suffix: str = ".mp4", pictures: int = 10) -> Path:
    path = folder / f"clip-{pictures}{suffix}"
    return path if path.exists() else write_clip(path, pictures=pictures, sounds=[("aac", 48000, "stereo")])


def clip_bytes(folder: Path, pictures: int = 10) -> bytes:
    return clip(folder, pictures=pictures).read_bytes()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))
