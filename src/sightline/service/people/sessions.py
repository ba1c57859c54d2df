"""Browsers that are signed in: rows in the database, so that each can be ended at once.

A session ends when it was not used for ``session_timeout_minutes`` and after ``session_max_hours`` in any case. Its
secret is new at every sign-in and after a change of the password.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from sightline.errors import NotAllowed, NotFound, NotSignedIn, SightlineError, TooManyAttempts
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.sign_in_tables import SessionRow
from sightline.library.tables import UserRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people import attempts
from sightline.service.people.caller import Caller
from sightline.service.people.email import normalised
from sightline.service.people.passwords import Passwords
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.settings import Settings

FULL_S = 60
"""When somebody may have left, where as many are signed in as may be."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session."""

    secret: str
    """For the cookie: shown this once."""
    session_id: str
    user_id: str


class Sessions:
    """``tried`` hears how an attempt with a password ended: ``succeeded``, ``failed`` or ``refused`` unexamined."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        passwords: Passwords,
        tried: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        self._database, self._passwords, self._tried = database, passwords, tried
        self._attempts = attempts.Attempts(database, settings.sign_in_attempts)
        self._timeout = timedelta(minutes=settings.session_timeout_minutes)
        self._longest = timedelta(hours=settings.session_max_hours)
        self._most_users = settings.max_concurrent_users

    def sign_in(self, email: str, password: str, caller: Caller, replaces: str | None = None) -> SignedIn:
        """A session for who knows the password. ``replaces``: the secret of one this browser had before; it ends.

        Raises `NotSignedIn`, the same for an unknown account, a wrong password and a disabled account;
        `TooManyAttempts`, also when as many users are signed in as may be.
        """
        try:
            signed_in = self._checked(email, password, caller, replaces)
        except NotSignedIn:
            self._tried("failed")
            raise
        except TooManyAttempts:
            self._tried("refused")
            raise
        self._tried("succeeded")
        return signed_in

    def _checked(self, email: str, password: str, caller: Caller, replaces: str | None) -> SignedIn:
        address = normalised(email)
        with self._database.read(SYSTEM) as session:
            user = session.scalar(select(UserRow).where(UserRow.email == address))
        known = user.password_hash if user and user.disabled_at is None else None
        user_id = user.id if user else None
        attempt = self._attempts.begin(attempts.subject_of(address, user_id), user_id, caller)
        try:
            fits, renewed = self._passwords.check(password, known)
        except SightlineError:
            self._attempts.withdraw(attempt)
            raise
        if not fits or user is None:
            raise NotSignedIn("account.wrong_email_or_password")
        found = user

        def work(session: Session) -> SignedIn:
            row = session.get(UserRow, found.id)
            if row is None or row.password_hash != known:
                # Changed while we looked.
                raise NotSignedIn("account.wrong_email_or_password")
            attempts.succeeded(session, attempt, row.email)
            if renewed:
                row.password_hash = renewed
            return self.begin(session, row, caller, replaces)

        try:
            return self._database.change(SYSTEM, work)
        except TooManyAttempts:
            self._attempts.withdraw(attempt)
            raise

    def begin(self, session: Session, user: UserRow, caller: Caller, replaces: str | None) -> SignedIn:
        """A session for a user who has shown who he is, in the transaction given. The caller writes the audit.

        Raises `NotSignedIn` for a disabled account, `TooManyAttempts` when as many users are signed in as may be.
        """
        if user.disabled_at is not None:
            raise NotSignedIn("account.disabled")
        moment = now()
        self._refuse_too_many(session, user, moment)
        if replaces:
            old = update(SessionRow).where(SessionRow.secret_hash == hash_of(replaces), SessionRow.revoked_at.is_(None))
            session.execute(old.values(revoked_at=moment))
        secret = new_secret()
        row = SessionRow(
            secret_hash=hash_of(secret), user_id=user.id, created_at=moment, seen_at=moment,
            address=caller.address[:64], agent=caller.agent[:255],
        )  # fmt: skip
        session.add(row)
        session.flush()
        return SignedIn(secret, row.id, user.id)

    def sign_out(self, actor: Actor) -> None:
        """Ends the session the actor came by; nothing for one who came by a token."""
        if actor.session_id is not None:
            self.revoke(actor, actor.session_id)

    def list(self, actor: Actor) -> Sequence[SessionRow]:
        """One's own that have not ended, the last used first."""
        require(actor, Right.OWN_ACCOUNT)
        with self._database.read(actor) as session:
            mine = select(SessionRow).where(SessionRow.user_id == actor.user_id, self._is_open(now()))
            return session.scalars(mine.order_by(SessionRow.seen_at.desc(), SessionRow.id)).all()

    def ends_at(self, row: SessionRow) -> datetime:
        """When it ends if it is not used any more."""
        return min(row.seen_at + self._timeout, row.created_at + self._longest)

    def revoke(self, actor: Actor, session_id: str) -> None:
        """Ends one of one's own. Raises `NotFound`."""
        require(actor, Right.OWN_ACCOUNT)

        def work(session: Session) -> None:
            row = session.get(SessionRow, session_id)
            if row is None or (row.user_id != actor.user_id and not actor.is_system):
                raise NotFound("library.not_found", what="session", id=session_id)
            if row.revoked_at is None:
                row.revoked_at = now()
                audit.record(session, actor, "session.revoked", f"session:{session_id}")

        self._database.change(actor, work)

    def revoke_all(self, actor: Actor, user_id: str | None = None) -> int:
        """Ends every other session of one's own, or all those of another user (administrators). How many."""
        if user_id is None or user_id == actor.user_id:
            require(actor, Right.OWN_ACCOUNT)
            if actor.user_id is None:
                raise NotAllowed("access.share_only_shows")
            whose = actor.user_id
        else:
            require(actor, Right.MANAGE_INSTALLATION)
            whose = user_id

        def work(session: Session) -> int:
            ended = end_sessions(session, whose, but=actor.session_id)
            audit.record(session, actor, "session.revoked", f"user:{whose}", count=ended)
            return ended

        return self._database.change(actor, work)

    def _is_open(self, moment: datetime) -> ColumnElement[bool]:
        return (
            SessionRow.revoked_at.is_(None)
            & (SessionRow.seen_at > moment - self._timeout)
            & (SessionRow.created_at > moment - self._longest)
        )

    def _refuse_too_many(self, session: Session, user: UserRow, moment: datetime) -> None:
        # Administrators get in: somebody must be able to end other people's sessions.
        if not self._most_users or user.is_admin:
            return
        # One gate for all who sign in, or two at the same time would both be the last.
        session.execute(select(UserRow.id).order_by(UserRow.id).limit(1).with_for_update())
        others = select(func.count(SessionRow.user_id.distinct())).where(
            SessionRow.user_id != user.id, self._is_open(moment)
        )
        if (session.scalar(others) or 0) >= self._most_users:
            raise TooManyAttempts("account.too_many_users", retry_after_s=FULL_S, most=self._most_users)


def end_sessions(session: Session, user_id: str, but: str | None = None) -> int:
    """Ends the user's sessions except ``but``. How many."""
    open_ones = update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None))
    if but is not None:
        open_ones = open_ones.where(SessionRow.id != but)
    return int(session.execute(open_ones.values(revoked_at=now())).rowcount)  # type: ignore[attr-defined]
