"""Resumable uploads by the tus protocol, version 1.0.0, and how uploads fare."""

from __future__ import annotations

import base64
import binascii
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from sightline.api.problems import FULL, RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.threads import in_thread, pieces, while_sending
from sightline.api.video_views import UploadView
from sightline.api.views import PageView
from sightline.errors import RequestInvalid
from sightline.service.intake.upload_file import ALGORITHMS, Checksum
from sightline.service.intake.uploads import Upload

router = APIRouter(prefix="/uploads", tags=["uploads"], responses=RESPONSES)
Id = Annotated[str, Field(min_length=1, max_length=64)]
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CHUNK_TYPE = "application/offset+octet-stream"
_BODY = {"requestBody": {"content": {CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


def _header(name: str, schema: dict[str, Any], what: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": what}


_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**18}
_SPEAKS = _header("Tus-Resumable", {"type": "string", "const": VERSION}, "The protocol's version", required=True)
_LENGTH = _header("Upload-Length", _NUMBER | {"minimum": 1}, "Bytes in all", required=True)
_OFFSET = _header("Upload-Offset", _NUMBER, "Where these bytes belong", required=True)
_METADATA = _header(
    "Upload-Metadata", {"type": "string"}, "`filename`, `workspace_id`, `tags`: each with its value in base64"
)
_CHECKSUM = _header("Upload-Checksum", {"type": "string"}, f"{', '.join(ALGORITHMS)}, a space, the digest in base64")


@router.options("", operation_id="tus_options", status_code=204, response_class=Response)
def tus_options(request: Request) -> Response:
    """What this server speaks."""
    limit = int(platform_of(request).settings.max_upload_gb * (1 << 30))
    return Response(
        status_code=204,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(limit),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses=FULL,
    openapi_extra=_BODY | {"parameters": [_SPEAKS, _LENGTH, _METADATA, _CHECKSUM]},
)
async def begin_upload(request: Request, actor: CurrentActor) -> Response:
    """Begins an upload. ``Upload-Metadata``: ``filename``, ``workspace_id``, ``tags`` (with commas between)."""
    _speaks_tus(request)
    platform = platform_of(request)
    size = _number(request, "upload-length")
    if size is None:
        raise RequestInvalid("api.tus_length")
    about = _metadata(request.headers.get("upload-metadata", ""))
    tags = tuple(tag for tag in about.get("tags", "").split(",") if tag.strip())
    chunks = request.stream() if _has_chunk(request) else None

    def begin() -> Upload:
        workspace_id = platform.workspace_of(actor, about.get("workspace_id") or None)
        name = about.get("filename") or about.get("name") or "upload"
        begun = platform.uploads.begin(actor, workspace_id, name, size, tags)
        if chunks is None:
            return begun
        return platform.taking.append(actor, begun.id, 0, pieces(chunks), _checksum(request))

    upload = await (in_thread(begin) if chunks is None else while_sending(request, begin))
    return Response(status_code=201, headers=_headers(upload) | {"Location": f"/api/v1/uploads/{upload.id}"})


@router.head("/{upload_id}", operation_id="upload_offset", response_class=Response)
def upload_offset(upload_id: Id, request: Request, actor: CurrentActor) -> Response:
    """How many bytes are here."""
    upload = platform_of(request).uploads.get(actor, upload_id)
    headers = _headers(upload) | {"Cache-Control": "no-store"}
    if upload.size_bytes is not None:
        headers["Upload-Length"] = str(upload.size_bytes)
    return Response(status_code=200, headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=FULL,
    openapi_extra=_BODY | {"parameters": [_SPEAKS, _OFFSET, _CHECKSUM]},
)
async def continue_upload(upload_id: Id, request: Request, actor: CurrentActor) -> Response:
    """Sends the bytes from ``Upload-Offset`` on. What was acknowledged is never lost."""
    _speaks_tus(request)
    platform = platform_of(request)
    if not _has_chunk(request):
        raise RequestInvalid("api.tus_type", type=CHUNK_TYPE)
    offset = _number(request, "upload-offset")
    if offset is None:
        raise RequestInvalid("api.tus_offset")
    chunks = request.stream()
    upload = await while_sending(
        request, lambda: platform.taking.append(actor, upload_id, offset, pieces(chunks), _checksum(request))
    )
    return Response(status_code=204, headers=_headers(upload))


@router.delete("/{upload_id}", status_code=204)
def remove_upload(upload_id: Id, request: Request, actor: CurrentActor) -> Response:
    """Gives an unfinished upload up."""
    platform_of(request).uploads.terminate(actor, upload_id)
    return Response(status_code=204, headers={"Tus-Resumable": VERSION})


@router.get("")
def list_uploads(
    request: Request,
    actor: CurrentActor,
    workspace_id: str | None = Query(default=None, max_length=64),
    cursor: str | None = Query(default=None, max_length=2000),
    limit: int = Query(default=50, ge=1, le=200),
) -> PageView[UploadView]:
    found = platform_of(request).taking.list(actor, workspace_id, cursor, limit)
    return PageView(items=[UploadView.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{upload_id}")
def get_upload(upload_id: Id, request: Request, actor: CurrentActor) -> UploadView:
    """How it fares: once it is ``done`` it names the video."""
    return UploadView.of(platform_of(request).taking.get(actor, upload_id))


def _headers(upload: Upload) -> dict[str, str]:
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
    if upload.video_id is not None:
        headers["Sightline-Video"] = upload.video_id
    return headers


def _speaks_tus(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise RequestInvalid("api.tus_version", version=VERSION)


def _has_chunk(request: Request) -> bool:
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == CHUNK_TYPE


def _number(request: Request, header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _checksum(request: Request) -> Checksum | None:
    algorithm, _, digest = request.headers.get("upload-checksum", "").partition(" ")
    if not algorithm:
        return None
    try:
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except binascii.Error as error:
        raise RequestInvalid("api.tus_checksum") from error


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a name and a value in base64, with commas between."""
    found = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except binascii.Error as error:
            raise RequestInvalid("api.tus_metadata") from error
    return found
