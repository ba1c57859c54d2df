"""Rows of jobs as values, and back.

Whoever asks for a job does it in his own transaction: `enqueue`, `cancel`, `retry`, `set_priority`. His session sees
only jobs of his workspaces; whether he may is decided in the service. The dispatcher's writes are fenced: they change a
row only while it is still the attempt that they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, bindparam, false, func, or_, select, update
from sqlalchemy.orm import Session

from sightline.errors import LimitExceeded, NotFound
from sightline.jobs import machine
from sightline.jobs.machine import NOTHING, Failure, Job, State
from sightline.library.columns import new_id, now
from sightline.library.tables import JobRow
from sightline.text import Message

UNFINISHED = (State.QUEUED, State.RUNNING)
LISTED = 64
"""Waiting jobs looked at in one round: the first of every user before the second of any."""


@dataclass(frozen=True, slots=True)
class Fence:
    """One attempt, or the wait between two: what a row must still be when its outcome is written."""

    job_id: str
    state: State
    attempts: int
    runner: str | None

    @classmethod
    def of(cls, job: Job) -> Fence:
        return cls(job.id, job.state, job.attempts, job.runner)

    @property
    def holds(self) -> ColumnElement[bool]:
        return (
            (JobRow.id == self.job_id)
            & (JobRow.state == self.state.value)
            & (JobRow.attempts == self.attempts)
            & (JobRow.runner.is_(None) if self.runner is None else JobRow.runner == self.runner)
        )


def enqueue(
    session: Session,
    *,
    kind: str,
    workspace_id: str,
    timeout_s: float,
    created_by: str | None = None,
    subject_id: str | None = None,
    payload: Mapping[str, Any] = NOTHING,
    same: str | None = None,
    priority: int = 0,
    most_attempts: int = 3,
    most_queued: int | None = None,
    due_at: datetime | None = None,
) -> Job:
    """A new job, in the caller's transaction; whoever commits it wakes the dispatcher.

    ``most_queued``: unfinished jobs that ``created_by`` may have. Raises `LimitExceeded`, `RequestInvalid`.
    """
    machine.checked_priority(priority)
    if most_queued is not None and created_by is not None and _unfinished(session, created_by) >= most_queued:
        raise LimitExceeded("jobs.too_many_queued", most=most_queued)
    at = now()
    row = JobRow(
        id=new_id(), kind=kind, workspace_id=workspace_id, created_by=created_by, subject_id=subject_id,
        payload=dict(payload), same=same, priority=priority, most_attempts=most_attempts, timeout_s=timeout_s,
        state=State.QUEUED.value, attempts=0, faults=0, waits=0, losses=0, is_cancel_asked=False, progress={},
        due_at=due_at or at, created_at=at, updated_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return job_of(row)


def cancel(session: Session, job_id: str) -> Job:
    """Cancelled at once where it waited; else it is stopped once the dispatcher, who is to be woken, hears of it.

    A job that has ended is left as it is. Raises `NotFound`.
    """
    return _asked(session, job_id, lambda job: machine.ask_cancel(job, now()))


def retry(session: Session, job_id: str) -> Job:
    """Queued again. Raises `NotFound`, `Conflict` unless it failed or was cancelled."""
    return _asked(session, job_id, lambda job: machine.retry(job, now()))


def set_priority(session: Session, job_id: str, priority: int) -> Job:
    """Raises `NotFound`, `RequestInvalid`, `Conflict` for a job that has ended."""
    return _asked(session, job_id, lambda job: machine.with_priority(job, priority))


def get(session: Session, job_id: str) -> Job:
    """Raises `NotFound`."""
    row = session.scalar(select(JobRow).where(JobRow.id == job_id))
    if row is None:
        raise NotFound("library.not_found", what="job", id=job_id)
    return job_of(row)


def dead_letters(
    session: Session, *, workspace_id: str | None = None, before: str | None = None, limit: int = 100
) -> list[Job]:
    """Jobs that failed, the newest first. ``before``: the id of the last one seen."""
    statement = select(JobRow).where(JobRow.state == State.FAILED.value).order_by(JobRow.id.desc()).limit(limit)
    if workspace_id is not None:
        statement = statement.where(JobRow.workspace_id == workspace_id)
    if before is not None:
        statement = statement.where(JobRow.id < before)
    return [job_of(row) for row in session.scalars(statement)]


def due(
    session: Session,
    kinds: Collection[str],
    at: datetime,
    *,
    taken: Collection[str] = (),
    at_their_limit: Collection[str] = (),
) -> list[Job]:
    """Jobs that could start at ``at``: the highest priorities first, and of each user and priority the first due.

    Left out: those whose ``same`` is in ``taken`` and those of users ``at_their_limit``. The database puts them in
    order; `LISTED` rows are read, however many wait.
    """
    turn = func.row_number().over(
        partition_by=(JobRow.priority, JobRow.created_by), order_by=(JobRow.due_at, JobRow.id)
    )  # fmt: skip
    waiting = select(JobRow.id, JobRow.priority, JobRow.due_at, turn.label("turn")).where(
        JobRow.state == State.QUEUED.value, JobRow.due_at <= at, JobRow.kind.in_(sorted(kinds))
    )
    if taken:
        waiting = waiting.where(or_(JobRow.same.is_(None), JobRow.same.not_in(sorted(taken))))
    if at_their_limit:
        waiting = waiting.where(or_(JobRow.created_by.is_(None), JobRow.created_by.not_in(sorted(at_their_limit))))
    lines = waiting.subquery()
    first = select(lines.c.id).order_by(lines.c.priority.desc(), lines.c.turn, lines.c.due_at).limit(LISTED)
    ids = session.scalars(first).all()
    return [job_of(row) for row in session.scalars(select(JobRow).where(JobRow.id.in_(ids)))] if ids else []


def is_any_due(session: Session, at: datetime) -> bool:
    """Whether it is worth asking for what is `due`: what an idle dispatcher asks all day."""
    return session.execute(_ANY_DUE, {"at": at}).first() is not None


def running(session: Session) -> list[Job]:
    return [job_of(row) for row in session.scalars(select(JobRow).where(JobRow.state == State.RUNNING.value))]


def move(session: Session, fence: Fence, step: Callable[[Job], Job]) -> Job | None:
    """``step`` applied to the row as it is now; None, and nothing is changed, when the fence no longer holds."""
    row = session.scalar(
        select(JobRow).where(fence.holds).with_for_update().execution_options(populate_existing=True)
    )  # fmt: skip
    if row is None:
        return None
    after = step(job_of(row))
    _write(row, after)
    session.flush()
    return after


def begin(session: Session, before: Job, after: Job) -> bool:
    """Writes that a job was started; False when its row is no longer what ``before`` says."""
    written = session.execute(
        update(JobRow)
        .where(Fence.of(before).holds, JobRow.is_cancel_asked.is_(false()))
        .values(
            state=after.state.value, runner=after.runner, attempts=after.attempts, started_at=after.started_at,
            progress=dict(after.progress), updated_at=after.started_at,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return cast("CursorResult[Any]", written).rowcount == 1


def note_progress(session: Session, told: Sequence[tuple[Fence, Mapping[str, Any]]]) -> None:
    at = now()
    for fence, progress in told:
        session.execute(
            update(JobRow)
            .where(fence.holds)
            .values(progress=dict(progress), updated_at=at)
            .execution_options(synchronize_session=False)
        )


def job_of(row: JobRow) -> Job:
    return Job(
        id=row.id, kind=row.kind, workspace_id=row.workspace_id, created_by=row.created_by, subject_id=row.subject_id,
        payload=row.payload, state=State(row.state), priority=row.priority, same=row.same,
        most_attempts=row.most_attempts, timeout_s=row.timeout_s, due_at=row.due_at, created_at=row.created_at,
        attempts=row.attempts, faults=row.faults, waits=row.waits, losses=row.losses, runner=row.runner,
        is_cancel_asked=row.is_cancel_asked, progress=row.progress, error=_failure(row.error),
        started_at=row.started_at, finished_at=row.finished_at,
    )  # fmt: skip


def failure_to_json(failure: Failure) -> dict[str, Any]:
    """``type``, ``key``, ``fields``: as rows of jobs and analyses have it."""
    return {"type": failure.type, "key": failure.message.key, "fields": dict(failure.message.fields)}


def _failure(document: Mapping[str, Any] | None) -> Failure | None:
    if document is None:
        return None
    return Failure(document["type"], Message.of(document["key"], **document["fields"]))


def _asked(session: Session, job_id: str, step: Callable[[Job], Job]) -> Job:
    row = session.scalar(
        select(JobRow).where(JobRow.id == job_id).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("library.not_found", what="job", id=job_id)
    after = step(job_of(row))
    _write(row, after)
    session.flush()
    return after


def _write(row: JobRow, after: Job) -> None:
    before = job_of(row)
    for name in _COLUMNS:
        value = getattr(after, name)
        if value != getattr(before, name):
            setattr(row, name, _plain(value))
            row.updated_at = now()


def _plain(value: Any) -> Any:
    match value:
        case Failure():
            return failure_to_json(value)
        case State():
            return value.value
        case Mapping():
            return dict(value)
    return value


def _unfinished(session: Session, created_by: str) -> int:
    states = [state.value for state in UNFINISHED]
    counted = select(func.count(JobRow.id)).where(JobRow.created_by == created_by, JobRow.state.in_(states))
    return session.scalar(counted) or 0


_ANY_DUE = select(JobRow.id).where(JobRow.state == State.QUEUED.value, JobRow.due_at <= bindparam("at")).limit(1)
_COLUMNS = tuple(field.name for field in fields(Job))
