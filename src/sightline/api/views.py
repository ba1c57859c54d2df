"""What the API says of videos, analyses and jobs. Times are UTC, durations seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from sightline.library.tables import AnalysisRow, JobRow, TemplateRow, UploadRow
from sightline.service.videos import Hit, Shown
from sightline.text import LANGUAGES, Language, Message

Item = TypeVar("Item")


class PageView(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = None
    """Hand it back as ``cursor`` for what comes after; null at the end."""


class ErrorView(BaseModel):
    """Why something could not be done."""

    type: str
    code: str
    message: dict[Language, str]

    @classmethod
    def of(cls, error: dict[str, Any] | None) -> ErrorView | None:
        if error is None:
            return None
        message = Message.of(error["key"], **error.get("fields", {}))
        return cls(
            type=error["type"],
            code=error["key"],
            message={language: message.render(language) for language in LANGUAGES},
        )


class AnalysisView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a1fda1eec9fb91d34986cdc5a23fa0",
                "workspace_id": "01a1fda1ee00fb91d34986cdc5a23fa0",
                "video_id": "01a1fda1ee11fb91d34986cdc5a23fa0",
                "desk": "qc",
                "template": "ebu-r128",
                "state": "done",
                "verdict": "fail",
                "checks": {"pass": 20, "fail": 3, "warn": 1, "not_applicable": 4},
                "not_evaluated": 0,
                "findings": {"black": 2, "freeze": 1},
                "waivers": [],
                "revision": 1,
                "error": None,
                "created_by": None,
                "created_at": "2026-11-21T10:00:00Z",
                "finished_at": "2026-11-21T10:00:12Z",
            }
        }
    )

    id: str
    workspace_id: str
    video_id: str
    desk: str
    template: str
    state: str
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``."""
    verdict: str | None
    """``pass``, ``warn`` or ``fail``; null until it is done."""
    checks: dict[str, int]
    """How many checks ended in each state."""
    not_evaluated: int
    findings: dict[str, int]
    """How many events of each kind were found."""
    waivers: list[dict[str, Any]]
    revision: int
    """Raised every time it is judged; 0: not yet."""
    error: ErrorView | None
    created_by: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: AnalysisRow) -> AnalysisView:
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            video_id=row.video_id,
            desk=row.desk,
            template=row.template,
            state=row.state,
            verdict=row.verdict,
            checks=row.summary.get("checks", {}),
            not_evaluated=row.summary.get("not_evaluated", 0),
            findings=row.summary.get("findings", {}),
            waivers=row.waivers,
            revision=row.revision,
            error=ErrorView.of(row.error),
            created_by=row.created_by,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


class VideoView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a1fda1ee11fb91d34986cdc5a23fa0",
                "workspace_id": "01a1fda1ee00fb91d34986cdc5a23fa0",
                "name": "programme.mov",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size_bytes": 48211034,
                "duration_s": 51.0,
                "width": 1280,
                "height": 720,
                "rate": 25.0,
                "codec": "h264",
                "media_type": "video/quicktime",
                "source": "upload",
                "tags": ["spring", "봄"],
                "analyses": [],
                "created_by": None,
                "created_at": "2026-11-21T10:00:00Z",
            }
        }
    )

    id: str
    workspace_id: str
    name: str
    sha256: str
    size_bytes: int
    duration_s: float | None
    width: int | None
    height: int | None
    rate: float | None
    """Pictures a second."""
    codec: str | None
    media_type: str
    source: str
    tags: list[str]
    analyses: list[AnalysisView]
    """The latest of each desk."""
    created_by: str | None
    created_at: datetime

    @classmethod
    def of(cls, shown: Shown) -> VideoView:
        row = shown.video
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            name=row.name,
            sha256=row.sha256,
            size_bytes=row.size_bytes,
            duration_s=row.duration_s,
            width=row.width,
            height=row.height,
            rate=row.rate,
            codec=row.codec,
            media_type=row.media_type,
            source=row.source,
            tags=list(shown.tags),
            analyses=[AnalysisView.of(analysis) for analysis in shown.analyses],
            created_by=row.created_by,
            created_at=row.created_at,
        )


class JobView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a1fda1ee22fb91d34986cdc5a23fa0",
                "workspace_id": "01a1fda1ee00fb91d34986cdc5a23fa0",
                "kind": "analysis",
                "subject_id": "01a1fda1eec9fb91d34986cdc5a23fa0",
                "state": "running",
                "priority": 0,
                "attempts": 1,
                "progress": {"stage": "measuring", "done_s": 12.0, "total_s": 51.0, "speed": 6.1, "left_s": 6.4},
                "error": None,
                "created_by": None,
                "created_at": "2026-11-21T10:00:00Z",
                "started_at": "2026-11-21T10:00:00Z",
                "finished_at": None,
            }
        }
    )

    id: str
    workspace_id: str
    kind: str
    """``analysis`` or ``fetch``."""
    subject_id: str | None
    """The analysis or the upload it is for."""
    state: str
    priority: int
    attempts: int
    progress: dict[str, Any]
    """``stage``, ``done_s``, ``total_s``, ``speed`` (media seconds a second), ``left_s``."""
    error: ErrorView | None
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: JobRow) -> JobView:
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            kind=row.kind,
            subject_id=row.subject_id,
            state=row.state,
            priority=row.priority,
            attempts=row.attempts,
            progress=row.progress,
            error=ErrorView.of(row.error),
            created_by=row.created_by,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )


class UploadView(BaseModel):
    """A file on its way in."""

    id: str
    workspace_id: str
    name: str
    size_bytes: int | None
    state: str
    """``arriving``, ``done`` or ``failed``."""
    source: str
    video_id: str | None
    error: ErrorView | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: UploadRow) -> UploadView:
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            name=row.name,
            size_bytes=row.size_bytes,
            state=row.state,
            source=row.source,
            video_id=row.video_id,
            error=ErrorView.of(row.error),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )


class EventView(BaseModel):
    """Something found, with its evidence."""

    kind: str
    start_s: float
    end_s: float
    start: str
    """Exact seconds, ``n/d``."""
    end: str
    start_frame: int | None
    end_frame: int | None
    severity: str
    confidence: float
    evidence: dict[str, str | int | float | bool | None]
    labels: list[str]


class EventsView(BaseModel):
    items: list[EventView]
    total: int
    next_offset: int | None


class SignalView(BaseModel):
    name: str
    unit: str
    rows: int


class SignalsView(BaseModel):
    items: list[SignalView]


class CurveView(BaseModel):
    """A signal made small: least and greatest value of neighbouring rows; null where nothing was measured."""

    name: str
    unit: str
    rows: int
    time_s: list[float | None]
    min: list[float | None]
    max: list[float | None]


class TemplateView(BaseModel):
    name: str
    title: dict[str, str]
    description: dict[str, str]
    is_shipped: bool
    source: str | None = None
    """TOML of a workspace's own."""
    updated_at: datetime | None = None

    @classmethod
    def of(cls, row: TemplateRow) -> TemplateView:
        return cls(
            name=row.name, title={}, description={}, is_shipped=False, source=row.source, updated_at=row.updated_at
        )


class TemplatesView(BaseModel):
    items: list[TemplateView]


class TagView(BaseModel):
    tag: str
    videos: int


class TagsView(BaseModel):
    items: list[TagView]


class HitView(BaseModel):
    """Why a search found a video."""

    video_id: str
    name: str
    matched: str
    """``name``, ``tag`` or ``event``."""
    text: str
    analysis_id: str | None
    count: int | None
    first_s: float | None

    @classmethod
    def of(cls, hit: Hit) -> HitView:
        return cls(
            video_id=hit.video.id,
            name=hit.video.name,
            matched=hit.matched,
            text=hit.text,
            analysis_id=hit.analysis_id,
            count=hit.count,
            first_s=hit.first_s,
        )


class HitsView(BaseModel):
    items: list[HitView]
