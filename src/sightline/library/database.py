"""The database: SQLite, PostgreSQL or MariaDB, and sessions that only see what their actor may see.

Every session is opened for an actor. Reading, changing and removing `Owned` rows is narrowed to the actor's workspaces
by the session itself, so no query can forget it; a new row in a workspace that is not the actor's is refused.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, ExecutionContext, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import false

from sightline.errors import NotFound, SetupError, Unavailable
from sightline.library import (
    assessment_tables,
    installation_table,
    running_tables,
    search_tables,
    sign_in_tables,
)
from sightline.library.actor import Actor
from sightline.library.tables import AnalysisRow, Base, Owned, VideoRow

T = TypeVar("T")
BUSY_S = 30
READERS_MS = 1000
"""So long readers are waited for before the log is emptied without them."""
ATTEMPTS = 8
_DEADLOCKS = {"40001", "40P01"}
"""SQLSTATEs of PostgreSQL."""
_MARIADB_DEADLOCKS = {1205, 1213, 1020}


class Database:
    """One database. ``url`` as SQLAlchemy has it. Opens nothing until it is asked. Safe for many threads."""

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
            self.kind = self._url.get_backend_name()
        except Exception as error:
            raise SetupError("library.bad_database_url") from error
        if self.kind not in ("sqlite", "postgresql", "mysql", "mariadb"):
            raise SetupError("library.unknown_database", kind=self.kind)
        if self.is_sqlite and self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(self._url, self.is_sqlite, self.kind)
        self._writing = self.engine.execution_options(sightline_write=True)
        # SQLite has one writer. Waiting here, in turn, is fairer and faster than in its own busy loop.
        self._turn: Any = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    @property
    def url(self) -> str:
        """With the password: for connecting, never for showing."""
        return self._url.render_as_string(hide_password=False)

    @property
    def shown(self) -> str:
        """Without the password."""
        return self._url.render_as_string(hide_password=True)

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Session]:
        """A session that sees what ``actor`` may see. Raises `Unavailable` when the database cannot be reached."""
        with _told(), Session(self.engine, expire_on_commit=False, info={"actor": actor}) as session:
            yield session

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Session]:
        """As `read`, in one transaction: kept when the block ends, undone when it raises."""
        with _told(), self._turn, Session(self._writing, expire_on_commit=False, info={"actor": actor}) as session:
            yield session
            session.commit()

    def change(self, actor: Actor, work: Callable[[Session], T]) -> T:
        """``work`` in a transaction, again when the database undid it because of others. ``work`` must do nothing but
        change rows. Raises what it raises, and `Unavailable`."""
        for attempt in range(ATTEMPTS):
            try:
                with self.write(actor) as session:
                    return work(session)
            except (DBAPIError, Unavailable) as error:
                if attempt + 1 == ATTEMPTS or not _is_deadlock(error):
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def forget_deleted(self) -> None:
        """Empties SQLite's log of what was written before, as far as nobody reads from it: deleted rows stand there
        until then. Other databases do it by themselves, in their own time."""
        if not self.is_sqlite:
            return
        with suppress(DBAPIError, sqlite3.Error), self._turn, closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            for pragma in (f"busy_timeout={READERS_MS}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={BUSY_S * 1000}"):
                cursor.execute(f"PRAGMA {pragma}").fetchall()

    def close(self) -> None:
        self.engine.dispose()


def one(session: Session, model: type[T], key: object) -> T:
    """The row, if the session's actor may see it. Raises `NotFound`, whether it is not there or not his."""
    found = session.get(model, key)
    if found is None:
        raise NotFound("library.not_found", what=_noun(model), id=key)
    return found


def _noun(model: type[Any]) -> str:
    return model.__name__.removesuffix("Row").lower()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Unavailable("library.database_gone", why=reason) from error


def _is_deadlock(error: BaseException) -> bool:
    cause = error if isinstance(error, DBAPIError) else error.__cause__
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return False
    if getattr(cause.orig, "sqlstate", None) in _DEADLOCKS:
        return True
    number = cause.orig.args[0] if cause.orig.args else None
    return number in _MARIADB_DEADLOCKS or "database is locked" in str(cause.orig)


def _engine(url: Any, is_sqlite: bool, kind: str) -> Engine:
    if not is_sqlite:
        options: dict[str, Any] = {"isolation_level": "READ COMMITTED"}
        arguments: dict[str, Any] = {"connect_timeout": 5}
        if kind in ("mysql", "mariadb"):
            arguments |= {"charset": "utf8mb4", "read_timeout": 60, "write_timeout": 60}
        else:
            # A server that falls silent is given up as soon as one that refuses.
            arguments |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
            arguments |= {"tcp_user_timeout": 30_000}
        return create_engine(
            url, pool_size=10, max_overflow=30, pool_timeout=BUSY_S, pool_pre_ping=True, pool_recycle=1800,
            connect_args=arguments, **options,
        )  # fmt: skip
    engine = create_engine(
        url, connect_args={"timeout": BUSY_S, "check_same_thread": False}, pool_size=10, max_overflow=30
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: object) -> None:
        # We say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        # What is deleted is written over: it may have been about a person.
        for pragma in (
            "journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_S * 1000}", "foreign_keys=ON",
            "secure_delete=ON",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later would be refused when another wrote in between.
        writes = connection.get_execution_options().get("sightline_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


# Loaded for the tables in it: whoever has a database has all of them.
_OF_OTHER_FILES = (assessment_tables, installation_table, running_tables, search_tables, sign_in_tables)
_OWNED = tuple(mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned))


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    """Adds to every statement that its `Owned` rows are the actor's."""
    actor: Actor | None = state.session.info.get("actor")
    if actor is None:
        raise RuntimeError("a session of the library was opened for nobody")
    if actor.is_system or state.is_column_load or state.is_relationship_load:
        return
    if actor.only_analysis is None:
        mine = sorted(actor.roles)
        # One criterion for all of them: one for each makes a small query take two thirds longer.
        state.statement = state.statement.options(
            with_loader_criteria(Owned, lambda model: model.workspace_id.in_(mine), include_aliases=True)
        )
        return
    state.statement = state.statement.options(
        *(with_loader_criteria(model, _shared(model, actor), include_aliases=True) for model in _OWNED)
    )


def _shared(model: type[Any], actor: Actor) -> Any:
    """What is visible by a share link."""
    mine = model.workspace_id.in_(sorted(actor.roles))
    if model is AnalysisRow:
        return mine & (model.id == actor.only_analysis)
    if model is VideoRow:
        return mine & (model.id == actor.only_video)
    return false()


@event.listens_for(Session, "before_flush")
def _refuse_foreign(session: Session, _context: ExecutionContext, _instances: object) -> None:
    actor: Actor | None = session.info.get("actor")
    if actor is None or actor.is_system:
        return
    for row in (*session.new, *session.dirty):
        if isinstance(row, Owned) and (row.workspace_id not in actor.roles or actor.only_analysis is not None):
            raise NotFound("library.not_found", what="workspace", id=row.workspace_id)
