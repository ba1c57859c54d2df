"""How the installation fares, and what monitors ask."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel

from sightline.api.people import UserView
from sightline.api.problems import RESPONSES
from sightline.api.routes.analyses import zoned
from sightline.api.security import CurrentActor, current_actor, door_of
from sightline.api.state import platform_of
from sightline.errors import NotAllowed, NotSignedIn
from sightline.service.access import Right, require
from sightline.service.operations.metrics import CONTENT_TYPE
from sightline.text import LANGUAGES, Language, Message

router = APIRouter(prefix="/system", tags=["system"], responses=RESPONSES)
probes = APIRouter(tags=["system"])


class ThroughputView(BaseModel):
    jobs_per_hour: float | None
    """Done in the window; null where there were none."""
    media_s_per_s: float | None
    """Seconds of media analysed in a second of those jobs' time; null where nothing was analysed."""
    window_s: int


class SystemView(BaseModel):
    version: str
    database: str
    store: str
    machine: dict[str, Any]
    """CPU per core, memory, disks and graphics processors, as last sampled."""
    holds: list[dict[Language, str]]
    """Why no job begins now."""
    queue: dict[str, Any] | None
    dispatcher: dict[str, Any]
    cache: dict[str, Any]
    measurements_bytes: int
    processes: list[dict[str, Any]]
    counts: dict[str, int]
    parts: dict[str, list[str]]
    limits: dict[str, Any]
    throughput: ThroughputView
    versions: dict[str, str | None]
    """By part: ``sightline``, ``python``, ``ffmpeg``, ``onnxruntime``, ``litert``, the database by its kind …"""


class UseView(BaseModel):
    name: str
    """``media``, ``previews``, ``bundles``, ``measurements``, ``cache``, ``work``, ``models`` or ``database``."""
    bytes: int | None
    """Null where it could not be counted in time."""
    files: int | None


class RoomView(BaseModel):
    total_bytes: int
    free_bytes: int


class RuleView(BaseModel):
    """How long something is kept."""

    name: str
    days: int | None
    """Null: for ever."""
    meaning: dict[Language, str]


class StorageView(BaseModel):
    items: list[UseView]
    disk: RoomView
    """That new data is written to."""
    retention: list[RuleView]


class AttendanceView(BaseModel):
    user: UserView
    sessions: int
    """In use."""
    last_seen_at: datetime | None
    videos: int
    """Brought in."""
    jobs_running: int


class PeopleView(BaseModel):
    items: list[AttendanceView]


class SamplesView(BaseModel):
    items: list[dict[str, Any]]


class AlertView(BaseModel):
    id: str
    kind: str
    host: str
    message: dict[Language, str]
    began_at: datetime
    ended_at: datetime | None


class AlertsView(BaseModel):
    items: list[AlertView]


class PartView(BaseModel):
    name: str
    state: str
    took_ms: float
    why: str | None


class ReadyView(BaseModel):
    state: str
    parts: list[PartView]


@router.get("")
def get_system(request: Request, actor: CurrentActor) -> SystemView:
    """Load, queue, caches, processes, versions and limits."""
    return SystemView.model_validate(asdict(platform_of(request).system.state(actor)))


@router.get("/samples")
def list_samples(request: Request, actor: CurrentActor, since: datetime | None = None) -> SamplesView:
    """Of this machine, every few seconds, of the last hour at most."""
    found = platform_of(request).system.samples(actor, zoned(since))
    return SamplesView(items=[sample.document() for sample in found])


@router.get("/storage")
def get_storage(request: Request, actor: CurrentActor) -> StorageView:
    """What takes how much room, counted at most every minute, and how long things are kept."""
    return StorageView.model_validate(asdict(platform_of(request).storage.read(actor)))


@router.get("/people")
def list_people(request: Request, actor: CurrentActor) -> PeopleView:
    """Everybody with an account and what they are at, for administrators."""
    found = platform_of(request).people.list(actor)
    return PeopleView(
        items=[
            AttendanceView(
                user=UserView.of(one.user), sessions=one.sessions, last_seen_at=one.last_seen_at, videos=one.videos,
                jobs_running=one.jobs_running,
            )
            for one in found
        ]
    )  # fmt: skip


@router.get("/alerts")
def list_alerts(request: Request, actor: CurrentActor, open_only: bool = Query(default=False)) -> AlertsView:
    found = platform_of(request).system.alerts(actor, open_only=open_only)
    items = []
    for row in found:
        message = Message.of(row.message["key"], **row.message.get("fields", {}))
        texts = {language: message.render(language) for language in LANGUAGES}
        items.append(
            AlertView(
                id=row.id, kind=row.kind, host=row.host, message=texts, began_at=row.began_at, ended_at=row.ended_at
            )
        )
    return AlertsView(items=items)


@probes.get("/healthz")
def healthz() -> dict[str, str]:
    """This process is alive. Asks nothing of anything else."""
    return {"status": "ok"}


@probes.get("/readyz", responses={503: {"model": ReadyView, "description": "A part that is needed has failed"}})
def readyz(request: Request, response: Response) -> ReadyView:
    """Whether this process can answer requests now, part by part."""
    found = platform_of(request).readiness.check()
    if not found.is_ready:
        response.status_code = 503
    return ReadyView(
        state=found.state,
        parts=[
            PartView(
                name=part.name, state=part.state, took_ms=part.took_ms, why=None if part.why is None else str(part.why)
            )
            for part in found.parts
        ],
    )


@probes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}, 401: RESPONSES[401]})
def metrics(request: Request) -> Response:
    """For Prometheus: with the token of the setting ``metrics_token``, as an administrator, or from this machine."""
    platform = platform_of(request)
    if not _may_read_metrics(request, platform.settings.metrics_token.get_secret_value()):
        raise NotSignedIn("access.admins_only")
    return Response(platform.metrics.render(), media_type=CONTENT_TYPE)


def _may_read_metrics(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(given.encode(), token.encode()):
        return True
    is_direct = not given and not token and "x-forwarded-for" not in request.headers
    if is_direct and ipaddress.ip_address(door_of(request).caller.address or "0.0.0.0").is_loopback:  # noqa: S104
        return True
    try:
        bearer = HTTPAuthorizationCredentials(scheme="Bearer", credentials=given) if given else None
        require(current_actor(request, bearer, None, None), Right.MANAGE_INSTALLATION)
    except (NotSignedIn, NotAllowed):
        return False
    return True
