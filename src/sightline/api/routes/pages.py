"""Two pages that work without a script: signing in, and opening a share link."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from sightline.api.pages.pages import Chosen, page_of
from sightline.api.problems import language_of, status_of
from sightline.api.routes.session import local_path
from sightline.api.security import SESSION, SHARE, SameOrigin, cookie_of, door_of, set_cookie, set_session
from sightline.api.state import platform_of
from sightline.errors import SightlineError
from sightline.service.people.secret import LONGEST
from sightline.text import LANGUAGES, Language, words

router = APIRouter(include_in_schema=False)
Secret = Annotated[str, Query(max_length=LONGEST)]
Path = Annotated[str, Query(alias="next", max_length=2000)]


@router.get("/sign-in")
def sign_in_page(request: Request, secret: Secret = "", after: Path = "/", language: Chosen = None) -> HTMLResponse:
    """A button for a one-time link, else a form. Opening the page changes nothing."""
    return _page(request, secret, after, language)


@router.post("/sign-in", dependencies=[SameOrigin])
def sign_in_by_form(
    request: Request,
    secret: Annotated[str, Form(max_length=LONGEST)] = "",
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    after: Annotated[str, Form(alias="next", max_length=2000)] = "/",
    language: Annotated[Language | None, Form()] = None,
) -> Response:
    platform, caller, before = platform_of(request), door_of(request).caller, cookie_of(request, SESSION)
    try:
        if secret:
            signed_in = platform.links.use(secret, caller, before, language=language)
        else:
            signed_in = platform.sessions.sign_in(email, password, caller, before)
    except SightlineError as error:
        return _page(request, "", after, language, error)
    answer = RedirectResponse(local_path(after), 303)
    set_session(request, answer, signed_in.secret)
    return answer


@router.get("/shared")
def shared(request: Request, secret: Secret) -> Response:
    """Opens the page of the analysis a share link is for."""
    try:
        actor = platform_of(request).shares.open(secret, door_of(request).caller)
    except SightlineError as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _not_opened(request, error)
    answer = RedirectResponse(f"/s/{actor.only_analysis}", 303)
    set_cookie(request, answer, SHARE, secret)
    return answer


def _page(
    request: Request, secret: str, after: str, asked: Language | None, error: SightlineError | None = None
) -> HTMLResponse:
    language, back = asked or language_of(request), local_path(after)
    kept = {"next": back} | ({"secret": secret} if secret else {})
    provider = f"/api/v1/session/oidc?{urlencode({'next': back})}" if platform_of(request).oidc.is_on else ""
    page = page_of(
        "sign-in",
        language=language,
        chosen=asked,
        languages=[(str(one), f"/sign-in?{urlencode(kept | {'language': str(one)})}") for one in LANGUAGES],
        say=lambda key: words(f"account.page.{key}", language),
        secret=secret,
        after=back,
        provider="" if secret else provider,
        error=None if error is None else error.message.render(language),
    )
    return HTMLResponse(page, 200 if error is None else status_of(error))


def _not_opened(request: Request, error: SightlineError) -> HTMLResponse:
    """For people: a link that was revoked, has expired, or was not copied whole."""
    language = language_of(request)
    page = page_of(
        "not-opened",
        language=language,
        say=lambda key: words(f"account.page.{key}", language),
        error=error.message.render(language),
    )
    return HTMLResponse(page, status_of(error))
