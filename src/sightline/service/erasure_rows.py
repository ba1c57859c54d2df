"""What the database has of a video that is to be erased, and removing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.assessment_tables import ConsentRow, ReceiptRow
from sightline.library.columns import now
from sightline.library.database import one
from sightline.library.running_tables import RepeatRow
from sightline.library.search_tables import TranscriptRow
from sightline.library.tables import AnalysisRow, JobRow, UploadRow, VideoRow
from sightline.service.access import Right, require
from sightline.service.previews import Preview

UNFINISHED = ("queued", "running")


class Mode(StrEnum):
    EVERYTHING = "everything"
    MEDIA_ONLY = "media_only"
    """The file and all pictures of it go; what was measured and judged stays."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a deletion is about, as it was found."""

    workspace_id: str
    video_id: str
    sha256: str
    size_bytes: int
    analyses: tuple[str, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Ids that jobs and kept answers may name."""
        return (*self.analyses, self.video_id)


def found(session: Session, actor: Actor, video_id: str) -> Target:
    """Raises `NotFound`, `NotAllowed`."""
    row = one(session, VideoRow, video_id)
    require(actor, Right.EDIT, row.workspace_id)
    analyses = session.scalars(select(AnalysisRow.id).where(AnalysisRow.video_id == video_id))
    return Target(row.workspace_id, video_id, row.sha256, row.size_bytes, tuple(analyses))


def begun(session: Session, actor: Actor, video_id: str) -> ReceiptRow | None:
    """The receipt of a deletion that was cut off after the video's row had gone. Raises `NotAllowed`."""
    if session.scalar(select(VideoRow.id).where(VideoRow.id == video_id)) is not None:
        return None
    cut_off = select(ReceiptRow).where(ReceiptRow.video_id == video_id, ReceiptRow.is_complete.is_(False))
    row = session.scalar(cut_off.where(ReceiptRow.mode == Mode.EVERYTHING).limit(1))
    if row is not None:
        require(actor, Right.EDIT, row.workspace_id)
    return row


def is_shared(session: Session, sha256: str) -> bool:
    """Whether a video, of whatever workspace, still counts on these bytes. The session is the system's."""
    uses = select(VideoRow.id).where(VideoRow.sha256 == sha256, VideoRow.media_removed_at.is_(None))
    return session.scalar(uses.limit(1)) is not None


def stop_jobs(session: Session, target: Target) -> None:
    """What waits is cancelled; what runs is told to stop, once the dispatcher is woken."""
    for job in _jobs(session, target.subjects, UNFINISHED):
        queue.cancel(session, job.id)


def is_any_running(session: Session, target: Target) -> bool:
    running = select(func.count(JobRow.id)).where(JobRow.subject_id.in_(target.subjects), JobRow.state == "running")
    return bool(session.scalar(running))


def remove_jobs(session: Session, subjects: Collection[str]) -> int:
    """Rows of jobs that are not running. How many."""
    rows = [job for job in _jobs(session, subjects) if job.state != "running"]
    for job in rows:
        session.delete(job)
    session.flush()
    return len(rows)


def remove_rows(session: Session, target: Target) -> dict[str, int]:
    """Everything the database has of it, by table. Consents go with the last analysis that rests on them."""
    uploads = session.scalars(select(UploadRow).where(UploadRow.video_id == target.video_id)).all()
    consents = _consents_of_nothing_else(session, target)
    subjects = (*target.subjects, *(row.id for row in uploads))
    removed = {
        "videos": 1, "analyses": len(target.analyses), "transcripts": _transcripts(session, target),
        "uploads": len(uploads), "consents": len(consents),
        "jobs": remove_jobs(session, subjects),
        "repeats": forget_answers_with(session, (*subjects, *(row.id for row in consents))),
    }  # fmt: skip
    for row in (*uploads, *consents):
        session.delete(row)
    session.delete(session.get_one(VideoRow, target.video_id))
    session.flush()
    return removed


def remove_media(session: Session, target: Target) -> None:
    """The file is no longer counted on; the rows stay."""
    row = session.get_one(VideoRow, target.video_id)
    row.media_removed_at, row.preview = now(), Preview.NONE.value


def forget_answers_with(session: Session, ids: Collection[str]) -> int:
    """Removes answers kept for repeating that name one of ``ids``: they hold whatever the answer told. How many."""
    removed = 0
    for name in ids:
        gone: Any = session.execute(delete(RepeatRow).where(RepeatRow.body.like(f"%{name}%")))
        removed += getattr(gone, "rowcount", 0)
    return removed


def target_of(row: ReceiptRow) -> Target:
    """What a receipt that was begun is about. Raises `KeyError` for a document of something else."""
    plain: Mapping[str, Any] = row.document
    file = plain["file"]
    return Target(row.workspace_id, row.video_id, file["sha256"], file["bytes"], tuple(plain["analyses"]))


def _transcripts(session: Session, target: Target) -> int:
    """They go with their analyses. How many there are."""
    of_these = select(func.count()).select_from(TranscriptRow).where(TranscriptRow.video_id == target.video_id)
    return session.scalar(of_these) or 0


def _jobs(session: Session, subjects: Collection[str], states: Collection[str] | None = None) -> list[JobRow]:
    wanted = select(JobRow).where(JobRow.subject_id.in_(subjects))
    if states is not None:
        wanted = wanted.where(JobRow.state.in_(states))
    return list(session.scalars(wanted))


def _consents_of_nothing_else(session: Session, target: Target) -> list[ConsentRow]:
    of_these = AnalysisRow.id.in_(target.analyses)
    rested = set(session.scalars(select(AnalysisRow.consent_id).where(of_these).distinct())) - {None}
    others = select(AnalysisRow.consent_id).where(AnalysisRow.consent_id.in_(rested), ~of_these)
    return list(session.scalars(select(ConsentRow).where(ConsentRow.id.in_(rested - set(session.scalars(others))))))
