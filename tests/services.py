"""Real services for tests: PostgreSQL, MariaDB and Redis, where they listen.

Where one does not listen the test is skipped with the reason; with ``SIGHTLINE_REQUIRE_SERVICES=1`` it fails.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from sightline.library.database import Database
from sightline.library.migrate import upgrade
from sightline.library.tables import Base

DATABASES = ("sqlite", "postgresql", "mariadb")
URLS = {
    "postgresql": ("SIGHTLINE_TEST_POSTGRES_URL", "postgresql+psycopg://root@127.0.0.1:5432/test"),
    "mariadb": ("SIGHTLINE_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/test"),
    "redis": ("SIGHTLINE_TEST_REDIS_URL", "redis://127.0.0.1:6379/9"),
}


def url_of(kind: str) -> str:
    """Where the service of this kind listens. Skips, or fails, the test where it does not."""
    name, otherwise = URLS[kind]
    url = os.environ.get(name, otherwise)
    at = urlsplit(url)
    try:
        socket.create_connection((at.hostname or "127.0.0.1", at.port or 0), timeout=2).close()
    except OSError as error:
        missing(f"no {kind} at {at.hostname}:{at.port} ({error}); name one in {name}")
    return url


def redis_url() -> str:
    return url_of("redis")


@contextmanager
def s3_bucket() -> Iterator[dict[str, str]]:
    """Settings of an empty bucket in a store of this process's own."""
    # Slow to load, and few tests need it.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        endpoint, bucket = f"http://127.0.0.1:{port}", f"b{uuid.uuid4().hex}"
        # The first request to it loads what it is made of.
        httpx.put(f"{endpoint}/{bucket}", timeout=60).raise_for_status()
        yield {
            "blob_url": f"s3://{bucket}/library",
            "s3_endpoint": endpoint,
            "s3_access_key_id": "test",
            "s3_secret_access_key": "test",
        }
    finally:
        server.stop()


def missing(why: str) -> None:
    if os.environ.get("SIGHTLINE_REQUIRE_SERVICES") == "1":
        pytest.fail(why)
    pytest.skip(why)


def new_database_url(kind: str, folder: Path) -> str:
    """The URL of a database nobody else uses, empty, without tables. `drop_database` removes it."""
    if kind == "sqlite":
        return f"sqlite:///{folder / f'{uuid.uuid4().hex}.db'}"
    server = make_url(url_of(kind))
    name = f"sightline_test_{uuid.uuid4().hex}"
    try:
        _on_server(server.render_as_string(hide_password=False), f"CREATE DATABASE {name}")
    except SQLAlchemyError as error:
        missing(f"{kind} refuses to make a database: {error}")
    return server.set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{at.database}{suffix}").unlink(missing_ok=True)
        return
    force = " WITH (FORCE)" if at.get_backend_name() == "postgresql" else ""
    _on_server(
        at.set(database="test").render_as_string(hide_password=False), f"DROP DATABASE IF EXISTS {at.database}{force}"
    )


def _on_server(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


_MADE: list[str] = []


@cache
def _made_once(kind: str, folder: Path) -> Database:
    url = new_database_url(kind, folder)
    _MADE.append(url)
    database = Database(url)
    upgrade(database)
    return database


def empty_database(kind: str, folder: Path) -> Iterator[Database]:
    """A library without rows. Tables are made once a test process; what a test leaves in them is removed."""
    database = _made_once(kind, folder)
    yield database
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


def drop_all() -> None:
    """At the end of a test process."""
    if _MADE:
        for kind in DATABASES:
            for url in [u for u in _MADE if make_url(u).get_backend_name() == kind]:
                drop_database(url)
    _MADE.clear()
