"""The life of a job: what may follow what, and who may start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sightline import errors
from sightline.errors import (
    Cancelled,
    Conflict,
    Defect,
    InputError,
    LimitExceeded,
    MeasuringFailed,
    OutOfTime,
    OutputUnwritable,
    PartMissing,
    RequestInvalid,
    SetupError,
    SightlineError,
    Unavailable,
)
from sightline.jobs import machine
from sightline.jobs.machine import Job, Limits, State, pick
from sightline.jobs.retrying import RETRIES, retry_for

START = datetime(2026, 1, 1, tzinfo=UTC)
ENDS: tuple[type[SightlineError], ...] = (InputError, Unavailable, SetupError, MeasuringFailed, OutOfTime, Defect)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def job(name: str = "j", **changes: object) -> Job:
    plain = Job(
        id=name, kind="k", workspace_id="w", created_by="u", subject_id=None, payload={}, state=State.QUEUED,
        priority=0, same=None, most_attempts=3, timeout_s=60, due_at=START, created_at=START,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def started(**changes: object) -> Job:
    return machine.start(job(**changes), "r", START)


def attempts_until_it_ends(error: SightlineError) -> tuple[int, State, float]:
    """Attempts, what the job is in the end, seconds it took."""
    current = job()
    for number in count(1):
        current = machine.fail(machine.start(current, "r", current.due_at), error, current.due_at)
        if current.state.is_over:
            return number, current.state, (current.due_at - START).total_seconds()
    raise AssertionError


def test_a_job_that_did_well_is_done_and_nobodys() -> None:
    done = machine.finish(started(), at(5))
    assert (done.state, done.runner, done.attempts, done.finished_at) == (State.DONE, None, 1, at(5))


def test_what_ended_by_the_users_input_is_not_tried_again() -> None:
    for error in (InputError("jobs.stopped"), LimitExceeded("jobs.stopped"), PartMissing("jobs.stopped")):
        assert attempts_until_it_ends(error)[:2] == (1, State.FAILED)


def test_a_crash_is_tried_as_often_as_the_job_may() -> None:
    assert attempts_until_it_ends(MeasuringFailed("jobs.stopped"))[:2] == (3, State.FAILED)


def test_a_bug_and_a_job_out_of_time_are_tried_once_more() -> None:
    assert attempts_until_it_ends(Defect("jobs.stopped"))[:2] == (2, State.FAILED)
    assert attempts_until_it_ends(OutOfTime("jobs.stopped"))[:2] == (2, State.FAILED)


def test_what_is_unavailable_is_waited_for_through_a_working_day() -> None:
    for error in (Unavailable("jobs.stopped"), SetupError("jobs.stopped"), OutputUnwritable("jobs.stopped")):
        attempts, state, seconds = attempts_until_it_ends(error)
        assert attempts >= 30
        assert state is State.FAILED
        assert 5 * 3600 < seconds < 30 * 3600


def test_waiting_uses_up_none_of_the_attempts_a_crash_may_take() -> None:
    current = job()
    for _ in range(10):
        current = machine.fail(machine.start(current, "r", START), Unavailable("jobs.stopped"), START)
    for _ in range(2):
        current = machine.fail(machine.start(current, "r", START), MeasuringFailed("jobs.stopped"), START)
    assert (current.state, current.waits, current.faults, current.attempts) == (State.QUEUED, 10, 2, 12)


def test_delays_grow_to_a_bound() -> None:
    for retry in RETRIES.values():
        delays = [retry.delay_s(n) for n in range(1, 200)]
        assert delays == sorted(delays)
        assert max(delays) <= retry.longest_s


def test_every_error_of_the_tree_has_its_retry() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, SightlineError)]
    for kind in set(kinds) - {SightlineError}:
        assert any(each in RETRIES for each in kind.__mro__), kind
        assert retry_for(kind).most >= 1


def test_a_job_whose_service_dies_every_time_is_given_up() -> None:
    current = job()
    for _ in range(machine.MOST_LOSSES - 1):
        current = machine.lost(machine.start(current, "r", START), START)
        assert current.state is State.QUEUED
    current = machine.lost(machine.start(current, "r", START), START)
    assert current.state is State.FAILED
    assert current.error is not None
    assert current.error.message.key == "jobs.poison"
    assert current.faults == 0


def test_whoever_asks_to_stop_a_job_is_heard_whatever_else_happens_to_it() -> None:
    asked = machine.ask_cancel(started(), START)
    assert asked.state is State.RUNNING
    ways: list[Callable[[Job], Job]] = [
        lambda j: machine.fail(j, Unavailable("jobs.stopped"), START),
        lambda j: machine.lost(j, START),
        lambda j: machine.put_back(j, START),
        lambda j: machine.cancelled(j, START),
    ]
    assert {way(asked).state for way in ways} == {State.CANCELLED}


def test_work_that_says_it_was_cancelled_is_not_tried_again() -> None:
    assert machine.fail(started(), Cancelled("jobs.stopped"), START).state is State.CANCELLED


def test_a_job_put_back_has_lost_nothing() -> None:
    back = machine.put_back(started(), at(3))
    assert (back.state, back.faults, back.waits, back.losses) == (State.QUEUED, 0, 0, 0)


def test_a_person_can_start_a_failed_job_again_with_all_its_attempts() -> None:
    failed = machine.fail(started(), InputError("jobs.stopped"), START)
    again = machine.retry(failed, at(9))
    assert (again.state, again.faults, again.error, again.finished_at) == (State.QUEUED, 0, None, None)
    assert again.attempts == 1, "attempts name folders and fence writes: they never go back"
    with pytest.raises(Conflict):
        machine.retry(again, START)


def test_a_priority_has_a_range_and_an_end() -> None:
    assert machine.with_priority(job(), 10).priority == 10
    with pytest.raises(RequestInvalid):
        machine.with_priority(job(), 11)
    with pytest.raises(Conflict):
        machine.with_priority(machine.ask_cancel(job(), START), 1)


def test_what_has_ended_stays_as_it_is() -> None:
    for over in (machine.finish(started(), START), machine.cancelled(job(), START)):
        assert machine.ask_cancel(over, at(1)) == over
        for step in (
            lambda j: machine.start(j, "r", START),
            lambda j: machine.finish(j, START),
            lambda j: machine.fail(j, Unavailable("jobs.stopped"), START),
            lambda j: machine.lost(j, START),
            lambda j: machine.put_back(j, START),
            lambda j: machine.cancelled(j, START),
        ):
            with pytest.raises(ValueError, match=r"is (done|cancelled)"):
                step(over)


def test_the_higher_priority_starts_first() -> None:
    jobs = [job("a", priority=0), job("b", priority=5), job("c", priority=-3)]
    assert [j.id for j in pick(jobs, [], Limits(2), START)] == ["b", "a"]


def test_one_who_queues_a_thousand_jobs_delays_nobody() -> None:
    crowd = [job(f"a{n:04}", created_by="a", due_at=at(n / 1000)) for n in range(1000)]
    late = [job("b0", created_by="b", due_at=at(5)), job("c0", created_by="c", due_at=at(6))]
    picked = pick([*crowd, *late], [], Limits(4), at(10))
    assert [j.id for j in picked] == ["a0000", "b0", "c0", "a0001"]


def test_with_one_place_users_take_turns() -> None:
    waiting = [job(f"{user}{n}", created_by=user, due_at=at(n)) for user in "abc" for n in range(3)]
    order, last = [], {}
    for turn in range(9):
        (chosen,) = pick(waiting, [], Limits(1), at(100 + turn), last)
        waiting.remove(chosen)
        last[chosen.created_by] = at(100 + turn)
        order.append(chosen.created_by)
    assert "".join(map(str, order)) == "abcabcabc"


def test_jobs_on_the_same_thing_run_one_after_the_other() -> None:
    jobs = [job("a", same="x"), job("b", same="x"), job("c", same="y"), job("d")]
    assert [j.id for j in pick(jobs, [], Limits(9), START)] == ["a", "c", "d"]
    assert [j.id for j in pick(jobs[1:], [machine.start(jobs[0], "r", START)], Limits(9), START)] == ["c", "d"]


def test_a_user_at_his_limit_waits_and_the_installation_does_not() -> None:
    jobs = [job(f"{user}{n}", created_by=user) for user in ("a", "b", None) for n in range(3)]
    picked = pick(jobs, [], Limits(9, running_per_user=2), START)
    assert Counter(j.created_by for j in picked) == {"a": 2, "b": 2, None: 3}


def test_nothing_starts_before_its_time() -> None:
    assert not pick([job(due_at=at(1))], [], Limits(9), START)


jobs_waiting = st.builds(
    job,
    name=st.uuids().map(str),
    priority=st.integers(-2, 2),
    created_by=st.sampled_from(["a", "b", "c", None]),
    same=st.sampled_from([None, None, "x", "y"]),
    due_at=st.integers(-10, 3).map(at),
)


@given(
    st.lists(jobs_waiting, max_size=30, unique_by=lambda j: j.id), st.integers(0, 4), st.integers(1, 8),
    st.integers(0, 3),
)  # fmt: skip
def test_what_is_picked_keeps_every_limit_and_leaves_no_place_empty(
    jobs: list[Job], running_now: int, most: int, per_user: int
) -> None:
    limits = Limits(most, per_user)
    running = [machine.start(j, "r", START) for j in pick(jobs, [], Limits(running_now, per_user), at(3))]
    waiting = [j for j in jobs if j.id not in {r.id for r in running}]
    picked = pick(waiting, running, limits, START)
    together = [*running, *picked]
    assert len(picked) <= max(0, most - len(running))
    assert all(j.due_at <= START for j in picked)
    sames = [j.same for j in together if j.same]
    assert len(sames) == len(set(sames))
    users = Counter(j.created_by for j in together if j.created_by)
    assert not per_user or all(n <= per_user for n in users.values())
    if len(together) < most:
        for left in {j.id for j in waiting} - {j.id for j in picked}:
            other = next(j for j in waiting if j.id == left)
            blocked = other.due_at > START or other.same in sames
            assert blocked or (per_user and users[other.created_by] >= per_user)
    for one in picked:
        passed = [j for j in waiting if j not in picked and j.created_by == one.created_by and j.due_at <= START]
        assert all(
            (-one.priority, one.due_at) <= (-j.priority, j.due_at) for j in passed if not j.same or j.same not in sames
        )


@settings(max_examples=25)
@given(st.integers(1, 3), st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_nobody_of_a_priority_waits_for_ever_while_others_keep_coming(places: int, lengths: list[int]) -> None:
    """Every tick brings a job of a new user and one of a busy one, more than there are places for."""
    waiting = [job(f"old{n}", created_by=f"user{n % 3}", due_at=at(n / 100)) for n in range(6)]
    running: list[tuple[int, Job]] = []
    last: dict[str | None, datetime] = {}
    for tick in range(600):
        waiting.append(job(f"new{tick}", created_by=f"new{tick}", due_at=at(tick)))
        waiting.append(job(f"busy{tick}", created_by="user0", due_at=at(tick)))
        running = [(end, j) for end, j in running if end > tick]
        for chosen in pick(waiting, [j for _, j in running], Limits(places), at(tick + 1), last):
            waiting.remove(chosen)
            last[chosen.created_by] = at(tick + 1)
            running.append((tick + lengths[tick % len(lengths)], machine.start(chosen, "r", at(tick))))
        if not any(j.id.startswith("old") for j in waiting):
            return
    raise AssertionError([j.id for j in waiting if j.id.startswith("old")])


class Life(RuleBasedStateMachine):
    """A dispatcher, its jobs, and everything that can befall them."""

    limits = Limits(running=3, running_per_user=2)

    @initialize()
    def begin(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.ends: Counter[str] = Counter()
        self.retried: Counter[str] = Counter()
        self.clock = 0.0
        self.number = count()

    def now(self) -> datetime:
        self.clock += 0.5
        return at(self.clock)

    def move(self, changed: Job) -> None:
        before = self.jobs[changed.id]
        if changed.state.is_over and not before.state.is_over:
            self.ends[changed.id] += 1
        self.jobs[changed.id] = changed

    def running(self) -> list[Job]:
        return [j for j in self.jobs.values() if j.state is State.RUNNING]

    @rule(user=st.sampled_from(["a", "b", None]), same=st.sampled_from([None, "x", "y"]), priority=st.integers(-1, 1))
    def enqueue(self, user: str | None, same: str | None, priority: int) -> None:
        name = f"{next(self.number):04}"
        self.jobs[name] = job(name, created_by=user, same=same, priority=priority, due_at=self.now())

    @rule()
    def start(self) -> None:
        for chosen in pick(self.jobs.values(), self.running(), self.limits, self.now()):
            self.move(machine.start(chosen, "r", self.now()))

    @rule(seconds=st.sampled_from([1, 60, 5000]))
    def wait(self, seconds: int) -> None:
        self.clock += seconds

    @precondition(lambda self: self.running())
    @rule(data=st.data(), error=st.sampled_from([None, *ENDS]))
    def end(self, data: st.DataObject, error: type[SightlineError] | None) -> None:
        one = data.draw(st.sampled_from(self.running()))
        if error is None:
            self.move(machine.finish(one, self.now()))
        else:
            self.move(machine.fail(one, error("jobs.stopped"), self.now()))

    @precondition(lambda self: self.running())
    @rule(in_good_order=st.booleans())
    def dispatcher_ends(self, in_good_order: bool) -> None:
        for one in self.running():
            self.move(machine.put_back(one, self.now()) if in_good_order else machine.lost(one, self.now()))

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.jobs.values(), key=lambda j: j.id)))
        self.move(machine.ask_cancel(one, self.now()))

    @precondition(lambda self: any(j.state in (State.FAILED, State.CANCELLED) for j in self.jobs.values()))
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        over = [j for j in self.jobs.values() if j.state in (State.FAILED, State.CANCELLED)]
        one = data.draw(st.sampled_from(over))
        self.retried[one.id] += 1
        self.move(machine.retry(one, self.now()))

    @invariant()
    def limits_hold(self) -> None:
        running = self.running() if hasattr(self, "jobs") else []
        assert len(running) <= self.limits.running
        users = Counter(j.created_by for j in running if j.created_by)
        assert all(n <= self.limits.running_per_user for n in users.values())
        sames = [j.same for j in running if j.same]
        assert len(sames) == len(set(sames))

    @invariant()
    def rows_are_consistent(self) -> None:
        for one in getattr(self, "jobs", {}).values():
            assert (one.state is State.RUNNING) == (one.runner is not None)
            assert one.state.is_over == (one.finished_at is not None)
            assert (one.state is State.FAILED) <= (one.error is not None)
            assert not (one.state is State.QUEUED and one.is_cancel_asked)
            assert one.faults + one.waits + one.losses <= one.attempts
            assert self.ends[one.id] == self.retried[one.id] + one.state.is_over, "a job ends once, and once a retry"


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40)
