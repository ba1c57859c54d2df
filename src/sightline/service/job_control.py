"""Jobs as people see them: what runs, what waits, what failed; stop, try again, put first."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sightline.errors import Conflict
from sightline.jobs import queue
from sightline.jobs.machine import Job
from sightline.library.actor import Actor
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, JobRow, UploadRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.previews import KIND as PREVIEW
from sightline.service.previews import follow_job
from sightline.service.shown_jobs import ShownJob, shown_jobs

LOOKED_BACK = 20
"""Jobs an estimate goes by."""


class JobControl:
    """``wake`` is called when the dispatcher has something to do."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database, self._wake = database, wake

    def list(
        self,
        actor: Actor,
        workspace_id: str | None = None,
        states: Collection[str] = (),
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[JobRow]:
        """The newest first, in any of some states or in all. Those that ``failed`` are done with by themselves and wait
        for a person."""
        require(actor, Right.LIST, workspace_id)
        statement = select(JobRow)
        for column, value in ((JobRow.workspace_id, workspace_id), (JobRow.kind, kind)):
            if value is not None:
                statement = statement.where(column == value)
        if states:
            statement = statement.where(JobRow.state.in_(states))
        with self._database.read(actor) as session:
            return page(session, statement, Order(JobRow.created_at, JobRow.id), cursor, limit)

    def shown(self, actor: Actor, jobs: Sequence[JobRow]) -> Sequence[ShownJob]:
        """With what people know them by, as far as the actor may see it."""
        with self._database.read(actor) as session:
            return shown_jobs(session, jobs)

    def get(self, actor: Actor, job_id: str) -> JobRow:
        with self._database.read(actor) as session:
            row = one(session, JobRow, job_id)
        require(actor, Right.LIST, row.workspace_id)
        return row

    def cancel(self, actor: Actor, job_id: str) -> JobRow:
        """Stops it, within two seconds where it runs. Raises `Conflict` when it has ended."""

        def step(session: Session, row: JobRow) -> None:
            if row.state not in ("queued", "running"):
                raise Conflict("library.has_ended", id=job_id, state=row.state)
            follow(session, queue.cancel(session, job_id))

        return self._change(actor, job_id, "job.cancelled", step)

    def retry(self, actor: Actor, job_id: str) -> JobRow:
        """Queues a job that failed or was cancelled once more. Raises `Conflict` for any other."""
        return self._change(
            actor, job_id, "job.retried", lambda session, _: follow(session, queue.retry(session, job_id))
        )

    def set_priority(self, actor: Actor, job_id: str, priority: int) -> JobRow:
        """-10 to 10, the higher goes first. Raises `Conflict` when it has ended, `RequestInvalid`."""
        return self._change(
            actor, job_id, "job.reprioritised", lambda session, _: queue.set_priority(session, job_id, priority)
        )

    def counts(self, actor: Actor) -> dict[str, int]:
        """How many jobs of the actor's workspaces are in each state."""
        require(actor, Right.LIST)
        with self._database.read(actor) as session:
            counted = select(JobRow.state, func.count()).group_by(JobRow.state)
            return {row[0]: row[1] for row in session.execute(counted)}

    def usual_seconds(self, actor: Actor) -> float | None:
        """How long the last jobs of the actor's workspaces took from being asked for to their end, as a median; None
        before the first."""
        require(actor, Right.LIST)
        ended = select(JobRow).where(JobRow.state == "done").order_by(JobRow.id.desc()).limit(LOOKED_BACK)
        with self._database.read(actor) as session:
            taken = [
                (row.finished_at - row.created_at).total_seconds() for row in session.scalars(ended) if row.finished_at
            ]
        return statistics.median(taken) if taken else None

    def _change(self, actor: Actor, job_id: str, action: str, step: Callable[[Session, JobRow], object]) -> JobRow:
        def work(session: Session) -> JobRow:
            row = one(session, JobRow, job_id)
            require(actor, Right.EDIT, row.workspace_id)
            step(session, row)
            audit.record(session, actor, action, f"job:{job_id}", workspace_id=row.workspace_id)
            audit.changed(session, row.workspace_id, "job", job_id)
            return row

        row = self._database.change(actor, work)
        self._wake()
        return row


def follow(session: Session, job: Job) -> None:
    """The analysis, upload or copy a job is for says what the job says."""
    if job.kind == PREVIEW and job.subject_id:
        follow_job(session, job.subject_id, job.state.value)
    analysis = session.get(AnalysisRow, job.subject_id) if job.kind == "analysis" and job.subject_id else None
    if analysis is not None:
        analysis.state = job.state.value
        analysis.finished_at = now() if job.state.is_over else None
        analysis.error = None if job.error is None else queue.failure_to_json(job.error)
        audit.changed(session, analysis.workspace_id, "analysis", analysis.id)
    upload = session.get(UploadRow, job.subject_id) if job.kind == "fetch" and job.subject_id else None
    if upload is not None:
        upload.state = {"queued": "arriving", "running": "arriving", "done": "done"}.get(job.state.value, "failed")
        upload.error = None if job.error is None else queue.failure_to_json(job.error)
        audit.changed(session, upload.workspace_id, "upload", upload.id)
