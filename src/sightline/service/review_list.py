"""The reviews of a workspace: which scores nobody has looked at yet, and which are disputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from sightline.desks.review import Review, ReviewState, review_from_dict
from sightline.library.assessment_tables import ReviewRow
from sightline.library.paging import Order, page
from sightline.library.tables import AnalysisRow, VideoRow
from sightline.service.consent import INTERVIEW


@dataclass(frozen=True, slots=True)
class Listed:
    """An analysis with scores, and where its review stands."""

    analysis: AnalysisRow
    video_name: str
    review: Review


@dataclass(frozen=True, slots=True)
class ReviewPage:
    items: Sequence[Listed]
    next_cursor: str | None
    counts: Mapping[ReviewState, int]
    """How many there are in every state."""


def reviews_of(session: Session, workspace_id: str, state: ReviewState, cursor: str | None, limit: int) -> ReviewPage:
    """Analyses whose review stands so, the newest first. Open is what nobody has done anything about."""
    newest = Order(AnalysisRow.created_at, AnalysisRow.id)
    found = page(session, _in_state(_scored(workspace_id), state), newest, cursor, limit)
    videos = {row.video_id for row in found.items}
    named = session.execute(select(VideoRow.id, VideoRow.name).where(VideoRow.id.in_(videos)))
    names = {video_id: name for video_id, name in named}  # noqa: C416  (rows are no pairs to mypy)
    kept = select(ReviewRow).where(ReviewRow.analysis_id.in_([row.id for row in found.items]))
    reviews = {row.analysis_id: _review(row) for row in session.scalars(kept)}
    items = [Listed(row, names.get(row.video_id, ""), reviews.get(row.id, Review())) for row in found.items]
    return ReviewPage(items, found.next_cursor, _counts(session, workspace_id))


def _scored(workspace_id: str) -> Select[Any]:
    """Analyses of the desk that assesses people, which is the one that gives scores."""
    found = select(AnalysisRow).outerjoin(ReviewRow, ReviewRow.analysis_id == AnalysisRow.id)
    return found.where(
        AnalysisRow.workspace_id == workspace_id, AnalysisRow.desk == INTERVIEW, AnalysisRow.state == "done"
    )


def _in_state(scored: Select[Any], state: ReviewState) -> Select[Any]:
    if state is ReviewState.OPEN:
        return scored.where(or_(ReviewRow.state.is_(None), ReviewRow.state == state))
    return scored.where(ReviewRow.state == state)


def _counts(session: Session, workspace_id: str) -> Mapping[ReviewState, int]:
    counted = _scored(workspace_id).with_only_columns(ReviewRow.state, func.count()).group_by(ReviewRow.state)
    told = dict.fromkeys(ReviewState, 0)
    for state, count in session.execute(counted):
        told[ReviewState(state or ReviewState.OPEN)] += count
    return told


def _review(row: ReviewRow) -> Review:
    return review_from_dict({"state": row.state, "overrides": row.overrides, "steps": row.steps})
