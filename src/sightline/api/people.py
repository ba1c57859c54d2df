"""What the API says of users, workspaces, sessions, tokens, share links and the audit. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from sightline.library.actor import Role, Scope
from sightline.library.running_tables import AuditRow
from sightline.library.sign_in_tables import SessionRow, TokenRow
from sightline.library.tables import ShareRow, UserRow
from sightline.service.people.workspaces import Member, Mine
from sightline.text import Language

_USER = "01a1fda1ee00fb91d34986cdc5a23fa0"
_WORKSPACE = "01a1fda1ee11fb91d34986cdc5a23fa0"


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": fields})


_MINA = {
    "id": _USER, "email": "mina@example.org", "name": "Mina", "language": "ko", "is_admin": False,
    "has_password": True, "has_identity": False, "created_at": "2026-11-21T10:00:00Z", "disabled_at": None,
}  # fmt: skip


class UserView(BaseModel):
    model_config = _example(**_MINA)

    id: str
    email: str
    name: str
    language: Language | None
    """Null: nobody has chosen one; the page follows the browser."""
    is_admin: bool
    has_password: bool
    has_identity: bool
    """Signs in at the identity provider."""
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, row: UserRow) -> UserView:
        return cls(
            id=row.id, email=row.email, name=row.name, language=Language(row.language) if row.language else None,
            is_admin=row.is_admin,
            has_password=row.password_hash is not None, has_identity=row.oidc_subject is not None,
            created_at=row.created_at, disabled_at=row.disabled_at,
        )  # fmt: skip


class WorkspaceView(BaseModel):
    model_config = _example(id=_WORKSPACE, name="Main", role="owner", created_at="2026-11-21T10:00:00Z")

    id: str
    name: str
    role: Role
    """Yours in it."""
    created_at: datetime

    @classmethod
    def of(cls, mine: Mine) -> WorkspaceView:
        row = mine.workspace
        return cls(id=row.id, name=row.name, role=mine.role, created_at=row.created_at)


class MemberView(BaseModel):
    model_config = _example(user_id=_USER, email="mina@example.org", name="Mina", role="editor")

    user_id: str
    email: str
    name: str
    role: Role

    @classmethod
    def of(cls, member: Member) -> MemberView:
        return cls(user_id=member.user.id, email=member.user.email, name=member.user.name, role=member.role)


class SessionView(BaseModel):
    """A browser that is signed in."""

    model_config = _example(
        id="01a1fda1ee22fb91d34986cdc5a23fa0", is_current=True, created_at="2026-11-21T10:00:00Z",
        seen_at="2026-11-21T10:04:00Z", ends_at="2026-11-21T10:34:00Z", address="192.0.2.7", agent="Mozilla/5.0 …",
    )  # fmt: skip

    id: str
    is_current: bool
    created_at: datetime
    seen_at: datetime
    """To the minute."""
    ends_at: datetime
    """If it is not used any more."""
    address: str
    agent: str

    @classmethod
    def of(cls, row: SessionRow, ends_at: datetime, current: str | None) -> SessionView:
        return cls(
            id=row.id, is_current=row.id == current, created_at=row.created_at, seen_at=row.seen_at, ends_at=ends_at,
            address=row.address, agent=row.agent,
        )  # fmt: skip


class TokenView(BaseModel):
    model_config = _example(
        id="01a1fda1ee33fb91d34986cdc5a23fa0", name="nightly", scopes=["read", "write"], workspace_id=None,
        created_at="2026-11-21T10:00:00Z", used_at=None, expires_at="2027-02-19T10:00:00Z",
    )  # fmt: skip

    id: str
    name: str
    scopes: list[Scope]
    workspace_id: str | None
    """None: every workspace of the user."""
    created_at: datetime
    used_at: datetime | None
    """To the minute."""
    expires_at: datetime | None

    @classmethod
    def fields_of(cls, row: TokenRow) -> dict[str, Any]:
        return {
            "id": row.id, "name": row.name, "scopes": [Scope(word) for word in row.scopes.split()],
            "workspace_id": row.workspace_id, "created_at": row.created_at, "used_at": row.used_at,
            "expires_at": row.expires_at,
        }  # fmt: skip

    @classmethod
    def of(cls, row: TokenRow) -> TokenView:
        return cls(**cls.fields_of(row))


class NewTokenView(TokenView):
    secret: str
    """Shown this once: ``Authorization: Bearer <secret>``."""


class ShareView(BaseModel):
    model_config = _example(
        id="01a1fda1ee44fb91d34986cdc5a23fa0", analysis_id="01a1fda1eec9fb91d34986cdc5a23fa0", created_by=_USER,
        created_at="2026-11-21T10:00:00Z", expires_at="2026-12-21T10:00:00Z",
    )  # fmt: skip

    id: str
    analysis_id: str
    created_by: str | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def fields_of(cls, row: ShareRow) -> dict[str, Any]:
        return {
            "id": row.id, "analysis_id": row.analysis_id, "created_by": row.created_by,
            "created_at": row.created_at, "expires_at": row.expires_at,
        }  # fmt: skip

    @classmethod
    def of(cls, row: ShareRow) -> ShareView:
        return cls(**cls.fields_of(row))


class NewShareView(ShareView):
    secret: str
    """Shown this once: the header ``X-Sightline-Share``."""
    url: str
    """To send to somebody: it opens the report."""


class SharedView(BaseModel):
    """What a share link shows."""

    model_config = _example(analysis_id="01a1fda1eec9fb91d34986cdc5a23fa0", video_id="01a1fda1ee55fb91d34986cdc5a23fa0")

    analysis_id: str
    video_id: str


class LimitsView(BaseModel):
    max_upload_gb: float
    """Largest file taken in, in GiB."""


class WhoView(BaseModel):
    """Who is asking, and how far he reaches."""

    model_config = _example(
        kind="session", user=_MINA, scopes=["read", "write", "admin"], is_admin=False, shared=None,
        limits={"max_upload_gb": 50},
        workspaces=[{"id": _WORKSPACE, "name": "Main", "role": "owner", "created_at": "2026-11-21T10:00:00Z"}],
    )  # fmt: skip

    kind: Literal["session", "token", "share"]
    user: UserView | None
    """None for a share link."""
    scopes: list[Scope]
    is_admin: bool
    """May manage users and the installation, as far as the scopes reach."""
    workspaces: list[WorkspaceView]
    shared: SharedView | None
    """For a share link: what it shows."""
    limits: LimitsView


class WaysView(BaseModel):
    """How one can sign in here."""

    model_config = _example(password=True, oidc=False)

    password: bool
    oidc: bool
    """At ``/api/v1/session/oidc``."""


class LinkView(BaseModel):
    model_config = _example(url="https://qc.example.org/sign-in?secret=…")

    url: str
    """Signs the user in once, within the hour. Shown this once."""


class AuditView(BaseModel):
    model_config = _example(
        id=4711, at="2026-11-21T10:00:00Z", user_id=_USER, actor="mina@example.org", workspace_id=_WORKSPACE,
        action="video.removed", subject="video:01a1fda1ee55fb91d34986cdc5a23fa0", address="192.0.2.7",
        request_id="5f0c1f0e6f9d4a5b8f3a2b1c0d9e8f7a", details={"analyses": 2},
    )  # fmt: skip

    id: int
    at: datetime
    user_id: str | None
    actor: str
    workspace_id: str | None
    action: str
    subject: str
    address: str
    request_id: str
    details: dict[str, Any]

    @classmethod
    def of(cls, row: AuditRow) -> AuditView:
        return cls(
            id=row.id, at=row.at, user_id=row.user_id, actor=row.actor, workspace_id=row.workspace_id,
            action=row.action, subject=row.subject, address=row.address, request_id=row.request_id,
            details=row.details,
        )  # fmt: skip
