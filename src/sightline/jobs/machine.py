"""What may follow what: the life of a job, and which jobs may start now. Pure: times are handed in.

queued ──start──► running ──finish──► done
  ▲ ▲                │  ├───fail────► failed      (or queued again: `sightline.jobs.retrying`)
  │ └───lost, put_back  └──cancelled► cancelled
  └──retry (by a person)── failed, cancelled
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sightline.errors import Cancelled, Conflict, MeasuringFailed, RequestInvalid, SightlineError
from sightline.jobs.retrying import retry_for
from sightline.text import Message

LOWEST, HIGHEST = -10, 10
"""Priorities."""
MOST_LOSSES = 10
"""Attempts that may end with the process that saw to them. A job that takes it down every time must stop somewhere."""
LOSS_DELAY_S = 1.0
"""A dispatcher that lost its lock needs about half of this to notice and to end its children."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
NO_STARTS: Mapping[str | None, datetime] = MappingProxyType({})


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as rows keep it."""

    type: str
    """Name of a class of `sightline.errors`."""
    message: Message

    @classmethod
    def of(cls, error: SightlineError) -> Failure:
        return cls(type(error).__name__, error.message)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its row has it."""

    id: str
    kind: str
    workspace_id: str
    created_by: str | None
    """The user whose share of the machine it takes. None: the installation itself."""
    subject_id: str | None
    payload: Mapping[str, Any]
    state: State
    priority: int
    same: str | None
    """Jobs with the same words here never run at the same time."""
    most_attempts: int
    timeout_s: float
    """For one attempt."""
    due_at: datetime
    """Not before. Jobs of one user and priority start in this order."""
    created_at: datetime
    attempts: int = 0
    """Begun so far: with ``id`` and ``runner`` the name of one attempt."""
    faults: int = 0
    """Attempts that ended by a fault of the job; ``most_attempts`` counts these."""
    waits: int = 0
    """Attempts that found something unavailable."""
    losses: int = 0
    """Attempts that ended with the process that saw to them."""
    runner: str | None = None
    is_cancel_asked: bool = False
    progress: Mapping[str, Any] = field(default_factory=dict)
    error: Failure | None = None
    """Of the last attempt that went wrong."""
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    running: int
    """Jobs at the same time, over the whole installation."""
    running_per_user: int = 0
    """0: no limit of its own. The installation's own jobs are not held to it."""
    losses: int = MOST_LOSSES


def start(job: Job, runner: str, at: datetime) -> Job:
    """Raises `ValueError` for a job that does not wait, as do those below for one that does not run."""
    _expect(job, State.QUEUED)
    return replace(
        job, state=State.RUNNING, runner=runner, attempts=job.attempts + 1, progress=NOTHING, started_at=at
    )  # fmt: skip


def finish(job: Job, at: datetime) -> Job:
    """Done, even where somebody has asked to stop meanwhile: the result is there."""
    _expect(job, State.RUNNING)
    return replace(job, state=State.DONE, runner=None, error=None, finished_at=at)


def fail(job: Job, error: SightlineError, at: datetime) -> Job:
    """Queued again or failed, as the kind of error says; cancelled where somebody had asked for it."""
    _expect(job, State.RUNNING)
    if job.is_cancel_asked or isinstance(error, Cancelled):
        return cancelled(job, at)
    retry = retry_for(type(error))
    if retry.is_wait:
        counted = replace(job, waits=job.waits + 1, error=Failure.of(error))
        ended, most = counted.waits, retry.most
    else:
        counted = replace(job, faults=job.faults + 1, error=Failure.of(error))
        ended, most = counted.faults, min(retry.most, job.most_attempts)
    if ended >= most:
        return _failed(counted, at)
    return _queued(counted, at + timedelta(seconds=retry.delay_s(ended)))


def lost(job: Job, at: datetime, most: int = MOST_LOSSES) -> Job:
    """The process that saw to it died: queued again, which uses up no attempt; failed after ``most`` such losses."""
    _expect(job, State.RUNNING)
    if job.is_cancel_asked:
        return cancelled(job, at)
    counted = replace(job, losses=job.losses + 1)
    if counted.losses >= most:
        error = MeasuringFailed("jobs.poison", losses=counted.losses)
        return _failed(replace(counted, error=Failure.of(error)), at)
    return _queued(counted, at + timedelta(seconds=LOSS_DELAY_S))


def put_back(job: Job, at: datetime) -> Job:
    """Its dispatcher stops in good order: queued again, as if it had not been started."""
    _expect(job, State.RUNNING)
    return cancelled(job, at) if job.is_cancel_asked else _queued(job, min(job.due_at, at))


def ask_cancel(job: Job, at: datetime) -> Job:
    """Cancelled at once where it waits; to be stopped where it runs; as it is where it has ended."""
    if job.state is State.QUEUED:
        return cancelled(job, at)
    return replace(job, is_cancel_asked=True) if job.state is State.RUNNING else job


def cancelled(job: Job, at: datetime) -> Job:
    _expect(job, State.QUEUED, State.RUNNING)
    return replace(job, state=State.CANCELLED, runner=None, is_cancel_asked=True, finished_at=at)


def retry(job: Job, at: datetime) -> Job:
    """Queued again by a person, with all its attempts. Raises `Conflict` unless it failed or was cancelled."""
    if job.state not in (State.FAILED, State.CANCELLED):
        raise Conflict("jobs.not_to_retry", id=job.id, state=job.state)
    return replace(
        _queued(job, at), faults=0, waits=0, losses=0, is_cancel_asked=False, progress=NOTHING, error=None,
        started_at=None, finished_at=None,
    )  # fmt: skip


def with_priority(job: Job, priority: int) -> Job:
    """Raises `RequestInvalid` for a priority out of range, `Conflict` for a job that has ended."""
    if job.state.is_over:
        raise Conflict("jobs.has_ended", id=job.id, state=job.state)
    return replace(job, priority=checked_priority(priority))


def checked_priority(priority: int) -> int:
    if not LOWEST <= priority <= HIGHEST:
        raise RequestInvalid("jobs.priority_range", lowest=LOWEST, highest=HIGHEST, given=priority)
    return priority


def pick(
    queued: Iterable[Job],
    running: Sequence[Job],
    limits: Limits,
    at: datetime,
    last_start: Mapping[str | None, datetime] = NO_STARTS,
) -> tuple[Job, ...]:
    """Which of ``queued`` may start at ``at`` beside those that run, in this order.

    The higher priority first. Within it users in turn: first who has the fewest jobs running, then who has waited
    longest, which is since his job was due or since he last had a job started (``last_start``, by user), whichever is
    later. So one who queues a thousand jobs delays nobody, and whoever waits is only overtaken by the finitely many
    who waited before him.
    """
    held = defaultdict(int, _by_user(running))
    taken = {job.same for job in running if job.same is not None}
    turns = dict(last_start)
    waiting = sorted(
        (job for job in queued if job.state is State.QUEUED and job.due_at <= at and not job.is_cancel_asked),
        key=lambda job: (-job.priority, job.due_at, job.id),
        reverse=True,
    )
    lines: dict[tuple[int, str | None], list[Job]] = defaultdict(list)
    for job in waiting:
        lines[job.priority, job.created_by].append(job)
    picked: list[Job] = []
    while len(picked) + len(running) < limits.running:
        heads = [line[-1] for line in lines.values() if _can_start(line, held, taken, limits)]
        if not heads:
            break
        job = min(
            heads,
            key=lambda head: (
                -head.priority,
                held[head.created_by],
                max(head.due_at, turns.get(head.created_by, head.due_at)),
                head.id,
            ),
        )
        lines[job.priority, job.created_by].pop()
        picked.append(job)
        held[job.created_by] += 1
        turns[job.created_by] = at
        if job.same is not None:
            taken.add(job.same)
    return tuple(picked)


def _can_start(line: list[Job], held: Mapping[str | None, int], taken: set[str], limits: Limits) -> bool:
    """Whether the line has a job that may start: then its last. Drops those whose ``same`` is taken."""
    while line and line[-1].same is not None and line[-1].same in taken:
        line.pop()
    if not line:
        return False
    user = line[-1].created_by
    return not limits.running_per_user or user is None or held[user] < limits.running_per_user


def _by_user(jobs: Iterable[Job]) -> dict[str | None, int]:
    counts: dict[str | None, int] = {}
    for job in jobs:
        counts[job.created_by] = counts.get(job.created_by, 0) + 1
    return counts


def _queued(job: Job, due_at: datetime) -> Job:
    return replace(job, state=State.QUEUED, runner=None, due_at=due_at)


def _failed(job: Job, at: datetime) -> Job:
    return replace(job, state=State.FAILED, runner=None, finished_at=at)


def _expect(job: Job, *states: State) -> None:
    if job.state not in states:
        raise ValueError(f"job {job.id} is {job.state}")
