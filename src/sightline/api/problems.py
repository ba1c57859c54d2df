"""Errors as RFC 9457 problem documents: the one place where an error gets its HTTP status.

``code`` is stable: scripts may rely on it. ``detail`` is for people, in the language they asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sightline import errors
from sightline.engine.defects import place_of, typed
from sightline.errors import SightlineError
from sightline.text import Language, told_by_others, words

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[SightlineError], int] = {
    errors.NotFound: 404,
    errors.MediaNotFound: 404,
    errors.Conflict: 409,
    errors.LimitExceeded: 413,
    errors.InputError: 422,
    errors.TooManyAttempts: 429,
    errors.NotSignedIn: 401,
    errors.AccessError: 403,
    errors.Unavailable: 503,
    errors.OutputUnwritable: 507,
    errors.SetupError: 503,
    errors.Cancelled: 409,
    errors.SightlineError: 500,
}
"""The nearest class of an error's ancestry counts."""
RETRY_AFTER_S = 5


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""
    errors: list[dict[str, Any]] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": what, "content": {MEDIA_TYPE: {}}}
    for code, what in (
        (401, "Nobody is signed in"),
        (403, "Not allowed"),
        (404, "There is none, or none of yours"),
        (409, "Does not go with what is there"),
        (413, "Too large, too long or too many"),
        (422, "The request says something that cannot be"),
        (429, "Too often"),
        (503, "A part is away; try again"),
    )
}
FULL: dict[int | str, dict[str, Any]] = {507: RESPONSES[503] | {"description": "The disk is too full"}}
"""Beside `RESPONSES`, of routes that take files in."""


def status_of(error: SightlineError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def language_of(request: Request) -> Language:
    """What ``Accept-Language`` prefers among those Sightline speaks."""
    best, quality = Language.ENGLISH, 0.0
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted = float(weight) if weight else 1.0
        except ValueError:
            continue
        for language in Language:
            if tag.lower().split("-")[0] == language and wanted > quality:
                best, quality = language, wanted
    return best


def problem(request: Request, error: SightlineError) -> JSONResponse:
    """The answer to a request that ended in an error."""
    status = status_of(error)
    headers = {}
    if isinstance(error, errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_s)
    elif status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    elif status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    code, detail = error.message.key, error.message.render(language_of(request))
    if status == 500:
        _log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    return _answer(request, status, code, detail, headers=headers)


def _answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    found: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        title=words(f"api.status.{status}", language_of(request)) if status in _TITLED else str(status),
        status=status,
        detail=detail.encode("utf-8", "backslashreplace").decode(),
        code=code,
        request_id=getattr(request.state, "request_id", ""),
        errors=found or [],
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


_TITLED = (400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 415, 416, 422, 429, 460, 500, 503, 507)


def install(app: FastAPI) -> None:
    """Has an application answer every error as a problem."""

    @app.exception_handler(SightlineError)
    def _ours(request: Request, error: SightlineError) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        language = language_of(request)
        found = [
            {
                "at": ".".join(str(part) for part in one["loc"]),
                "problem": told_by_others(one["msg"], language),
                "type": one["type"],
            }
            for one in error.errors()[:20]
        ]
        detail = words("api.invalid", language, at=found[0]["at"], problem=found[0]["problem"])
        return _answer(request, 422, "api.invalid", detail, found=found)

    @app.exception_handler(ClientDisconnect)
    def _gone(request: Request, _error: ClientDisconnect) -> JSONResponse:
        # Nobody hears it; whoever went away while sending is no fault of ours.
        return problem(request, errors.RequestInvalid("api.broken_body"))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:
            # A body that could not be read is no other fault than one that says something impossible.
            return problem(request, errors.RequestInvalid("account.bad_request", what=error.detail))
        code = f"api.status.{error.status_code}"
        return _answer(request, error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        told = typed(error)
        _log.error("%s %s: %s", request.method, request.url.path, told, exc_info=error)
        place = place_of(error)
        detail = words("api.defect", language_of(request), place=place)
        return _answer(request, status_of(told), told.message.key, detail)
