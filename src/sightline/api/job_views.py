"""What the API says of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from sightline.api.views import ErrorView
from sightline.service.shown_jobs import ShownJob


class JobView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a1fda1ee22fb91d34986cdc5a23fa0",
                "workspace_id": "01a1fda1ee00fb91d34986cdc5a23fa0",
                "kind": "analysis",
                "subject_id": "01a1fda1eec9fb91d34986cdc5a23fa0",
                "title": "programme.mov",
                "video_id": "01a1fda1ee11fb91d34986cdc5a23fa0",
                "desk": "qc",
                "template": "default",
                "analysis_id": "01a1fda1eec9fb91d34986cdc5a23fa0",
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
    """``analysis``, ``fetch`` or ``preview``."""
    subject_id: str | None
    """The analysis, the upload or the video it is for."""
    title: str
    """Name of the video or the upload; empty where it is gone."""
    video_id: str | None
    desk: str | None
    """Of the analysis it makes, or that follows it."""
    template: str | None
    """By which that judges."""
    analysis_id: str | None
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
    def of(cls, shown: ShownJob) -> JobView:
        row = shown.job
        return cls(
            title=shown.title,
            video_id=shown.video_id,
            desk=shown.desk,
            template=shown.template,
            analysis_id=shown.analysis_id,
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
