"""The dispatcher: takes due rows, sees to it that their work is done, and writes what becomes of them.

Every process of the service has one; the one that is elected works, the others wait. It keeps nothing that its rows do
not say: when it dies, the next one starts from the rows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from sightline.engine.defects import typed
from sightline.errors import Unavailable
from sightline.jobs import machine, queue
from sightline.jobs.attempt import Attempt, Place, move_with
from sightline.jobs.election import Election
from sightline.jobs.executor import Executor, Why
from sightline.jobs.folders import Folders
from sightline.jobs.machine import Job, Limits
from sightline.jobs.queue import Fence
from sightline.jobs.tally import Counts, Tally
from sightline.jobs.work import Work
from sightline.library.actor import SYSTEM
from sightline.library.columns import new_id, now
from sightline.library.database import Database

LOCK = "dispatcher"
POLL_S = 0.5
"""Rows of other processes, cancelled jobs and time limits are looked for this often; a `wake` is heard at once."""
STAND_S = 1.0
PROGRESS_S = 1.0
LOOK_S = 5.0
"""For rows that run with nobody at them."""
OVERLAP_S = 5.0
"""A dispatcher that lost its lock has noticed by then."""
END_S = 5.0
"""What a killed attempt gets to come to its end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stats:
    counts: Counts
    is_dispatcher: bool
    """Whether this process is the one that was elected."""
    running: int
    is_held: bool
    """Whether the machine is too busy for new jobs."""
    beat_age_s: float
    """Since the thread last came round. Some seconds, or it hangs."""


class Dispatcher:
    """``work`` by kind of job; kinds that are not in it stay queued. ``folder``: below it every attempt gets a folder
    of its own. ``hold``: while it says True no new job is started. ``limits_now`` gives the limits that hold at this
    moment, where they may change."""

    def __init__(
        self,
        database: Database,
        executor: Executor,
        work: Mapping[str, Work],
        limits: Limits,
        folder: Path,
        *,
        hold: Callable[[], bool] = lambda: False,
        limits_now: Callable[[], Limits] | None = None,
    ) -> None:
        self._database, self._executor, self._work, self._limits = database, executor, dict(work), limits
        self._hold, self._limits_now = hold, limits_now or (lambda: limits)
        self._tally = Tally()
        self._place = Place(database, executor, Folders(folder), self._tally)
        self._election = Election(database, LOCK, self._on_loss)
        self._guard = threading.Lock()
        self._attempts: dict[str, Attempt] = {}
        """By job."""
        self._last_start: dict[str | None, datetime] = {}
        self._runner: str | None = None
        """This term's name; None while another process works."""
        self._bell = threading.Event()
        self._thread: threading.Thread | None = None
        self._end_at: float | None = None
        self._noted_at = self._looked_at = self._beat = time.monotonic()
        self._is_held = False
        self._is_away = False

    def start(self) -> None:
        self._end_at = None
        self._thread = threading.Thread(target=self._run, name="sightline-dispatcher", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 0.0) -> None:
        """Starts nothing any more, gives jobs that run ``wait_s`` to end, then stops them and puts them back."""
        if self._thread is not None:
            self._end_at = time.monotonic() + wait_s
            self._bell.set()
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """To be called after the commit of what concerns jobs: queued, cancelled, started again, another priority."""
        self._bell.set()

    def stats(self) -> Stats:
        return Stats(
            self._tally.counts, self._runner is not None, len(self._attempts), self._is_held,
            time.monotonic() - self._beat,
        )  # fmt: skip

    # From here on: the dispatcher's thread, but for `_on_loss` and `_ended`.

    def _run(self) -> None:
        while self._end_at is None:
            self._bell.clear()
            pause = self._safely(self._round)
            self._beat = time.monotonic()
            if self._end_at is None:
                self._bell.wait(pause)
        self._wind_up(self._end_at)

    def _safely(self, what: Callable[[], float]) -> float:
        try:
            pause = what()
        except Unavailable as error:
            if not self._is_away:
                _log.warning("jobs wait: %s", error)
            self._is_away = True
            return POLL_S
        except Exception:  # noqa: BLE001  (the edge of a thread)
            _log.exception("the dispatcher lost a round")
            return STAND_S
        self._is_away = False
        return pause

    def _round(self) -> float:
        """Seconds until the next one, if nothing happens."""
        if not self._election.is_won:
            self._leave()
            if not self._election.stand():
                return STAND_S
        if self._runner is None:
            self._take_over()
        self._only_look()
        self._start_due()
        return POLL_S

    def _only_look(self) -> float:
        if self._under_way() or time.monotonic() - self._looked_at > LOOK_S:
            self._look_after()
            self._note_progress()
        return POLL_S

    def _take_over(self) -> None:
        self._executor.open()
        with self._database.read(SYSTEM) as session:
            left = queue.running(session)
        for job in left:
            self._lose(job)
        swept = self._place.folders.sweep()
        self._runner = new_id()
        _log.info("this process is the dispatcher: %d jobs and %d folders were left behind", len(left), swept)

    def _leave(self) -> None:
        """Whatever comes of the attempts of a lost term is dropped."""
        self._runner = None
        self._end_attempts(Why.LOST)
        self._executor.close()

    def _end_attempts(self, why: Why) -> None:
        attempts = self._under_way()
        for attempt in attempts:
            attempt.stop.ask(why)
        deadline = time.monotonic() + END_S
        for attempt in attempts:
            if not attempt.join(max(0.0, deadline - time.monotonic())):
                # It waits for a database that does not answer. Its fence keeps it from writing later.
                _log.warning("job %s hangs and is left to itself", attempt.job.id, extra={"job_id": attempt.job.id})
        with self._guard:
            self._attempts.clear()

    def _under_way(self) -> tuple[Attempt, ...]:
        with self._guard:
            return tuple(self._attempts.values())

    def _look_after(self) -> None:
        self._looked_at = time.monotonic()
        attempts = self._under_way()
        with self._database.read(SYSTEM) as session:
            rows = {Fence.of(job): job for job in queue.running(session)}
        for attempt in attempts:
            row = rows.pop(attempt.fence, None)
            if row is None:
                # Removed, with its workspace perhaps; or this attempt has just ended, which asking does not change.
                attempt.stop.ask(Why.LOST)
            elif row.is_cancel_asked:
                attempt.stop.ask(Why.CANCELLED)
            elif attempt.is_out_of_time:
                attempt.stop.ask(Why.OUT_OF_TIME)
        latest = now() - timedelta(seconds=OVERLAP_S)
        for job in rows.values():
            # Of this term: a commit of which nobody knows whether it came through, or an outcome that could not be
            # written. Of another: started by one who did not know yet that he had lost the lock.
            if job.runner == self._runner or job.started_at is None or job.started_at < latest:
                self._lose(job)

    def _lose(self, job: Job) -> None:
        def step(current: Job) -> Job:
            return machine.lost(current, now(), self._limits.losses)

        after = self._moved(job, step)
        if after is not None:
            self._tally.ended(after.state, is_lost=True)
            _log.info("job %s was left behind: %s", job.id, after.state, extra={"job_id": job.id})

    def _moved(self, job: Job, step: Callable[[Job], Job]) -> Job | None:
        """With what the service does about it; without it where that fails, or one job would stop all."""
        work = self._work.get(job.kind)
        try:
            return self._database.change(SYSTEM, lambda s: move_with(s, Fence.of(job), step, work, None))
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  (the edge of a job: others go on)
            _log.exception("what concerns job %s could not be written", job.id, extra={"job_id": job.id})
            return self._database.change(SYSTEM, lambda s: move_with(s, Fence.of(job), step, None, None))

    def _note_progress(self) -> None:
        if time.monotonic() - self._noted_at < PROGRESS_S:
            return
        self._noted_at = time.monotonic()
        told = [(attempt.fence, attempt.unwritten()) for attempt in self._under_way()]
        news = [(fence, progress) for fence, progress in told if progress is not None]
        if news:
            self._database.change(SYSTEM, lambda session: queue.note_progress(session, news))

    def _start_due(self) -> None:
        self._is_held = self._hold()
        self._limits = self._limits_now()
        while not self._is_held and self._end_at is None:
            running = [attempt.job for attempt in self._under_way()]
            if len(running) >= self._limits.running:
                return
            listed = self._listed(running)
            for job in listed:
                if job.is_cancel_asked:
                    self._moved(job, lambda current: machine.cancelled(current, now()))
            picked = machine.pick(listed, running, self._limits, now(), self._last_start)
            if not picked or not self._started(picked):
                return

    def _listed(self, running: Sequence[Job]) -> list[Job]:
        most, held = self._limits.running_per_user, Counter(job.created_by for job in running)
        full = [user for user, jobs in held.items() if user is not None and most and jobs >= most]
        with self._database.read(SYSTEM) as session:
            if not queue.is_any_due(session, now()):
                return []
            return queue.due(
                session, self._work, now(), taken={job.same for job in running if job.same}, at_their_limit=full
            )

    def _started(self, picked: Sequence[Job]) -> int:
        """How many were."""
        try:
            begun = self._database.change(SYSTEM, partial(self._begin, picked))
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  (the edge of a job: others go on)
            if len(picked) > 1:
                return sum(self._started([job]) for job in picked)
            _log.exception("job %s could not be started", picked[0].id, extra={"job_id": picked[0].id})
            self._refuse(picked[0])
            return 1
        for job in begun:
            attempt = Attempt(job, self._work[job.kind], self._place, self._ended)
            with self._guard:
                self._attempts[job.id] = attempt
            self._last_start[job.created_by] = job.started_at or now()
            attempt.begin()
        self._tally.started(len(begun))
        return len(begun)

    def _begin(self, picked: Sequence[Job], session: Session) -> list[Job]:
        begun = []
        for job in picked:
            after = machine.start(job, self._runner or "", now())
            if queue.begin(session, job, after):
                self._work[job.kind].moved(session, after)
                begun.append(after)
        return begun

    def _refuse(self, job: Job) -> None:
        """A job of which the service cannot even note that it runs."""
        error = typed(RuntimeError("the start of the job could not be noted"))

        def work(session: Session) -> None:
            after = machine.start(job, self._runner or "", now())
            if queue.begin(session, job, after):
                queue.move(session, Fence.of(after), lambda current: machine.fail(current, error, now()))

        self._database.change(SYSTEM, work)

    def _wind_up(self, end_at: float) -> None:
        while self._under_way() and time.monotonic() < end_at and self._election.is_won:
            self._bell.clear()
            self._safely(self._only_look)
            self._bell.wait(min(POLL_S, max(0.0, end_at - time.monotonic())))
        self._end_attempts(Why.ENDING if self._election.is_won else Why.LOST)
        self._runner = None
        self._election.resign()
        self._executor.close()

    def _ended(self, attempt: Attempt) -> None:
        """From the attempt's thread."""
        with self._guard:
            if self._attempts.get(attempt.job.id) is attempt:
                del self._attempts[attempt.job.id]
        self._bell.set()

    def _on_loss(self) -> None:
        """From the thread that watches over the lock: this one may be waiting for the database."""
        for attempt in self._under_way():
            attempt.stop.ask(Why.LOST)
        self._bell.set()
