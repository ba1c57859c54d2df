"""Reviews: what people make of the scores of an analysis, and deletion with a receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.analysis_views import AnalysisView, ReviewView
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.desks.review import Action, ReviewState
from sightline.library.assessment_tables import ReceiptRow
from sightline.service.erasure_rows import Mode
from sightline.service.review_list import Listed
from sightline.service.reviewing import LONGEST_REASON, Told

router = APIRouter(tags=["reviews"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class StepReview(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"action": "override", "score": "gaze", "value": 70, "text": "Reads from a second screen"}
        },
    )

    action: Literal["review", "override", "resolve"]
    text: str = Field(default="", max_length=LONGEST_REASON)
    """A note, or the reason, which an override and a resolution need."""
    score: str | None = Field(default=None, max_length=64)
    part: str | None = Field(default=None, max_length=64)
    """The answer the score is of; null: the whole."""
    value: float | None = Field(default=None, ge=0, le=1000)


class ContestReview(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"text": "The sound broke off at 1:20"}})

    text: str = Field(min_length=1, max_length=LONGEST_REASON)


class EraseVideo(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"mode": "everything"}})

    mode: Literal["everything", "media_only"] = "everything"
    """``media_only``: the file and all pictures of it go, what was measured and judged stays."""


class ReceiptView(BaseModel):
    id: str
    workspace_id: str
    video_id: str
    mode: str
    document: dict[str, Any]
    """What was removed, with counts, sizes and hashes; what stays and why; what is still to go."""
    sha256: str
    """Of the document as JSON with sorted keys and without spaces."""
    is_complete: bool
    made_at: datetime

    @classmethod
    def of(cls, row: ReceiptRow) -> ReceiptView:
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class ListedView(BaseModel):
    analysis: AnalysisView
    video_name: str
    review: ReviewView

    @classmethod
    def of(cls, listed: Listed) -> ListedView:
        return cls(
            analysis=AnalysisView.of(listed.analysis),
            video_name=listed.video_name,
            review=ReviewView.of(listed.review),
        )


class ReviewsView(PageView[ListedView]):
    counts: dict[ReviewState, int]
    """How many there are in every state."""


@router.get("/reviews")
def list_reviews(
    request: Request,
    actor: CurrentActor,
    state: ReviewState = ReviewState.CONTESTED,
    workspace_id: str | None = Query(default=None, max_length=64),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> ReviewsView:
    """Analyses with scores whose review stands so, the newest first. ``open``: nobody has looked at the scores yet."""
    platform = platform_of(request)
    found = platform.reviews.list(actor, platform.workspace_of(actor, workspace_id), state, cursor, limit)
    return ReviewsView(
        items=[ListedView.of(listed) for listed in found.items],
        next_cursor=found.next_cursor,
        counts=dict(found.counts),
    )


@router.get("/analyses/{analysis_id}/review")
def get_review(analysis_id: Id, request: Request, actor: CurrentActor) -> ReviewView:
    """Where it stands, every override, and everything that was done."""
    return ReviewView.of(platform_of(request).reviews.get(actor, analysis_id))


@router.post("/analyses/{analysis_id}/review")
def step_review(analysis_id: Id, body: StepReview, request: Request, actor: CurrentActor) -> ReviewView:
    """Says that a person looked at it, gives a score of one's own beside the machine's, or settles a dispute."""
    told = Told(Action(body.action), body.text, body.score, body.part, body.value)
    return ReviewView.of(platform_of(request).reviews.step(actor, analysis_id, told))


@router.post("/analyses/{analysis_id}/contest")
def contest_review(analysis_id: Id, body: ContestReview, request: Request, actor: CurrentActor) -> ReviewView:
    """Disputes the scores. Whoever may see them may do it, by a share link as well; a person has to settle it."""
    return ReviewView.of(platform_of(request).reviews.step(actor, analysis_id, Told(Action.CONTEST, body.text)))


@router.post("/videos/{video_id}/erasure")
def erase_video(video_id: Id, body: EraseVideo, request: Request, actor: CurrentActor) -> ReceiptView:
    """Removes a video with everything made of it, or its file alone, and gives a receipt."""
    return ReceiptView.of(platform_of(request).erasure.erase(actor, video_id, Mode(body.mode)))


@router.get("/receipts")
def list_receipts(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[ReceiptView]:
    """The newest first."""
    found = platform_of(request).erasure.list(actor, workspace_id, cursor, limit)
    return PageView(items=[ReceiptView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/receipts/{receipt_id}")
def get_receipt(receipt_id: Id, request: Request, actor: CurrentActor) -> ReceiptView:
    return ReceiptView.of(platform_of(request).erasure.get(actor, receipt_id))
