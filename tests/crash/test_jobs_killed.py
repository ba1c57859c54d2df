"""``kill -9`` of dispatchers, of children and of connections to the database, at a hundred random instants while twenty
jobs are queued: every job ends once, and nothing is left behind."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from jobs_under_fire import Jobs, Servers, until
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sightline.library.database import Database

INSTANTS = {"sqlite": 34, "postgresql": 33, "mariadb": 33}
QUEUED = 20
CONNECTIONS = {
    "postgresql": (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SELECT pg_terminate_backend({})",
    ),
    "mariadb": (
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        "KILL {}",
    ),
}


def kill_connections(database: Database, chance: random.Random) -> None:
    """Some of them, so that the lock goes without the rest, the rest without the lock, or all together."""
    listed, kill = CONNECTIONS[database.kind]
    with database.engine.connect() as connection:
        for number in connection.scalars(text(listed)).all():
            if chance.random() < 0.7:
                try:
                    connection.execute(text(kill.format(number)))
                except DBAPIError as error:
                    assert "Unknown thread" in str(error), error  # noqa: PT017  (it has gone by itself)
                    connection.rollback()


@pytest.mark.parametrize("seed", [20260101])
def test_every_job_ends_once_whatever_is_killed(database: Database, tmp_path: Path, seed: int) -> None:
    chance = random.Random(f"{seed} {database.kind}")
    jobs, servers = Jobs(database, tmp_path), Servers(database.url, tmp_path)
    try:
        jobs.put(QUEUED)
        until(lambda: jobs.states()["running"], 30)
        for _ in range(INSTANTS[database.kind]):
            time.sleep(chance.uniform(0.0, 0.5))
            match chance.choice(("server", "child", "connections")):
                case "server":
                    servers.kill(chance.randrange(2))
                case "connections" if not database.is_sqlite:
                    kill_connections(database, chance)
                case _:
                    servers.kill_child(chance.randrange(100))
            jobs.put(QUEUED - min(QUEUED, jobs.unfinished()))
            jobs.hurry()

        def is_over() -> bool:
            jobs.hurry()
            return not jobs.unfinished()

        until(is_over, 60, lambda: f"{jobs.states()}\n{servers.tell()}")
    finally:
        servers.close()
    jobs.all_ended_once()
    assert list((tmp_path / "jobs").iterdir()) == []
