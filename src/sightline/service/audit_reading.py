"""Reading the audit: owners that of their workspaces, administrators all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sightline.library.actor import Actor
from sightline.library.database import Database
from sightline.library.paging import Order, Page, page
from sightline.library.running_tables import AuditRow
from sightline.service.access import Right, require


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is narrowed to; None: not by this."""

    workspace_id: str | None = None
    action: str | None = None
    """``video.created``, or what comes before the full stop."""
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Not itself included."""


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, actor: Actor, wanted: AuditFilter, cursor: str | None = None, limit: int = 50) -> Page[AuditRow]:
        """The newest first. Without a workspace: of the whole installation, for administrators."""
        if wanted.workspace_id is None:
            require(actor, Right.MANAGE_INSTALLATION)
        else:
            require(actor, Right.MANAGE_WORKSPACE, wanted.workspace_id)
        found = select(AuditRow)
        if wanted.workspace_id is not None:
            found = found.where(AuditRow.workspace_id == wanted.workspace_id)
        if wanted.action is not None and "." in wanted.action:
            found = found.where(AuditRow.action == wanted.action)
        elif wanted.action is not None:
            found = found.where(AuditRow.action.startswith(f"{wanted.action}.", autoescape=True))
        if wanted.user_id is not None:
            found = found.where(AuditRow.user_id == wanted.user_id)
        if wanted.since is not None:
            found = found.where(AuditRow.at >= wanted.since)
        if wanted.until is not None:
            found = found.where(AuditRow.at < wanted.until)
        with self._database.read(actor) as session:
            return page(session, found, Order(AuditRow.id, AuditRow.id), cursor, limit)
