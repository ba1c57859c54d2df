"""Videos: bring in, list, find, name, tag, watch, remove."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from sightline.api.bodies import FILE_BODY, file_part
from sightline.api.idempotency import IdempotencyKey, once
from sightline.api.job_views import JobView
from sightline.api.problems import FULL, RESPONSES
from sightline.api.ranges import ranged
from sightline.api.routes.analyses import DeskName, Options, zoned
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.threads import pieces, while_sending
from sightline.api.video_views import HitsView, HitView, TagsView, TagView, UploadView, VideoView
from sightline.api.views import CountedView
from sightline.desks.desk import Brief
from sightline.service.bulk import MOST as MOST_AT_ONCE
from sightline.service.bulk import Action
from sightline.service.media_access import MediaPlace
from sightline.service.taking import Wanted
from sightline.service.video_filter import VideoFilter
from sightline.text import LANGUAGES, Language

router = APIRouter(tags=["videos"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
Seconds = Annotated[float | None, Query(ge=0, le=1e9)]


class ChangeVideo(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"tags": ["spring", "봄"]}})

    name: str | None = Field(default=None, max_length=255)
    tags: list[str] | None = Field(default=None, max_length=50)


class FetchVideo(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"url": "https://media.example.org/a.mp4", "template": "default"}}
    )

    url: str = Field(min_length=1, max_length=4000)
    """``https://…``, ``http://…``, or ``s3://bucket/key`` where this installation allows that bucket."""
    workspace_id: str | None = Field(default=None, max_length=64)
    """None: your first workspace."""
    name: str | None = Field(default=None, max_length=255)
    tags: list[str] = Field(default_factory=list, max_length=50)
    template: str | None = Field(default=None, max_length=100)
    """Given, the video is analysed by it as soon as it is here."""
    desk: DeskName = "qc"
    options: Options = Field(default_factory=dict)
    """As those of an analysis."""


class TakeSample(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"analyze": True}})

    workspace_id: str | None = Field(default=None, max_length=64)
    """None: your first workspace."""
    analyze: bool = True
    """By the default template of quality control."""


@router.post("/videos", status_code=201, responses=FULL, openapi_extra=FILE_BODY)
async def upload_video(request: Request, response: Response, actor: CurrentActor) -> VideoView:
    """Takes a file in one request, for scripts: fields first, the file last. Large files are better sent to
    ``/uploads``, where they can be continued. The same bytes give the video that is there already."""
    platform = platform_of(request)
    fields, name, chunks = await file_part(request)
    tags = [tag for tag in fields.get("tags", "").split(",") if tag.strip()]

    def take() -> VideoView:
        return VideoView.of(
            platform.taking.whole(
                actor,
                platform.workspace_of(actor, fields.get("workspace_id") or None),
                fields.get("name") or name,
                pieces(chunks),
                tags,
            )
        )

    made = await while_sending(request, take)
    response.headers["Location"] = f"/api/v1/videos/{made.id}"
    return made


@router.post("/videos/sample", status_code=201, responses=FULL)
def take_sample(body: TakeSample, request: Request, response: Response, actor: CurrentActor) -> VideoView:
    """Makes a programme with planted defects, to see what there is to see. Takes seconds; again it is the same
    video."""
    platform = platform_of(request)
    workspace_id = platform.workspace_of(actor, body.workspace_id)
    made = VideoView.of(platform.sample.take(actor, workspace_id, analyse=body.analyze))
    response.headers["Location"] = f"/api/v1/videos/{made.id}"
    return made


@router.post("/videos/from-url", status_code=202)
def fetch_video(
    body: FetchVideo,
    request: Request,
    response: Response,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> UploadView:
    """Fetches a video from an address, as a job. The upload tells how it went and, in the end, the video's id."""
    platform = platform_of(request)

    def make(made_id: str | None) -> UploadView:
        workspace_id = platform.workspace_of(actor, body.workspace_id)
        wanted = None
        if body.template is not None:
            wanted = Wanted(body.desk, Brief(body.template, options=body.options))
        row = platform.taking.from_url(actor, workspace_id, body.url, body.name, body.tags, wanted, None, made_id)
        return UploadView.of(row)

    made = once(request, response, actor, idempotency_key, body, UploadView, make)
    response.headers["Location"] = f"/api/v1/uploads/{made.id}"
    return made


@router.get("/videos")
def list_videos(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    q: str = Query(default="", max_length=200),
    tag: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  (FastAPI copies it)
    desk: str | None = Query(default=None, max_length=32),
    verdict: str | None = Query(default=None, max_length=32),
    state: str | None = Query(default=None, max_length=32),
    created_from: datetime | None = None,
    created_before: datetime | None = None,
    shortest_s: Seconds = None,
    longest_s: Seconds = None,
    min_height: int | None = Query(default=None, ge=0, le=100_000),
    max_height: int | None = Query(default=None, ge=0, le=100_000),
    order: str = Query(default="created_at", max_length=32),
    descending: bool = True,
    cursor: str | None = Query(default=None, max_length=2000),
    skip: int = Query(default=0, ge=0, le=10_000_000),
    limit: int = Query(default=50, ge=1, le=200),
) -> CountedView[VideoView]:
    """Narrowed by words in names, tags, found events and what is said, by tags (all of them), desk, verdict and state
    of an analysis, date, length, height. In order of ``created_at``, ``name``, ``size`` or ``duration_s``. ``skip``
    passes over so many: to jump into the middle. To go through all of them follow the cursor."""
    wanted = VideoFilter(
        workspace_id=workspace_id, query=q, tags=tuple(tag), desk=desk, verdict=verdict, state=state,
        created_from=zoned(created_from), created_before=zoned(created_before), shortest_s=shortest_s,
        longest_s=longest_s, min_height=min_height, max_height=max_height, order=order, is_descending=descending,
    )  # fmt: skip
    found = platform_of(request).videos.list(actor, wanted, cursor, limit, skip)
    return CountedView(
        items=[VideoView.of(shown) for shown in found.items], next_cursor=found.next_cursor, total=found.total
    )


class BulkBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"video_ids": ["01a1fda1ee11fb91d34986cdc5a23fa0"], "action": "add_tags", "tags": ["봄"]}
        },
    )

    video_ids: list[Id] = Field(min_length=1, max_length=MOST_AT_ONCE)
    action: Action
    tags: list[Annotated[str, Field(max_length=1000)]] = Field(default_factory=list, max_length=50)


class FailedView(BaseModel):
    id: str
    code: str
    message: dict[Language, str]


class BulkView(BaseModel):
    done: list[str]
    failed: list[FailedView]


@router.post("/videos/bulk")
def change_videos(body: BulkBody, request: Request, actor: CurrentActor) -> BulkView:
    """The same for many videos, each by itself: ``add_tags``, ``remove_tags``, or ``remove``, as removing one does."""
    found = platform_of(request).bulk.do(actor, body.video_ids, body.action, body.tags)
    failed = [
        FailedView(
            id=video_id, code=error.message.key,
            message={language: error.message.render(language) for language in LANGUAGES},
        )
        for video_id, error in found.failed
    ]  # fmt: skip
    return BulkView(done=list(found.done), failed=failed)


@router.get("/videos/{video_id}")
def get_video(video_id: Id, request: Request, actor: CurrentActor) -> VideoView:
    return VideoView.of(platform_of(request).videos.get(actor, video_id))


@router.patch("/videos/{video_id}")
def change_video(video_id: Id, body: ChangeVideo, request: Request, actor: CurrentActor) -> VideoView:
    return VideoView.of(platform_of(request).videos.change(actor, video_id, body.name, body.tags))


@router.delete("/videos/{video_id}", status_code=204)
def remove_video(video_id: Id, request: Request, actor: CurrentActor) -> None:
    """The video, its analyses and, unless somebody else has the same bytes, the file."""
    platform_of(request).videos.remove(actor, video_id)


_BINARY = {"type": "string", "format": "binary"}
_BYTES = {"content": {kind: {"schema": _BINARY} for kind in ("video/*", "audio/*", "application/octet-stream")}}
_MEDIA: dict[int | str, dict[str, Any]] = {
    200: _BYTES,
    206: _BYTES | {"description": "The asked range"},
    304: {"description": "Not changed"},
    307: {"description": "The object store has it; the address expires"},
    400: {"description": "A range that cannot be read"},
    416: {"description": "A range outside the file"},
}


@router.head("/videos/{video_id}/media", include_in_schema=False)
@router.get("/videos/{video_id}/media", response_class=Response, responses=_MEDIA)
def get_media(
    video_id: Id, request: Request, actor: CurrentActor, download: bool = False, preview: bool = False
) -> Response:
    """The file as it was brought in, or its small copy, in ranges."""
    media = platform_of(request).media
    place = media.preview(actor, video_id) if preview else media.place(actor, video_id)
    return answer_media(request, place, download)


@router.post("/videos/{video_id}/preview", status_code=202)
def make_preview(video_id: Id, request: Request, response: Response, actor: CurrentActor) -> JobView:
    """Makes a small copy that every browser plays, as a job; again it is the same job. Then ``media?preview=true``."""
    platform = platform_of(request)
    row = platform.previews.ask(actor, video_id)
    response.headers["Location"] = f"/api/v1/jobs/{row.id}"
    return JobView.of(platform.jobs.shown(actor, [row])[0])


class _Film(FileResponse):
    """Read in larger pieces: each of them is a turn of a thread."""

    chunk_size = 1 << 18


def answer_media(request: Request, place: MediaPlace, download: bool) -> Response:
    """A file with ranges, or a way to where it is."""
    if place.url is not None:
        return RedirectResponse(place.url, 307, headers={"Cache-Control": "no-store"})
    kind = "attachment" if download or not place.is_playable else "inline"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(place.name)}",
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    media_type = place.media_type if place.is_playable else "application/octet-stream"
    if place.path is not None:
        return _Film(place.path, media_type=media_type, headers=headers)
    return ranged(request, place.size_bytes, place.sha256, media_type, headers, place.read)


@router.get(
    "/videos/{video_id}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": _BINARY}}}},
)
def get_thumbnail(
    video_id: Id,
    request: Request,
    actor: CurrentActor,
    at_s: Annotated[float | None, Query(ge=-1e9, le=1e9)] = None,
    width: int = Query(default=320, ge=16, le=1920),
) -> Response:
    """The picture on screen at a moment; without one, a tenth into the video."""
    content = platform_of(request).media.thumbnail(actor, video_id, at_s, width)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/tags")
def list_tags(
    request: Request, actor: CurrentActor, workspace_id: str | None = Query(default=None, max_length=64)
) -> TagsView:
    """Every tag of a workspace with how many videos have it."""
    platform = platform_of(request)
    found = platform.videos.tags(actor, platform.workspace_of(actor, workspace_id))
    return TagsView(items=[TagView(tag=tag, videos=count) for tag, count in found])


@router.get("/search")
def search(
    request: Request,
    actor: CurrentActor,
    q: str = Query(min_length=1, max_length=200),
    workspace_id: str | None = Query(default=None, max_length=64),
    limit: int = Query(default=50, ge=1, le=200),
) -> HitsView:
    """Looks in names, tags, found events and what is said, in Korean and English; says why each video was found."""
    found = platform_of(request).videos.search(actor, q, workspace_id, limit)
    return HitsView(items=[HitView.of(hit) for hit in found])


class MediaLinkView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"url": "/api/v1/media/01a1fda1ee11fb91?expires=1&token=x", "expires_in_s": 3600}}
    )

    url: str
    """For players that send no cookie and no header. Whoever has it can watch the video until it expires."""
    expires_in_s: int


@router.post("/videos/{video_id}/links", status_code=201)
def create_media_link(video_id: Id, request: Request, actor: CurrentActor) -> MediaLinkView:
    """An address by which a player reads the file without signing in, until it expires."""
    url, expires_s = platform_of(request).media.link(actor, video_id)
    return MediaLinkView(url=url, expires_in_s=expires_s)


@router.head("/media/{video_id}", include_in_schema=False)
@router.get("/media/{video_id}", response_class=Response, responses=_MEDIA)
def get_linked_media(
    video_id: Id,
    request: Request,
    expires: str = Query(max_length=20),
    token: str = Query(max_length=200),
) -> Response:
    """The file, for whoever has a link that ``/videos/{video_id}/links`` made."""
    answer = answer_media(request, platform_of(request).media.linked(video_id, expires, token), download=False)
    # Reports are sandboxed: to a browser their player is another site's. It is the link that guards the file.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
