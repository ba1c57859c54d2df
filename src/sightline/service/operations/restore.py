"""Restore: an archive back into an installation, on whichever database and store it has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from sightline.errors import ArchiveInvalid, Conflict, OutputUnwritable, Unavailable
from sightline.jobs.dispatcher import LOCK
from sightline.library import migrate
from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.columns import Moment
from sightline.library.database import Database
from sightline.library.lock import Lock
from sightline.library.store import Store
from sightline.library.tables import Base
from sightline.service import audit
from sightline.service.operations.archive import (
    BLOCK_BYTES,
    OBJECTS,
    Checked,
    ColumnKind,
    Hashing,
    Progress,
    TableInfo,
    Tell,
    check,
    opened,
    rows,
)
from sightline.service.operations.backup import LEFT_OUT, needed_objects
from sightline.service.operations.monitor import processes

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Restored:
    rows: int
    objects: int
    made_at: str
    """When the backup was made."""
    missing: tuple[str, ...]
    """Objects the rows rely on that are not in the store."""


def restore(
    archive: Path, database: Database, blobs: Blobs, work: Path, *, force: bool = False, tell: Tell = lambda _: None
) -> Restored:
    """Checks the whole archive, then brings its files into the store and its rows into the database.

    The database must be empty; with ``force`` all its rows are replaced. Rows come in one transaction, after the
    files: when it stops half-way, it can be run again. Files of the store that the archive does not have stay.
    ``work`` holds what is under way. Raises `ArchiveInvalid`, `Conflict` for a database that is not empty or in use,
    `Unavailable`, `OutputUnwritable`, `SetupError`.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="restore-", dir=work) as spool:
            checked = check(archive, Path(spool), tell)
            _refuse_later(checked)
            migrate.upgrade(database)
            lock = Lock(database, LOCK)
            if not lock.acquire():
                raise Conflict("operations.restore.in_use")
            try:
                _refuse_used(database, force)
                objects = _bring_objects(checked, blobs.store, Path(spool), tell)
                count = _bring_rows(checked, database)
            finally:
                lock.release()
    except OSError as error:
        raise OutputUnwritable("errors.output_unwritable", path=work, reason=error.strerror or error) from error
    return Restored(count, objects, checked.manifest.made_at, _missing(database, blobs))


def _refuse_later(checked: Checked) -> None:
    """Revisions are numbered: one that is not among ours and higher is of a later program."""
    found = checked.manifest.database_revision
    if not (found.isascii() and found.isdigit() and len(found) == len(migrate.head())) or found > migrate.head():
        raise ArchiveInvalid("library.from_later", found=found[:40], known=migrate.head())


def _refuse_used(database: Database, force: bool) -> None:
    if processes(database):
        raise Conflict("operations.restore.in_use")
    if force:
        return
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in LEFT_OUT and connection.scalar(select(func.count()).select_from(table)):
                raise Conflict("operations.restore.not_empty", table=table.name)


def _bring_objects(checked: Checked, store: Store, spool: Path, tell: Tell) -> int:
    total, done, count = checked.path.stat().st_size, 0, 0
    with opened(checked.path) as members:
        for name, size, stream in members:
            done += size
            if not name.startswith(OBJECTS):
                continue
            # A file of its own each time: the store may keep it as it is.
            handle, nearby = tempfile.mkstemp(dir=spool)
            reader = Hashing(stream.read)
            with os.fdopen(handle, "wb") as file:
                for block in iter(lambda r=reader: r.read(BLOCK_BYTES), b""):  # type: ignore[misc]
                    file.write(block)
            if reader.sha256 != checked.sums.get(name):
                # It was right a moment ago: the archive is being written to.
                raise ArchiveInvalid("operations.archive.damaged", name=name)
            store.put(name.removeprefix(OBJECTS), Path(nearby))
            Path(nearby).unlink(missing_ok=True)
            count += 1
            tell(Progress(done, total))
    return count


def _bring_rows(checked: Checked, database: Database) -> int:
    """Into the tables as they were when the backup was made, which are then brought up to date."""
    revision = checked.manifest.database_revision
    if revision != migrate.head():
        migrate.downgrade(database, revision)
    try:
        with database.engine.execution_options(sightline_write=True).begin() as connection:
            count = sum(
                _bring_table(connection, checked, table) for table in _emptied(connection) if table.name not in LEFT_OUT
            )
    except (OperationalError, InterfaceError) as error:
        raise Unavailable("library.database_gone", why=str(error.orig).splitlines()[0]) from error
    except (SQLAlchemyError, ValueError) as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        raise ArchiveInvalid("operations.archive.refused", why=why) from error
    finally:
        migrate.upgrade(database)
    with database.write(SYSTEM) as session:
        audit.record(session, SYSTEM, "installation.restored", rows=count, made_at=checked.manifest.made_at)
    return count


def _emptied(connection: Connection) -> list[Table]:
    """The tables there are, without rows, those others refer to first."""
    known = MetaData()
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    known.reflect(connection, only=names)
    for table in reversed(known.sorted_tables):
        connection.execute(table.delete())
    return known.sorted_tables


def _bring_table(connection: Connection, checked: Checked, table: Table) -> int:
    info = checked.manifest.tables.get(table.name)
    if info is None or set(info.columns) != set(table.columns.keys()):
        raise ArchiveInvalid("operations.archive.refused", why=table.name)
    for name, kind in info.columns.items():
        # As the database tells its types, times would have no zone and MariaDB's JSON be text.
        if kind is ColumnKind.TIME:
            table.columns[name].type = Moment()
        elif kind is ColumnKind.DOCUMENT:
            table.columns[name].type = JSON(none_as_null=True)
    found = _values(checked, table.name, info)
    while some := list(islice(found, ROWS_AT_ONCE)):
        connection.execute(insert(table), some)
    _count_on(connection, table)
    return info.rows


def _values(checked: Checked, table: str, info: TableInfo) -> Iterator[dict[str, Any]]:
    for row in rows(checked.tables[table], table, info):
        yield {name: _value(row[name], kind, table) for name, kind in info.columns.items()}


def _value(value: Any, kind: ColumnKind, table: str) -> Any:
    if value is None or kind is ColumnKind.DOCUMENT:
        return value
    if kind is ColumnKind.TIME and isinstance(value, str):
        return datetime.fromisoformat(value)
    if kind is ColumnKind.PLAIN and isinstance(value, str | int | float | bool):
        return value
    raise ArchiveInvalid("operations.archive.refused", why=table)


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL counts on from where it was, not from the highest key."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        )
        if sequence is not None:
            highest = connection.scalar(select(func.max(column))) or 0
            connection.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :next, false)"),
                {"sequence": sequence, "next": highest + 1},
            )


def _missing(database: Database, blobs: Blobs) -> tuple[str, ...]:
    with database.engine.connect() as connection:
        needed = needed_objects(connection)
    return tuple(sorted(needed - {found.name for found in blobs.store.list()}))
