"""What language models cost: of the installation, and request by request of a workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.insight.budget import Amount
from sightline.library.assessment_tables import LlmCallRow
from sightline.library.columns import now

router = APIRouter(tags=["spending"], responses=RESPONSES)
MICROS = 1_000_000


class AmountView(BaseModel):
    usd: float
    tokens: int

    @classmethod
    def of(cls, amount: Amount) -> AmountView:
        return cls(usd=amount.usd, tokens=amount.tokens)


class SpendingView(BaseModel):
    """Spent and reserved, of this day and this month (UTC)."""

    day: AmountView
    month: AmountView


class CallView(BaseModel):
    """A request to a language model."""

    id: str
    analysis_id: str | None
    provider: str
    model: str
    prompt: str
    state: str
    """``reserved``, ``settled`` or ``unknown``."""
    outcome: str
    usd: float | None
    """None while it is under way."""
    tokens_in: int | None
    tokens_out: int | None
    created_at: datetime

    @classmethod
    def of(cls, row: LlmCallRow) -> CallView:
        return cls(
            id=row.id,
            analysis_id=row.analysis_id,
            provider=row.provider,
            model=row.model,
            prompt=row.prompt,
            state=row.state,
            outcome=row.outcome,
            usd=None if row.usd_micros is None else row.usd_micros / MICROS,
            tokens_in=row.tokens_in,
            tokens_out=row.tokens_out,
            created_at=row.created_at,
        )


@router.get("/system/spending")
def get_spending(request: Request, actor: CurrentActor) -> SpendingView:
    """Of the whole installation, for administrators."""
    spent = platform_of(request).spending.spent(actor, now())
    return SpendingView(day=AmountView.of(spent.day), month=AmountView.of(spent.month))


@router.get("/workspaces/{workspace_id}/spending")
def list_spending(
    workspace_id: Annotated[str, Field(min_length=1, max_length=64)],
    request: Request,
    actor: CurrentActor,
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[CallView]:
    """Every request of a workspace, the newest first, for its owners."""
    found = platform_of(request).spending.list(actor, workspace_id, cursor, limit)
    return PageView(items=[CallView.of(row) for row in found.items], next_cursor=found.next_cursor)
