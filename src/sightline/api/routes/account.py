"""One's own account: name, language, password, the browsers signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import SessionView, UserView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor, door_of, set_session
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.errors import NotAllowed
from sightline.library.actor import Actor
from sightline.text import Language

router = APIRouter(tags=["account"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class ChangeAccount(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Mina", "language": "ko"}})

    name: str | None = Field(default=None, max_length=255)
    language: Language | None = None


class ChangePassword(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"current": "correct horse", "new": "battery staple 42"}}
    )

    current: str | None = Field(default=None, max_length=1024)
    """None where the account has none yet, within an hour of signing in."""
    new: str = Field(max_length=1024)


@router.get("/account")
def get_account(request: Request, actor: CurrentActor) -> UserView:
    return UserView.of(platform_of(request).accounts.mine(actor))


@router.patch("/account")
def change_account(body: ChangeAccount, request: Request, actor: CurrentActor) -> UserView:
    changed = platform_of(request).accounts.change(actor, _own(actor), name=body.name, language=body.language)
    return UserView.of(changed)


@router.put("/account/password", status_code=204)
def change_password(body: ChangePassword, request: Request, response: Response, actor: CurrentActor) -> None:
    """This browser goes on with a new cookie; every other one is signed out. API tokens stay."""
    secret = platform_of(request).accounts.change_password(actor, body.current, body.new, door_of(request).caller)
    set_session(request, response, secret)


@router.get("/sessions")
def list_sessions(request: Request, actor: CurrentActor) -> PageView[SessionView]:
    """Your browsers that are signed in, the last used first."""
    sessions = platform_of(request).sessions
    rows = sessions.list(actor)
    return PageView(items=[SessionView.of(row, sessions.ends_at(row), actor.session_id) for row in rows])


@router.delete("/sessions", status_code=204)
def revoke_other_sessions(request: Request, actor: CurrentActor) -> None:
    """Signs out every browser but this one."""
    platform_of(request).sessions.revoke_all(actor)


@router.delete("/sessions/{session_id}", status_code=204)
def revoke_session(session_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).sessions.revoke(actor, session_id)


def _own(actor: Actor) -> str:
    if actor.user_id is None:
        raise NotAllowed("access.share_only_shows")
    return actor.user_id
