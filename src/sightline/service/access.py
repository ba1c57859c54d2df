"""What a role, a token and a share link allow: the one place where rights are looked up.

Every use case begins with `require`. Which rows there are to see is decided below, in `sightline.library.database`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sightline.errors import NotAllowed, NotFound
from sightline.library.actor import Actor, Role, Scope


@dataclass(frozen=True, slots=True)
class _Needs:
    role: Role | None
    """In the workspace in question; None: no workspace is in question."""
    scope: Scope
    is_for_admins: bool = False
    is_for_shares: bool = False
    """Whether a share link may do it, with the one analysis it is for."""


class Right(Enum):
    """Something that can be done, and what it takes."""

    VIEW = _Needs(Role.VIEWER, Scope.READ, is_for_shares=True)
    """Look at videos, analyses, reports and media."""
    LIST = _Needs(Role.VIEWER, Scope.READ)
    """Look through what is there, search, follow changes."""
    KEEP_SEARCHES = _Needs(Role.VIEWER, Scope.WRITE)
    """Keep a search under a name, for oneself."""
    EDIT = _Needs(Role.EDITOR, Scope.WRITE)
    """Bring in, analyse, judge again, tag, cancel, remove."""
    REVIEW = _Needs(Role.EDITOR, Scope.WRITE)
    """Look over a machine's scores as a person, override them, settle a dispute."""
    CONTEST = _Needs(Role.VIEWER, Scope.READ, is_for_shares=True)
    """Dispute a score: whoever is shown one may, as the person it is about often has no more than a link."""
    SHARE = _Needs(Role.EDITOR, Scope.WRITE)
    """Make and revoke share links."""
    MANAGE_WORKSPACE = _Needs(Role.OWNER, Scope.ADMIN)
    """Rename it, its members and roles, read its audit, remove it."""
    OWN_ACCOUNT = _Needs(None, Scope.ADMIN)
    """One's own name, password, tokens and sessions. No token of lesser scope makes another token."""
    WHO_AM_I = _Needs(None, Scope.READ)
    MANAGE_INSTALLATION = _Needs(None, Scope.ADMIN, is_for_admins=True)
    """Users, the whole audit, alerts, clean-up."""
    WATCH_INSTALLATION = _Needs(None, Scope.READ)
    """Load, versions, the state of the parts."""


def require(actor: Actor, right: Right, workspace_id: str | None = None) -> None:
    """Raises `NotFound` for a workspace that is none of the actor's, `NotAllowed` when he may not do this there."""
    if actor.is_system:
        return
    needs = right.value
    if needs.scope not in actor.scopes:
        raise NotAllowed("access.scope_missing", scope=needs.scope)
    if actor.only_analysis is not None and not needs.is_for_shares:
        raise NotAllowed("access.share_only_shows")
    if needs.is_for_admins and not actor.is_admin:
        raise NotAllowed("access.admins_only")
    if needs.role is None:
        if actor.user_id is None:
            raise NotAllowed("access.share_only_shows")
        return
    if workspace_id is None:
        return
    role = actor.roles.get(workspace_id)
    if role is None:
        raise NotFound("library.not_found", what="workspace", id=workspace_id)
    if not role.reaches(needs.role):
        raise NotAllowed("access.role_too_low", role=role, needed=needs.role)
