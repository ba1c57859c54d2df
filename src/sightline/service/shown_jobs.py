"""Jobs with what people know them by: the video or upload they are for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sightline.library.tables import AnalysisRow, JobRow, UploadRow, VideoRow

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ShownJob:
    job: JobRow
    title: str
    """Name of the video or the upload; empty where it is gone."""
    video_id: str | None
    desk: str | None
    """Of the analysis it makes, or that follows it; ``template`` as well."""
    template: str | None
    analysis_id: str | None


def shown_jobs(session: Session, jobs: Sequence[JobRow]) -> list[ShownJob]:
    """Each with its title, in three queries however many there are."""
    subjects = {job.subject_id for job in jobs if job.subject_id is not None}
    analyses = {row.id: row for row in _of(session, AnalysisRow, AnalysisRow.id, subjects)}
    uploads = {row.id: row for row in _of(session, UploadRow, UploadRow.id, subjects)}
    wanted = subjects | {row.video_id for row in analyses.values()}
    names: dict[str, str] = {}
    if wanted:
        named = select(VideoRow.id, VideoRow.name).where(VideoRow.id.in_(wanted))
        names = {row.id: row.name for row in session.execute(named)}
    return [_shown(job, analyses, uploads, names) for job in jobs]


def _shown(
    job: JobRow, analyses: dict[str, AnalysisRow], uploads: dict[str, UploadRow], names: dict[str, str]
) -> ShownJob:
    subject = job.subject_id or ""
    if subject in analyses:
        analysis = analyses[subject]
        return ShownJob(
            job, names.get(analysis.video_id, ""), analysis.video_id, analysis.desk, analysis.template, analysis.id
        )
    if subject in uploads:
        asked, upload = job.payload.get("analysis") or {}, uploads[subject]
        return ShownJob(job, upload.name, upload.video_id, asked.get("desk"), asked.get("template"), None)
    return ShownJob(job, names.get(subject, ""), subject if subject in names else None, None, None, None)


def _of(session: Session, model: type[Row], key: InstrumentedAttribute[str], ids: Collection[str]) -> Sequence[Row]:
    return session.scalars(select(model).where(key.in_(ids))).all() if ids else ()
