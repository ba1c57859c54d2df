"""Signing in and out."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.people import LimitsView, SharedView, UserView, WaysView, WhoView, WorkspaceView
from sightline.api.problems import RESPONSES
from sightline.api.security import (
    OIDC,
    SESSION,
    SHARE,
    CurrentActor,
    SameOrigin,
    cookie_of,
    door_of,
    drop_cookie,
    set_cookie,
    set_session,
)
from sightline.api.state import platform_of
from sightline.errors import NotSignedIn
from sightline.library.actor import Actor, Scope
from sightline.service.access import Right, require
from sightline.service.people.oidc import COOKIE_S, Answer
from sightline.service.people.secret import LONGEST
from sightline.service.people.sessions import SignedIn

router = APIRouter(prefix="/session", tags=["session"], responses=RESPONSES)


class SignIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "mina@example.org", "password": "correct horse"}}
    )

    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)


class UseLink(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"secret": "dGhpcyBpcyBub3Qg…"}})

    secret: str = Field(min_length=1, max_length=LONGEST)


@router.get("/ways")
def list_ways(request: Request) -> WaysView:
    """How one can sign in here. For anybody."""
    return WaysView(password=True, oidc=platform_of(request).oidc.is_on)


@router.get("")
def get_session(request: Request, actor: CurrentActor) -> WhoView:
    """Who is asking: a user by session or token, or somebody with a share link."""
    return _who(request, actor)


@router.post("", status_code=201, dependencies=[SameOrigin])
def sign_in(body: SignIn, request: Request, response: Response) -> WhoView:
    """Signs a browser in: the answer sets the cookie. A session it had before ends."""
    before = cookie_of(request, SESSION)
    signed_in = platform_of(request).sessions.sign_in(body.email, body.password, door_of(request).caller, before)
    return _begun(request, response, signed_in)


@router.post("/link", status_code=201, dependencies=[SameOrigin])
def use_link(body: UseLink, request: Request, response: Response) -> WhoView:
    """Signs a browser in by a one-time link. Who has no password sets one next."""
    before = cookie_of(request, SESSION)
    return _begun(request, response, platform_of(request).links.use(body.secret, door_of(request).caller, before))


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, actor: CurrentActor) -> None:
    """Ends the session and takes the cookies back."""
    if actor.session_id is not None:
        platform_of(request).sessions.sign_out(actor)
    for name in (SESSION, SHARE):
        drop_cookie(request, response, name)


@router.get("/oidc", status_code=303, response_class=RedirectResponse)
def start_oidc(request: Request, after: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> Response:
    """Sends the browser to the identity provider; afterwards it comes to ``next``, a path of this service."""
    departure = platform_of(request).oidc.start(_redirect_uri(request))
    answer = RedirectResponse(departure.url, 303)
    kept = base64.urlsafe_b64encode(local_path(after).encode()).decode().rstrip("=")
    set_cookie(request, answer, OIDC, f"{departure.cookie}.{kept}", COOKIE_S)
    return answer


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse)
def finish_oidc(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Where the identity provider sends the browser back to."""
    secret, _, kept = (cookie_of(request, OIDC) or "").partition(".")
    answer = Answer(state=state, code=code, error=error, issuer=iss)
    signed_in = platform_of(request).oidc.finish(
        answer, secret, _redirect_uri(request), door_of(request).caller, cookie_of(request, SESSION)
    )
    sent_on = RedirectResponse(_unpacked(kept), 303)
    drop_cookie(request, sent_on, OIDC)
    set_session(request, sent_on, signed_in.secret)
    return sent_on


def local_path(path: str) -> str:
    """A path of this service to go on to; the start page for anything else, so that nobody is sent elsewhere."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_local and path.isascii() else "/"


def _unpacked(kept: str) -> str:
    try:
        return local_path(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)).decode("ascii"))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "/"


def _redirect_uri(request: Request) -> str:
    return f"{door_of(request).base_url}/api/v1/session/oidc/callback"


def _begun(request: Request, response: Response, signed_in: SignedIn) -> WhoView:
    set_session(request, response, signed_in.secret)
    actor = platform_of(request).actors.actor_of_session(signed_in.secret, door_of(request).caller)
    return _who(request, actor)


def _who(request: Request, actor: Actor) -> WhoView:
    platform = platform_of(request)
    limits = LimitsView(max_upload_gb=platform.settings.max_upload_gb)
    scopes = [scope for scope in Scope if scope in actor.scopes]
    if actor.only_analysis is not None and actor.only_video is not None:
        require(actor, Right.VIEW)
        shared = SharedView(analysis_id=actor.only_analysis, video_id=actor.only_video)
        return WhoView(
            kind="share", user=None, scopes=scopes, is_admin=False, workspaces=[], shared=shared, limits=limits
        )
    if actor.user_id is None:
        raise NotSignedIn("account.not_signed_in")
    return WhoView(
        kind="session" if actor.session_id else "token",
        user=UserView.of(platform.accounts.mine(actor)),
        scopes=scopes,
        is_admin=actor.is_admin,
        workspaces=[WorkspaceView.of(mine) for mine in platform.workspaces.list(actor)],
        shared=None,
        limits=limits,
    )
