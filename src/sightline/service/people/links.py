"""Links that sign somebody in once: at the first start, for a new account, for a forgotten password."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.errors import NotSignedIn
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.sign_in_tables import LinkRow, SessionRow
from sightline.library.tables import MemberRow, UserRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people.attempts import SUCCEEDED
from sightline.service.people.caller import Caller
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.people.sessions import Sessions, SignedIn
from sightline.text import Language

FIRST_EMAIL, FIRST_WORKSPACE = "admin@localhost", "Main"
FIRST_LASTS, LASTS = timedelta(hours=24), timedelta(hours=1)


class Links:
    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database, self._sessions = database, sessions

    def create(self, actor: Actor, user_id: str) -> str:
        """A path (`path_of`) that signs this user in once, within the hour. Raises `NotFound`."""
        require(actor, Right.MANAGE_INSTALLATION)

        def work(session: Session) -> str:
            user = one(session, UserRow, user_id)
            audit.record(session, actor, "link.created", f"user:{user.id}")
            return path_of(_new(session, user.id, LASTS))

        return self._database.change(actor, work)

    def use(
        self, secret: str, caller: Caller, replaces: str | None = None, *, language: Language | None = None
    ) -> SignedIn:
        """A session for who brings a link's secret, the first time. Raises `NotSignedIn`, `TooManyAttempts`.

        ``language`` is the one that was chosen on the link's page. The account made at the first start takes it.
        """

        def work(session: Session) -> SignedIn:
            moment, kept = now(), hash_of(secret)
            mine = update(LinkRow).where(
                LinkRow.secret_hash == kept, LinkRow.used_at.is_(None), LinkRow.expires_at > moment
            )
            # Of two who come at the same time the database lets one change the row.
            if session.execute(mine.values(used_at=moment)).rowcount != 1:  # type: ignore[attr-defined]
                raise NotSignedIn("account.link_over")
            user = session.scalars(
                select(UserRow).join(LinkRow, LinkRow.user_id == UserRow.id).where(LinkRow.secret_hash == kept)
            ).one()
            forget_links(session, user.id)
            is_new = not session.scalar(select(exists().where(SessionRow.user_id == user.id)))
            if language is not None and is_new and user.email == FIRST_EMAIL:
                user.language = language
            signed_in = self._sessions.begin(session, user, caller, replaces)
            actor = Actor(user.id, user.email, address=caller.address, request_id=caller.request_id)
            audit.record(session, actor, SUCCEEDED, f"user:{user.id}", by="link")
            return signed_in

        return self._database.change(SYSTEM, work)

    def first_link(self) -> str | None:
        """At every start: the path to show until somebody has used one or can sign in otherwise; None after that.

        Where there is no user at all, an administrator and his workspace are made first.
        """
        try:
            return self._database.change(SYSTEM, self._first)
        except IntegrityError:
            # Another process that starts at this moment made the account.
            return self._database.change(SYSTEM, self._first)

    def _first(self, session: Session) -> str | None:
        is_settled = session.scalar(
            select(
                or_(
                    exists().where(or_(UserRow.password_hash.is_not(None), UserRow.oidc_subject.is_not(None))),
                    exists().where(LinkRow.used_at.is_not(None)),
                )
            )
        )
        if is_settled:
            return None
        # One question: between two another process could have made the account.
        user = session.scalar(select(UserRow).order_by(UserRow.is_admin.desc(), UserRow.id).limit(1))
        if user is not None and not user.is_admin:
            return None
        if user is None:
            user = UserRow(email=FIRST_EMAIL, name="", is_admin=True)
            workspace = WorkspaceRow(name=FIRST_WORKSPACE)
            session.add_all([user, workspace])
            session.flush()
            session.add(MemberRow(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
            audit.record(session, SYSTEM, "user.created", f"user:{user.id}", email=FIRST_EMAIL)
        return path_of(_new(session, user.id, FIRST_LASTS))


def path_of(secret: str) -> str:
    """Below the service's address. Named so that no log shows it. Opening it changes nothing: whoever looks at a
    message before its reader does would use the link up, so the page there has a button."""
    return f"/sign-in?secret={quote(secret)}"


def forget_links(session: Session, user_id: str) -> None:
    """The user's links that were not used."""
    session.execute(delete(LinkRow).where(LinkRow.user_id == user_id, LinkRow.used_at.is_(None)))


def _new(session: Session, user_id: str, lasts: timedelta) -> str:
    secret = new_secret()
    session.add(LinkRow(secret_hash=hash_of(secret), user_id=user_id, expires_at=now() + lasts))
    return secret
