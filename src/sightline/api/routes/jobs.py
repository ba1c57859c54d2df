"""Jobs: what runs, what waits, what failed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import JobView, PageView

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
    state: str | None = Query(default=None, max_length=32),
    kind: str | None = Query(default=None, max_length=32),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[JobView]:
    """The newest first. ``state=failed`` are those that nothing more is tried with."""
    found = platform_of(request).jobs.list(actor, workspace_id, state, kind, cursor, limit)
    return PageView(items=[JobView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{job_id}")
def get_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    return JobView.of(platform_of(request).jobs.get(actor, job_id))


@router.patch("/{job_id}")
def change_job(job_id: Id, body: ChangeJob, request: Request, actor: CurrentActor) -> JobView:
    """Puts it before or after others."""
    return JobView.of(platform_of(request).jobs.set_priority(actor, job_id, body.priority))


@router.post("/{job_id}/cancel")
def cancel_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    return JobView.of(platform_of(request).jobs.cancel(actor, job_id))


@router.post("/{job_id}/retry")
def retry_job(job_id: Id, request: Request, actor: CurrentActor) -> JobView:
    """Queues one that failed or was cancelled once more."""
    return JobView.of(platform_of(request).jobs.retry(actor, job_id))
