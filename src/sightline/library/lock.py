"""A lock between processes: advisory in PostgreSQL and MariaDB, of a file beside SQLite.

Whoever dies loses it at once, because the database or the system notices that the connection or the file is closed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from pathlib import Path

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from sightline.errors import Unavailable
from sightline.library.database import Database


class Lock:
    """Held by one process at a time, by name. Not to be shared between threads without care: one holder, one object."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name
        self._connection: Connection | None = None
        self._file: int | None = None
        self._guard = threading.Lock()

    @property
    def may_be_lost(self) -> bool:
        """While its holder lives: with a connection. The lock of a file ends with its process."""
        return not self._database.is_sqlite

    def acquire(self) -> bool:
        """Takes the lock if it is free. Raises `Unavailable` when the database cannot be reached."""
        with self._guard:
            if self._database.is_sqlite:
                return self._take_file()
            try:
                connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except DBAPIError as error:
                raise Unavailable("library.database_gone", why=str(error.orig).splitlines()[0]) from error
            try:
                taken = bool(connection.scalar(*self._asked("take")))
            except DBAPIError as error:
                connection.invalidate()
                connection.close()
                raise Unavailable("library.database_gone", why=str(error.orig).splitlines()[0]) from error
            if taken:
                self._connection = connection
            else:
                connection.close()
            return taken

    def is_held(self) -> bool:
        """Whether it is still ours: asks the database, over the connection that holds it."""
        with self._guard:
            if self._file is not None:
                return True
            if self._connection is None:
                return False
            try:
                return bool(self._connection.scalar(*self._asked("check")))
            except DBAPIError:
                self._drop()
                return False

    def release(self) -> None:
        with self._guard:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            if self._connection is not None:
                try:
                    self._connection.scalar(*self._asked("give"))
                except DBAPIError:
                    self._drop()
                    return
                self._connection.close()
                self._connection = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _asked(self, what: str) -> tuple[TextClause, dict[str, object]]:
        if self._database.kind == "postgresql":
            number = int.from_bytes(hashlib.sha256(self._name.encode()).digest()[:8], "big", signed=True)
            statement = {
                "take": "SELECT pg_try_advisory_lock(:key)",
                "check": "SELECT true",
                "give": "SELECT pg_advisory_unlock(:key)",
            }[what]
            return text(statement), ({} if what == "check" else {"key": number})
        statement = {
            "take": "SELECT GET_LOCK(:key, 0)",
            "check": "SELECT IS_USED_LOCK(:key) = CONNECTION_ID()",
            "give": "SELECT RELEASE_LOCK(:key)",
        }[what]
        return text(statement), {"key": f"sightline.{self._of_database()}.{self._name}"[:64]}

    def _of_database(self) -> str:
        # Advisory locks of MariaDB are known to the whole server, and two installations may share one.
        return hashlib.sha256((self._database.engine.url.database or "").encode()).hexdigest()[:12]

    def _take_file(self) -> bool:
        folder = Path(self._database.engine.url.database or ".").parent
        file = os.open(folder / f".{self._name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True
