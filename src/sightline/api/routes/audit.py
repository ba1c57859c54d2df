"""The audit: who did or looked at what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from sightline.api.people import AuditView
from sightline.api.problems import RESPONSES
from sightline.api.routes.analyses import zoned
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import PageView
from sightline.service.audit_reading import AuditFilter

router = APIRouter(tags=["audit"], responses=RESPONSES)


@router.get("/audit")
def list_audit(
    request: Request,
    actor: CurrentActor,
    workspace_id: Annotated[str | None, Query(max_length=64)] = None,
    action: Annotated[str | None, Query(max_length=64)] = None,
    user_id: Annotated[str | None, Query(max_length=64)] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageView[AuditView]:
    """The newest first: of a workspace for its owners, of the whole installation for administrators. ``action`` is
    ``video.removed`` or all of ``video``."""
    wanted = AuditFilter(workspace_id, action, user_id, zoned(since), zoned(until))
    found = platform_of(request).audit_log.list(actor, wanted, cursor, limit)
    return PageView(items=[AuditView.of(row) for row in found.items], next_cursor=found.next_cursor)
