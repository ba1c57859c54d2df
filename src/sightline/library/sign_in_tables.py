"""Rows by which a browser or a program is known: sessions, tokens, one-time links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sightline.library.columns import now
from sightline.library.tables import HASH, ID, NAME, Base, key_column


class SessionRow(Base):
    """A browser that is signed in."""

    __tablename__ = "sessions"

    id: Mapped[str] = key_column()
    secret_hash: Mapped[str] = mapped_column(HASH, unique=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(NAME, default="")


class TokenRow(Base):
    """A secret for programs, in the name of a user."""

    __tablename__ = "tokens"

    id: Mapped[str] = key_column()
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[str | None] = mapped_column(ID, ForeignKey("workspaces.id", ondelete="CASCADE"))
    """None: every workspace of the user."""
    name: Mapped[str] = mapped_column(NAME)
    secret_hash: Mapped[str] = mapped_column(HASH, unique=True)
    scopes: Mapped[str] = mapped_column(NAME)
    """Words with spaces between."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LinkRow(Base):
    """A link that signs somebody in once."""

    __tablename__ = "links"

    id: Mapped[str] = key_column()
    secret_hash: Mapped[str] = mapped_column(HASH, unique=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
