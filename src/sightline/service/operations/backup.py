"""Backup: every row as of one moment, and every file of the store, in one archive."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, select
from sqlalchemy.exc import DBAPIError

from sightline.errors import Conflict, NotFound, OutputUnwritable, SetupError, Unavailable
from sightline.library import migrate
from sightline.library.actor import SYSTEM
from sightline.library.blobs import BLOBS, Blobs, name_of
from sightline.library.columns import Moment, now
from sightline.library.database import Database
from sightline.library.running_tables import ProcessRow
from sightline.library.store import LAST_FILE, Store, Stored
from sightline.library.tables import AnalysisRow, Base, VideoRow
from sightline.service import audit
from sightline.service.bundles import prefix_of
from sightline.service.operations.archive import (
    BLOCK_BYTES,
    MANIFEST,
    OBJECTS,
    SUMS,
    TABLES,
    ColumnKind,
    Hashing,
    Manifest,
    Progress,
    TableInfo,
    Tell,
    blob_sha256,
)
from sightline.version import VERSION

LEFT_OUT = frozenset({ProcessRow.__tablename__})
"""Who runs at this moment is nothing to bring back."""
ROWS_AT_ONCE = 1000
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class BackupMade:
    rows: int
    objects: int
    size_bytes: int
    missing: tuple[str, ...]
    """Objects the rows rely on that are not in the store, or left it while it was being read."""
    damaged: tuple[str, ...]
    """Objects whose bytes are not those their name says: the store has lost some."""


@dataclass(slots=True)
class _Writing:
    tar: tarfile.TarFile
    tell: Tell
    total_bytes: int
    sums: list[str] = field(default_factory=list)
    done_bytes: int = 0

    def add(self, name: str, size: int, reader: Hashing) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(now().timestamp())
        self.tar.addfile(info, reader)
        self.done_bytes += size
        self.sums.append(f"{reader.sha256}  {name}\n")
        self.tell(Progress(self.done_bytes, max(self.total_bytes, self.done_bytes)))
        return reader.sha256

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, len(content), Hashing(io.BytesIO(content).read))

    def add_file(self, name: str, path: Path) -> str:
        with path.open("rb") as file:
            return self.add(name, os.fstat(file.fileno()).st_size, Hashing(file.read))


def backup(
    database: Database,
    blobs: Blobs,
    target: Path,
    *,
    with_objects: bool = True,
    replace: bool = False,
    tell: Tell = lambda _: None,
) -> BackupMade:
    """Writes an archive to ``target``, which appears whole or not at all. The service may run meanwhile.

    Rows are those of one moment; files are read after it, and one that was removed since is `BackupMade.missing`.
    Raises `Conflict` when there is such a file already and ``replace`` is not asked, `OutputUnwritable`, `Unavailable`,
    and `SetupError` for a database that is not up to date.
    """
    if target.exists() and not replace:
        raise Conflict("operations.backup.exists", path=target)
    if migrate.current(database) != migrate.head():
        raise SetupError("operations.backup.old_tables")
    try:
        with tempfile.TemporaryDirectory(prefix=".sightline-backup-", dir=target.parent) as spool:
            part = Path(spool) / "archive.tar"
            made = _write(database, blobs.store, part, Path(spool), with_objects, tell)
            part.replace(target)
            _sync(target.parent)
    except OSError as error:
        raise OutputUnwritable("errors.output_unwritable", path=target, reason=error.strerror or error) from error
    with database.write(SYSTEM) as session:
        audit.record(session, SYSTEM, "installation.backed_up", rows=made.rows, objects=made.objects)
    return made


def _write(database: Database, store: Store, part: Path, spool: Path, with_objects: bool, tell: Tell) -> BackupMade:
    at = now()
    tables, needed, objects = _of_one_mind(database, store if with_objects else None, spool)
    manifest = Manifest(
        format="sightline-backup", format_version=1, program=VERSION, database_revision=migrate.head(),
        made_at=at.isoformat(), has_objects=with_objects, tables=tables,
    )  # fmt: skip
    kept: set[str] = set()
    damaged: list[str] = []
    with part.open("xb") as file:
        part.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
            tar.copybufsize = BLOCK_BYTES  # type: ignore[attr-defined]
            writing = _Writing(tar, tell, sum(found.size_bytes for found in objects))
            writing.add_bytes(MANIFEST, manifest.model_dump_json(indent=1).encode())
            for name in tables:
                writing.add_file(f"{TABLES}{name}.jsonl", spool / name)
            for found in objects:
                sha256 = _add_object(store, found, writing, spool)
                if sha256 is not None:
                    kept.add(found.name)
                    if blob_sha256(OBJECTS + found.name) not in (None, sha256):
                        damaged.append(found.name)
            writing.add_bytes(SUMS, "".join(writing.sums).encode())
        file.flush()
        os.fsync(file.fileno())
    missing = needed - kept if with_objects else set[str]()
    rows = sum(info.rows for info in tables.values())
    return BackupMade(rows, len(kept), part.stat().st_size, tuple(sorted(missing)), tuple(damaged))


def _add_object(store: Store, found: Stored, writing: _Writing, spool: Path) -> str | None:
    """Its SHA-256; None when it has left the store since it was listed."""
    path = store.local_path(found.name)
    try:
        if path is not None:
            # Once open it can be read to its end, whoever removes or replaces it.
            return writing.add_file(OBJECTS + found.name, path)
        if found.name.startswith(f"{BLOBS}/"):
            return _add_streamed(store, found, writing)
        # What may be replaced while it is read, in requests one after the other, is brought here first.
        nearby = spool / "object"
        store.fetch(found.name, nearby)
        return writing.add_file(OBJECTS + found.name, nearby)
    except (NotFound, FileNotFoundError):
        return None


def _add_streamed(store: Store, found: Stored, writing: _Writing) -> str:
    pieces = store.read(found.name)
    # A header promises its bytes: they must have begun to come.
    rest = next(pieces, b"")

    def read(size: int) -> bytes:
        nonlocal rest
        while not rest and (piece := next(pieces, None)) is not None:
            rest = piece
        block, rest = rest[:size], rest[size:]
        return block

    try:
        return writing.add(OBJECTS + found.name, found.size_bytes, Hashing(read))
    except NotFound as error:
        raise Unavailable("operations.backup.changed", name=found.name) from error


def _of_one_mind(
    database: Database, store: Store | None, spool: Path
) -> tuple[dict[str, TableInfo], frozenset[str], list[Stored]]:
    """The tables, the objects their rows rely on, and what is in the store: taken again while these do not agree,
    because an analysis was judged anew or removed in between. Analyses come before videos, which take longer."""
    for attempt in range(ATTEMPTS):
        tables, needed = _spooled(database, spool)
        if store is None:
            return tables, frozenset(), []
        objects = sorted(store.list(), key=lambda found: found.name)
        if attempt + 1 == ATTEMPTS or needed <= {found.name for found in objects}:
            break
    return tables, needed, objects


def needed_objects(connection: Connection) -> frozenset[str]:
    """The objects without which the rows cannot be shown: videos, and the documents of what was judged."""
    videos = connection.scalars(select(VideoRow.sha256).where(VideoRow.media_removed_at.is_(None)))
    found = {name_of(sha256) for sha256 in videos}
    judged = select(AnalysisRow.id, AnalysisRow.document).where(AnalysisRow.revision > 0)
    for analysis_id, document in connection.execute(judged):
        name = f"revisions/{document}.json" if document else LAST_FILE
        found.add(f"{prefix_of(analysis_id)}/{name}")
    return frozenset(found)


def _spooled(database: Database, spool: Path) -> tuple[dict[str, TableInfo], frozenset[str]]:
    """Every table in a file of its own, and what the rows rely on, all as of one moment."""
    found: dict[str, TableInfo] = {}
    with _snapshot(database) as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in LEFT_OUT:
                continue
            kinds = {column.name: kind_of(column) for column in table.columns}
            count = 0
            with (spool / table.name).open("w", encoding="utf-8") as file:
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                    values = {name: written(row[name]) for name in kinds}
                    file.write(json.dumps(values, ensure_ascii=True, separators=(",", ":")) + "\n")
                    count += 1
            found[table.name] = TableInfo(rows=count, columns=kinds)
        return found, needed_objects(connection)


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """A transaction that sees one moment. SQLite's reads are like that by themselves."""
    options: dict[str, Any] = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    try:
        with database.engine.connect().execution_options(yield_per=ROWS_AT_ONCE, **options) as connection:
            yield connection
    except DBAPIError as error:
        raise Unavailable("library.database_gone", why=str(error.orig).splitlines()[0]) from error


def kind_of(column: Column[Any]) -> ColumnKind:
    match column.type:
        case Moment():
            return ColumnKind.TIME
        case JSON():
            return ColumnKind.DOCUMENT
        case _:
            return ColumnKind.PLAIN


def written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
