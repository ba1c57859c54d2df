"""The database's tables brought to where this program wants them, and back."""

from __future__ import annotations

import time
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sightline.errors import SetupError, Unavailable
from sightline.library.database import Database
from sightline.library.lock import Lock
from sightline.library.tables import Base

WAIT_S = 120


def upgrade(database: Database) -> None:
    """Runs the migrations this database has not seen. Processes that start together wait for the one that does it.

    Raises `Unavailable` when the database cannot be reached, `SetupError` when it was made by a later program or a
    migration fails.
    """
    if current(database) == head():
        return
    lock, deadline = Lock(database, "migrations"), time.monotonic() + WAIT_S
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise SetupError("library.migration_waits")
        time.sleep(0.1)
    try:
        found = current(database)
        if found is not None and found not in _known():
            raise SetupError("library.from_later", found=found, known=head())
        with database.engine.connect() as connection:
            command.upgrade(_config(connection), "head")
            connection.commit()
    except DBAPIError as error:
        raise SetupError("library.migration_failed", why=str(error.orig).splitlines()[0]) from error
    finally:
        lock.release()


def downgrade(database: Database, to: str = "base") -> None:
    """Undoes migrations down to ``to``. What only later tables hold is lost."""
    with database.engine.connect() as connection:
        command.downgrade(_config(connection), to)
        connection.commit()


def current(database: Database) -> str | None:
    """The last migration this database has seen; None for an empty one. Raises `Unavailable`."""
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise Unavailable("library.database_gone", why=str(error.orig).splitlines()[0]) from error


def head() -> str:
    """The last migration this program knows."""
    return _scripts().get_current_head() or ""


def differences(database: Database) -> list[object]:
    """Where the tables are not what the program's models say. Empty on a database at `head`."""
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(resources.files("sightline.library") / "migrations").replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
