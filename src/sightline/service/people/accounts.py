"""Accounts: who can sign in, and with what."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.errors import Conflict, NotAllowed, NotFound, RequestInvalid
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.sign_in_tables import SessionRow
from sightline.library.tables import MemberRow, UserRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people.attempts import Attempts, subject_of
from sightline.service.people.caller import Caller
from sightline.service.people.email import checked, normalised
from sightline.service.people.links import forget_links
from sightline.service.people.passwords import Passwords
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.people.sessions import end_sessions
from sightline.service.people.workspaces import Workspaces, clean_name
from sightline.service.settings import Settings
from sightline.text import LANGUAGES, Language

FRESH = timedelta(hours=1)
"""Within this of signing in, who has no password may set one."""


class Accounts:
    def __init__(self, database: Database, settings: Settings, passwords: Passwords, workspaces: Workspaces) -> None:
        self._database = database
        self._passwords, self._workspaces = passwords, workspaces
        self._attempts = Attempts(database, settings.sign_in_attempts)

    def create(
        self,
        actor: Actor,
        email: str,
        *,
        name: str = "",
        password: str | None = None,
        is_admin: bool = False,
        language: str | None = None,
    ) -> UserRow:
        """An account with a workspace of its own. Without a password it is opened by a one-time link.

        Raises `RequestInvalid`, `Conflict` for an address that has an account.
        """
        require(actor, Right.MANAGE_INSTALLATION)
        address = checked(email)
        hashed = None if password is None else self._passwords.hash(password, address)
        spoken = _language(language) if language else ""

        def work(session: Session) -> UserRow:
            user = UserRow(
                email=address, name=_name(name), password_hash=hashed, is_admin=is_admin, language=spoken
            )  # fmt: skip
            return add_account(session, actor, user)

        try:
            return self._database.change(actor, work)
        except IntegrityError as error:
            raise Conflict("account.email_taken", email=address) from error

    def list(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[UserRow]:
        """Every account, the oldest first."""
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(actor) as session:
            return page(session, select(UserRow), Order(UserRow.id, UserRow.id, False), cursor, limit)

    def get(self, actor: Actor, user_id: str) -> UserRow:
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(actor) as session:
            return one(session, UserRow, user_id)

    def mine(self, actor: Actor) -> UserRow:
        """One's own."""
        require(actor, Right.WHO_AM_I)
        with self._database.read(actor) as session:
            return one(session, UserRow, actor.user_id)

    def find(self, actor: Actor, email: str) -> UserRow:
        """By address. Raises `NotFound`."""
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(actor) as session:
            found = session.scalar(select(UserRow).where(UserRow.email == normalised(email)))
        if found is None:
            raise NotFound("account.no_user", email=email)
        return found

    def change(
        self,
        actor: Actor,
        user_id: str,
        *,
        name: str | None = None,
        language: str | None = None,
        is_admin: bool | None = None,
    ) -> UserRow:
        """Name and language, one's own or, for administrators, anybody's; who is administrator is theirs alone."""
        require(actor, Right.OWN_ACCOUNT if user_id == actor.user_id else Right.MANAGE_INSTALLATION)
        if is_admin is not None:
            require(actor, Right.MANAGE_INSTALLATION)

        def work(session: Session) -> UserRow:
            user = one(session, UserRow, user_id)
            if name is not None:
                user.name = _name(name)
            if language is not None:
                user.language = _language(language)
            if is_admin is not None and is_admin != user.is_admin:
                if not is_admin:
                    _keep_an_admin(session, user)
                user.is_admin = is_admin
            audit.record(session, actor, "user.changed", f"user:{user_id}", is_admin=user.is_admin)
            return user

        return self._database.change(actor, work)

    def change_password(self, actor: Actor, current: str | None, new: str, caller: Caller) -> str:
        """Another password for oneself. The secret by which this session goes on; every other session ends, and
        one-time links are void. API tokens stay.

        ``current`` None: for an account without one, soon after signing in by a link. Raises `NotAllowed` for a token
        and for a wrong or missing current password, `RequestInvalid`, `TooManyAttempts`.
        """
        require(actor, Right.OWN_ACCOUNT)
        if actor.session_id is None:
            raise NotAllowed("account.password_by_session")
        with self._database.read(actor) as session:
            user = one(session, UserRow, actor.user_id)
            began = one(session, SessionRow, actor.session_id).created_at
        if user.password_hash is not None:
            self._check_current(user, current or "", caller)
        elif now() - began > FRESH:
            raise NotAllowed("account.sign_in_again")
        hashed, secret = self._passwords.hash(new, user.email), new_secret()

        def work(session: Session) -> str:
            row, here = one(session, UserRow, user.id), one(session, SessionRow, actor.session_id)
            if row.password_hash != user.password_hash or here.revoked_at is not None:
                raise NotAllowed("account.sign_in_again")
            row.password_hash, here.secret_hash = hashed, hash_of(secret)
            end_sessions(session, row.id, but=here.id)
            forget_links(session, row.id)
            audit.record(session, actor, "user.password_changed", f"user:{row.id}")
            return secret

        return self._database.change(actor, work)

    def set_password(self, actor: Actor, user_id: str, password: str) -> None:
        """For administrators. Every session of the user ends, and his one-time links are void. Raises as `create`."""
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(actor) as session:
            email = one(session, UserRow, user_id).email
        hashed = self._passwords.hash(password, email)

        def work(session: Session) -> None:
            one(session, UserRow, user_id).password_hash = hashed
            end_sessions(session, user_id)
            forget_links(session, user_id)
            audit.record(session, actor, "user.password_changed", f"user:{user_id}")

        self._database.change(actor, work)

    def disable(self, actor: Actor, user_id: str) -> UserRow:
        """Cannot sign in any more, and his sessions and tokens are refused at once. Raises `Conflict` for the last
        administrator."""
        require(actor, Right.MANAGE_INSTALLATION)

        def work(session: Session) -> UserRow:
            user = one(session, UserRow, user_id)
            if user.disabled_at is None:
                _keep_an_admin(session, user)
                user.disabled_at = now()
                end_sessions(session, user_id)
                forget_links(session, user_id)
                audit.record(session, actor, "user.disabled", f"user:{user_id}")
            return user

        return self._database.change(actor, work)

    def enable(self, actor: Actor, user_id: str) -> UserRow:
        """Can sign in again, and his tokens work again; sessions do not come back."""
        require(actor, Right.MANAGE_INSTALLATION)

        def work(session: Session) -> UserRow:
            user = one(session, UserRow, user_id)
            user.disabled_at = None
            audit.record(session, actor, "user.enabled", f"user:{user_id}")
            return user

        return self._database.change(actor, work)

    def remove(self, actor: Actor, user_id: str, *, with_workspaces: bool = False) -> None:
        """The account. What he brought into workspaces stays; his own, empty ones go with him.

        Raises `Conflict` for the last administrator, and when a workspace with members or videos would be left without
        an owner, unless those are removed as well (``with_workspaces``).
        """
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(SYSTEM) as session:
            _keep_an_admin(session, one(session, UserRow, user_id))
            left_alone = self._workspaces.owned_alone(session, user_id)
        if not with_workspaces and (busy := [w for w in left_alone if not w.is_bare]):
            raise Conflict("account.owns_workspaces", names=", ".join(w.name for w in busy))
        for workspace in left_alone:
            self._workspaces.remove_for(actor, workspace.id, force=with_workspaces)

        def work(session: Session) -> None:
            user = one(session, UserRow, user_id)
            _keep_an_admin(session, user)
            if rest := self._workspaces.owned_alone(session, user_id):
                raise Conflict("account.owns_workspaces", names=", ".join(w.name for w in rest))
            audit.record(session, actor, "user.removed", f"user:{user_id}", email=user.email)
            session.delete(user)

        self._database.change(SYSTEM, work)

    def can_anybody_sign_in(self) -> bool:
        """Whether an account is in use: before that the service listens to this machine only."""
        usable = UserRow.password_hash.is_not(None) | UserRow.oidc_subject.is_not(None)
        with self._database.read(SYSTEM) as session:
            return bool(session.scalar(select(exists().where(usable, UserRow.disabled_at.is_(None)))))

    def _check_current(self, user: UserRow, current: str, caller: Caller) -> None:
        attempt = self._attempts.begin(subject_of(user.email, user.id), user.id, caller)
        fits = False
        try:
            fits, _ = self._passwords.check(current, user.password_hash)
        except Exception:
            self._attempts.withdraw(attempt)
            raise
        if not fits:
            raise NotAllowed("account.current_password_wrong")
        self._attempts.withdraw(attempt)


def add_account(session: Session, actor: Actor, user: UserRow) -> UserRow:
    """A new account and its own workspace. Raises `IntegrityError` where the address is taken."""
    workspace = WorkspaceRow(name=clean_name(user.name or user.email.partition("@")[0]))
    session.add_all([user, workspace])
    session.flush()
    session.add(MemberRow(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
    audit.record(session, actor, "user.created", f"user:{user.id}", email=user.email, is_admin=user.is_admin)
    return user


def _keep_an_admin(session: Session, leaving: UserRow) -> None:
    if not leaving.is_admin or leaving.disabled_at is not None:
        return
    # Locked, or two administrators could remove each other at the same time.
    admins = select(UserRow.id).where(UserRow.is_admin, UserRow.disabled_at.is_(None)).with_for_update()
    if not [found for found in session.scalars(admins.order_by(UserRow.id)) if found != leaving.id]:
        raise Conflict("account.last_admin")


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > 255 or not plain.isprintable():
        raise RequestInvalid("account.bad_name")
    return plain


def _language(language: str) -> str:
    if language not in list(Language):
        raise RequestInvalid("account.bad_language", language=language, known=", ".join(LANGUAGES))
    return language


__all__ = ["Accounts", "add_account"]
