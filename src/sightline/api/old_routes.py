"""The routes of the systems Sightline replaces, with their old shapes. Only translates.

They take the same sign-in as everything else, and are answered by the interview desk. What it did not measure, or has
too little evidence for, is null: nothing here is invented.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.bodies import FILE_BODY, file_part
from sightline.api.problems import FULL, RESPONSES, language_of
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.threads import pieces, while_sending
from sightline.desks.desk import Brief
from sightline.library.columns import now
from sightline.library.tables import AnalysisRow
from sightline.service.analyses import AnalysisFilter, Asked
from sightline.service.models import models_status as models_state
from sightline.service.taking import Wanted
from sightline.text import Message
from sightline.version import VERSION

router = APIRouter(tags=["older interfaces"], responses=RESPONSES)
STATES = {
    "queued": "processing",
    "running": "processing",
    "done": "completed",
    "failed": "failed",
    "cancelled": "failed",
}


INTERVIEW = "interview"
BRIEF = Brief(options={"policy": "self_practice", "emotion": True})
"""What the older systems asked for without saying it: a person practises, and wants to know about emotion."""


class OldHealth(BaseModel):
    status: str
    version: str


class OldModels(BaseModel):
    models: dict[str, Any]
    loaded: int


class OldStart(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"s3_bucket": "interviews", "s3_key": "a/talk.webm", "user_id": "7", "session_id": "42"}
        }
    )

    s3_bucket: str = Field(min_length=1, max_length=255)
    s3_key: str = Field(min_length=1, max_length=1024)
    user_id: str = Field(max_length=255)
    session_id: str = Field(max_length=255)


class OldStarted(BaseModel):
    analysis_id: str
    status: str
    message: str
    estimated_completion: str | None


class OldEmotions(BaseModel):
    """Mean shares of the classifier, 0 to 1."""

    happy: float
    neutral: float
    sad: float
    angry: float
    fear: float
    disgust: float
    surprise: float


class OldEmotionAnalysis(BaseModel):
    interview_score: float | None
    """Points of 60 for the expression; null without enough evidence."""
    emotions: OldEmotions | None
    """Null unless the classifier was there and allowed."""


class OldEyeTracking(BaseModel):
    attention_score: float | None
    """Points of 100 for the gaze; null without enough evidence."""
    gaze_stability: float | None
    """0 to 1; 1: the gaze spreads over no more than 3 degrees."""
    blink_frequency: float | None
    """Blinks a minute."""


class OldAnalysis(BaseModel):
    """``emotion_analysis`` and ``eye_tracking`` are null until it is completed, and for what is no interview."""

    analysis_id: str
    status: str
    emotion_analysis: OldEmotionAnalysis | None = None
    eye_tracking: OldEyeTracking | None = None


class OldComment(BaseModel):
    analysis_id: str
    status: str
    llm_comment: str | None = None
    message: str = ""


class OldRecent(BaseModel):
    analyses: list[OldAnalysis]
    count: int


class OldUpload(BaseModel):
    analysis_id: str
    status: str
    video_id: str
    message: str


@router.get("/health")
def health() -> OldHealth:
    """This process answers. ``/readyz`` says how its parts are."""
    return OldHealth(status="healthy", version=VERSION)


@router.get("/models/status")
def models_status(request: Request, _actor: CurrentActor) -> OldModels:
    """Models by id: whether they are on this machine, and where they are loaded now. Loaded ones are those of every
    process that works here; they stay for the next job and go when nobody used them for a while."""
    found = models_state(platform_of(request).settings)
    sessions = {model["id"]: [s for s in found["sessions"] if s["model"] == model["id"]] for model in found["models"]}
    models = {
        model["id"]: {
            "status": "loaded" if sessions[model["id"]] else "available" if model["state"] == "there" else "missing",
            "loaded": bool(sessions[model["id"]]),
            "purpose": model["purpose"],
            "size_bytes": model["size"],
            "licence": model["licence"],
            "sessions": [
                {name: session[name] for name in ("pid", "variant", "bytes", "since", "last_used", "leases")}
                for session in sessions[model["id"]]
            ],
        }
        for model in found["models"]
    }
    return OldModels(models=models, loaded=sum(map(bool, sessions.values())))


@router.post("/analyze-video", responses=FULL, openapi_extra=FILE_BODY)
async def analyze_video(request: Request, actor: CurrentActor) -> OldUpload:
    """Takes a file as multipart and queues its analysis."""
    platform = platform_of(request)
    fields, name, chunks = await file_part(request)

    def take() -> OldUpload:
        workspace_id = platform.workspace_of(actor, fields.get("workspace_id") or None)
        # Nobody's recording is kept for an analysis that is not allowed.
        platform.templates.choose(actor, workspace_id, INTERVIEW, BRIEF)
        shown = platform.taking.whole(actor, workspace_id, name, pieces(chunks), [])
        row = platform.analyses.create(actor, Asked(shown.video.id, INTERVIEW, BRIEF))
        return OldUpload(
            analysis_id=row.id, status=STATES[row.state], video_id=shown.video.id, message="Analysis started"
        )

    return await while_sending(request, take)


@router.post("/analyze")
def start_analysis(body: OldStart, request: Request, actor: CurrentActor) -> OldStarted:
    """Fetches ``s3_key`` from ``s3_bucket`` and analyses it. The id is the upload's until the video is here."""
    platform = platform_of(request)
    url, extra = f"s3://{body.s3_bucket}/{body.s3_key}", {"user_id": body.user_id, "session_id": body.session_id}
    workspace_id = platform.workspace_of(actor, None)
    row = platform.taking.from_url(actor, workspace_id, url, None, (), Wanted(INTERVIEW, BRIEF), extra)
    usual_s = platform.jobs.usual_seconds(actor)
    ends = None if usual_s is None else (now() + timedelta(seconds=usual_s)).isoformat(timespec="seconds")
    return OldStarted(analysis_id=row.id, status="processing", message="Analysis started", estimated_completion=ends)


@router.get("/analysis/recent")
def recent_analyses(request: Request, actor: CurrentActor, limit: int = Query(default=10, ge=1, le=200)) -> OldRecent:
    found = platform_of(request).analyses.list(actor, AnalysisFilter(), None, limit)
    items = [_old(row) for row in found.items]
    return OldRecent(analyses=items, count=len(items))


@router.get("/analysis/{analysis_id}")
def old_analysis(
    analysis_id: Annotated[str, Field(max_length=64)], request: Request, actor: CurrentActor
) -> OldAnalysis:
    found = platform_of(request).taking.analysis_of(actor, analysis_id)
    if isinstance(found, AnalysisRow):
        return _old(found, analysis_id)
    return OldAnalysis(analysis_id=analysis_id, status="failed" if found.state == "failed" else "processing")


@router.get("/analysis/{analysis_id}/llm-comment")
def old_comment(analysis_id: Annotated[str, Field(max_length=64)], request: Request, actor: CurrentActor) -> OldComment:
    """What is said to the person, by a language model where one is set, else from templates; null until there is
    something."""
    platform = platform_of(request)
    found = platform.taking.analysis_of(actor, analysis_id)
    state = STATES[found.state] if isinstance(found, AnalysisRow) else "processing"
    if not isinstance(found, AnalysisRow) or not found.revision:
        return OldComment(analysis_id=analysis_id, status=state)
    claims = platform.evidence.conclusion(actor, found.id)["claims"]
    if claims is None:
        return OldComment(analysis_id=analysis_id, status=state, message="There is nothing to say about this analysis")
    note = claims["note"]
    return OldComment(
        analysis_id=analysis_id,
        status=state,
        llm_comment="\n".join(claim["text"] for claim in claims["claims"]) or None,
        message="" if note is None else Message.of(note["key"], **note["fields"]).render(language_of(request)),
    )


def _old(row: AnalysisRow, asked_id: str | None = None) -> OldAnalysis:
    told = row.summary.get("older") or {}
    return OldAnalysis(analysis_id=asked_id or row.id, status=STATES[row.state], **told)
