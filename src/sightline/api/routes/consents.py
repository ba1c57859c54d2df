"""Consents: who agreed to what, in which words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from sightline.api.idempotency import IdempotencyKey, once
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.library.assessment_tables import ConsentRow
from sightline.service.consent import ConsentGiven

router = APIRouter(prefix="/consents", tags=["consents"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]


class RecordConsent(ConsentGiven):
    workspace_id: str | None = Field(default=None, max_length=64)
    """None: your first workspace."""


class ConsentView(BaseModel):
    id: str
    workspace_id: str
    subject: str
    purpose: str
    policy: str
    text: str
    text_sha256: str
    language: str
    given_at: datetime
    recorded_by: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: ConsentRow) -> ConsentView:
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class WithdrawnView(BaseModel):
    consent: ConsentView
    analyses: int
    """How many analyses rested on it. They stay until somebody removes them."""


@router.post("", status_code=201)
def record_consent(
    body: RecordConsent,
    request: Request,
    response: Response,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> ConsentView:
    """Keeps a record that cannot be changed afterwards. An analysis names it in ``options.consent``."""
    platform = platform_of(request)
    given = ConsentGiven.model_validate(body.model_dump(exclude={"workspace_id"}))

    def make(made_id: str | None) -> ConsentView:
        workspace_id = platform.workspace_of(actor, body.workspace_id)
        return ConsentView.of(platform.consents.record(actor, workspace_id, given, made_id))

    made = once(request, response, actor, idempotency_key, body, ConsentView, make)
    response.headers["Location"] = f"/api/v1/consents/{made.id}"
    return made


@router.get("")
def list_consents(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    contact: str | None = Query(default=None, max_length=320, description="Of the person with this address"),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[ConsentView]:
    """The newest first. For those who may edit: names stand in them."""
    platform = platform_of(request)
    at = platform.workspace_of(actor, workspace_id)
    found = platform.consents.list(actor, at, contact, cursor, limit)
    return PageView(items=[ConsentView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{consent_id}")
def get_consent(consent_id: Id, request: Request, actor: CurrentActor) -> ConsentView:
    return ConsentView.of(platform_of(request).consents.get(actor, consent_id))


@router.post("/{consent_id}/withdrawal")
def withdraw_consent(consent_id: Id, request: Request, actor: CurrentActor) -> WithdrawnView:
    """From now on no analysis may rest on it; one that waits is not made."""
    row, count = platform_of(request).consents.withdraw(actor, consent_id)
    return WithdrawnView(consent=ConsentView.of(row), analyses=count)


@router.delete("/{consent_id}", status_code=204)
def remove_consent(consent_id: Id, request: Request, actor: CurrentActor) -> None:
    """The record with the person's name, once no analysis rests on it."""
    platform_of(request).consents.remove(actor, consent_id)
