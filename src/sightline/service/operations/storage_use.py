"""What takes how much room, and how long things are kept."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text

from sightline.errors import SightlineError
from sightline.library.actor import SYSTEM, Actor
from sightline.library.blobs import Blobs
from sightline.library.database import Database
from sightline.library.tables import BlobRow
from sightline.service.access import Right, require
from sightline.service.settings import Settings
from sightline.text import LANGUAGES, Language, words

FRESH_S = 60.0
LOOK_S = 5.0
"""What takes longer to count is not told."""
KEPT = ("keep_videos_days", "keep_analyses_days", "keep_interviews_days", "keep_interview_media_days",
        "keep_jobs_days", "keep_audit_days", "log_days")  # fmt: skip
BUNDLES, PREVIEWS = "analyses", "previews"
"""Where they lie in the store."""


@dataclass(frozen=True, slots=True)
class Use:
    name: str
    """``media``, ``previews``, ``bundles``, ``measurements``, ``cache``, ``work``, ``models``, ``database``."""
    bytes: int | None
    """None where it could not be counted, or not in time."""
    files: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something is kept."""

    name: str
    """The setting without ``keep_`` and ``_days``: ``videos``, ``audit``, ``log``."""
    days: int | None
    """None: for ever."""
    meaning: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Room:
    """Of the disk that new data is written to."""

    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class StorageState:
    items: Sequence[Use]
    disk: Room
    retention: Sequence[Rule]


class StorageUse:
    """Counts at most every `FRESH_S`. ``settings`` gives those that hold now."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        database: Database,
        blobs: Blobs,
        measurements: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._database, self._blobs, self._clock = settings, database, blobs, clock
        self._measurements = measurements
        self._guard = threading.Lock()
        self._last: Sequence[Use] = ()
        self._counted_s = 0.0

    def read(self, actor: Actor) -> StorageState:
        """Raises `Unavailable`."""
        require(actor, Right.WATCH_INSTALLATION)
        settings = self._settings()
        # Counting may take half a minute: meanwhile others are told what was counted last.
        if self._guard.acquire(blocking=not self._last):
            try:
                if not self._last or self._clock() - self._counted_s >= FRESH_S:
                    self._last = self._counted(settings)
                    self._counted_s = self._clock()
            finally:
                self._guard.release()
        items = self._last
        disk = shutil.disk_usage(_there(settings.data_dir if settings.blob_url else settings.archive))
        return StorageState(items, Room(disk.total, disk.free), [_rule(settings, name) for name in KEPT])

    def _counted(self, settings: Settings) -> Sequence[Use]:
        database = self._of_database()
        return [
            self._media(),
            self._stored("previews", PREVIEWS),
            self._stored("bundles", BUNDLES),
            _folder("measurements", self._measurements),
            _folder("cache", settings.cache_dir, without=self._measurements),
            _folder("work", settings.work),
            _folder("models", settings.pulled_models),
            Use("database", database, None),
        ]

    def _media(self) -> Use:
        with self._database.read(SYSTEM) as session:
            count, size = session.execute(select(func.count(), func.sum(BlobRow.size_bytes))).one()
        return Use("media", int(size or 0), count)

    def _stored(self, name: str, prefix: str) -> Use:
        size = files = 0
        deadline = time.monotonic() + LOOK_S
        try:
            for found in self._blobs.list(prefix):
                size, files = size + found.size_bytes, files + 1
                if time.monotonic() > deadline:
                    return Use(name, None, None)
        except SightlineError:
            return Use(name, None, None)
        return Use(name, size, files)

    def _of_database(self) -> int | None:
        if self._database.is_sqlite:
            path = self._database.engine.url.database
            return sum(_size(Path(f"{path}{ending}")) for ending in ("", "-wal")) if path else None
        statement = {
            "postgresql": "SELECT pg_database_size(current_database())",
        }.get(
            self._database.kind,
            "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()",
        )
        with self._database.read(SYSTEM) as session:
            return int(session.scalar(text(statement)) or 0)


def _rule(settings: Settings, name: str) -> Rule:
    meaning = {language: words(f"settings.meaning.{name}", language) for language in LANGUAGES}
    return Rule(name.removeprefix("keep_").removesuffix("_days"), getattr(settings, name) or None, meaning)


def _folder(name: str, folder: Path, without: Path | None = None) -> Use:
    """Of all files below a folder; links are not followed."""
    size = files = 0
    deadline = time.monotonic() + LOOK_S
    for at, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if Path(at, each) != without]
        for each in names:
            size, files = size + _size(Path(at, each)), files + 1
        if time.monotonic() > deadline:
            return Use(name, None, None)
    return Use(name, size, files)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())
