"""What the API says of analyses, of what they found, and of what people make of their scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from sightline.api.views import ErrorView
from sightline.desks.review import Review, review_to_dict
from sightline.library.tables import AnalysisRow


class ScoreView(BaseModel):
    """A score in short; ``judgement`` has its terms."""

    id: str
    standing: str
    """``scored``, ``insufficient_evidence`` or ``not_evaluated``."""
    value: float | None
    most: float
    band: str | None
    coverage: float


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
                "options": {},
                "scores": [],
                "consent_id": None,
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
    """``pass``, ``warn`` or ``fail``; null until it is done, and always from a desk that gives none."""
    checks: dict[str, int]
    """How many checks ended in each state."""
    not_evaluated: int
    findings: dict[str, int]
    """How many events of each kind were found."""
    waivers: list[dict[str, Any]]
    options: dict[str, Any]
    """What only its desk knows: ``policy``, ``language``, ``questions``."""
    scores: list[ScoreView]
    """Of the whole, in the order of the rubric; none from a desk that gives none."""
    consent_id: str | None
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
            options=row.options,
            scores=[ScoreView.model_validate(score) for score in row.summary.get("scores", ())],
            consent_id=row.consent_id,
            revision=row.revision,
            error=ErrorView.of(row.error),
            created_by=row.created_by,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


class OverrideView(BaseModel):
    """A person's score beside the machine's, which stays as it was."""

    score: str
    part: str | None
    value: float
    reason: str
    who: str
    at: str
    machine: float | None
    revision: int


class StepView(BaseModel):
    action: str
    who: str
    at: str
    text: str


class ReviewView(BaseModel):
    state: str
    """``open``, ``reviewed``, ``overridden``, ``contested`` or ``resolved``."""
    overrides: list[OverrideView]
    steps: list[StepView]

    @classmethod
    def of(cls, review: Review) -> ReviewView:
        return cls.model_validate(review_to_dict(review))


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
