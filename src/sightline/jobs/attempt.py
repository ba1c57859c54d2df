"""One attempt at a job, from its first preparation to its last row, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from sightline.engine.defects import typed
from sightline.errors import Defect, OutOfTime, SightlineError, Unavailable
from sightline.jobs import machine, queue
from sightline.jobs.executor import Executor, Stop, Task, Why
from sightline.jobs.folders import Folders
from sightline.jobs.machine import Job, State
from sightline.jobs.queue import Fence
from sightline.jobs.tally import Tally
from sightline.jobs.work import Work, outcome_of
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database

AGAIN_S = 0.5
"""Between tries to write an outcome while the database is away."""
Step = Callable[[Job, datetime], Job]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where attempts are made."""

    database: Database
    executor: Executor
    folders: Folders
    tally: Tally


class Attempt:
    """``job`` as it was started. ``ended`` is called from its thread when all is written, or dropped."""

    def __init__(self, job: Job, work: Work, place: Place, ended: Callable[[Attempt], None]) -> None:
        self.job, self._work, self._place, self._ended = job, work, place, ended
        self.fence = Fence.of(job)
        self.stop = Stop()
        self._deadline = time.monotonic() + job.timeout_s
        self._progress: Mapping[str, Any] = {}
        self._written: Mapping[str, Any] = {}
        self._thread = threading.Thread(target=self._run, name=f"sightline-job-{job.id[-8:]}", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Whether it has come to its end."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def is_out_of_time(self) -> bool:
        return time.monotonic() > self._deadline

    def unwritten(self) -> Mapping[str, Any] | None:
        """Progress told since it was last asked for."""
        told = self._progress
        if told is self._written:
            return None
        self._written = told
        return told

    def _run(self) -> None:
        try:
            self._settle(*self._worked())
        except Exception:  # noqa: BLE001  (the edge of a thread)
            # Its row stays as it is: the dispatcher finds it running with nobody at it, and puts it back.
            _log.exception("the outcome of job %s is lost", self.job.id, extra={"job_id": self.job.id})
        finally:
            self._ended(self)

    def _worked(self) -> tuple[Step, Mapping[str, Any] | None]:
        """What the attempt comes to, and its result."""
        name = f"{self.job.id}-{self.job.attempts}"
        try:
            payload = self._work.prepare(self.job)
            with self._place.folders.taken(name) as folder:
                task = Task(self.job.id, self.job.attempts, self._work.run, payload, folder)
                result = self._place.executor.run(task, self._tell, self.stop)
        except Exception as problem:  # noqa: BLE001  (the edge of a job: it ends in its row)
            error = typed(problem)
            if isinstance(error, Defect):
                _log.error("job %s: %s", self.job.id, error, extra={"job_id": self.job.id}, exc_info=_of(problem))
            return self._after(error), None
        return machine.finish, result

    def _after(self, error: SightlineError) -> Step:
        match self.stop.why:
            case Why.CANCELLED:
                return machine.cancelled
            case Why.OUT_OF_TIME:
                late = OutOfTime("jobs.out_of_time", limit_s=self.job.timeout_s)
                return lambda job, at: machine.fail(job, late, at)
            case Why.ENDING:
                return machine.put_back
        return lambda job, at: machine.fail(job, error, at)

    def _tell(self, progress: dict[str, Any]) -> None:
        self._progress = progress

    def _settle(self, step: Step, result: Mapping[str, Any] | None) -> None:
        """Writes what became of the job. Goes on trying while the database is away and the job is ours."""
        work: Work | None = self._work
        while self.stop.why is not Why.LOST:
            try:
                after = self._place.database.change(SYSTEM, partial(self._write, step, result, work))
            except Unavailable:
                if self.stop.why is Why.ENDING:
                    return
                time.sleep(AGAIN_S)
            except Exception as problem:
                if work is None:
                    raise
                _log.exception("job %s could not be concluded", self.job.id, extra={"job_id": self.job.id})
                if step is machine.finish:
                    # What came out cannot be kept: a fault like any other.
                    step, result = self._after(typed(problem)), None
                else:
                    work = None
            else:
                if after is not None:
                    self._note(after)
                return

    def _write(self, step: Step, result: Mapping[str, Any] | None, work: Work | None, session: Session) -> Job | None:
        progress = self._progress

        def told(job: Job) -> Job:
            after = step(job, now())
            return replace(after, progress=progress) if progress and after.state is not State.QUEUED else after

        return move_with(session, self.fence, told, work, result)

    def _note(self, after: Job) -> None:
        self._place.tally.ended(after.state, is_lost=False, is_put_back=self.stop.why is Why.ENDING)
        why = "" if after.error is None else f": {after.error.message}"
        _log.info(
            "job %s (%s) attempt %d: %s%s", after.id, after.kind, after.attempts, after.state, why,
            extra={"job_id": after.id},
        )  # fmt: skip


def move_with(
    session: Session, fence: Fence, step: Callable[[Job], Job], work: Work | None, result: Mapping[str, Any] | None
) -> Job | None:
    """`queue.move`, and in the same transaction what the service does about it."""
    after = queue.move(session, fence, step)
    if after is not None and work is not None:
        if after.state.is_over:
            work.conclude(session, after, outcome_of(after, result))
        else:
            work.moved(session, after)
    return after


def _of(problem: Exception) -> BaseException | None:
    """A traceback of our own; that of a child is in the log already."""
    return None if isinstance(problem, SightlineError) else problem
