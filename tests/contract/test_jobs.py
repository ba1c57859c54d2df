"""Jobs on every database: queueing, dispatching, and what becomes of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.orm import Session
from tests import services

from sightline.errors import Conflict, LimitExceeded, NotFound, RequestInvalid, Unavailable
from sightline.jobs import machine, queue
from sightline.jobs.dispatcher import Dispatcher
from sightline.jobs.election import Election
from sightline.jobs.executor import Executor
from sightline.jobs.executors.process import ProcessExecutor
from sightline.jobs.executors.thread import ThreadExecutor
from sightline.jobs.executors.warm_child import Manner
from sightline.jobs.machine import Job, Limits, State
from sightline.jobs.queue import Fence
from sightline.jobs.work import Failed, Outcome, Work
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.lock import Lock
from sightline.library.running_tables import AuditRow
from sightline.library.tables import JobRow, UserRow, WorkspaceRow

MINE, THEIRS = "a" * 32, "b" * 32
ME, YOU = "1" * 32, "2" * 32
ACTOR = Actor(ME, "me", {MINE: Role.EDITOR})
ROOT = Path(__file__).parents[2]
"""Two seconds on a machine with nothing else to do; the work itself takes a minute or more."""


@pytest.fixture
def library(database: Database) -> Database:
    with database.write(SYSTEM) as session:
        session.add_all([WorkspaceRow(id=MINE, name="mine"), WorkspaceRow(id=THEIRS, name="theirs")])
        session.add_all([UserRow(id=ME, email="me"), UserRow(id=YOU, email="you")])
    return database


def put(library: Database, kind: str = "echo", **options: Any) -> Job:
    chosen = {"workspace_id": MINE, "timeout_s": 60, "created_by": ME} | options
    return library.change(SYSTEM, lambda session: queue.enqueue(session, kind=kind, **chosen))


def _until(is_so: Callable[[], object], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def found(library: Database, job_id: str) -> Job:
    with library.read(SYSTEM) as session:
        return queue.get(session, job_id)


# Queueing


def test_a_job_is_there_with_the_transaction_that_asked_for_it_or_not_at_all(library: Database) -> None:
    def broken() -> None:
        with library.write(ACTOR) as session:
            queue.enqueue(session, kind="echo", workspace_id=MINE, timeout_s=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with library.read(SYSTEM) as session:
        assert session.scalars(select(JobRow)).all() == []
    job = put(library, payload={"파일": "x"}, same="s", priority=3, subject_id="5" * 32, most_attempts=2)
    assert found(library, job.id) == job
    assert (job.state, job.payload, job.priority) == (State.QUEUED, {"파일": "x"}, 3)


def test_a_user_has_so_many_unfinished_jobs_and_no_more(library: Database) -> None:
    for _ in range(3):
        put(library, most_queued=3)
    with pytest.raises(LimitExceeded):
        put(library, most_queued=3)
    put(library, most_queued=3, created_by=YOU)
    put(library, most_queued=3, created_by=None)


def test_a_priority_out_of_range_is_refused(library: Database) -> None:
    with pytest.raises(RequestInvalid):
        put(library, priority=11)


def test_jobs_of_other_workspaces_are_not_there(library: Database) -> None:
    job = put(library, workspace_id=THEIRS)
    for change in (queue.cancel, queue.retry, queue.get):
        with pytest.raises(NotFound), library.write(ACTOR) as session:
            change(session, job.id)
    with pytest.raises(NotFound), library.write(ACTOR) as session:
        queue.set_priority(session, job.id, 1)
    with pytest.raises(NotFound), library.write(ACTOR) as session:
        queue.enqueue(session, kind="echo", workspace_id=THEIRS, timeout_s=1)


def test_a_person_cancels_starts_again_and_reorders(library: Database) -> None:
    job = put(library)
    with library.write(ACTOR) as session:
        row = session.get(JobRow, job.id)
        assert queue.set_priority(session, job.id, 7).priority == 7
        assert queue.cancel(session, job.id).state is State.CANCELLED
        assert row is not None
        assert row.state == "cancelled", "rows that the caller holds show it"
        assert queue.cancel(session, job.id).state is State.CANCELLED, "asking twice changes nothing"
    with library.write(ACTOR) as session:
        again = queue.retry(session, job.id)
    assert again == found(library, job.id)
    assert (again.state, again.is_cancel_asked, again.finished_at) == (State.QUEUED, False, None)
    with pytest.raises(Conflict), library.write(ACTOR) as session:
        queue.retry(session, job.id)


def test_failed_jobs_are_listed_the_newest_first(library: Database) -> None:
    jobs = [put(library, workspace_id=MINE if n % 2 else THEIRS) for n in range(5)]
    with library.write(SYSTEM) as session:
        session.execute(update(JobRow).values(state="failed"))
    newest = sorted((job.id for job in jobs), reverse=True)
    with library.read(SYSTEM) as session:
        assert [job.id for job in queue.dead_letters(session)] == newest
        assert [job.id for job in queue.dead_letters(session, limit=2)] == newest[:2]
        assert [job.id for job in queue.dead_letters(session, before=newest[1])] == newest[2:]
    with library.read(ACTOR) as session:
        assert {job.workspace_id for job in queue.dead_letters(session)} == {MINE}


def begin(library: Database, job: Job, runner: str) -> Job | None:
    after = machine.start(job, runner, now())
    return after if library.change(SYSTEM, lambda session: queue.begin(session, job, after)) else None


def test_a_job_is_started_by_one_dispatcher(library: Database) -> None:
    job = put(library)
    first = begin(library, job, "1" * 32)
    assert first is not None
    assert begin(library, job, "2" * 32) is None
    assert found(library, job.id) == replace(first, started_at=found(library, job.id).started_at)


def test_an_outcome_of_an_earlier_attempt_changes_nothing(library: Database) -> None:
    job = put(library)
    first = begin(library, job, "1" * 32)
    assert first is not None

    def finish(fence: Fence) -> Job | None:
        return library.change(SYSTEM, lambda s: queue.move(s, fence, lambda j: machine.finish(j, now())))

    put_back = library.change(SYSTEM, lambda s: queue.move(s, Fence.of(first), lambda j: machine.lost(j, now())))
    assert put_back is not None
    assert finish(Fence.of(first)) is None
    second = begin(library, put_back, "2" * 32)
    assert second is not None
    assert finish(Fence.of(first)) is None
    assert finish(replace(Fence.of(first), attempts=2)) is None
    assert finish(replace(Fence.of(second), attempts=1)) is None
    library.change(SYSTEM, lambda s: queue.note_progress(s, [(Fence.of(first), {"stage": "stale"})]))
    assert found(library, job.id).progress == {}
    assert finish(Fence.of(second)) is not None
    assert finish(Fence.of(second)) is None
    assert found(library, job.id).state is State.DONE


def test_what_a_person_asks_meanwhile_is_not_written_over(library: Database) -> None:
    job = put(library)
    running = begin(library, job, "1" * 32)
    assert running is not None
    with library.write(ACTOR) as session:
        assert queue.cancel(session, job.id).state is State.RUNNING
    failed = Unavailable("jobs.stopped")
    library.change(
        SYSTEM, lambda s: queue.move(s, Fence.of(running), lambda j: machine.fail(j, failed, now()))
    )  # fmt: skip
    assert found(library, job.id).state is State.CANCELLED


def test_what_may_start_is_found_among_ten_thousand_without_reading_them_all(library: Database) -> None:
    at = now()
    template = {
        "kind": "echo", "workspace_id": MINE, "payload": {}, "state": "queued", "timeout_s": 9.0, "most_attempts": 3,
        "attempts": 0, "faults": 0, "waits": 0, "losses": 0, "is_cancel_asked": False, "progress": {}, "error": None,
        "due_at": at, "created_at": at, "updated_at": at, "priority": 0,
    }  # fmt: skip
    with library.write(SYSTEM) as session:
        rows = [template | {"id": f"{n:032}", "created_by": ME, "same": f"s{n % 5000}"} for n in range(10_000)]
        session.execute(insert(JobRow), rows)
        session.execute(
            insert(JobRow), [template | {"id": f"y{n:031}", "created_by": YOU, "same": None} for n in range(3)]
        )
        session.execute(insert(JobRow), [template | {"id": "z" * 32, "created_by": ME, "same": None, "priority": 1}])
        session.execute(insert(JobRow), [template | {"id": "w" * 32, "created_by": ME, "same": None, "kind": "other"}])
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(library.engine, "before_cursor_execute", note)
    with library.read(SYSTEM) as session:
        listed = queue.due(session, ["echo"], now())
        assert len(listed) == queue.LISTED
        assert {job.id for job in listed if job.created_by == YOU} == {f"y{n:031}" for n in range(3)}
        picked = machine.pick(listed, [], Limits(4), now())
        assert [job.id for job in picked] == ["z" * 32, f"y{0:031}", f"{0:032}", f"y{1:031}"]
        assert all(job.same not in ("s0", "s1") for job in queue.due(session, ["echo"], now(), taken={"s0", "s1"}))
        assert {job.created_by for job in queue.due(session, ["echo"], now(), at_their_limit=[ME])} == {YOU}
        assert queue.due(session, ["echo"], at - timedelta(seconds=1)) == []
        assert queue.is_any_due(session, now())
        assert not queue.is_any_due(session, at - timedelta(seconds=1))
    event.remove(library.engine, "before_cursor_execute", note)
    assert len(statements) < 16


# The election


def test_one_is_elected_and_when_he_goes_another(library: Database) -> None:
    first, second = Election(library, "x", lambda: None), Election(library, "x", lambda: None)
    try:
        assert first.stand()
        assert not second.stand()
        assert first.is_won
        first.resign()
        assert not first.is_won
        assert second.stand()
    finally:
        first.resign()
        second.resign()


@pytest.mark.parametrize("database", services.DATABASES[1:], indirect=True)  # that on a file is lost with its process
def test_a_lock_that_is_gone_is_noticed_within_about_a_second(library: Database) -> None:
    lost = threading.Event()
    election = Election(library, "x", lost.set)
    listed, kill = {
        "postgresql": (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            "SELECT pg_terminate_backend({})",
        ),
        "mariadb": (
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
            "KILL {}",
        ),
    }[library.kind]
    try:
        assert election.stand()
        with library.engine.connect() as connection:
            for number in connection.scalars(text(listed)).all():
                connection.execute(text(kill.format(number)))
        assert lost.wait(2)
        assert not election.is_won
        # A database says that a connection is ended before it has given its locks back.
        _until(election.stand)
    finally:
        election.resign()


def test_a_database_that_no_longer_answers_counts_as_lost(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that asks hangs; somebody else must look at the clock."""
    answers, lost = threading.Event(), threading.Event()

    class Hanging(Lock):
        may_be_lost = True  # type: ignore[assignment]

        def is_held(self) -> bool:
            return answers.wait(20)

    monkeypatch.setattr("sightline.jobs.election.Lock", Hanging)
    election = Election(sqlite_database, "x", lost.set)
    try:
        assert election.stand()
        assert lost.wait(8)
        assert not election.is_won
    finally:
        answers.set()
        election.resign()


# Dispatching


@dataclass
class Service:
    """What the service would be: its hooks count what is concluded, in a table, in the job's own transaction."""

    library: Database
    executor: Executor
    folder: Path
    limits: Limits = field(default_factory=lambda: Limits(2))
    busy: bool = False
    dispatcher: Dispatcher = field(init=False)
    fails_to_conclude: int = 0
    moves: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher = self.another()

    def another(self, executor: Executor | None = None) -> Dispatcher:
        names = ("echo", "sleep", "fail", "crash", "deaf", "talk", "count")
        work = {name: Work(f"tests.toy_work:{name}", self.prepare, self.conclude, self.moved) for name in names}
        return Dispatcher(
            self.library, executor or self.executor, work, self.limits, self.folder, hold=lambda: self.busy
        )  # fmt: skip

    def prepare(self, job: Job) -> dict[str, Any]:
        if "refused" in job.payload:
            raise NotFound("library.not_found", what="video", id="x")
        return dict(job.payload)

    def conclude(self, session: Session, job: Job, outcome: Outcome) -> None:
        if self.fails_to_conclude:
            self.fails_to_conclude -= 1
            raise KeyError("a bug in the service")
        details = {"outcome": type(outcome).__name__}
        if isinstance(outcome, Failed):
            details["error"] = outcome.error.message.key
        session.add(AuditRow(actor="test", action="job.concluded", subject=job.id, details=details))

    def moved(self, session: Session, job: Job) -> None:
        self.moves.append((job.id, job.state))

    def put(self, kind: str, **payload: Any) -> str:
        job = put(self.library, kind, payload=payload)
        self.dispatcher.wake()
        return job.id

    def ask(self, change: Callable[..., Job], job_id: str, *more: Any) -> None:
        with self.library.write(ACTOR) as session:
            change(session, job_id, *more)
        self.dispatcher.wake()

    def wait(self, job_id: str, *states: State, within_s: float = 15) -> Job:
        wanted = states or (State.DONE, State.FAILED, State.CANCELLED)
        deadline = time.monotonic() + within_s
        while (job := found(self.library, job_id)).state not in wanted:
            assert time.monotonic() < deadline, job
            time.sleep(0.005)
        return job

    def concluded(self, job_id: str) -> list[dict[str, Any]]:
        with self.library.read(SYSTEM) as session:
            return [
                row.details
                for row in session.scalars(select(AuditRow).where(AuditRow.subject == job_id).order_by(AuditRow.id))
            ]

    def hold(self) -> None:
        """Nothing is started from now on, nor is anything about to be."""
        self.busy = True
        _until(lambda: self.dispatcher.stats().is_held)

    def put_off_no_longer(self, job_id: str) -> None:
        with self.library.write(SYSTEM) as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(due_at=now()))
        self.dispatcher.wake()


@pytest.fixture(scope="module", autouse=True)  # before each test looks which threads there are
def children() -> Iterator[ProcessExecutor]:
    """Kept for all tests: they are slow to start."""
    executor = ProcessExecutor(2, Manner(environment={"PYTHONPATH": str(ROOT)}))
    executor.open()
    yield executor
    executor.close()


class Kept:
    """An executor that others may open and close as they like."""

    def __init__(self, executor: Executor) -> None:
        self.run = executor.run

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture(params=["process", "thread"])
def service(
    request: pytest.FixtureRequest, library: Database, children: ProcessExecutor, tmp_path: Path
) -> Iterator[Service]:
    kept: Executor = Kept(children) if request.param == "process" else ThreadExecutor()
    service = Service(library, kept, tmp_path / "jobs")
    service.dispatcher.start()
    yield service
    service.dispatcher.stop()
    assert not service.folder.exists() or list(service.folder.iterdir()) == []


@pytest.fixture
def with_children(library: Database, children: ProcessExecutor, tmp_path: Path) -> Iterator[Service]:
    service = Service(library, Kept(children), tmp_path / "jobs")
    service.dispatcher.start()
    yield service
    service.dispatcher.stop()
    assert not service.folder.exists() or list(service.folder.iterdir()) == []


def test_a_job_is_done_and_concluded_in_its_own_transaction(service: Service) -> None:
    job_id = service.put("echo", x="한글")
    job = service.wait(job_id)
    assert (job.state, job.attempts, job.runner) == (State.DONE, 1, None)
    assert service.concluded(job_id) == [{"outcome": "Done"}]
    assert service.moves == [(job_id, "running")]

    def counted() -> tuple[int, int, int]:
        counts = service.dispatcher.stats().counts
        return counts.started, counts.done, counts.failed

    # Counted after the commit, which is seen at once.
    _until(lambda: counted() == (1, 1, 0))


def test_many_jobs_are_done_once_each_and_never_too_many_together(service: Service) -> None:
    jobs = [service.put("sleep", for_s=0.03) for _ in range(20)]
    most = 0
    while not all(found(service.library, job).state is State.DONE for job in jobs):
        with service.library.read(SYSTEM) as session:
            most = max(most, len(queue.running(session)))
    assert 1 <= most <= 2
    assert all(service.concluded(job) == [{"outcome": "Done"}] for job in jobs)
    assert Counter(state for _, state in service.moves) == {"running": 20}


def test_a_request_that_cannot_be_served_fails_at_once(service: Service) -> None:
    for job_id in (service.put("fail", error="InputError"), service.put("echo", refused=True)):
        job = service.wait(job_id)
        assert (job.state, job.attempts) == (State.FAILED, 1)
        assert job.error is not None
        assert [each["outcome"] for each in service.concluded(job_id)] == ["Failed"]


def test_what_is_unavailable_is_tried_again_later(service: Service, tmp_path: Path) -> None:
    asked = now()
    job_id = service.put("fail", error="Unavailable", until=str(tmp_path / "back"))
    job = service.wait(job_id, State.QUEUED)
    while not job.waits:
        job = service.wait(job_id, State.QUEUED)
    assert job.faults == 0
    assert job.due_at > asked + timedelta(seconds=1)
    assert service.concluded(job_id) == []
    (tmp_path / "back").touch()
    service.put_off_no_longer(job_id)
    assert service.wait(job_id).state is State.DONE
    assert service.concluded(job_id) == [{"outcome": "Done"}]


def test_a_full_disk_delays_a_job_and_does_not_lose_it(service: Service, tmp_path: Path) -> None:
    job_id = service.put("fail", error="really full", until=str(tmp_path / "emptied"))
    while not (job := found(service.library, job_id)).waits:
        time.sleep(0.01)
    assert (job.state, job.faults) == (State.QUEUED, 0)
    assert job.error is not None
    assert "No space left" in str(job.error.message)
    (tmp_path / "emptied").touch()
    service.put_off_no_longer(job_id)
    assert service.wait(job_id).state is State.DONE


def test_a_folder_that_cannot_be_made_delays_a_job_and_does_not_lose_it(service: Service) -> None:
    service.folder.parent.mkdir(exist_ok=True)
    service.folder.touch()
    job_id = service.put("echo")
    while not (job := found(service.library, job_id)).waits:
        time.sleep(0.01)
    assert job.state is State.QUEUED
    service.folder.unlink()
    service.put_off_no_longer(job_id)
    assert service.wait(job_id).state is State.DONE


def test_progress_is_written_while_the_job_runs(service: Service) -> None:
    job_id = service.put("sleep", for_s=30)
    _until(lambda: found(service.library, job_id).progress)
    assert found(service.library, job_id).progress["stage"] == "sleeping"
    service.ask(queue.cancel, job_id)
    service.wait(job_id)


def test_a_running_job_is_cancelled_within_two_seconds(service: Service) -> None:
    job_id = service.put("sleep", for_s=60)
    service.wait(job_id, State.RUNNING)
    asked = time.monotonic()
    service.ask(queue.cancel, job_id)
    assert service.wait(job_id).state is State.CANCELLED
    assert time.monotonic() - asked < 2
    assert service.concluded(job_id) == [{"outcome": "WasCancelled"}]


def test_a_job_whose_row_is_removed_is_stopped(service: Service) -> None:
    job_id = service.put("sleep", for_s=60)
    service.wait(job_id, State.RUNNING)
    with service.library.write(SYSTEM) as session:
        session.delete(session.get(JobRow, job_id))
    _until(lambda: not service.dispatcher.stats().running, 3)
    assert service.concluded(job_id) == []


def test_a_waiting_job_that_was_only_marked_as_cancelled_does_not_start(service: Service) -> None:
    service.hold()
    job_id = service.put("echo")
    with service.library.write(SYSTEM) as session:
        session.execute(update(JobRow).values(is_cancel_asked=True))
    service.busy = False
    assert service.wait(job_id).state is State.CANCELLED
    assert service.concluded(job_id) == [{"outcome": "WasCancelled"}]


def test_nothing_starts_while_the_machine_is_too_busy(service: Service) -> None:
    service.hold()
    job_id = service.put("echo")
    time.sleep(0.8)
    assert found(service.library, job_id).state is State.QUEUED
    assert service.dispatcher.stats().is_held
    service.busy = False
    assert service.wait(job_id).state is State.DONE


def test_a_failed_job_can_be_started_again(service: Service, tmp_path: Path) -> None:
    job_id = service.put("fail", error="InputError", until=str(tmp_path / "mended"))
    assert service.wait(job_id).state is State.FAILED
    (tmp_path / "mended").touch()
    service.ask(queue.retry, job_id)
    assert service.wait(job_id).state is State.DONE
    assert [each["outcome"] for each in service.concluded(job_id)] == ["Failed", "Done"]


def test_jobs_of_other_processes_are_found_without_being_called(service: Service) -> None:
    job = put(service.library, payload={"x": 1})
    assert service.wait(job.id, within_s=3).state is State.DONE


def test_a_kind_this_program_does_not_know_stays_queued(service: Service) -> None:
    unknown, known = put(service.library, "of a later version"), service.put("echo")
    service.wait(known)
    assert found(service.library, unknown.id).state is State.QUEUED


def test_stopping_in_good_order_puts_back_what_runs(service: Service) -> None:
    job_id = service.put("sleep", for_s=60)
    service.wait(job_id, State.RUNNING)
    service.dispatcher.stop()
    job = found(service.library, job_id)
    assert (job.state, job.losses, job.faults) == (State.QUEUED, 0, 0)
    assert service.dispatcher.stats().counts.put_back == 1
    assert service.moves[-1] == (job_id, "queued")


def test_stopping_waits_for_jobs_as_long_as_it_is_told(service: Service) -> None:
    job_id = service.put("sleep", for_s=0.7)
    service.wait(job_id, State.RUNNING)
    service.dispatcher.stop(wait_s=10)
    assert found(service.library, job_id).state is State.DONE


def test_what_a_dead_dispatcher_left_is_put_back_and_done(service: Service) -> None:
    service.dispatcher.stop()
    job = put(service.library, payload={"x": 1})
    assert begin(service.library, job, "9" * 32) is not None
    (service.folder / f"{job.id}-1").mkdir(parents=True)
    (service.folder / f"{job.id}-1" / "half").write_text("x")
    service.dispatcher.start()
    after = service.wait(job.id)
    assert (after.state, after.losses, after.attempts) == (State.DONE, 1, 2)
    assert service.concluded(job.id) == [{"outcome": "Done"}]


def test_what_one_started_who_had_lost_the_lock_unawares_is_put_back_and_done(service: Service) -> None:
    service.wait(service.put("echo"))
    job = put(service.library, "of nobody")
    early = machine.start(job, "9" * 32, now() - timedelta(seconds=60))
    assert service.library.change(SYSTEM, lambda session: queue.begin(session, job, early))
    with service.library.write(SYSTEM) as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(kind="echo"))
    after = service.wait(job.id)
    assert (after.state, after.losses, after.attempts) == (State.DONE, 1, 2)


def test_a_job_that_took_every_dispatcher_with_it_is_given_up(service: Service) -> None:
    service.dispatcher.stop()
    job = put(service.library)
    running = begin(service.library, job, "9" * 32)
    assert running is not None
    with service.library.write(SYSTEM) as session:
        session.execute(update(JobRow).values(losses=machine.MOST_LOSSES - 1))
    service.dispatcher.start()
    assert service.wait(job.id).state is State.FAILED
    assert service.concluded(job.id) == [{"outcome": "Failed", "error": "jobs.poison"}]


@pytest.mark.expects_errors
def test_a_service_that_cannot_conclude_a_job_fails_the_job_and_no_other(service: Service) -> None:
    service.fails_to_conclude = 10**6
    job_id = service.put("echo")
    deadline = time.monotonic() + 15
    while (job := found(service.library, job_id)).state is not State.FAILED:
        if job.state is State.QUEUED and job.faults:
            service.put_off_no_longer(job_id)
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    service.fails_to_conclude = 0
    assert service.wait(service.put("echo")).state is State.DONE


@pytest.mark.expects_errors
def test_a_service_that_cannot_note_a_start_fails_the_job_and_no_other(service: Service) -> None:
    def moved(session: Session, job: Job) -> None:
        if "bad" in job.payload:
            raise KeyError("a bug in the service")

    service.moved = moved  # type: ignore[method-assign]
    service.dispatcher.stop()
    bad, good = put(service.library, payload={"bad": 1}), put(service.library, payload={})
    service.dispatcher = service.another()
    service.dispatcher.start()
    assert service.wait(good.id).state is State.DONE
    deadline = time.monotonic() + 15
    while (job := found(service.library, bad.id)).state is not State.FAILED:
        if job.faults:
            service.put_off_no_longer(bad.id)
        assert time.monotonic() < deadline, job
        time.sleep(0.02)


def test_two_dispatchers_never_do_the_same_job(service: Service) -> None:
    other = service.another(ThreadExecutor())
    other.start()
    try:
        jobs = [service.put("echo", number=n) for n in range(20)]
        for job in jobs:
            assert service.wait(job).attempts == 1
        assert [d.stats().is_dispatcher for d in (service.dispatcher, other)] in ([True, False], [False, True])
        service.dispatcher.stop()
        last = put(service.library)
        assert service.wait(last.id, within_s=5).state is State.DONE
        assert other.stats().is_dispatcher
    finally:
        other.stop()


# What only other processes can promise


def test_deaf_work_is_cancelled_within_two_seconds(with_children: Service, tmp_path: Path) -> None:
    job_id = with_children.put("deaf", began=str(tmp_path / "began"))
    _until((tmp_path / "began").exists)
    asked = time.monotonic()
    with_children.ask(queue.cancel, job_id)
    assert with_children.wait(job_id).state is State.CANCELLED
    assert time.monotonic() - asked < 2


def test_work_that_takes_too_long_is_ended_and_tried_once_more(with_children: Service, tmp_path: Path) -> None:
    job = put(with_children.library, "deaf", payload={"began": str(tmp_path / "began")}, timeout_s=0.7)
    with_children.dispatcher.wake()
    ended = with_children.wait(job.id)
    assert (ended.state, ended.attempts) == (State.FAILED, 2)
    assert ended.error is not None
    assert ended.error.type == "OutOfTime"


def test_a_crash_is_tried_again(with_children: Service, tmp_path: Path) -> None:
    job_id = with_children.put("crash", how="once", flag=str(tmp_path / "crashed"))
    job = with_children.wait(job_id)
    assert (job.state, job.attempts, job.faults) == (State.DONE, 2, 1)
    assert with_children.concluded(job_id) == [{"outcome": "Done"}]


def test_a_job_reaches_a_child_within_a_moment_of_its_commit(
    with_children: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The median of some: a busy machine may delay one. The next look by itself is far away."""
    monkeypatch.setattr("sightline.jobs.dispatcher.POLL_S", 20.0)
    at: dict[str, float] = {}
    conclude = with_children.conclude

    def noting(session: Session, job: Job, outcome: Outcome) -> None:
        at[job.id] = outcome.result["at"]  # type: ignore[union-attr]
        conclude(session, job, outcome)

    with_children.dispatcher.stop()
    with_children.conclude = noting  # type: ignore[method-assign]
    with_children.dispatcher = with_children.another()
    with_children.dispatcher.start()
    with_children.wait(with_children.put("echo"))
    delays = []
    for _ in range(9):
        job = put(with_children.library)
        committed = time.monotonic()
        with_children.dispatcher.wake()
        with_children.wait(job.id)
        delays.append(at[job.id] - committed)
    assert sorted(delays)[4] < 0.2, "the target is 50 ms; on a busy machine the order of magnitude must do"


def test_waking_a_stopped_dispatcher_does_no_harm(sqlite_database: Database, tmp_path: Path) -> None:
    dispatcher = Dispatcher(sqlite_database, ThreadExecutor(), {}, Limits(1), tmp_path)
    dispatcher.wake()
    dispatcher.stop()
    dispatcher.start()
    _until(lambda: dispatcher.stats().is_dispatcher, 5)
    dispatcher.stop()
    assert not dispatcher.stats().is_dispatcher
    assert not [t for t in threading.enumerate() if t.name == "sightline-dispatcher"]
