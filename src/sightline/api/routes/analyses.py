"""Analyses: ask for one, follow it, judge it again, read what it found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.idempotency import IdempotencyKey, once
from sightline.api.problems import RESPONSES, language_of
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import (
    AnalysisView,
    CurveView,
    EventsView,
    EventView,
    JobView,
    PageView,
    SignalsView,
    SignalView,
)
from sightline.desks.judgement_json import judgement_to_dict
from sightline.errors import RequestInvalid
from sightline.service.analyses import AnalysisFilter, Asked
from sightline.service.evidence import ARROW, MOST_EVENTS, MOST_POINTS
from sightline.text import Language

router = APIRouter(prefix="/analyses", tags=["analyses"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
Moment = Annotated[float | None, Query(ge=-1e9, le=1e9)]
REPORT_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "edl": "text/plain; charset=utf-8",
}
OTHER_TYPES = ("application/xml", "application/octet-stream")
"""Of those that end in ``.xml``, and of the rest."""
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; font-src data:"
)
"""A report carries its own script. Sandboxed, it has an origin of its own and can ask this service for nothing."""


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
    desk: Literal["qc"] = "qc"
    template: str = Field(default="default", max_length=100)
    """A shipped template or one of the workspace's own."""
    template_source: str | None = Field(default=None, max_length=200_000)
    """TOML of a template for this analysis alone."""
    waivers: list[WaiverBody] = Field(default_factory=list, max_length=1000)
    priority: int = Field(default=0, ge=-10, le=10)


class Judge(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"template": "netflix", "keep": False}})

    template: str | None = Field(default=None, max_length=100)
    template_source: str | None = Field(default=None, max_length=200_000)
    waivers: list[WaiverBody] | None = Field(default=None, max_length=1000)
    keep: bool = True
    """False: only show what the verdict would be."""


class JudgedView(BaseModel):
    analysis: AnalysisView
    judgement: dict[str, Any]


class AnalysisDetail(AnalysisView):
    job: JobView | None = None
    judgement: dict[str, Any] | None = None
    """Every check with state, value, threshold, source and reason; null until it is done."""


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
            template=body.template,
            template_source=body.template_source,
            waivers=[waiver.plain() for waiver in body.waivers],
            priority=body.priority,
        )
        return AnalysisView.of(platform.analyses.create(actor, asked))

    made = once(request, response, actor, idempotency_key, body, AnalysisView, make)
    response.headers["Location"] = f"/api/v1/analyses/{made.id}"
    return made


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
    judgement = dict(platform.evidence.judgement(actor, analysis_id)) if row.revision else None
    return AnalysisDetail(
        **AnalysisView.of(row).model_dump(), job=None if job is None else JobView.of(job), judgement=judgement
    )


@router.post("/{analysis_id}/judgement")
def judge_analysis(analysis_id: Id, body: Judge, request: Request, actor: CurrentActor) -> JudgedView:
    """Judges the same measurements again: another template, another threshold, other waivers. Decodes nothing."""
    waivers = None if body.waivers is None else [waiver.plain() for waiver in body.waivers]
    row, made = platform_of(request).analyses.judge(
        actor, analysis_id, body.template, body.template_source, waivers, body.keep
    )
    return JudgedView(analysis=AnalysisView.of(row), judgement=judgement_to_dict(made.judgement))


@router.post("/{analysis_id}/cancel")
def cancel_analysis(analysis_id: Id, request: Request, actor: CurrentActor) -> AnalysisView:
    return AnalysisView.of(platform_of(request).analyses.cancel(actor, analysis_id))


@router.delete("/{analysis_id}", status_code=204)
def remove_analysis(analysis_id: Id, request: Request, actor: CurrentActor) -> None:
    platform_of(request).analyses.remove(actor, analysis_id)


@router.get("/{analysis_id}/events")
def list_events(
    analysis_id: Id,
    request: Request,
    actor: CurrentActor,
    kind: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006  (FastAPI copies it)
    start_s: Moment = None,
    end_s: Moment = None,
    offset: int = Query(default=0, ge=0, le=10_000_000),
    limit: int = Query(default=MOST_EVENTS, ge=1, le=MOST_EVENTS),
) -> EventsView:
    """Events in order of time, of some kinds, that touch ``[start_s, end_s)``."""
    found, total = platform_of(request).evidence.events(actor, analysis_id, kind, start_s, end_s, offset, limit)
    after = offset + len(found)
    return EventsView(
        items=[EventView.model_validate(event) for event in found],
        total=total,
        next_offset=after if after < total else None,
    )


@router.get("/{analysis_id}/signals")
def list_signals(analysis_id: Id, request: Request, actor: CurrentActor) -> SignalsView:
    found = platform_of(request).evidence.signals(actor, analysis_id)
    return SignalsView(items=[SignalView(name=one.name, unit=one.unit, rows=one.rows) for one in found])


@router.get(
    "/{analysis_id}/signals/{name}",
    response_model=CurveView,
    responses={200: {"content": {ARROW: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_signal(
    analysis_id: Id,
    name: Annotated[str, Field(max_length=200)],
    request: Request,
    actor: CurrentActor,
    start_s: Moment = None,
    end_s: Moment = None,
    points: int = Query(default=2000, ge=1, le=MOST_POINTS),
) -> Response:
    """A signal over ``[start_s, end_s)`` in at most so many points, least and greatest of each kept. JSON, or an Arrow
    stream with ``Accept: application/vnd.apache.arrow.stream``."""
    as_arrow = ARROW in request.headers.get("accept", "")
    content = platform_of(request).evidence.signal(actor, analysis_id, name, start_s, end_s, points, as_arrow)
    return Response(content, media_type=ARROW if as_arrow else "application/json")


@router.get(
    "/{analysis_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_picture(
    analysis_id: Id, request: Request, actor: CurrentActor, at_s: float = Query(default=0, ge=-1e9, le=1e9)
) -> Response:
    """The kept picture nearest to a moment."""
    content = platform_of(request).evidence.picture(actor, analysis_id, at_s)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.get(
    "/{analysis_id}/reports/{to}",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in (*REPORT_TYPES.values(), *OTHER_TYPES)}}},
)
def get_report(
    analysis_id: Id,
    to: Annotated[str, Field(max_length=32)],
    request: Request,
    actor: CurrentActor,
    language: Language | None = None,
) -> Response:
    """The report as ``html``, ``pdf``, ``json``, ``csv``, ``ebu-xml``, ``edl``, ``fcp7``, ``otio``, ``vtt`` …"""
    spoken = language or language_of(request)
    made = platform_of(request).evidence.report(actor, analysis_id, to, spoken)
    otherwise = OTHER_TYPES[0] if made.suffix.endswith(".xml") else OTHER_TYPES[1]
    headers = {"Content-Security-Policy": REPORT_POLICY}
    if to != "html":
        headers["Content-Disposition"] = f'attachment; filename="{analysis_id}{made.suffix}"'
    return Response(made.content, media_type=REPORT_TYPES.get(to, otherwise), headers=headers)


def zoned(moment: datetime | None) -> datetime | None:
    """In UTC, which a time that was written without a zone is already. Raises `RequestInvalid` where that leaves the
    years there are."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RequestInvalid("account.bad_request", what=moment.isoformat()) from None
