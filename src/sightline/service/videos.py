"""Videos of a workspace: list, find, name, tag, remove."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sightline.errors import RequestInvalid
from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.blobs import Blobs
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, FindingRow, JobRow, TagRow, VideoRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.cards import put_card, video_card
from sightline.service.searching import kinds_named, pattern, search_text, words_of

MOST_TAGS, LONGEST_TAG, LONGEST_NAME = 50, 100, 255
_ORDERS: Mapping[str, InstrumentedAttribute[object]] = {
    "created_at": VideoRow.created_at,
    "name": VideoRow.name,
    "size": VideoRow.size_bytes,
}


@dataclass(frozen=True, slots=True)
class VideoFilter:
    """What a list of videos is narrowed to; None and empty mean: not by this."""

    workspace_id: str | None = None
    query: str = ""
    """All its words in name and tags, or the whole of it in the name of a found kind of event."""
    tags: tuple[str, ...] = ()
    """All of them."""
    desk: str | None = None
    verdict: str | None = None
    """Of the latest finished analysis."""
    created_from: datetime | None = None
    created_before: datetime | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    min_height: int | None = None
    order: str = "created_at"
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A video with what lists show beside it."""

    video: VideoRow
    tags: tuple[str, ...]
    analyses: tuple[AnalysisRow, ...]
    """The latest of each desk."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Why a search found a video."""

    video: VideoRow
    matched: str
    """``name``, ``tag`` or ``event``."""
    text: str
    """The name, the tag, or the kind of event."""
    analysis_id: str | None = None
    count: int | None = None
    first_s: float | None = None


class Videos:
    """``freed`` is called with a removed video's id, its SHA-256 and its analyses: files without a row may go."""

    def __init__(self, database: Database, blobs: Blobs, freed: Callable[[str, str, Sequence[str]], None]) -> None:
        self._database, self._blobs, self._freed = database, blobs, freed

    def list(self, actor: Actor, wanted: VideoFilter, cursor: str | None = None, limit: int = 50) -> Page[Shown]:
        require(actor, Right.LIST, wanted.workspace_id)
        column = _ORDERS.get(wanted.order)
        if column is None:
            raise RequestInvalid("library.bad_order", order=wanted.order, known=", ".join(_ORDERS))
        with self._database.read(actor) as session:
            found = page(session, _narrowed(wanted), Order(column, VideoRow.id, wanted.is_descending), cursor, limit)
            return Page(_shown(session, found.items), found.next_cursor)

    def get(self, actor: Actor, video_id: str) -> Shown:
        with self._database.read(actor) as session:
            row = one(session, VideoRow, video_id)
            require(actor, Right.VIEW, row.workspace_id)
            return _shown(session, [row])[0]

    def change(self, actor: Actor, video_id: str, name: str | None = None, tags: Sequence[str] | None = None) -> Shown:
        """Gives it another name or other tags. Raises `RequestInvalid`."""
        kept = None if tags is None else clean_tags(tags)

        def work(session: Session) -> tuple[Shown, dict[str, Any]]:
            row = one(session, VideoRow, video_id)
            require(actor, Right.EDIT, row.workspace_id)
            if name is not None:
                row.name = clean_name(name)
            if kept is not None:
                session.execute(delete(TagRow).where(TagRow.video_id == video_id))
                session.add_all(TagRow(workspace_id=row.workspace_id, video_id=video_id, tag=tag) for tag in kept)
            session.flush()
            shown = _shown(session, [row])[0]
            row.search_text = search_text(row.name, shown.tags)
            audit.record(session, actor, "video.changed", f"video:{video_id}", workspace_id=row.workspace_id)
            audit.changed(session, row.workspace_id, "video", video_id)
            return shown, video_card(row, shown.tags, one(session, WorkspaceRow, row.workspace_id).name)

        shown, card = self._database.change(actor, work)
        put_card(self._blobs, card)
        return shown

    def remove(self, actor: Actor, video_id: str) -> None:
        """The video, its analyses and, unless somebody else has the same bytes, the file."""

        def work(session: Session) -> tuple[str, Sequence[str]]:
            row = one(session, VideoRow, video_id)
            require(actor, Right.EDIT, row.workspace_id)
            analyses = session.scalars(select(AnalysisRow.id).where(AnalysisRow.video_id == video_id)).all()
            for job_id in session.scalars(
                select(JobRow.id).where(JobRow.subject_id.in_(analyses), _unfinished())
            ).all():
                queue.cancel(session, job_id)
            audit.record(
                session, actor, "video.removed", f"video:{video_id}", workspace_id=row.workspace_id,
                sha256=row.sha256, analyses=len(analyses),
            )  # fmt: skip
            audit.changed(session, row.workspace_id, "video", video_id, "removed")
            session.delete(row)
            return row.sha256, analyses

        sha256, analyses = self._database.change(actor, work)
        self._freed(video_id, sha256, analyses)

    def tags(self, actor: Actor, workspace_id: str) -> Sequence[tuple[str, int]]:
        """Every tag in use, with how many videos have it."""
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            counted = select(TagRow.tag, func.count()).where(TagRow.workspace_id == workspace_id)
            return [(tag, n) for tag, n in session.execute(counted.group_by(TagRow.tag).order_by(TagRow.tag))]

    def search(self, actor: Actor, query: str, workspace_id: str | None = None, limit: int = 50) -> Sequence[Hit]:
        """Videos by name, tag and found events, the newest first."""
        require(actor, Right.LIST, workspace_id)
        words, kinds = words_of(query), kinds_named(query)
        if not words:
            return []
        wanted = VideoFilter(workspace_id=workspace_id, query=query)
        with self._database.read(actor) as session:
            statement = _narrowed(wanted).order_by(VideoRow.created_at.desc(), VideoRow.id.desc()).limit(limit)
            videos = _shown(session, session.scalars(statement).all())
            found = _found(session, videos, kinds) if kinds else {}
            return [hit for shown in videos for hit in _hits(shown, words, found)]


def clean_name(name: str) -> str:
    """A name people read: never a path. Raises `RequestInvalid` for an empty one."""
    kept = "".join(sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable()).strip()[:LONGEST_NAME]
    if not kept:
        raise RequestInvalid("library.bad_name")
    return kept


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Each tag once, composed and trimmed. Raises `RequestInvalid` for too many or too long ones."""
    kept = sorted({unicodedata.normalize("NFC", " ".join(tag.split())) for tag in tags} - {""})
    if len(kept) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in kept):
        raise RequestInvalid("library.bad_tags", most=MOST_TAGS, longest=LONGEST_TAG)
    return tuple(kept)


def _unfinished() -> ColumnElement[bool]:
    return JobRow.state.in_(("queued", "running"))


def _narrowed(wanted: VideoFilter) -> Select[VideoRow]:
    statement = select(VideoRow)
    if wanted.workspace_id is not None:
        statement = statement.where(VideoRow.workspace_id == wanted.workspace_id)
    for tag in wanted.tags:
        statement = statement.where(exists().where(TagRow.video_id == VideoRow.id, TagRow.tag == tag))
    if wanted.desk is not None or wanted.verdict is not None:
        statement = statement.where(_has_analysis(wanted.desk, wanted.verdict))
    for column, operator, bound in (
        (VideoRow.created_at, "__ge__", wanted.created_from),
        (VideoRow.created_at, "__lt__", wanted.created_before),
        (VideoRow.duration_s, "__ge__", wanted.shortest_s),
        (VideoRow.duration_s, "__le__", wanted.longest_s),
        (VideoRow.height, "__ge__", wanted.min_height),
    ):
        if bound is not None:
            statement = statement.where(getattr(column, operator)(bound))
    words, kinds = words_of(wanted.query), kinds_named(wanted.query)
    if words:
        spelt = and_(*(VideoRow.search_text.like(pattern(word), escape="\\") for word in words))
        statement = statement.where(or_(spelt, _found_any(kinds)) if kinds else spelt)
    return statement


def _has_analysis(desk: str | None, verdict: str | None) -> ColumnElement[bool]:
    found = exists().where(AnalysisRow.video_id == VideoRow.id)
    if desk is not None:
        found = found.where(AnalysisRow.desk == desk)
    if verdict is not None:
        found = found.where(AnalysisRow.verdict == verdict)
    return found


def _found_any(kinds: Sequence[str]) -> ColumnElement[bool]:
    return VideoRow.id.in_(
        select(AnalysisRow.video_id)
        .join(FindingRow, FindingRow.analysis_id == AnalysisRow.id)
        .where(FindingRow.kind.in_(kinds))
    )


def _shown(session: Session, videos: Sequence[VideoRow]) -> list[Shown]:
    ids = [video.id for video in videos]
    tags: dict[str, list[str]] = {}
    for row in session.scalars(select(TagRow).where(TagRow.video_id.in_(ids)).order_by(TagRow.tag)):
        tags.setdefault(row.video_id, []).append(row.tag)
    latest: dict[str, dict[str, AnalysisRow]] = {}
    by_age = select(AnalysisRow).where(AnalysisRow.video_id.in_(ids)).order_by(AnalysisRow.created_at, AnalysisRow.id)
    for analysis in session.scalars(by_age):
        latest.setdefault(analysis.video_id, {})[analysis.desk] = analysis
    return [Shown(video, tuple(tags.get(video.id, ())), tuple(latest.get(video.id, {}).values())) for video in videos]


def _found(session: Session, videos: Sequence[Shown], kinds: Sequence[str]) -> dict[str, list[FindingRow]]:
    """Findings of these kinds, by analysis, in order of time."""
    shown = [analysis.id for video in videos for analysis in video.analyses]
    found: dict[str, list[FindingRow]] = {}
    asked = select(FindingRow).where(FindingRow.analysis_id.in_(shown), FindingRow.kind.in_(kinds))
    for row in session.scalars(asked.order_by(FindingRow.first_s)):
        found.setdefault(row.analysis_id, []).append(row)
    return found


def _hits(shown: Shown, words: Sequence[str], found: Mapping[str, Sequence[FindingRow]]) -> list[Hit]:
    hits = []
    if any(word in search_text(shown.video.name, ()) for word in words):
        hits.append(Hit(shown.video, "name", shown.video.name))
    hits += [Hit(shown.video, "tag", tag) for tag in shown.tags if any(word in search_text(tag, ()) for word in words)]
    for analysis in shown.analyses:
        hits += [
            Hit(shown.video, "event", row.kind, row.analysis_id, row.count, row.first_s)
            for row in found.get(analysis.id, ())
        ]
    return hits
