"""API tokens of one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import NewTokenView, TokenView
from sightline.api.problems import RESPONSES
from sightline.api.routes.analyses import zoned
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.library.actor import Scope

router = APIRouter(prefix="/tokens", tags=["tokens"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class CreateToken(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"name": "nightly", "scopes": ["read", "write"], "expires_at": "2027-02-19T10:00:00Z"}
        },
    )

    name: str = Field(min_length=1, max_length=255)
    scopes: list[Scope] = Field(min_length=1, max_length=3)
    """``write`` holds ``read``, ``admin`` holds both."""
    expires_at: datetime | None = None
    """None: it works until it is revoked."""
    workspace_id: str | None = Field(default=None, max_length=64)
    """None: every workspace of yours. With one, ``admin`` is refused."""


@router.get("")
def list_tokens(request: Request, actor: CurrentActor) -> PageView[TokenView]:
    """Yours that work, the newest first. Secrets are not shown again."""
    return PageView(items=[TokenView.of(row) for row in platform_of(request).tokens.list(actor)])


@router.post("", status_code=201)
def create_token(body: CreateToken, request: Request, actor: CurrentActor) -> NewTokenView:
    """A token and its secret, which is shown this once. It reaches no further than who makes it."""
    row, secret = platform_of(request).tokens.create(
        actor, body.name, body.scopes, expires_at=zoned(body.expires_at), workspace_id=body.workspace_id
    )
    return NewTokenView(**NewTokenView.fields_of(row), secret=secret)


@router.delete("/{token_id}", status_code=204)
def revoke_token(token_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).tokens.revoke(actor, token_id)
