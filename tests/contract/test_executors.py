"""Every executor does the same work with the same outcome."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from sightline import errors
from sightline.errors import Cancelled, Defect, MeasuringFailed, SetupError, SightlineError
from sightline.jobs.executor import Executor, Stop, Task, Why
from sightline.jobs.executors.process import ProcessExecutor
from sightline.jobs.executors.thread import ThreadExecutor
from sightline.jobs.executors.warm_child import Manner

ROOT = Path(__file__).parents[2]
WITH_TOYS = {"PYTHONPATH": str(ROOT)}
BOTH = ("process", "thread")
"""Two seconds on a machine with nothing else to do; the work itself takes a minute or more."""
Do = Callable[..., Mapping[str, Any]]


@pytest.fixture(scope="module", autouse=True)  # before each test looks which threads there are
def process() -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor(2, Manner(environment=WITH_TOYS))
    executor.open()
    yield executor
    executor.close()


@pytest.fixture(params=BOTH)
def executor(request: pytest.FixtureRequest) -> Executor:
    return ThreadExecutor() if request.param == "thread" else request.getfixturevalue("process")


@pytest.fixture
def do(executor: Executor, tmp_path: Path) -> Do:
    """Does a piece of toy work and gives its result."""
    return doing(executor, tmp_path)


def doing(executor: Executor, tmp_path: Path) -> Do:
    def run(name: str, tell: Callable[[Any], None] = lambda _: None, stop: Stop | None = None, **payload: Any) -> Any:
        folder = tmp_path / "folder"
        folder.mkdir(exist_ok=True)
        task = Task("job", 1, f"tests.toy_work:{name}", payload, folder)
        return executor.run(task, tell, stop or Stop())

    return run


def until(true: Callable[[], object], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def test_the_result_comes_back(do: Do) -> None:
    assert do("echo", text="한글 \udcff", numbers=[1, 2.5, None])["echo"] == {
        "text": "한글 \udcff", "numbers": [1, 2.5, None],
    }  # fmt: skip


def test_a_large_payload_and_a_large_result_come_through(do: Do) -> None:
    assert len(do("echo", text="x" * 3_000_000)["echo"]["text"]) == 3_000_000


def test_progress_is_told(do: Do) -> None:
    told: list[dict[str, Any]] = []
    do("sleep", told.append, for_s=0.4)
    assert told
    assert all(each["stage"] == "sleeping" for each in told)


@pytest.mark.parametrize("name", ["InputError", "Unavailable", "LimitExceeded", "SetupError", "OutOfTime", "NotFound"])
def test_an_error_comes_back_as_what_it_is(do: Do, name: str) -> None:
    with pytest.raises(SightlineError) as raised:
        do("fail", error=name)
    assert type(raised.value) is getattr(errors, name)
    assert raised.value.message.key == "engine.cancelled"


def test_a_bug_is_a_defect_that_says_where(do: Do) -> None:
    with pytest.raises(Defect, match="no such thing"):
        do("fail", error="bug")


@pytest.mark.parametrize("how", ["disk full", "really full"])
def test_a_full_disk_is_a_matter_of_the_installation(do: Do, how: str) -> None:
    with pytest.raises(SetupError, match="No space left on device"):
        do("fail", error=how)


def test_work_is_stopped_when_somebody_asks(do: Do) -> None:
    stop = Stop()
    threading.Timer(0.3, stop.ask, [Why.CANCELLED]).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        do("sleep", stop=stop, for_s=60)
    assert time.monotonic() - began < 2


def test_work_asked_to_stop_before_it_began_does_not_begin(do: Do, tmp_path: Path) -> None:
    stop = Stop()
    stop.ask(Why.CANCELLED)
    with pytest.raises(Cancelled):
        do("echo", stop=stop)
    assert not (tmp_path / "folder" / "scratch").exists()


@pytest.mark.parametrize("kind", BOTH)
def test_an_executor_can_be_opened_again(kind: str, tmp_path: Path) -> None:
    executor = ThreadExecutor() if kind == "thread" else ProcessExecutor(1, Manner(environment=WITH_TOYS))
    for _ in range(2):
        executor.open()
        assert doing(executor, tmp_path)("echo", x=1)["echo"] == {"x": 1}
        executor.close()


# From here on: what only other processes can promise.


@pytest.mark.parametrize("how", ["segfault", "exit"])
def test_a_crash_ends_the_work_and_nothing_else(process: ProcessExecutor, tmp_path: Path, how: str) -> None:
    do = doing(process, tmp_path)
    with pytest.raises(MeasuringFailed, match=r"SIGSEGV|exit status 3"):
        do("crash", how=how)
    assert do("echo", x=1)["echo"] == {"x": 1}


def test_leaving_the_program_is_a_defect_of_the_work(process: ProcessExecutor, tmp_path: Path) -> None:
    with pytest.raises(Defect, match="leaving"):
        doing(process, tmp_path)("fail", error="exit")


@pytest.mark.parametrize("how", ["nonsense", "nan"])
def test_a_result_that_is_no_json_is_a_defect(process: ProcessExecutor, tmp_path: Path, how: str) -> None:
    with pytest.raises(Defect):
        doing(process, tmp_path)("fail", error=how)


@pytest.mark.parametrize("how", ["sleep", "hash"])
def test_deaf_work_is_ended_within_two_seconds(process: ProcessExecutor, tmp_path: Path, how: str) -> None:
    stop, began = Stop(), tmp_path / "began"
    ended: list[float] = []

    def run() -> None:
        with suppress(Cancelled):
            doing(process, tmp_path)("deaf", stop=stop, began=str(began), how=how)
        ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: began.exists() and began.read_text())
    pid, asked = int(began.read_text()), time.monotonic()
    stop.ask(Why.CANCELLED)
    thread.join()
    assert ended[0] - asked < 2
    until(lambda: not is_alive(pid), 2)


def test_what_the_work_started_ends_with_it(process: ProcessExecutor, tmp_path: Path) -> None:
    stop, began = Stop(), tmp_path / "began"

    def run() -> None:
        with pytest.raises(Cancelled):
            doing(process, tmp_path)("family", stop=stop, began=str(began))

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: began.exists() and began.read_text())
    stop.ask(Why.CANCELLED)
    thread.join()
    until(lambda: not any(is_alive(int(pid)) for pid in began.read_text().split()), 2)


def test_a_child_killed_from_outside_takes_its_own_children_along(process: ProcessExecutor, tmp_path: Path) -> None:
    began = tmp_path / "began"

    def kill() -> None:
        until(lambda: began.exists() and began.read_text())
        os.kill(int(began.read_text().split()[0]), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(MeasuringFailed, match="SIGKILL"):
        doing(process, tmp_path)("family", began=str(began))
    killer.join()
    until(lambda: not any(is_alive(int(pid)) for pid in began.read_text().split()), 2)


def test_nothing_printed_gets_between_the_lines(
    process: ProcessExecutor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[dict[str, Any]] = []
    with caplog.at_level(logging.INFO, logger="sightline"):
        result = doing(process, tmp_path)("talk", told.append, tells=50)
        until(lambda: "child of the child" in caplog.text)
    assert result["read"] == ""
    assert Path(result["temporary"]).is_relative_to(tmp_path / "folder"), "temporary files go with the attempt"
    assert "printed by python" in caplog.text
    assert "한글 on standard error" in caplog.text
    assert {record.job_id for record in caplog.records if "printed by" in record.getMessage()} == {"job"}  # type: ignore[attr-defined]
    assert all(each["speed"] is None for each in told)


def test_an_idle_child_that_dies_costs_no_job(process: ProcessExecutor, tmp_path: Path) -> None:
    do = doing(process, tmp_path)
    for _ in range(3):
        until(lambda: process.ready == 2)
        for pid in process.pids:
            os.kill(pid, signal.SIGKILL)
        assert do("echo", x=1)["echo"] == {"x": 1}


def test_a_child_is_replaced_after_its_number_of_tasks(tmp_path: Path) -> None:
    executor = ProcessExecutor(1, Manner(environment=WITH_TOYS, most_tasks=2))
    executor.open()
    try:
        pids = [doing(executor, tmp_path)("echo")["pid"] for _ in range(4)]
    finally:
        executor.close()
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_child_that_holds_too_much_is_replaced(tmp_path: Path) -> None:
    executor = ProcessExecutor(1, Manner(environment=WITH_TOYS, most_memory_mb=200))
    executor.open()
    try:
        first = doing(executor, tmp_path)("grow", mb=300)["pid"]
        assert doing(executor, tmp_path)("echo")["pid"] != first
    finally:
        executor.close()


def test_tasks_beyond_the_number_of_children_wait_their_turn(process: ProcessExecutor, tmp_path: Path) -> None:
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(doing(process, tmp_path)("sleep", for_s=0.1))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [{}] * 6


def test_there_are_as_many_children_as_were_asked_for_last(tmp_path: Path) -> None:
    executor = ProcessExecutor(1, Manner(environment=WITH_TOYS, spare=1))
    executor.open()
    try:
        doing(executor, tmp_path)("echo")
        executor.resize(2)
        threads = [threading.Thread(target=lambda: doing(executor, tmp_path)("sleep", for_s=1.5)) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: len(executor.pids) == 2)
        for thread in threads:
            thread.join()
    finally:
        executor.close()


def test_more_children_are_started_when_work_waits(tmp_path: Path) -> None:
    executor = ProcessExecutor(3, Manner(environment=WITH_TOYS, spare=1))
    executor.open()
    try:
        until(lambda: executor.ready == 1)
        assert len(executor.pids) == 1
        doing(executor, tmp_path)("echo")
        threads = [threading.Thread(target=lambda: doing(executor, tmp_path)("sleep", for_s=1.5)) for _ in range(5)]
        for thread in threads:
            thread.start()
        until(lambda: len(executor.pids) == 3)
        for thread in threads:
            thread.join()
        assert len(executor.pids) == 3
    finally:
        executor.close()


def test_no_process_is_left_when_an_executor_closes(tmp_path: Path) -> None:
    executor = ProcessExecutor(2, Manner(environment=WITH_TOYS))
    executor.open()
    doing(executor, tmp_path)("echo")
    pids = executor.pids
    executor.close()
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.expects_errors
def test_a_module_that_cannot_be_loaded_beforehand_stops_no_work(tmp_path: Path) -> None:
    executor = ProcessExecutor(1, Manner(environment=WITH_TOYS, preload=("no.such.module", "json")))
    executor.open()
    try:
        assert doing(executor, tmp_path)("echo", x=1)["echo"] == {"x": 1}
    finally:
        executor.close()
