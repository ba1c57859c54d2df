"""A service that listens on loopback, in this process, for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from sightline.api.app import create_app
from sightline.client import Client
from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.columns import now
from sightline.library.migrate import upgrade
from sightline.service.operations.queue_state import dispatcher_heard_at
from sightline.service.platform import Platform
from sightline.service.settings import Settings


@dataclass(slots=True)
class Person:
    """A user with a workspace of his own and a token that reaches everywhere he does."""

    id: str
    workspace_id: str
    token: str


class Service:
    """A running service and what tests do with it."""

    def __init__(self, platform: Platform, url: str) -> None:
        self.platform, self.url = platform, url

    def person(self, email: str, *, is_admin: bool = False) -> Person:
        user = self.platform.accounts.create(SYSTEM, email, is_admin=is_admin)
        token = self.token(user.id, *Scope)
        return Person(user.id, min(self.platform.actors.actor_of_token(token).roles), token)

    def token(self, user_id: str, *scopes: Scope, **options: Any) -> str:
        _, secret = self.platform.tokens.create(SYSTEM, "test", scopes, user_id=user_id, **options)
        return secret

    def join(self, owner: Person, email: str, role: Role) -> None:
        self.platform.workspaces.add_member(SYSTEM, owner.workspace_id, email, role)

    def http(self, token: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, follow_redirects=True)

    def client(self, person: Person) -> Client:
        return Client(self.url, person.token)


def settings_for(folder: Path, **values: Any) -> Settings:
    """An installation of its own below ``folder``."""
    given = {
        "data_dir": folder / "data",
        "cache_dir": folder / "cache",
        "executor": "thread",
        "max_concurrent_tasks": 2,
        "min_free_disk_gb": 0,
        "max_cpu_percent": 100,
        "max_memory_percent": 100,
        # Other tests run beside it, and may keep a process that gives way to them from starting for minutes.
        "job_niceness": 0,
    }
    return Settings.model_validate(given | values)


def leader_of(platform: Platform) -> datetime | None:
    """When a dispatcher of this library was last heard of: the one of this process, or another's."""
    return now() if platform.dispatcher.stats().is_dispatcher else dispatcher_heard_at(platform.database)


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    """The service of these settings, until the block ends."""
    platform = Platform(settings)
    upgrade(platform.database)
    config = uvicorn.Config(
        create_app(platform), host="127.0.0.1", port=0, log_config=None, access_log=False, ws="none",
        proxy_headers=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="test-service", daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        assert time.monotonic() < deadline, "the service does not come up"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        # Its threads run before a test looks which there are. Of two over one library one leads.
        while not leader_of(platform):
            assert time.monotonic() < deadline, "nobody dispatches"
            time.sleep(0.02)
        yield Service(platform, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the service does not end"
