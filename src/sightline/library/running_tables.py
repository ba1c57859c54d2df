"""Rows of the running installation: audit, changes that listeners hear of, answers kept, processes, alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sightline.library.columns import Count, LongText, now
from sightline.library.tables import HASH, ID, NAME, ON_MARIADB, WORD, Base, Owned, key_column


class AuditRow(Base):
    """Who did or looked at what. Outlives the user and the thing, so nothing is a foreign key."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_action_at", "action", "at"),
        Index("ix_audit_workspace_id_at", "workspace_id", "at"),
        ON_MARIADB,
    )

    id: Mapped[int] = mapped_column(Count, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    user_id: Mapped[str | None] = mapped_column(ID)
    actor: Mapped[str] = mapped_column(NAME)
    workspace_id: Mapped[str | None] = mapped_column(ID)
    action: Mapped[str] = mapped_column(String(64))
    """``video.created``, ``media.read``, ``sign_in.failed``."""
    subject: Mapped[str] = mapped_column(NAME, default="")
    """``video:<id>``, or what was tried."""
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ChangeRow(Owned, Base):
    """That something changed: what listeners resume from. Gives no content; whoever hears of it asks anew."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_workspace_id_id", "workspace_id", "id"), ON_MARIADB)

    id: Mapped[int] = mapped_column(Count, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    kind: Mapped[str] = mapped_column(WORD)
    """``created``, ``changed``, ``removed``."""
    subject: Mapped[str] = mapped_column(WORD)
    """``video``, ``analysis``, ``job``, ``upload``, ``share``, ``template``."""
    subject_id: Mapped[str] = mapped_column(ID)


class RepeatRow(Base):
    """The answer to a request that carried an idempotency key, to be given again."""

    __tablename__ = "repeats"

    key_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    """Of user, route and key."""
    request_hash: Mapped[str] = mapped_column(HASH)
    status: Mapped[int | None]
    """None while the first request is being answered."""
    body: Mapped[str | None] = mapped_column(LongText)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ProcessRow(Base):
    """A process of the service and how it fares: what readiness and the system page read."""

    __tablename__ = "processes"

    id: Mapped[str] = key_column()
    host: Mapped[str] = mapped_column(NAME)
    pid: Mapped[int]
    is_dispatcher: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    sample: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Load, memory, cache hits … as last sampled."""


class AlertRow(Base):
    """A limit that was passed, until it no longer was."""

    __tablename__ = "alerts"

    id: Mapped[str] = key_column()
    kind: Mapped[str] = mapped_column(WORD)
    """``cpu``, ``memory``, ``disk``, ``job_failed`` …"""
    host: Mapped[str] = mapped_column(NAME, default="")
    message: Mapped[dict[str, Any]]
    """Catalogue key and fields."""
    began_at: Mapped[datetime] = mapped_column(default=now, index=True)
    ended_at: Mapped[datetime | None]
