"""What an analysis found, for people: events, pictures, reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from sightline.api.analysis_views import EventsView, EventView
from sightline.api.problems import RESPONSES, language_of
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.errors import NotFound
from sightline.library.actor import Actor
from sightline.service.evidence import MOST_EVENTS
from sightline.service.platform import Platform
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
    "script-src 'unsafe-inline'; font-src data:; media-src 'self' blob:"
)
"""A report carries its own script. Sandboxed, it has an origin of its own and can ask this service for nothing."""


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
    platform = platform_of(request)
    made = platform.evidence.report(actor, analysis_id, to, spoken, lambda video: _media_link(platform, actor, video))
    otherwise = OTHER_TYPES[0] if made.suffix.endswith(".xml") else OTHER_TYPES[1]
    headers = {"Content-Security-Policy": REPORT_POLICY}
    if to != "html":
        headers["Content-Disposition"] = f'attachment; filename="{analysis_id}{made.suffix}"'
    return Response(made.content, media_type=REPORT_TYPES.get(to, otherwise), headers=headers)


def _media_link(platform: Platform, actor: Actor, video_id: str) -> str:
    """Where a report's page finds the video: a sandboxed page sends no cookie, so the link carries what it needs.
    Empty where the file was removed, or lies at another place, which the page does not trust."""
    try:
        url, _ = platform.media.link(actor, video_id)
    except NotFound:
        return ""
    return f"../../../../..{url}" if url.startswith("/") else ""
