"""Jobs: what runs, what waits, what failed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.job_views import JobView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.library.actor import Actor
from sightline.library.tables import JobRow

router = APIRouter(prefix="/jobs", tags=["jobs"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class ChangeJob(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"priority": 5}})

    priority: int = Field(ge=-10, le=10)


@router.get("")
def list_jobs(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    state: Annotated[list[Annotated[str, Field(max_length=32)]], Query(max_length=10)] = [],  # noqa: B006
    kind: str | None = Query(default=None, max_length=32),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[JobView]:
    """The newest first, in any of the asked states. ``state=failed`` are those that nothing more is tried with."""
    jobs = platform_of(request).jobs
    found = jobs.list(actor, workspace_id, state, kind, cursor, limit)
    return PageView(items=[JobView.of(one) for one in jobs.shown(actor, found.items)], next_cursor=found.next_cursor)


@router.get("/{job_id}")
def get_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    return _shown(request, actor, platform_of(request).jobs.get(actor, job_id))


@router.patch("/{job_id}")
def change_job(job_id: Id, body: ChangeJob, request: Request, actor: CurrentActor) -> JobView:
    """Puts it before or after others."""
    return _shown(request, actor, platform_of(request).jobs.set_priority(actor, job_id, body.priority))


@router.post("/{job_id}/cancel")
def cancel_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    return _shown(request, actor, platform_of(request).jobs.cancel(actor, job_id))


@router.post("/{job_id}/retry")
def retry_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    """Queues one that failed or was cancelled once more."""
    return _shown(request, actor, platform_of(request).jobs.retry(actor, job_id))


def _shown(request: Request, actor: Actor, row: JobRow) -> JobView:
    return JobView.of(platform_of(request).jobs.shown(actor, [row])[0])
