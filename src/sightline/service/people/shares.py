"""Share links: by one anybody can look at one analysis and its video until it expires.

A link belongs to the workspace, not to who made it: it goes on when he leaves, and every editor can revoke it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.errors import RequestInvalid
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.tables import AnalysisRow, ShareRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people.actors import Actors
from sightline.service.people.caller import NOBODY, Caller
from sightline.service.people.secret import hash_of, new_secret

LONGEST = timedelta(days=90)


class Shares:
    def __init__(self, database: Database, actors: Actors) -> None:
        self._database, self._actors = database, actors

    def create(self, actor: Actor, analysis_id: str, expires_at: datetime) -> tuple[ShareRow, str]:
        """A link and its secret, which is shown this once. Raises `NotFound`; `RequestInvalid` for an end that is past
        or more than 90 days ahead."""
        secret, moment = new_secret(), now()

        def work(session: Session) -> ShareRow:
            analysis = one(session, AnalysisRow, analysis_id)
            require(actor, Right.SHARE, analysis.workspace_id)
            if not moment < expires_at <= moment + LONGEST:
                raise RequestInvalid("account.share_expiry", days=LONGEST.days)
            row = ShareRow(
                workspace_id=analysis.workspace_id, analysis_id=analysis_id, secret_hash=hash_of(secret),
                created_by=actor.user_id, expires_at=expires_at,
            )  # fmt: skip
            session.add(row)
            session.flush()
            audit.record(
                session, actor, "share.created", f"share:{row.id}", workspace_id=row.workspace_id,
                analysis=analysis_id, expires_at=expires_at.isoformat(),
            )  # fmt: skip
            audit.changed(session, row.workspace_id, "share", row.id, "created")
            return row

        return self._database.change(actor, work), secret

    def list(self, actor: Actor, analysis_id: str) -> Sequence[ShareRow]:
        """Those of an analysis that work, the newest first."""
        with self._database.read(actor) as session:
            analysis = one(session, AnalysisRow, analysis_id)
            require(actor, Right.SHARE, analysis.workspace_id)
            alive = select(ShareRow).where(
                ShareRow.analysis_id == analysis_id, ShareRow.revoked_at.is_(None), ShareRow.expires_at > now()
            )
            return session.scalars(alive.order_by(ShareRow.id.desc())).all()

    def revoke(self, actor: Actor, share_id: str) -> None:
        """Raises `NotFound`."""

        def work(session: Session) -> None:
            row = one(session, ShareRow, share_id)
            require(actor, Right.SHARE, row.workspace_id)
            if row.revoked_at is None:
                row.revoked_at = now()
                audit.record(session, actor, "share.revoked", f"share:{share_id}", workspace_id=row.workspace_id)
                audit.changed(session, row.workspace_id, "share", share_id)

        self._database.change(actor, work)

    def open(self, secret: str, caller: Caller = NOBODY) -> Actor:
        """Who has the link: a viewer of its analysis. Raises `NotSignedIn` for one that is unknown or has ended."""
        actor = self._actors.actor_of_share(secret, caller)
        require(actor, Right.VIEW)
        workspace_id = next(iter(actor.roles))
        self._database.change(
            SYSTEM,
            lambda session: audit.record(
                session, actor, "share.opened", actor.name, workspace_id=workspace_id, analysis=actor.only_analysis
            ),
        )
        return actor
