"""Analyses: ask for one, follow it, judge it again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sightline.api.analysis_views import AnalysisView, ReviewView
from sightline.api.bodies import plain_options
from sightline.api.idempotency import IdempotencyKey, once
from sightline.api.job_views import JobView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.desks.desk import Brief
from sightline.desks.judgement_json import judgement_to_dict
from sightline.errors import RequestInvalid
from sightline.service.analyses import AnalysisFilter, Asked
from sightline.service.template_reading import template_title
from sightline.text import Language

router = APIRouter(prefix="/analyses", tags=["analyses"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
DeskName = Literal["qc", "interview"]
Options = Annotated[dict[str, Any], Field(max_length=32), AfterValidator(plain_options)]


class WaiverBody(BaseModel):
    """A finding somebody has accepted."""

    model_config = ConfigDict(extra="forbid")

    check: str = Field(max_length=64)
    who: str = Field(min_length=1, max_length=2000)
    why: str = Field(min_length=1, max_length=2000)
    start: str | None = Field(default=None, max_length=64)
    end: str | None = Field(default=None, max_length=64)
    sha256: str | None = Field(default=None, max_length=64)
    expires: str | None = Field(default=None, max_length=32)

    def plain(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class CreateAnalysis(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"video_id": "01a1fda1ee11fb91d34986cdc5a23fa0", "template": "ebu-r128"}},
    )

    video_id: str = Field(max_length=64)
    desk: DeskName = "qc"
    template: str = Field(default="default", max_length=100)
    """A shipped template or rubric, or one of the workspace's own."""
    template_source: str | None = Field(default=None, max_length=200_000)
    """TOML of a template, or YAML of a rubric, for this analysis alone."""
    waivers: list[WaiverBody] = Field(default_factory=list, max_length=1000)
    options: Options = Field(default_factory=dict)
    """What only the desk knows: ``policy``, ``language``, ``questions`` of the interview desk (docs/interview.md)."""
    priority: int = Field(default=0, ge=-10, le=10)


class CreateBatch(BaseModel):
    """The same analysis of several videos."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"video_ids": ["01a1fda1ee11fb91d34986cdc5a23fa0"], "template": "default"}},
    )

    video_ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(min_length=1, max_length=200)
    desk: DeskName = "qc"
    template: str = Field(default="default", max_length=100)
    template_source: str | None = Field(default=None, max_length=200_000)
    options: Options = Field(default_factory=dict)
    priority: int = Field(default=0, ge=-10, le=10)


class BatchView(BaseModel):
    items: list[AnalysisView]
    """In the order of the videos."""


class Judge(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"template": "netflix", "keep": False}})

    template: str | None = Field(default=None, max_length=100)
    template_source: str | None = Field(default=None, max_length=200_000)
    waivers: list[WaiverBody] | None = Field(default=None, max_length=1000)
    options: Options | None = None
    keep: bool = True
    """False: only show what the verdict would be."""


class JudgedView(BaseModel):
    analysis: AnalysisView
    judgement: dict[str, Any]


class AnalysisDetail(AnalysisView):
    job: JobView | None = None
    template_source: str | None = None
    """The text it was judged by, where that is no shipped one; null as well for who has only a share link."""
    template_title: dict[Language, str]
    """What people call the template, in the languages in which it has a title; empty where it has none."""
    judgement: dict[str, Any] | None = None
    """Every check with state, value, threshold, source and reason; every score with its terms; null until it is
    done."""
    feedback: dict[str, Any] | None = None
    """What is said to the person, sentence by sentence, with the metrics and moments each rests on."""
    review: ReviewView | None = None
    """What people make of the scores; null from a desk that gives none."""


@router.post("", status_code=201)
def create_analysis(
    body: CreateAnalysis,
    request: Request,
    response: Response,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> AnalysisView:
    """Queues an analysis of a video. What was measured of the same bytes before is not measured again."""
    platform = platform_of(request)

    def make(made_id: str | None) -> AnalysisView:
        asked = Asked(
            id=made_id,
            video_id=body.video_id,
            desk=body.desk,
            brief=Brief(
                body.template,
                body.template_source,
                [waiver.plain() for waiver in body.waivers],
                options=body.options,
            ),
            priority=body.priority,
        )
        return AnalysisView.of(platform.analyses.create(actor, asked))

    made = once(request, response, actor, idempotency_key, body, AnalysisView, make)
    response.headers["Location"] = f"/api/v1/analyses/{made.id}"
    return made


@router.post("/batch", status_code=201)
def create_batch(
    body: CreateBatch,
    request: Request,
    response: Response,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> BatchView:
    """Queues the same analysis of several videos: of all of them, or of none where one of them cannot be."""
    platform = platform_of(request)

    def make(made_id: str | None) -> BatchView:
        brief = Brief(body.template, body.template_source, options=body.options)
        wanted = [
            Asked(video_id, body.desk, brief, body.priority, id=None if made_id is None else _nth(made_id, number))
            for number, video_id in enumerate(dict.fromkeys(body.video_ids))
        ]
        return BatchView(items=[AnalysisView.of(row) for row in platform.analyses.create_all(actor, wanted)])

    return once(request, response, actor, idempotency_key, body, BatchView, make)


def _nth(made_id: str, number: int) -> str:
    """An id of its own for each of a batch, the same when the request is repeated."""
    return f"{made_id[:26]}{number:06x}"


@router.get("")
def list_analyses(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    video_id: str | None = Query(default=None, max_length=64),
    desk: str | None = Query(default=None, max_length=32),
    state: str | None = Query(default=None, max_length=32),
    verdict: str | None = Query(default=None, max_length=32),
    created_from: datetime | None = None,
    created_before: datetime | None = None,
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[AnalysisView]:
    """The newest first."""
    wanted = AnalysisFilter(workspace_id, video_id, desk, state, verdict, zoned(created_from), zoned(created_before))
    found = platform_of(request).analyses.list(actor, wanted, cursor, limit)
    return PageView(items=[AnalysisView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{analysis_id}")
def get_analysis(analysis_id: Id, request: Request, actor: CurrentActor) -> AnalysisDetail:
    """With its job and, once it is done, its whole judgement."""
    platform = platform_of(request)
    row = platform.analyses.get(actor, analysis_id)
    job = platform.analyses.job(actor, analysis_id)
    told = platform.evidence.conclusion(actor, analysis_id) if row.revision else {}
    return AnalysisDetail(
        **AnalysisView.of(row).model_dump(),
        job=None if job is None else JobView.of(platform.jobs.shown(actor, [job])[0]),
        template_source=None if actor.only_analysis is not None else row.template_source,
        template_title=dict(template_title(row.desk, row.template, row.template_source)),
        judgement=told.get("judgement"),
        feedback=told.get("claims"),
        review=ReviewView.of(platform.reviews.get(actor, analysis_id)) if row.summary.get("scores") else None,
    )


@router.post("/{analysis_id}/judgement")
def judge_analysis(analysis_id: Id, body: Judge, request: Request, actor: CurrentActor) -> JudgedView:
    """Judges the same measurements again: another template, another threshold, other waivers. Decodes nothing."""
    waivers = None if body.waivers is None else [waiver.plain() for waiver in body.waivers]
    row, made = platform_of(request).analyses.judge(
        actor, analysis_id, body.template, body.template_source, waivers, body.options, body.keep
    )
    return JudgedView(analysis=AnalysisView.of(row), judgement=judgement_to_dict(made.judgement))


@router.post("/{analysis_id}/cancel")
def cancel_analysis(analysis_id: Id, request: Request, actor: CurrentActor) -> AnalysisView:
    return AnalysisView.of(platform_of(request).analyses.cancel(actor, analysis_id))


@router.delete("/{analysis_id}", status_code=204)
def remove_analysis(analysis_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).analyses.remove(actor, analysis_id)


def zoned(moment: datetime | None) -> datetime | None:
    """In UTC, which a time that was written without a zone is already. Raises `RequestInvalid` where that leaves the
    years there are."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RequestInvalid("account.bad_request", what=moment.isoformat()) from None
