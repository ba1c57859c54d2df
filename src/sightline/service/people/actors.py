"""Who is asking, by the secret that came with the request. Runs on every request: one indexed query each."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from sightline.errors import NotSignedIn, Unavailable
from sightline.library.actor import EVERY_SCOPE, SYSTEM, Actor, Role, Scope
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.sign_in_tables import SessionRow, TokenRow
from sightline.library.tables import AnalysisRow, MemberRow, ShareRow, UserRow
from sightline.service.people.caller import NOBODY, Caller
from sightline.service.people.secret import hash_of
from sightline.service.settings import Settings

SEEN_EVERY = timedelta(minutes=1)
"""How often, at most, it is written that a session or token was used."""

_SESSION = (
    select(
        SessionRow.id, SessionRow.created_at, SessionRow.seen_at,
        SessionRow.user_id, UserRow.email, UserRow.is_admin, MemberRow.workspace_id, MemberRow.role,
    )
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .outerjoin(MemberRow, MemberRow.user_id == SessionRow.user_id)
    .where(
        SessionRow.secret_hash == bindparam("hash"), SessionRow.revoked_at.is_(None), UserRow.disabled_at.is_(None)
    )
)  # fmt: skip
_TOKEN = (
    select(
        TokenRow.id, TokenRow.scopes, TokenRow.used_at, TokenRow.expires_at, TokenRow.workspace_id.label("only"),
        TokenRow.user_id, UserRow.email, UserRow.is_admin, MemberRow.workspace_id, MemberRow.role,
    )
    .join(UserRow, UserRow.id == TokenRow.user_id)
    .outerjoin(
        MemberRow,
        (MemberRow.user_id == TokenRow.user_id)
        & or_(TokenRow.workspace_id.is_(None), TokenRow.workspace_id == MemberRow.workspace_id),
    )
    .where(TokenRow.secret_hash == bindparam("hash"), TokenRow.revoked_at.is_(None), UserRow.disabled_at.is_(None))
)  # fmt: skip
_SHARE = (
    select(ShareRow.id, ShareRow.workspace_id, ShareRow.analysis_id, ShareRow.expires_at, AnalysisRow.video_id)
    .join(AnalysisRow, AnalysisRow.id == ShareRow.analysis_id)
    .where(ShareRow.secret_hash == bindparam("hash"), ShareRow.revoked_at.is_(None))
)


class Actors:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._timeout = timedelta(minutes=settings.session_timeout_minutes)
        self._longest = timedelta(hours=settings.session_max_hours)
        # A short timeout is measured more finely, or a session in use would end between two writes.
        self._every = min(SEEN_EVERY, self._timeout / 10)

    def actor_of_session(self, secret: str, caller: Caller = NOBODY) -> Actor:
        """The user who is signed in, with every scope. Raises `NotSignedIn` when it is unknown or has ended."""
        with self._database.read(SYSTEM) as session:
            rows = session.execute(_SESSION, {"hash": hash_of(secret)}).all()
        moment = now()
        if not rows or moment >= min(rows[0].seen_at + self._timeout, rows[0].created_at + self._longest):
            raise NotSignedIn("account.session_over")
        first = rows[0]
        if moment - first.seen_at >= self._every:
            self._write_seen(first.id, moment)
        return Actor(
            first.user_id, first.email, {r.workspace_id: Role(r.role) for r in rows if r.workspace_id is not None},
            EVERY_SCOPE, is_admin=first.is_admin, session_id=first.id, address=caller.address,
            request_id=caller.request_id,
        )  # fmt: skip

    def actor_of_token(self, secret: str, caller: Caller = NOBODY) -> Actor:
        """The user of an API token, as far as the token reaches. Raises `NotSignedIn`."""
        with self._database.read(SYSTEM) as session:
            rows = session.execute(_TOKEN, {"hash": hash_of(secret)}).all()
        moment = now()
        if not rows or (rows[0].expires_at is not None and moment >= rows[0].expires_at):
            raise NotSignedIn("account.token_over")
        first = rows[0]
        if first.used_at is None or moment - first.used_at >= SEEN_EVERY:
            self._write_used(first.id, moment)
        scopes = frozenset(Scope(word) for word in first.scopes.split())
        return Actor(
            first.user_id, first.email, {r.workspace_id: Role(r.role) for r in rows if r.workspace_id is not None},
            scopes, is_admin=first.is_admin and first.only is None and Scope.ADMIN in scopes, token_id=first.id,
            address=caller.address, request_id=caller.request_id,
        )  # fmt: skip

    def actor_of_share(self, secret: str, caller: Caller = NOBODY) -> Actor:
        """Somebody with a share link: a viewer of one analysis and its video. Raises `NotSignedIn`."""
        with self._database.read(SYSTEM) as session:
            row = session.execute(_SHARE, {"hash": hash_of(secret)}).first()
        if row is None or now() >= row.expires_at:
            raise NotSignedIn("account.share_over")
        return Actor(
            None, f"share:{row.id}", {row.workspace_id: Role.VIEWER}, frozenset({Scope.READ}),
            only_analysis=row.analysis_id, only_video=row.video_id, address=caller.address,
            request_id=caller.request_id,
        )  # fmt: skip

    def still_is(self, actor: Actor) -> bool:
        """Whether who signed in as this actor could do so now, with the same reach. Does not count as use. Raises
        `Unavailable`."""
        if actor.session_id is None and actor.token_id is None:
            return actor.only_analysis is None or self._share_holds(actor)
        moment = now()
        with self._database.read(SYSTEM) as session:
            user = session.get(UserRow, actor.user_id)
            if user is None or user.disabled_at is not None:
                return False
            roles = select(MemberRow.workspace_id, MemberRow.role).where(MemberRow.user_id == actor.user_id)
            found = {row.workspace_id: Role(row.role) for row in session.execute(roles)}
            if any(found.get(workspace) is not role for workspace, role in actor.roles.items()):
                return False
            if actor.token_id is not None:
                token = session.get(TokenRow, actor.token_id)
                is_open = token is not None and token.revoked_at is None
                return is_open and token is not None and (token.expires_at is None or moment < token.expires_at)
            row = session.get(SessionRow, actor.session_id)
            return (
                row is not None
                and row.revoked_at is None
                and moment < min(row.seen_at + self._timeout, row.created_at + self._longest)
            )

    def _share_holds(self, actor: Actor) -> bool:
        with self._database.read(SYSTEM) as session:
            row = session.get(ShareRow, actor.name.removeprefix("share:"))
        return row is not None and row.revoked_at is None and now() < row.expires_at

    def _write_seen(self, session_id: str, moment: datetime) -> None:
        # Of those who find it due at the same time one writes.
        due = update(SessionRow).where(SessionRow.id == session_id, SessionRow.seen_at <= moment - self._every)
        self._write(due.values(seen_at=moment))

    def _write_used(self, token_id: str, moment: datetime) -> None:
        due = update(TokenRow).where(
            TokenRow.id == token_id, or_(TokenRow.used_at.is_(None), TokenRow.used_at <= moment - SEEN_EVERY)
        )
        self._write(due.values(used_at=moment))

    def _write(self, statement: object) -> None:
        try:
            self._database.change(SYSTEM, lambda session: session.execute(statement))  # type: ignore[call-overload]
        except Unavailable:
            # Reading worked: a database that cannot be written to for a moment is no reason to turn anybody away.
            return
