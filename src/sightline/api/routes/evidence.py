"""What an analysis measured and found, as a player shows it: curves, pictures, shots, words."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from sightline.api.evidence_views import (
    ComparisonView,
    CurvesView,
    CurveView,
    ShotsView,
    SignalsView,
    SignalView,
    SpeechView,
    SpriteView,
    ThumbsView,
)
from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.service.comparing import MOST_EVENTS
from sightline.service.curves import ARROW, MOST_CURVES, MOST_POINTS, MOST_POINTS_EACH, Window

router = APIRouter(tags=["analyses"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
Moment = Annotated[float | None, Query(ge=-1e9, le=1e9)]
KEPT = {"Cache-Control": "private, max-age=3600"}
_BINARY = {"type": "string", "format": "binary"}
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {"schema": _BINARY}}}}


@router.get("/analyses/{analysis_id}/signals")
def list_signals(analysis_id: Id, request: Request, actor: CurrentActor) -> SignalsView:
    """Every signal that is made of numbers, with what people call it and between which values it lies."""
    found = platform_of(request).curves.signals(actor, analysis_id)
    return SignalsView(items=[SignalView.of(one) for one in found])


@router.get(
    "/analyses/{analysis_id}/signals/{name}",
    response_model=CurveView,
    responses={200: {"content": {ARROW: {"schema": _BINARY}}}},
)
def get_signal(
    analysis_id: Id,
    name: Annotated[str, Field(max_length=200)],
    request: Request,
    actor: CurrentActor,
    start_s: Moment = None,
    end_s: Moment = None,
    points: int = Query(default=2000, ge=1, le=MOST_POINTS),
) -> Response:
    """A signal over ``[start_s, end_s)`` in at most so many points, least and greatest of each kept. JSON, or an Arrow
    stream with ``Accept: application/vnd.apache.arrow.stream``."""
    as_arrow = ARROW in request.headers.get("accept", "")
    window = Window(start_s, end_s, points)
    content = platform_of(request).curves.signal(actor, analysis_id, name, window, as_arrow=as_arrow)
    return Response(content, media_type=ARROW if as_arrow else "application/json")


@router.get("/analyses/{analysis_id}/curves", response_model=CurvesView)
def get_curves(
    analysis_id: Id,
    request: Request,
    actor: CurrentActor,
    name: Annotated[list[Annotated[str, Field(max_length=200)]], Query(max_length=MOST_CURVES)] = [],  # noqa: B006
    start_s: Moment = None,
    end_s: Moment = None,
    points: int = Query(default=2000, ge=1, le=MOST_POINTS_EACH),
) -> Response:
    """Several signals at once over one window, as `signals/{name}` gives each; what there is none of is left out."""
    content = platform_of(request).curves.several(actor, analysis_id, name, Window(start_s, end_s, points))
    return Response(content, media_type="application/json")


@router.get("/analyses/{analysis_id}/thumbs")
def get_thumbs(analysis_id: Id, request: Request, actor: CurrentActor, response: Response) -> ThumbsView:
    """Where in the sheets each picture is that was kept while measuring."""
    response.headers.update(KEPT)
    return ThumbsView.of(platform_of(request).sheets.layout(actor, analysis_id))


@router.get("/analyses/{analysis_id}/thumbs/{sheet}", response_class=Response, responses=_JPEG)
def get_thumbs_sheet(
    analysis_id: Id, sheet: Annotated[int, Field(ge=0, le=1_000_000)], request: Request, actor: CurrentActor
) -> Response:
    """One sheet of kept pictures, counted from 0."""
    content = platform_of(request).sheets.sheet(actor, analysis_id, sheet)
    return Response(content, media_type="image/jpeg", headers=KEPT)


@router.get("/analyses/{analysis_id}/shots")
def get_shots(analysis_id: Id, request: Request, actor: CurrentActor) -> ShotsView:
    """What lies between cuts and other transitions; one shot over everything where there are none."""
    return ShotsView.of(platform_of(request).tellings.shots(actor, analysis_id))


@router.get("/analyses/{analysis_id}/words")
def get_speech(analysis_id: Id, request: Request, actor: CurrentActor) -> SpeechView:
    """What is said, word by word, with who says it."""
    return SpeechView.of(platform_of(request).tellings.speech(actor, analysis_id))


@router.get("/analyses/{analysis_id}/compare")
def compare_analyses(
    analysis_id: Id,
    request: Request,
    actor: CurrentActor,
    other: Annotated[str, Query(alias="with", min_length=1, max_length=64)],
    limit: int = Query(default=MOST_EVENTS, ge=1, le=MOST_EVENTS),
) -> ComparisonView:
    """Two analyses of a workspace side by side: checks, scores, and what only one of them found: at most ``limit``
    events of each, the gravest, and how many there are."""
    return ComparisonView.of(platform_of(request).comparing.compare(actor, analysis_id, other, limit))


@router.get("/videos/{video_id}/sprite")
def get_sprite(video_id: Id, request: Request, actor: CurrentActor, response: Response) -> SpriteView:
    """Where in ``sprite.jpg`` the pictures are that stand for a video: at most 100, evenly spread. From its latest
    analysis that kept some."""
    response.headers.update(KEPT)
    return SpriteView.of(platform_of(request).sheets.sprite(actor, video_id))


@router.get("/videos/{video_id}/sprite.jpg", response_class=Response, responses=_JPEG)
def get_sprite_picture(video_id: Id, request: Request, actor: CurrentActor) -> Response:
    """The pictures of ``sprite``, side by side."""
    content = platform_of(request).sheets.sprite_jpeg(actor, video_id)
    return Response(content, media_type="image/jpeg", headers=KEPT)
