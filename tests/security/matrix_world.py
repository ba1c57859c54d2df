"""One of everything in one workspace, and everybody who might ask for it."""

from __future__ import annotations

import asyncio
import hashlib
import warnings
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from tests.media_clips import write_clip
from tests.running import settings_for

from sightline.api.app import create_app
from sightline.facts import MediaFacts
from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.assessment_tables import ConsentRow, ReceiptRow
from sightline.library.columns import now
from sightline.library.migrate import upgrade
from sightline.library.search_tables import SavedSearchRow
from sightline.library.sign_in_tables import TokenRow
from sightline.library.tables import (
    AnalysisRow,
    Base,
    BlobRow,
    JobRow,
    MemberRow,
    TagRow,
    TemplateRow,
    UserRow,
    VideoRow,
    WorkspaceRow,
)
from sightline.media.probe import probe
from sightline.service.people.caller import Caller
from sightline.service.platform import Platform
from sightline.service.sample_video import place_of
from sightline.timeline.media_json import media_to_json

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which is not ours to choose.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PEOPLE = ("owner", "editor", "viewer", "other", "admin")
ASKING = ("anonymous", "expired", "share", *PEOPLE, "reader", "writer")
"""``reader`` and ``writer``: API tokens of the owner with those scopes; ``other`` and ``admin`` are no members."""
BESIDE = ("audit", "changes", "repeats", "alembic_version")
"""Written by reading as well, or by refusing."""


@dataclass(frozen=True)
class Clip:
    """The one video."""

    path: Path
    sha256: str
    facts: MediaFacts


@dataclass(frozen=True)
class World:
    app: FastAPI
    platform: Platform
    ids: dict[str, str]
    """Of the things in the workspace, by the name of the path parameter that asks for them."""
    credentials: dict[str, dict[str, str]]
    """Headers by who is asking."""

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        client = TestClient(
            self.app, base_url="http://localhost:8000", client=("203.0.113.9", 40_000), follow_redirects=False,
            raise_server_exceptions=False, headers={"Sec-Fetch-Site": "same-origin", **self.credentials[who]},
        )  # fmt: skip
        how = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return client.request(method, path, headers=headers, **how)

    def rows(self) -> dict[str, list[str]]:
        """Everything the database holds that a refused request must not have changed."""
        leave = {("sessions", "seen_at"), ("tokens", "used_at")}
        with self.platform.database.read(SYSTEM) as opened:
            return {
                table.name: sorted(
                    str([value for column, value in zip(table.columns, row, strict=True)
                         if (table.name, column.name) not in leave])
                    for row in opened.execute(select(table))
                )
                for table in Base.metadata.sorted_tables
                if table.name not in BESIDE
            }  # fmt: skip


def new_platform(folder: Path) -> Platform:
    """An installation that is not started: nothing works on jobs."""
    platform = Platform(settings_for(folder))
    platform.pulls.fetch = lambda *_: None
    upgrade(platform.database)
    return platform


def application(platform: Platform, folder: Path) -> FastAPI:
    app = create_app(platform)
    path = write_clip(folder / "a.mp4")
    place_of(platform.settings).parent.mkdir(parents=True)
    # Making the real one takes seconds.
    write_clip(place_of(platform.settings), pictures=5)
    app.state.clip = Clip(path, hashlib.sha256(path.read_bytes()).hexdigest(), probe(path))
    # Streams end as soon as they have begun.
    app.state.stopping = asyncio.Event()
    app.state.stopping.set()
    return app


def world(app: FastAPI) -> World:
    """The database emptied and filled anew."""
    platform: Platform = app.state.platform
    clip: Clip = app.state.clip
    if not platform.blobs.exists(clip.sha256):
        platform.blobs.put_file(clip.path, clip.sha256)
    with platform.database.write(SYSTEM) as opened:
        for table in reversed(Base.metadata.sorted_tables):
            opened.execute(table.delete())
        ids = _things(opened, clip)
    credentials: dict[str, dict[str, str]] = {"anonymous": {}}
    with platform.database.write(SYSTEM) as opened:
        for name in PEOPLE:
            signed_in = platform.sessions.begin(opened, opened.get_one(UserRow, ids[name]), Caller("192.0.2.1"), None)
            credentials[name] = {"Cookie": f"sightline_session={signed_in.secret}"}
            if name == "owner":
                ids["session_id"] = signed_in.session_id
    for name, scopes in (("reader", [Scope.READ]), ("writer", [Scope.WRITE]), ("expired", [Scope.ADMIN])):
        row, secret = platform.tokens.create(SYSTEM, name, scopes, user_id=ids["owner"])
        credentials[name] = {"Authorization": f"Bearer {secret}"}
        ids["token_id"] = row.id
    with platform.database.write(SYSTEM) as opened:
        opened.execute(update(TokenRow).where(TokenRow.name == "expired").values(expires_at=now()))
    owner = platform.actors.actor_of_session(credentials["owner"]["Cookie"].partition("=")[2])
    ids["upload_id"] = platform.uploads.begin(owner, ids["workspace_id"], "b.mp4", 9).id
    share, secret = platform.shares.create(SYSTEM, ids["analysis_id"], now() + timedelta(days=1))
    credentials["share"] = {"X-Sightline-Share": secret}
    return World(app, platform, {**ids, "share_id": share.id}, credentials)


def _things(opened: Session, clip: Clip) -> dict[str, str]:
    users = {name: UserRow(email=f"{name}@example.org", is_admin=name == "admin") for name in PEOPLE}
    spare = UserRow(email="spare@example.org")
    workspace, elsewhere = WorkspaceRow(name="Main"), WorkspaceRow(name="Elsewhere")
    opened.add_all([*users.values(), spare, workspace, elsewhere])
    opened.flush()
    here = workspace.id
    for name in ("owner", "editor", "viewer"):
        opened.add(MemberRow(workspace_id=here, user_id=users[name].id, role=Role(name)))
    opened.add(MemberRow(workspace_id=here, user_id=spare.id, role=Role.VIEWER))
    for name in ("other", "admin"):
        opened.add(MemberRow(workspace_id=elsewhere.id, user_id=users[name].id, role=Role.OWNER))
    facts = media_to_json(replace(clip.facts, sha256=clip.sha256))
    video = VideoRow(
        workspace_id=here, sha256=clip.sha256, name="a.mp4", size_bytes=clip.facts.size_bytes, facts=facts,
        media_type="video/mp4", source="upload",
    )  # fmt: skip
    blob = BlobRow(sha256=clip.sha256, size_bytes=clip.facts.size_bytes)
    opened.add_all([blob, video, TemplateRow(workspace_id=here, name="own", source='extends = "default"')])
    opened.flush()
    analysis = AnalysisRow(workspace_id=here, video_id=video.id, desk="qc", template="default")
    opened.add(analysis)
    opened.add(TagRow(workspace_id=here, video_id=video.id, tag="spring"))
    opened.flush()
    job = JobRow(workspace_id=here, kind="analysis", subject_id=analysis.id, timeout_s=9, created_by=users["owner"].id)
    opened.add(job)
    consent = ConsentRow(
        workspace_id=here, subject="Mina", purpose="a post", policy="hiring", text="I agree.", text_sha256="0" * 64,
        language="en", given_at=now(),
    )  # fmt: skip
    receipt = ReceiptRow(workspace_id=here, video_id="gone", mode="everything", document={}, sha256="0" * 64)
    search = SavedSearchRow(workspace_id=here, user_id=users["owner"].id, name="mine", query={"q": "a"})
    opened.add_all([consent, receipt, search])
    opened.flush()
    return {
        "search_id": search.id, "consent_id": consent.id, "receipt_id": receipt.id,
        "workspace_id": here, "video_id": video.id, "analysis_id": analysis.id, "job_id": job.id,
        "user_id": spare.id, "name": "own", "to": "json", "sheet": "0", "language": "en", "model_id": "yunet",
        **{name: row.id for name, row in users.items()},
    }  # fmt: skip
