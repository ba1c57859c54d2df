"""``kill -9`` of the whole service, of its children and of its connections, at random instants: every analysis is done
once, every byte that was acknowledged is there, and nothing lies about."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from service_under_fire import Library
from sqlalchemy import text
from tests import services
from tests.served import Served, looked_at, served_settings, until

from sightline.library.database import Database

QUEUED, LEAST = 20, 8
INSTANTS = {"sqlite": 10, "postgresql": 8}


def kill_child(servers: Sequence[Served], chance: random.Random) -> None:
    children = [child for server in servers for child in server.children()]
    if children:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            os.kill(chance.choice(children).pid, signal.SIGKILL)


def kill_connections(database: Database, chance: random.Random) -> None:
    """Some of them, so that the lock goes without the rest, or the rest without the lock."""
    listed = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.engine.connect() as connection:
        for pid in connection.scalars(text(listed)).all():
            if chance.random() < 0.7:
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 1), ("postgresql", 2)])
def test_every_analysis_is_done_once_whatever_is_killed(kind: str, processes: int, tmp_path: Path) -> None:
    chance = random.Random(f"20260102 {kind}")
    url = services.new_database_url(kind, tmp_path)
    settings = served_settings(tmp_path, database_url=url, max_concurrent_tasks=2)
    with ExitStack() as beside:
        beside.callback(services.drop_database, url)
        service = beside.enter_context(looked_at(settings, ""))
        library = Library(service, tmp_path)
        library.take_in(QUEUED)
        servers = [beside.enter_context(Served(settings, tmp_path / f"log-{n}")) for n in range(processes)]
        for server in servers:
            server.start().wait_until_up()
        library.ask(QUEUED, servers[0].url)
        for instant in range(INSTANTS[kind]):
            # With something under way that can be broken, and something of what was asked done in between.
            done, more = library.states()["done"], chance.choice((0, 1, 2))
            until(lambda: library.states()["done"] >= done + more, 60, servers[0].tell)  # noqa: B023
            until(lambda: library.states()["running"], 60, servers[0].tell)
            time.sleep(chance.uniform(0.0, 0.5))
            server = chance.choice(servers)
            # Starting again takes seconds in which there is little to break: so not too often.
            what = "server" if instant % 4 == 1 else chance.choice(("child", "connections"))
            if what == "server":
                server.kill()
                server.start()
                if processes == 1:
                    server.wait_until_up()
            elif what == "connections" and kind == "postgresql":
                kill_connections(service.platform.database, chance)
            else:
                kill_child(servers, chance)
            library.hurry()
            others = [each for each in servers if each is not server or processes == 1]
            library.ask(LEAST - min(LEAST, library.unfinished()), others[0].url)
        until(library.is_over, 90, lambda: f"{library.states()}\n{servers[0].tell()}")
        for server in servers:
            server.stop()
        library.is_done_once()
        library.nothing_lies_about()
        assert not [error for server in servers for error in server.errors()]
