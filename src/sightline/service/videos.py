"""Videos of a workspace: list, find, name, tag, remove."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from sightline.errors import RequestInvalid
from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.blobs import Blobs
from sightline.library.database import Database, one
from sightline.library.paging import Page, page
from sightline.library.tables import AnalysisRow, JobRow, TagRow, VideoRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.cards import put_card, video_card
from sightline.service.matches import Looked, Match, matches
from sightline.service.playable import is_playable
from sightline.service.searching import search_text
from sightline.service.video_filter import VideoFilter, narrowed, order_of
from sightline.timeline.media_json import media_from_json

MOST_TAGS, LONGEST_TAG, LONGEST_NAME = 50, 100, 255


@dataclass(frozen=True, slots=True)
class Shown:
    """A video with what lists show beside it."""

    video: VideoRow
    tags: tuple[str, ...]
    analyses: tuple[AnalysisRow, ...]
    """The latest of each desk and, where that one is not done, the last of the desk that is: what holds until then."""
    matches: tuple[Match, ...] = ()
    """Why a search found it."""

    @property
    def is_playable(self) -> bool:
        """Whether a browser can play its file as it is."""
        video = self.video
        return video.media_removed_at is None and is_playable(video.media_type, media_from_json(video.facts))


@dataclass(frozen=True, slots=True)
class Hit:
    """A video, and one reason why a search found it."""

    video: VideoRow
    match: Match


class Videos:
    """``freed`` is called with a removed video's id, its SHA-256 and its analyses: files without a row may go."""

    def __init__(self, database: Database, blobs: Blobs, freed: Callable[[str, str, Sequence[str]], None]) -> None:
        self._database, self._blobs, self._freed = database, blobs, freed

    def list(
        self, actor: Actor, wanted: VideoFilter, cursor: str | None = None, limit: int = 50, skip: int = 0
    ) -> Page[Shown]:
        """The first page says how many there are in all; with ``skip`` a list begins anywhere."""
        require(actor, Right.LIST, wanted.workspace_id)
        order, looked = order_of(wanted), Looked.at(wanted.query)
        with self._database.read(actor) as session:
            searched = narrowed(wanted, select(VideoRow))
            found = page(session, searched, order, cursor, limit, skip, is_counted=bool(looked.words))
            total = found.total
            if total is None and cursor is None and not skip:
                # An index alone can count them.
                total = session.scalar(narrowed(wanted, select(func.count()).select_from(VideoRow)))
            return Page(_shown(session, found.items, looked), found.next_cursor, total)

    def get(self, actor: Actor, video_id: str) -> Shown:
        with self._database.read(actor) as session:
            row = one(session, VideoRow, video_id)
            require(actor, Right.VIEW, row.workspace_id)
            return _shown(session, [row])[0]

    def change(self, actor: Actor, video_id: str, name: str | None = None, tags: Sequence[str] | None = None) -> Shown:
        """Gives it another name or other tags. Raises `RequestInvalid`."""
        kept = None if tags is None else clean_tags(tags)
        return self._changed(actor, video_id, name, None if kept is None else lambda _: kept)

    def retag(self, actor: Actor, video_id: str, tagged: Callable[[Set[str]], Collection[str]]) -> Shown:
        """Gives it the tags that ``tagged`` makes of those it has. Raises `RequestInvalid` for too many."""
        return self._changed(actor, video_id, None, lambda has: clean_tags(tuple(tagged(has))))

    def _changed(
        self, actor: Actor, video_id: str, name: str | None, tagged: Callable[[Set[str]], Collection[str]] | None
    ) -> Shown:
        def work(session: Session) -> tuple[Shown, dict[str, Any]]:
            row = one(session, VideoRow, video_id)
            require(actor, Right.EDIT, row.workspace_id)
            if name is not None:
                row.name = clean_name(name)
            if tagged is not None:
                kept = tagged(set(session.scalars(select(TagRow.tag).where(TagRow.video_id == video_id))))
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
            subjects = (*analyses, video_id)
            for job_id in session.scalars(
                select(JobRow.id).where(JobRow.subject_id.in_(subjects), _unfinished())
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
        """Videos by name, tag, found events and what is said, the newest first."""
        require(actor, Right.LIST, workspace_id)
        looked = Looked.at(query)
        if not looked.words:
            return []
        wanted = VideoFilter(workspace_id=workspace_id, query=query)
        with self._database.read(actor) as session:
            statement = (
                narrowed(wanted, select(VideoRow)).order_by(VideoRow.created_at.desc(), VideoRow.id.desc()).limit(limit)
            )
            videos = _shown(session, session.scalars(statement).all(), looked)
            return [Hit(shown.video, match) for shown in videos for match in shown.matches]


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


def _in_force(of_desk: Sequence[AnalysisRow]) -> Sequence[AnalysisRow]:
    """Of the analyses of one desk, the oldest first, those that lists show."""
    latest = of_desk[-1]
    if latest.state == "done":
        return [latest]
    return [latest, *[analysis for analysis in of_desk if analysis.state == "done"][-1:]]


def _shown(session: Session, videos: Sequence[VideoRow], looked: Looked | None = None) -> list[Shown]:
    ids = [video.id for video in videos]
    tags: dict[str, list[str]] = {}
    for row in session.scalars(select(TagRow).where(TagRow.video_id.in_(ids)).order_by(TagRow.tag)):
        tags.setdefault(row.video_id, []).append(row.tag)
    by_desk: dict[str, dict[str, list[AnalysisRow]]] = {}
    by_age = select(AnalysisRow).where(AnalysisRow.video_id.in_(ids)).order_by(AnalysisRow.created_at, AnalysisRow.id)
    for analysis in session.scalars(by_age):
        by_desk.setdefault(analysis.video_id, {}).setdefault(analysis.desk, []).append(analysis)
    analyses = {
        video_id: tuple(analysis for of_desk in desks.values() for analysis in _in_force(of_desk))
        for video_id, desks in by_desk.items()
    }
    why = matches(session, looked, videos, tags, analyses) if looked is not None else {}
    return [
        Shown(video, tuple(tags.get(video.id, ())), analyses.get(video.id, ()), why.get(video.id, ()))
        for video in videos
    ]
