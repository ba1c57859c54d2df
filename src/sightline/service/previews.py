"""Small copies of videos that every browser plays, made when somebody asks for one.

A copy lies in the store under the video's id and goes with the video's file. It is made from the file again where it is
missing, so it counts as a cached result.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.errors import Conflict
from sightline.jobs import queue
from sightline.library.actor import SYSTEM, Actor
from sightline.library.blobs import Blobs
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.tables import JobRow, VideoRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.settings import Settings

KIND = "preview"
"""Of the job that makes one; its subject is the video."""
PREFIX = "previews"
SUFFIX = ".mp4"
MEDIA_TYPE = "video/mp4"
SPARED = timedelta(hours=24)
"""What is younger may belong to a job that has not come to its end."""


class Preview(StrEnum):
    """What there is of a copy."""

    NONE = "none"
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


_BY_JOB = {
    "queued": Preview.QUEUED, "running": Preview.RUNNING, "done": Preview.READY, "failed": Preview.FAILED,
    "cancelled": Preview.NONE,
}  # fmt: skip


class Previews:
    """``settings`` gives those that hold now; ``wake`` is called when a job was queued."""

    def __init__(
        self, database: Database, blobs: Blobs, settings: Callable[[], Settings], wake: Callable[[], None]
    ) -> None:
        self._database, self._blobs, self._settings, self._wake = database, blobs, settings, wake

    def ask(self, actor: Actor, video_id: str) -> JobRow:
        """The job that makes the copy: the one there is while it is under way or has made it, else a new one.

        Raises `NotFound`, `LimitExceeded`, `Conflict` for a video whose file was removed, `Unavailable`.
        """
        with self._database.read(actor) as session:
            require(actor, Right.EDIT, one(session, VideoRow, video_id).workspace_id)
        is_there = self._blobs.store.size(name_of(video_id)) is not None

        def work(session: Session) -> JobRow:
            found = session.scalar(select(VideoRow).where(VideoRow.id == video_id).with_for_update())
            row = found or one(session, VideoRow, video_id)
            require(actor, Right.EDIT, row.workspace_id)
            if row.media_removed_at is not None:
                raise Conflict("library.media_removed", id=row.id)
            jobs = select(JobRow).where(JobRow.subject_id == video_id, JobRow.kind == KIND)
            last = session.scalar(jobs.order_by(JobRow.id.desc()).limit(1))
            if last is not None and (last.state in queue.UNFINISHED or _has_made(last, row, is_there=is_there)):
                return last
            return self._queued(session, actor, row)

        row = self._database.change(actor, work)
        self._wake()
        return row

    def _queued(self, session: Session, actor: Actor, row: VideoRow) -> JobRow:
        settings = self._settings()
        job = queue.enqueue(
            session,
            kind=KIND,
            workspace_id=row.workspace_id,
            created_by=actor.user_id,
            subject_id=row.id,
            same=f"{row.sha256}:{KIND}",
            timeout_s=settings.job_timeout_s,
            most_attempts=settings.job_attempts,
            most_queued=settings.max_queued_per_user,
        )
        row.preview = Preview.QUEUED.value
        audit.changed(session, row.workspace_id, "video", row.id)
        return session.get_one(JobRow, job.id)


def name_of(video_id: str) -> str:
    """Of a copy in the store."""
    return f"{PREFIX}/{video_id}{SUFFIX}"


def follow_job(session: Session, video_id: str, state: str) -> None:
    """The video says of its copy what the job says that makes it."""
    row = session.get(VideoRow, video_id)
    if row is not None and row.media_removed_at is None:
        row.preview = _BY_JOB[state].value
        audit.changed(session, row.workspace_id, "video", row.id)


def remove_preview(blobs: Blobs, video_id: str) -> int | None:
    """How many bytes were removed; None where there was no copy."""
    size = blobs.store.size(name_of(video_id))
    if size is not None:
        blobs.store.remove(name_of(video_id))
    return size


def orphan_previews(database: Database, blobs: Blobs) -> int:
    """Removes copies of videos that are gone or lost their file. How many."""
    with database.read(SYSTEM) as session:
        known = set(session.scalars(select(VideoRow.id).where(VideoRow.media_removed_at.is_(None))))
    gone = [
        found.name
        for found in blobs.list(PREFIX)
        if found.name.removeprefix(f"{PREFIX}/").removesuffix(SUFFIX) not in known
        and found.modified_at < now() - SPARED
    ]
    for name in gone:
        blobs.store.remove(name)
    return len(gone)


def _has_made(job: JobRow, row: VideoRow, *, is_there: bool) -> bool:
    return is_there and job.state == "done" and row.preview == Preview.READY
