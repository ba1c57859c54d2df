"""What the API says of videos: those there are, those on their way in, and why a search found one."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from sightline.api.analysis_views import AnalysisView
from sightline.api.views import ErrorView
from sightline.library.tables import UploadRow
from sightline.service.matches import Match, Where
from sightline.service.previews import Preview
from sightline.service.videos import Hit, Shown


class MatchView(BaseModel):
    """Why a search found a video."""

    where: Where
    text: str
    """The name, the tag, the kind of event, or what is said, at most 120 signs around the first place."""
    kind: str | None
    """Of event."""
    analysis_id: str | None
    start_s: float | None
    """When it first is there."""
    count: int | None
    """How often."""

    @classmethod
    def of(cls, match: Match) -> MatchView:
        return cls(
            where=match.where, text=match.text, kind=match.kind, analysis_id=match.analysis_id, start_s=match.start_s,
            count=match.count,
        )  # fmt: skip


class VideoView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a1fda1ee11fb91d34986cdc5a23fa0",
                "workspace_id": "01a1fda1ee00fb91d34986cdc5a23fa0",
                "name": "programme.mov",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size_bytes": 48211034,
                "duration_s": 51.0,
                "width": 1280,
                "height": 720,
                "rate": 25.0,
                "start_timecode": "01:00:00:00",
                "codec": "h264",
                "media_type": "video/quicktime",
                "source": "upload",
                "media_removed_at": None,
                "tags": ["spring", "봄"],
                "analyses": [],
                "matches": [],
                "is_playable": True,
                "preview": "none",
                "created_by": None,
                "created_at": "2026-11-21T10:00:00Z",
            }
        }
    )

    id: str
    workspace_id: str
    name: str
    sha256: str
    size_bytes: int
    duration_s: float | None
    width: int | None
    height: int | None
    rate: float | None
    """Pictures a second."""
    start_timecode: str | None
    """Of the first picture, as the file has it; with ``;`` before the pictures where labels are dropped."""
    codec: str | None
    media_type: str
    source: str
    media_removed_at: datetime | None
    """When its file was removed on purpose; what was measured of it stays."""
    tags: list[str]
    analyses: list[AnalysisView]
    """The latest of each desk and, where that one is not done, the last of the desk that is."""
    matches: list[MatchView]
    """Why a search found it, at most five reasons; none without a search."""
    is_playable: bool
    """Whether browsers can play the file as it is."""
    preview: Preview
    """A small copy that every browser plays, made when it is asked for."""
    created_by: str | None
    created_at: datetime

    @classmethod
    def of(cls, shown: Shown) -> VideoView:
        row = shown.video
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            name=row.name,
            sha256=row.sha256,
            size_bytes=row.size_bytes,
            duration_s=row.duration_s,
            width=row.width,
            height=row.height,
            rate=row.rate,
            start_timecode=row.facts.get("start_timecode"),
            codec=row.codec,
            media_type=row.media_type,
            source=row.source,
            media_removed_at=row.media_removed_at,
            tags=list(shown.tags),
            analyses=[AnalysisView.of(analysis) for analysis in shown.analyses],
            matches=[MatchView.of(match) for match in shown.matches],
            is_playable=shown.is_playable,
            preview=Preview(row.preview),
            created_by=row.created_by,
            created_at=row.created_at,
        )


class UploadView(BaseModel):
    """A file on its way in."""

    id: str
    workspace_id: str
    name: str
    size_bytes: int | None
    state: str
    """``arriving``, ``done`` or ``failed``."""
    source: str
    video_id: str | None
    error: ErrorView | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: UploadRow) -> UploadView:
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            name=row.name,
            size_bytes=row.size_bytes,
            state=row.state,
            source=row.source,
            video_id=row.video_id,
            error=ErrorView.of(row.error),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )


class TagView(BaseModel):
    tag: str
    videos: int


class TagsView(BaseModel):
    items: list[TagView]


class HitView(BaseModel):
    """Why a search found a video."""

    video_id: str
    name: str
    matched: str
    """``name``, ``tag``, ``event`` or ``speech``."""
    text: str
    analysis_id: str | None
    count: int | None
    first_s: float | None

    @classmethod
    def of(cls, hit: Hit) -> HitView:
        return cls(
            video_id=hit.video.id,
            name=hit.video.name,
            matched=hit.match.where,
            text=hit.match.text,
            analysis_id=hit.match.analysis_id,
            count=hit.match.count,
            first_s=hit.match.start_s,
        )


class HitsView(BaseModel):
    items: list[HitView]
