"""The routes of accounts in an application of their own, over a real database."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from sightline.api import doorway, problems
from sightline.api.routes import account, audit, pages, session, shares, tokens, users, workspaces
from sightline.library.actor import SYSTEM, Actor
from sightline.library.database import Database
from sightline.library.tables import AnalysisRow, UserRow, VideoRow
from sightline.service.audit_reading import AuditLog
from sightline.service.people.accounts import Accounts
from sightline.service.people.actors import Actors
from sightline.service.people.links import Links
from sightline.service.people.oidc import Oidc
from sightline.service.people.passwords import Passwords
from sightline.service.people.sessions import Sessions
from sightline.service.people.shares import Shares
from sightline.service.people.tokens import Tokens
from sightline.service.people.workspaces import Workspaces
from sightline.service.settings import Settings

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which is not ours to choose.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PASSWORD = "correct horse battery"
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
"""Tests check what is decided, not how long a hash takes."""


@dataclass
class Parts:
    """Everything about accounts over one database."""

    database: Database
    settings: Settings = field(default_factory=Settings)
    transport: httpx.BaseTransport | None = None
    clear: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        database, settings = self.database, self.settings
        self.passwords = Passwords(QUICK)
        self.actors = Actors(database, settings)
        self.sessions = Sessions(database, settings, self.passwords)
        self.links = Links(database, self.sessions)
        self.workspaces = Workspaces(database, self.clear)
        self.accounts = Accounts(database, settings, self.passwords, self.workspaces)
        self.tokens = Tokens(database)
        self.shares = Shares(database, self.actors)
        self.oidc = Oidc(database, settings, self.sessions, self.transport)
        self.audit_log = AuditLog(database)

    def user(self, email: str = "mina@example.org", **more: Any) -> UserRow:
        return self.accounts.create(SYSTEM, email, password=more.pop("password", PASSWORD), **more)

    def actor(self, user: UserRow) -> Actor:
        """As the user is after signing in."""
        from sightline.service.people.caller import Caller

        with self.database.write(SYSTEM) as opened:
            secret = self.sessions.begin(opened, opened.get_one(UserRow, user.id), Caller("127.0.0.1"), None).secret
        return self.actors.actor_of_session(secret)

    def workspace_of(self, user: UserRow) -> str:
        return next(iter(self.actor(user).roles))

    def analysis(self, workspace_id: str, name: str = "a") -> str:
        """A video with an analysis. The analysis' id."""
        with self.database.write(SYSTEM) as opened:
            video = VideoRow(
                workspace_id=workspace_id, sha256=name * 64, name=name, size_bytes=1, media_type="video/mp4", facts={},
                source="upload",
            )  # fmt: skip
            opened.add(video)
            opened.flush()
            analysis = AnalysisRow(workspace_id=workspace_id, video_id=video.id, desk="qc", template="default")
            opened.add(analysis)
            opened.flush()
            return analysis.id

    def count(self, model: type[Any]) -> int:
        from sqlalchemy import func, select

        with self.database.read(SYSTEM) as opened:
            return opened.scalar(select(func.count()).select_from(model)) or 0


def application(parts: Parts) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    app.state.platform = SimpleNamespace(**vars(parts))
    problems.install(app)
    doorway.install(app, parts.settings)
    api = APIRouter(prefix="/api/v1")
    for one in (session, account, users, tokens, workspaces, shares, audit):
        api.include_router(one.router)
    app.include_router(api)
    app.include_router(pages.router)
    return app


def browser(parts: Parts, base_url: str = "http://localhost:8000", address: str = "127.0.0.1") -> TestClient:
    """A browser that says of its requests that they come from our own pages."""
    return TestClient(
        application(parts), base_url=base_url, headers={"Sec-Fetch-Site": "same-origin"}, client=(address, 40_000),
        follow_redirects=False, raise_server_exceptions=False,
    )  # fmt: skip


__all__ = ["PASSWORD", "Parts", "application", "browser"]
