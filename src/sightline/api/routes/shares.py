"""Share links: one analysis for whoever has the link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import NewShareView, SharedView, ShareView
from sightline.api.problems import RESPONSES
from sightline.api.routes.analyses import zoned
from sightline.api.security import SHARE, CurrentActor, SameOrigin, door_of, set_cookie
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.errors import NotSignedIn, RequestInvalid
from sightline.service.people.secret import LONGEST

router = APIRouter(tags=["shares"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class CreateShare(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"expires_at": "2026-12-21T10:00:00Z"}})

    expires_at: datetime
    """At most 90 days ahead."""


class OpenShare(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"secret": "dGhpcyBpcyBub3Qg…"}})

    secret: str = Field(min_length=1, max_length=LONGEST)


@router.get("/analyses/{analysis_id}/shares")
def list_shares(analysis_id: Id, request: Request, actor: CurrentActor) -> PageView[ShareView]:
    """Those that work, the newest first."""
    return PageView(items=[ShareView.of(row) for row in platform_of(request).shares.list(actor, analysis_id)])


@router.post("/analyses/{analysis_id}/shares", status_code=201)
def create_share(analysis_id: Id, body: CreateShare, request: Request, actor: CurrentActor) -> NewShareView:
    """A link by which anybody can look at this analysis, its video and its reports until it expires."""
    ends = zoned(body.expires_at)
    if ends is None:
        raise RequestInvalid("account.expiry_past")
    row, secret = platform_of(request).shares.create(actor, analysis_id, ends)
    url = f"{door_of(request).base_url}/shared?secret={secret}"
    return NewShareView(**NewShareView.fields_of(row), secret=secret, url=url)


@router.delete("/shares/{share_id}", status_code=204)
def revoke_share(share_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).shares.revoke(actor, share_id)


@router.post("/shares/open", dependencies=[SameOrigin])
def open_share(body: OpenShare, request: Request, response: Response) -> SharedView:
    """Lets a browser in by the secret of a share link: the answer sets a cookie. For anybody."""
    actor = platform_of(request).shares.open(body.secret, door_of(request).caller)
    if actor.only_analysis is None or actor.only_video is None:
        raise NotSignedIn("account.share_over")
    set_cookie(request, response, SHARE, body.secret)
    return SharedView(analysis_id=actor.only_analysis, video_id=actor.only_video)
