"""The HTTP application."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.api import document, doorway, old_routes, problems
from sightline.api.pages import pages
from sightline.api.routes import (
    account,
    analyses,
    audit,
    changes,
    consents,
    evidence,
    findings,
    installation,
    jobs,
    models,
    reviews,
    saved_searches,
    session,
    shares,
    spending,
    system,
    templates,
    tokens,
    uploads,
    users,
    videos,
    words,
    workspaces,
)
from sightline.api.routes import (
    pages as sign_in_pages,
)
from sightline.api.threads import SENDERS
from sightline.service.operations.metrics import Metrics
from sightline.service.platform import Platform
from sightline.version import VERSION

THREADS = 40
"""Requests worked on at the same time; more wait."""
SHOWN = """Everything the pages and the terminal do can be done here. Sign in with a token:
`Authorization: Bearer sl_…`. Errors are problem documents (RFC 9457) whose `code` is stable. Lists come in pages: hand
`next_cursor` back as `cursor`. Creations take an `Idempotency-Key`."""


_PARTS = (
    session, account, users, workspaces, tokens, shares, videos, uploads, analyses, findings, templates, consents,
    reviews, jobs, changes, audit, evidence, saved_searches, system, installation, models, spending, words,
)  # fmt: skip


def create_app(platform: Platform) -> FastAPI:
    """The application of a platform, which it starts and stops with itself."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        from anyio import to_thread

        to_thread.current_default_thread_limiter().total_tokens = THREADS
        app.state.stopping = asyncio.Event()
        await to_thread.run_sync(platform.start)
        try:
            yield
        finally:
            app.state.stopping.set()
            await to_thread.run_sync(platform.stop)

    app = FastAPI(
        title="Sightline",
        version=VERSION,
        description=SHOWN,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        generate_unique_id_function=_name_of,
        redirect_slashes=False,
    )
    app.state.platform = platform
    app.state.senders = CapacityLimiter(SENDERS)
    problems.install(app)
    document.install(app)
    for part in _PARTS:
        _take_in(app, part.router, "/api/v1")
    for router in (system.probes, old_routes.router, pages.router, sign_in_pages.router):
        _take_in(app, router)
    app.add_middleware(_Measured, metrics=platform.metrics)
    doorway.install(app, platform.settings)
    return app


def _take_in(app: FastAPI, router: APIRouter, prefix: str = "") -> None:
    """Makes a router's routes the application's own. Included routers are each searched twice for every request: up to
    a fifth of a small one's processor time."""
    for route in router.routes:
        if not isinstance(route, APIRoute):
            app.router.routes.append(route)
            continue
        app.router.add_api_route(
            prefix + route.path,
            route.endpoint,
            response_model=route.response_model,
            status_code=route.status_code,
            tags=route.tags,
            dependencies=route.dependencies,
            summary=route.summary,
            description=route.description,
            response_description=route.response_description,
            responses=route.responses,
            deprecated=route.deprecated,
            methods=route.methods,
            operation_id=route.operation_id,
            include_in_schema=route.include_in_schema,
            response_class=route.response_class,
            name=route.name,
            openapi_extra=route.openapi_extra,
            generate_unique_id_function=_name_of,
        )


def _name_of(route: APIRoute) -> str:
    return route.operation_id or route.name


class _Measured:
    """Counts and times every request by its route's template, never by what stands in the path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, streams = time.perf_counter(), 500, False

        async def sending(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                streams = any(
                    name == b"content-type" and value.startswith(b"text/event-stream")
                    for name, value in message["headers"]
                )
                if streams:
                    self._metrics.stream_opened()
            await send(message)

        self._metrics.request_began()
        try:
            await self._app(scope, receive, sending)
        finally:
            self._metrics.request_ended()
            if streams:
                self._metrics.stream_closed()
            else:
                route = scope.get("route")
                path = route.path if isinstance(route, APIRoute) else "other"
                self._metrics.request_answered(path, scope["method"], status, time.perf_counter() - started)
