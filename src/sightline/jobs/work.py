"""What the service says about a kind of job: how it is done, and what becomes of its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from sightline.jobs.machine import Failure, Job, State


@dataclass(frozen=True, slots=True)
class Done:
    result: Mapping[str, Any]
    """As the work function gave it."""


@dataclass(frozen=True, slots=True)
class Failed:
    error: Failure


@dataclass(frozen=True, slots=True)
class WasCancelled:
    pass


Outcome = Done | Failed | WasCancelled


def _nothing(_session: Session, _job: Job) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of job. ``conclude`` and ``moved`` do nothing but change rows, and may be called again when the database
    undid their transaction; what they raise undoes the job's change as well."""

    run: str
    """``module:function``, a `sightline.jobs.executor.WorkFunction`; loaded where the work is done."""
    prepare: Callable[[Job], Mapping[str, Any]]
    """What the function gets, as plain JSON. Called once an attempt in a thread of its own, outside transactions.
    Raises the errors of `sightline.errors`, which end the attempt as if the work had raised them."""
    conclude: Callable[[Session, Job, Outcome], None]
    """In the transaction in which the job ends: once for every job, and once more for one that is started again by a
    person."""
    moved: Callable[[Session, Job], None] = _nothing
    """In the transaction in which the job begins to run or is queued again."""


def outcome_of(job: Job, result: Mapping[str, Any] | None) -> Outcome:
    """Of a job that has ended."""
    match job.state:
        case State.DONE:
            return Done(result or {})
        case State.FAILED if job.error is not None:
            return Failed(job.error)
        case State.CANCELLED:
            return WasCancelled()
    raise ValueError(f"job {job.id} is {job.state}")
