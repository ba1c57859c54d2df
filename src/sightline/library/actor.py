"""Who is asking: what every query of the library is answered for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a member may do in a workspace. Each may do what those after it may."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def reaches(self, other: Role) -> bool:
        order = tuple(Role)
        return order.index(self) <= order.index(other)


class Scope(StrEnum):
    """How far an API token reaches. A session reaches as far as its user."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, a token, a share link, or the installation itself."""

    user_id: str | None
    name: str
    """For the audit: an email address, ``share:<id>``, ``system``."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By workspace id."""
    scopes: frozenset[Scope] = EVERY_SCOPE
    is_admin: bool = False
    """May manage users, workspaces and the installation. Gives no look into other people's workspaces."""
    is_system: bool = False
    """The installation itself: dispatcher, clean-up, rebuild. Sees every row."""
    only_analysis: str | None = None
    """A share link: this analysis, its video, and nothing else."""
    only_video: str | None = None
    session_id: str | None = None
    token_id: str | None = None
    address: str = ""
    request_id: str = ""


SYSTEM = Actor(None, "system", is_admin=True, is_system=True)
"""The installation itself."""
