"""Accounts, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import LinkView, UserView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor, door_of
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.text import Language

router = APIRouter(prefix="/users", tags=["users"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class CreateUser(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "mina@example.org", "name": "Mina", "language": "ko"}}
    )

    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=255)
    password: str | None = Field(default=None, max_length=1024)
    """None: the account is opened by a one-time link."""
    is_admin: bool = False
    language: Language | None = None


class ChangeUser(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_admin": True}})

    name: str | None = Field(default=None, max_length=255)
    language: Language | None = None
    is_admin: bool | None = None


class SetPassword(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"password": "battery staple 42"}})

    password: str = Field(max_length=1024)


@router.get("")
def list_users(
    request: Request,
    actor: CurrentActor,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageView[UserView]:
    """Every account, the oldest first."""
    found = platform_of(request).accounts.list(actor, cursor, limit)
    return PageView(items=[UserView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.post("", status_code=201)
def create_user(body: CreateUser, request: Request, actor: CurrentActor) -> UserView:
    """An account with a workspace of its own."""
    made = platform_of(request).accounts.create(
        actor, body.email, name=body.name, password=body.password, is_admin=body.is_admin, language=body.language
    )
    return UserView.of(made)


@router.get("/{user_id}")
def get_user(user_id: Id, request: Request, actor: CurrentActor) -> UserView:
    return UserView.of(platform_of(request).accounts.get(actor, user_id))


@router.patch("/{user_id}")
def change_user(user_id: Id, body: ChangeUser, request: Request, actor: CurrentActor) -> UserView:
    changed = platform_of(request).accounts.change(
        actor, user_id, name=body.name, language=body.language, is_admin=body.is_admin
    )
    return UserView.of(changed)


@router.delete("/{user_id}", status_code=204)
def remove_user(
    user_id: Id, request: Request, actor: CurrentActor, with_workspaces: Annotated[bool, Query()] = False
) -> None:
    """Workspaces only this user owns are removed as well when they are empty, or with ``with_workspaces``; else this
    is refused. What the user brought into other workspaces stays."""
    platform_of(request).accounts.remove(actor, user_id, with_workspaces=with_workspaces)


@router.post("/{user_id}/disable")
def disable_user(user_id: Id, request: Request, actor: CurrentActor) -> UserView:
    """Sessions and tokens are refused at once."""
    return UserView.of(platform_of(request).accounts.disable(actor, user_id))


@router.post("/{user_id}/enable")
def enable_user(user_id: Id, request: Request, actor: CurrentActor) -> UserView:
    return UserView.of(platform_of(request).accounts.enable(actor, user_id))


@router.put("/{user_id}/password", status_code=204)
def set_password(user_id: Id, body: SetPassword, request: Request, actor: CurrentActor) -> None:
    """Every browser of the user is signed out."""
    platform_of(request).accounts.set_password(actor, user_id, body.password)


@router.post("/{user_id}/link", status_code=201)
def create_link(user_id: Id, request: Request, actor: CurrentActor) -> LinkView:
    """A link that signs the user in once, within the hour: for a new account or a forgotten password."""
    path = platform_of(request).links.create(actor, user_id)
    return LinkView(url=f"{door_of(request).base_url}{path}")


@router.delete("/{user_id}/sessions", status_code=204)
def revoke_user_sessions(user_id: Id, request: Request, actor: CurrentActor) -> None:
    """Signs the user out everywhere."""
    platform_of(request).sessions.revoke_all(actor, user_id)
