"""Readiness and the state of the queue."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.redis_server import RedisServer

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.cache import ResultCache
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow, ProcessRow
from sightline.library.tables import JobRow, WorkspaceRow
from sightline.service.operations.queue_state import QueueReader, queue_state
from sightline.service.operations.readiness import PartState, Readiness, ReadinessChecks, usual_looks
from sightline.service.settings import Settings
from sightline.text import Language


def checks(
    settings: Settings, database: Database, redis_url: str = "", store: object = lambda: None
) -> ReadinessChecks:
    return ReadinessChecks(usual_looks(settings, database, ResultCache(1000, redis_url), store))  # type: ignore[arg-type]


def states(found: Readiness) -> dict[str, str]:
    for part in found.parts:
        if part.why is not None:
            assert all(part.why.render(language) for language in Language)
    return {part.name: part.state.value for part in found.parts if part.state is not PartState.OK}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, min_free_disk_gb=0)


@pytest.fixture
def dispatched(database: Database) -> Database:
    with database.write(SYSTEM) as session:
        session.add(ProcessRow(host="h", pid=1, is_dispatcher=True))
    return database


def test_an_installation_that_is_well_is_ready(dispatched: Database, settings: Settings, redis_url: str) -> None:
    found = checks(settings, dispatched, redis_url).check()
    assert states(found) == {}
    assert found.is_ready
    assert found.state is PartState.OK
    assert [part.name for part in found.parts] == ["database", "migrations", "store", "dispatcher", "disk", "redis"]
    assert all(part.took_ms >= 0 for part in found.parts)


def test_no_dispatcher_no_redis_and_no_room_are_told_of_but_turn_nobody_away(
    sqlite_database: Database, settings: Settings, tmp_path: Path
) -> None:
    full = settings.model_copy(update={"min_free_disk_gb": 1e9})
    with sqlite_database.write(SYSTEM) as session:
        session.add(ProcessRow(host="h", pid=1, is_dispatcher=True, seen_at=now() - timedelta(minutes=5)))
    with RedisServer(tmp_path) as server:
        found = checks(full, sqlite_database, server.url).check()
    assert states(found) == {"dispatcher": "degraded", "disk": "degraded", "redis": "degraded"}
    assert found.is_ready
    assert found.state is PartState.DEGRADED


def test_a_database_that_is_gone_makes_it_unready(settings: Settings) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = checks(settings, gone).check()
    assert states(found) == {"database": "failed", "migrations": "failed", "dispatcher": "failed"}
    assert not found.is_ready


def test_tables_of_another_version_make_it_unready(dispatched: Database, settings: Settings) -> None:
    with dispatched.engine.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        assert states(checks(settings, dispatched).check()) == {"migrations": "failed"}
    finally:
        with dispatched.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})


def test_a_store_that_is_gone_makes_it_unready(dispatched: Database, settings: Settings) -> None:
    def refuse() -> None:
        raise Unavailable("operations.ready.no_redis")

    assert states(checks(settings, dispatched, store=refuse).check()) == {"store": "failed"}


def test_a_part_that_hangs_is_given_up_and_not_asked_twice() -> None:
    release, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        release.wait(10)

    slow = ReadinessChecks({"a": hang, "b": lambda: None}, patience_s=0.1)
    began = time.monotonic()
    assert states(slow.check()) == {"a": "failed"}
    assert time.monotonic() - began < 1
    slow._made_s = -10
    assert states(slow.check()) == {"a": "failed"}
    assert asked == [1]
    release.set()
    deadline = time.monotonic() + 60
    while states(slow.check()) != {}:
        assert time.monotonic() < deadline
        slow._made_s = -10


def test_an_answer_is_kept_for_a_second() -> None:
    asked: list[int] = []
    kept = ReadinessChecks({"a": lambda: asked.append(1)})
    threads = [threading.Thread(target=kept.check) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [1]


@pytest.mark.expects_errors
def test_a_bug_in_a_look_is_a_failed_part() -> None:
    assert states(ReadinessChecks({"a": lambda: 1 / 0}).check()) == {"a": "failed"}  # type: ignore[dict-item, return-value]


def test_the_queue_is_read_as_the_database_has_it(database: Database) -> None:
    at = now()
    with database.write(SYSTEM) as session:
        session.add(WorkspaceRow(id="w", name="w"))
        session.flush()
        for state, due in (("queued", -30), ("queued", -10), ("queued", 60), ("running", -90), ("done", -90)):
            session.add(
                JobRow(workspace_id="w", kind="analysis", state=state, timeout_s=1, due_at=at + timedelta(seconds=due))
            )
        session.add(ProcessRow(host="h", pid=1, is_dispatcher=True, seen_at=at - timedelta(seconds=4)))
        session.add(ProcessRow(host="h", pid=2, seen_at=at))
        session.add(AlertRow(kind="disk", message={}))
        session.add(AlertRow(kind="cpu", message={}, ended_at=at))
    found = queue_state(database, at)
    assert found.jobs == {"queued": 3, "running": 1, "done": 1}
    assert found.oldest_due_s == pytest.approx(30)
    assert found.dispatcher_age_s == pytest.approx(4)
    assert found.open_alerts == {"disk": 1}


def test_the_queue_is_not_read_at_every_question(sqlite_database: Database) -> None:
    at = [0.0]
    reader = QueueReader(sqlite_database, clock=lambda: at[0])
    first = reader.read()
    assert first is not None
    assert first.dispatcher_age_s is None
    assert reader.read() is first
    at[0] = 6
    assert reader.read() is not first
    gone = QueueReader(Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert gone.read() is None
