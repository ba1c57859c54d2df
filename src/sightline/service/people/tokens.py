"""API tokens: secrets by which programs act in the name of a user."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sightline.errors import NotAllowed, NotFound, RequestInvalid
from sightline.library.actor import Actor, Scope
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.sign_in_tables import TokenRow
from sightline.library.tables import MemberRow, UserRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.people.workspaces import clean_name

PREFIX = "sl_"
"""So that a token that lies around is recognised for what it is."""
_REACHES = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.ADMIN: frozenset(Scope),
}


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        actor: Actor,
        name: str,
        scopes: Collection[Scope],
        *,
        expires_at: datetime | None = None,
        workspace_id: str | None = None,
        user_id: str | None = None,
    ) -> tuple[TokenRow, str]:
        """A token and its secret, which is shown this once. The scope ``write`` holds ``read``, ``admin`` holds both.

        ``workspace_id``: it reaches this workspace of the user only, and not his account, so not with ``admin``.
        ``user_id``: for whom; anybody but oneself only for the installation itself. A token that makes a token gives it
        no scope it lacks and no later end than its own.
        """
        whose = user_id or actor.user_id
        require(actor, Right.OWN_ACCOUNT)
        if whose is None or (whose != actor.user_id and not actor.is_system):
            raise NotAllowed("account.own_tokens_only")
        reach = frozenset().union(*(_REACHES[scope] for scope in scopes)) if scopes else frozenset()
        named = clean_name(name)
        if not reach:
            raise RequestInvalid("account.no_scope")
        if not reach <= actor.scopes:
            raise NotAllowed("access.scope_missing", scope=" ".join(sorted(reach - actor.scopes)))
        if expires_at is not None and expires_at <= now():
            raise RequestInvalid("account.expiry_past")
        if workspace_id is not None and Scope.ADMIN in reach:
            raise RequestInvalid("account.token_admin_everywhere")
        secret = new_secret(PREFIX)

        def work(session: Session) -> TokenRow:
            one(session, UserRow, whose)
            ends = _not_after_its_maker(session, actor, expires_at)
            if workspace_id is not None and session.get(MemberRow, (workspace_id, whose)) is None:
                raise NotFound("library.not_found", what="workspace", id=workspace_id)
            row = TokenRow(
                user_id=whose, workspace_id=workspace_id, name=named, secret_hash=hash_of(secret),
                scopes=" ".join(scope for scope in Scope if scope in reach), expires_at=ends,
            )  # fmt: skip
            session.add(row)
            session.flush()
            audit.record(
                session, actor, "token.created", f"token:{row.id}", workspace_id=workspace_id, scopes=row.scopes,
                expires_at=ends.isoformat() if ends else None,
            )  # fmt: skip
            return row

        return self._database.change(actor, work), secret

    def list(self, actor: Actor, user_id: str | None = None) -> Sequence[TokenRow]:
        """One's own that work, the newest first; of another user for the installation itself."""
        require(actor, Right.OWN_ACCOUNT)
        whose = user_id or actor.user_id
        if whose != actor.user_id and not actor.is_system:
            raise NotAllowed("account.own_tokens_only")
        alive = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now())
        with self._database.read(actor) as session:
            mine = select(TokenRow).where(TokenRow.user_id == whose, TokenRow.revoked_at.is_(None), alive)
            return session.scalars(mine.order_by(TokenRow.id.desc())).all()

    def revoke(self, actor: Actor, token_id: str) -> None:
        """Raises `NotFound` for one that is not one's own."""
        require(actor, Right.OWN_ACCOUNT)

        def work(session: Session) -> None:
            row = session.get(TokenRow, token_id)
            if row is None or (row.user_id != actor.user_id and not actor.is_system):
                raise NotFound("library.not_found", what="token", id=token_id)
            if row.revoked_at is None:
                row.revoked_at = now()
                audit.record(session, actor, "token.revoked", f"token:{token_id}")

        self._database.change(actor, work)


def _not_after_its_maker(session: Session, actor: Actor, expires_at: datetime | None) -> datetime | None:
    if actor.token_id is None:
        return expires_at
    makers = one(session, TokenRow, actor.token_id).expires_at
    if makers is None:
        return expires_at
    return makers if expires_at is None else min(makers, expires_at)
