"""What every request passes first: who sends it, by which name, with how much, and under which id.

Outside everything else, so that answers to errors of our own carry the id and the headers as well.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.api.headers import Headers
from sightline.api.problems import problem
from sightline.api.proxies import Proxies
from sightline.errors import LimitExceeded, NotAllowed, RequestInvalid, SightlineError
from sightline.service.operations.logs import context
from sightline.service.people.caller import Caller
from sightline.service.settings import Settings

MOST_BYTES = 1 << 20
"""Of a body that is read as a whole."""
BODY_S = 30
_STREAMED = re.compile(r"POST /api/v1/videos|(POST|PATCH) /api/v1/uploads(/[^/]*)?|POST /analyze-video")
"""Routes that take a body of any size, piece by piece."""
_FORMS = ("/sign-in",)
_FOR_MONITORS = ("/healthz", "/readyz", "/metrics")
"""Asked by proxies and Prometheus, by whatever name they know this process."""
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True, slots=True)
class Door:
    """How a request came in: ``request.state.door``."""

    caller: Caller
    is_https: bool
    """Between the browser and the nearest proxy."""
    base_url: str
    """Scheme, host and port the browser knows us by, without a slash at the end."""
    host: str
    """The request's own Host header."""


def install(app: FastAPI, settings: Settings) -> None:
    """Puts the doorway around an application, outside even what answers unexpected errors."""
    inner = app.build_middleware_stack
    app.build_middleware_stack = lambda: Doorway(inner(), settings)  # type: ignore[method-assign]


class Doorway:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._proxies = Proxies(settings)
        self._headers = Headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # There are none, and what guards the others does not guard them.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door = self._door(scope)
        scope.setdefault("state", {}).update(door=door, request_id=door.caller.request_id)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._headers.add(message, scope["path"], door.is_https, door.caller.request_id)
            await send(message)

        with context(request_id=door.caller.request_id):
            try:
                self._check(scope, door)
                handed_on = await self._body(scope, receive)
            except SightlineError as error:
                await problem(Request(scope), error)(scope, receive, sending)
                return
            await self._app(scope, handed_on, sending)

    def _door(self, scope: Scope) -> Door:
        given = _header(scope, b"x-request-id")
        request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        address, is_https = self._proxies.seen_through(scope)
        host = _header(scope, b"host")
        base = self._settings.public_url.rstrip("/") or f"{'https' if is_https else 'http'}://{host}"
        caller = Caller(address, _header(scope, b"user-agent"), request_id)
        return Door(caller, is_https, base, host)

    def _check(self, scope: Scope, door: Door) -> None:
        # A page of another site whose name suddenly leads to this machine must not reach what listens on loopback.
        if scope["path"] not in _FOR_MONITORS and not self._proxies.is_our_name(door.host):
            raise NotAllowed("account.bad_host", host=door.host[:255])
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise RequestInvalid("account.bad_request", what="NUL")

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """Reads a body that is used as a whole, so that none too large, too slow or of another type goes further."""
        if _STREAMED.fullmatch(f"{scope['method']} {scope['path']}"):
            return receive
        length = _header(scope, b"content-length")
        if not length and not _header(scope, b"transfer-encoding"):
            return receive
        if length and (not length.isdecimal() or int(length[:19]) > MOST_BYTES):
            raise LimitExceeded("account.body_large", most=MOST_BYTES)
        try:
            async with asyncio.timeout(BODY_S):
                body = await _whole(receive)
        except TimeoutError:
            raise RequestInvalid("account.body_slow") from None
        media_type = _header(scope, b"content-type").partition(";")[0].strip().lower()
        if body and scope["path"] not in _FORMS and media_type != "application/json":
            # A form of another site can be sent without asking; JSON cannot.
            raise RequestInvalid("account.body_json")
        # In UTF-16 a NUL would pass unseen; RFC 8259 has nothing but UTF-8.
        if b"\0" in body or b"\\u0000" in body:
            raise RequestInvalid("account.bad_request", what="\\u0000")
        try:
            body.decode()
        except UnicodeDecodeError:
            raise RequestInvalid("account.bad_request", what="UTF-8") from None
        return _again(body, receive)


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestInvalid("account.bad_request", what="...")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise LimitExceeded("account.body_large", most=MOST_BYTES)
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read, to be read once more; then what comes after it, the client's going away."""
    told: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return told.pop() if told else await receive()

    return receiving


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
