"""Who did what, and that something changed: written in the transaction of the change itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sightline.library.actor import Actor
from sightline.library.running_tables import AuditRow, ChangeRow


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str = "",
    *,
    workspace_id: str | None = None,
    **details: str | int | float | bool | None,
) -> None:
    """A line of the audit. ``action`` is ``<noun>.<past participle>``, ``subject`` ``<noun>:<id>``. No secrets."""
    session.add(
        AuditRow(
            user_id=actor.user_id,
            actor=actor.name[:255],
            workspace_id=workspace_id,
            action=action,
            subject=subject[:255],
            address=actor.address[:64],
            request_id=actor.request_id[:64],
            details=details,
        )
    )


def changed(session: Session, workspace_id: str, subject: str, subject_id: str, kind: str = "changed") -> None:
    """Tells listeners of a workspace that a thing was ``created``, ``changed`` or ``removed``."""
    session.add(ChangeRow(workspace_id=workspace_id, kind=kind, subject=subject, subject_id=subject_id))
