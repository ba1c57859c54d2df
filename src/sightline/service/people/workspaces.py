"""Workspaces and who may do what in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from sightline.errors import Conflict, NotFound, RequestInvalid
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.database import Database, one
from sightline.library.tables import MemberRow, UploadRow, UserRow, VideoRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.people.email import normalised

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Mine:
    """A workspace as one of its members sees it."""

    workspace: WorkspaceRow
    role: Role


@dataclass(frozen=True, slots=True)
class Member:
    user: UserRow
    role: Role


@dataclass(frozen=True, slots=True)
class OwnedAlone:
    """A workspace with one owner."""

    id: str
    name: str
    is_bare: bool
    """No other members, no videos."""


class Workspaces:
    """``clear`` removes what a workspace holds (videos, analyses, jobs, files), outside any transaction of ours."""

    def __init__(self, database: Database, clear: Callable[[str], None] | None = None) -> None:
        self._database, self._clear = database, clear

    def create(self, actor: Actor, name: str, owner_id: str | None = None) -> Mine:
        """One's own; for an administrator also somebody else's. Raises `RequestInvalid`."""
        whose = owner_id or actor.user_id
        require(actor, Right.OWN_ACCOUNT if whose == actor.user_id else Right.MANAGE_INSTALLATION)
        named = clean_name(name)

        def work(session: Session) -> Mine:
            owner = one(session, UserRow, whose)
            workspace = WorkspaceRow(name=named)
            session.add(workspace)
            session.flush()
            session.add(MemberRow(workspace_id=workspace.id, user_id=owner.id, role=Role.OWNER))
            audit.record(session, actor, "workspace.created", f"workspace:{workspace.id}", workspace_id=workspace.id)
            return Mine(workspace, Role.OWNER)

        return self._database.change(actor, work)

    def list(self, actor: Actor) -> Sequence[Mine]:
        """Those one is a member of, the oldest first."""
        require(actor, Right.LIST)
        with self._database.read(actor) as session:
            mine = select(WorkspaceRow).where(WorkspaceRow.id.in_(sorted(actor.roles))).order_by(WorkspaceRow.id)
            return [Mine(row, actor.roles[row.id]) for row in session.scalars(mine)]

    def get(self, actor: Actor, workspace_id: str) -> Mine:
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            return Mine(one(session, WorkspaceRow, workspace_id), _role(actor, workspace_id))

    def rename(self, actor: Actor, workspace_id: str, name: str) -> Mine:
        require(actor, Right.MANAGE_WORKSPACE, workspace_id)
        named = clean_name(name)

        def work(session: Session) -> Mine:
            row = one(session, WorkspaceRow, workspace_id)
            row.name = named
            self._record(session, actor, "workspace.changed", workspace_id)
            return Mine(row, _role(actor, workspace_id))

        return self._database.change(actor, work)

    def remove(self, actor: Actor, workspace_id: str, *, force: bool = False) -> None:
        """Raises `Conflict` for one that holds videos or unfinished uploads, unless those go with it (``force``)."""
        require(actor, Right.MANAGE_WORKSPACE, workspace_id)
        self.remove_for(actor, workspace_id, force=force)

    def remove_for(self, actor: Actor, workspace_id: str, *, force: bool) -> None:
        """As `remove`, for who has already been allowed to."""
        if force and self._clear is not None:
            self._clear(workspace_id)

        def work(session: Session) -> None:
            row = one(session, WorkspaceRow, workspace_id)
            if _holds(session, workspace_id):
                raise Conflict("account.workspace_not_empty", name=row.name)
            audit.record(session, actor, "workspace.removed", f"workspace:{workspace_id}", workspace_id=workspace_id)
            session.execute(delete(WorkspaceRow).where(WorkspaceRow.id == workspace_id))

        self._database.change(SYSTEM, work)

    def members(self, actor: Actor, workspace_id: str) -> Sequence[Member]:
        """By address."""
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            found = (
                select(UserRow, MemberRow.role)
                .join(MemberRow, MemberRow.user_id == UserRow.id)
                .where(MemberRow.workspace_id == workspace_id)
                .order_by(UserRow.email)
            )
            return [Member(user, Role(role)) for user, role in session.execute(found)]

    def add_member(self, actor: Actor, workspace_id: str, email: str, role: Role) -> Member:
        """Somebody who has an account. Raises `NotFound` for one who has none, `Conflict` for one who is a member."""
        require(actor, Right.MANAGE_WORKSPACE, workspace_id)

        def work(session: Session) -> Member:
            self._lock(session, workspace_id)
            user = session.scalar(select(UserRow).where(UserRow.email == normalised(email)))
            if user is None:
                raise NotFound("account.no_user", email=email[:LONGEST_NAME])
            if session.get(MemberRow, (workspace_id, user.id)) is not None:
                raise Conflict("account.is_member", email=user.email)
            session.add(MemberRow(workspace_id=workspace_id, user_id=user.id, role=role))
            self._record(session, actor, "member.added", workspace_id, user.id, role)
            return Member(user, role)

        return self._database.change(actor, work)

    def change_member(self, actor: Actor, workspace_id: str, user_id: str, role: Role) -> Member:
        """Raises `NotFound`, `Conflict` when no owner would be left."""
        require(actor, Right.MANAGE_WORKSPACE, workspace_id)

        def work(session: Session) -> Member:
            self._lock(session, workspace_id)
            member = _member(session, workspace_id, user_id)
            if role is not Role.OWNER:
                _keep_an_owner(session, member)
            member.role = role
            self._record(session, actor, "member.changed", workspace_id, user_id, role)
            return Member(one(session, UserRow, user_id), role)

        return self._database.change(actor, work)

    def remove_member(self, actor: Actor, workspace_id: str, user_id: str) -> None:
        """Owners remove anybody, everybody himself. Raises as `change_member`."""
        require(actor, Right.LIST if user_id == actor.user_id else Right.MANAGE_WORKSPACE, workspace_id)
        if user_id == actor.user_id:
            require(actor, Right.OWN_ACCOUNT)

        def work(session: Session) -> None:
            self._lock(session, workspace_id)
            member = _member(session, workspace_id, user_id)
            _keep_an_owner(session, member)
            session.delete(member)
            self._record(session, actor, "member.removed", workspace_id, user_id)

        self._database.change(actor, work)

    def owned_alone(self, session: Session, user_id: str) -> Sequence[OwnedAlone]:
        """Workspaces that would have no owner without this user. ``session`` is the system's."""
        owned = select(MemberRow.workspace_id).where(MemberRow.user_id == user_id, MemberRow.role == Role.OWNER)
        others = exists().where(
            MemberRow.workspace_id == WorkspaceRow.id, MemberRow.role == Role.OWNER, MemberRow.user_id != user_id
        )
        found = session.scalars(select(WorkspaceRow).where(WorkspaceRow.id.in_(owned), ~others))
        return [OwnedAlone(row.id, row.name, _is_bare(session, row.id)) for row in found]

    def _lock(self, session: Session, workspace_id: str) -> None:
        """Changes of one workspace's members wait for each other: two owners could remove each other."""
        wanted = select(WorkspaceRow.id).where(WorkspaceRow.id == workspace_id).with_for_update()
        if session.scalar(wanted) is None:
            raise NotFound("library.not_found", what="workspace", id=workspace_id)

    def _record(
        self, session: Session, actor: Actor, action: str, workspace_id: str, user_id: str = "", role: str = ""
    ) -> None:
        subject = f"user:{user_id}" if user_id else f"workspace:{workspace_id}"
        details = {"role": str(role)} if role else {}
        audit.record(session, actor, action, subject, workspace_id=workspace_id, **details)
        audit.changed(session, workspace_id, "workspace", workspace_id)


def clean_name(name: str) -> str:
    """Raises `RequestInvalid` for one that is empty or too long."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise RequestInvalid("account.bad_name")
    return plain


def _role(actor: Actor, workspace_id: str) -> Role:
    return actor.roles.get(workspace_id, Role.OWNER)


def _member(session: Session, workspace_id: str, user_id: str) -> MemberRow:
    found = session.get(MemberRow, (workspace_id, user_id))
    if found is None:
        raise NotFound("library.not_found", what="member", id=user_id)
    return found


def _keep_an_owner(session: Session, leaving: MemberRow) -> None:
    if leaving.role != Role.OWNER:
        return
    others = select(func.count()).where(
        MemberRow.workspace_id == leaving.workspace_id,
        MemberRow.role == Role.OWNER,
        MemberRow.user_id != leaving.user_id,
    )
    if not session.scalar(others):
        raise Conflict("account.last_owner")


def _holds(session: Session, workspace_id: str) -> bool:
    videos = exists().where(VideoRow.workspace_id == workspace_id)
    uploads = exists().where(UploadRow.workspace_id == workspace_id, UploadRow.state == "arriving")
    return bool(session.scalar(select(or_(videos, uploads))))


def _is_bare(session: Session, workspace_id: str) -> bool:
    members = session.scalar(select(func.count()).where(MemberRow.workspace_id == workspace_id)) or 0
    return members <= 1 and not _holds(session, workspace_id)
