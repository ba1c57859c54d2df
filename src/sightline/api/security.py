"""Who is asking, by what the request carries; cookies; and that a request was not set off by another site."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from sightline.api.doorway import Door
from sightline.api.state import platform_of
from sightline.errors import NotAllowed, NotSignedIn
from sightline.library.actor import Actor

SESSION, SHARE, OIDC = "sightline_session", "sightline_share", "sightline_oidc"
SHARE_HEADER = "X-Sightline-Share"
_SAFE = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(scheme_name="token", description="An API token: `Authorization: Bearer sl_…`", auto_error=False)
_share_header = APIKeyHeader(
    name=SHARE_HEADER, scheme_name="share", description="The secret of a share link", auto_error=False
)
_cookie = APIKeyCookie(
    name=SESSION, scheme_name="session", description="The cookie of a browser that is signed in; by https its name "
    "begins with `__Host-`", auto_error=False,
)  # fmt: skip


def current_actor(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    share: Annotated[str | None, Security(_share_header)],
    _documented: Annotated[str | None, Security(_cookie)],
) -> Actor:
    """By API token, else by the secret of a share link in a header, else by cookie. Raises `NotSignedIn`, `NotAllowed`.

    What is sent on purpose counts alone: a wrong token is not mended by a right cookie. With ``?as=share`` the cookie
    of a share link goes before that of a session, for players, which cannot send a header.
    """
    actors, door = platform_of(request).actors, door_of(request)
    if "authorization" in request.headers:
        if bearer is None:
            raise NotSignedIn("account.not_signed_in")
        return actors.actor_of_token(bearer.credentials, door.caller)
    if share is not None:
        return actors.actor_of_share(share, door.caller)
    session, shared = cookie_of(request, SESSION), cookie_of(request, SHARE)
    if shared is not None and (session is None or request.query_params.get("as") == "share"):
        refuse_cross_site(request, needs_proof=True)
        return actors.actor_of_share(shared, door.caller)
    if session is None:
        raise NotSignedIn("account.not_signed_in")
    refuse_cross_site(request, needs_proof=True)
    try:
        return actors.actor_of_session(session, door.caller)
    except NotSignedIn:
        # A session of last week is no reason to lock out who was sent a link.
        if shared is None:
            raise
        return actors.actor_of_share(shared, door.caller)


CurrentActor = Annotated[Actor, Depends(current_actor)]


def door_of(request: Request) -> Door:
    found: Door = request.state.door
    return found


def refuse_cross_site(request: Request, *, needs_proof: bool) -> None:
    """Raises `NotAllowed` for a request that may change something and was set off by a page of another site.

    Browsers say so in ``Sec-Fetch-Site``, older ones and those without encryption in ``Origin``. ``needs_proof``: a
    request that says neither is refused as well, because it carries a cookie.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    elif origin is not None:
        door = door_of(request)
        is_ours = origin == door.base_url or _host_in(origin) == door.host.lower()
    else:
        is_ours = not needs_proof
    if not is_ours:
        raise NotAllowed("account.cross_site")


def same_origin(request: Request) -> None:
    """For routes that sign somebody in: another site must not sign a browser in as somebody else."""
    refuse_cross_site(request, needs_proof=False)


SameOrigin = Depends(same_origin)


def cookie_of(request: Request, name: str) -> str | None:
    """By https only the name that a neighbouring host cannot set counts."""
    return request.cookies.get(_named(name, door_of(request).is_https))


def set_cookie(request: Request, response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """For this host, this service, and not for scripts."""
    is_https = door_of(request).is_https
    response.set_cookie(
        _named(name, is_https), value, max_age=max_age_s, path="/", secure=is_https, httponly=True, samesite="lax"
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    is_https = door_of(request).is_https
    response.delete_cookie(_named(name, is_https), path="/", secure=is_https, httponly=True, samesite="lax")


def set_session(request: Request, response: Response, secret: str) -> None:
    """The cookie of a session. How long it lasts is decided in the database; the browser may keep it as long as any."""
    set_cookie(request, response, SESSION, secret, platform_of(request).settings.session_max_hours * 3600)


def _host_in(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _named(name: str, is_https: bool) -> str:
    return f"__Host-{name}" if is_https else name
