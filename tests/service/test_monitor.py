"""Watching the machine: samples, heartbeats, what holds jobs back, alerts."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow, ProcessRow
from sightline.service.operations import machine
from sightline.service.operations.alerts import Alerts, Webhook, message_of
from sightline.service.operations.holding import GB, holds
from sightline.service.operations.machine import Disk, GpuReader, MachineSample, Sampler
from sightline.service.operations.monitor import ALERT_AFTER_S, Monitor, processes
from sightline.service.settings import Settings
from sightline.text import Language, Message

CALM = MachineSample(
    now(), (10.0, 20.0), 15.0, 5.0, 10.0, (0.1, 0.1, 0.1), 40.0, 4 * GB, 10 * GB, GB, 1,
    (Disk("data", "/data", 100 * GB, 200 * GB),), (),
)  # fmt: skip
MESSAGE = Message.of("operations.hold.cpu", percent=91, most="80")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cache_dir=tmp_path)


class Receiver:
    """A webhook's far side; answers with the statuses it is given, then 204."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[dict[str, Any]] = []
        self.tries = 0
        left = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = left.pop(0) if left else 204
                receiver.tries += 1
                if status < 300:
                    receiver.got.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/very-secret"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


def test_a_sample_says_how_the_machine_fares(settings: Settings, tmp_path: Path) -> None:
    sampler = Sampler({"data": tmp_path / "not" / "there yet"})
    burnt = time.process_time() + 0.3
    while time.process_time() < burnt:
        pass
    sample = sampler.sample()
    sampler.close()
    assert sample.core_percents
    assert all(0 <= percent <= 100 for percent in (*sample.core_percents, sample.cpu_percent, sample.memory_percent))
    assert sample.own_cpu_percent > 1
    assert sample.own_memory_bytes > 10 * 2**20
    assert sample.disks[0].free_bytes > 0
    json.dumps(sample.document())


def test_what_children_use_is_our_own_also_when_they_have_ended() -> None:
    sampler = Sampler({})
    began = time.monotonic()
    burn = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    sample = sampler.sample()
    sampler.close()
    cores = len(sample.core_percents)
    assert sample.own_cpu_percent > 100 * 0.4 / (time.monotonic() - began) / cores


def test_a_container_with_a_limit_is_measured_by_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (
        ("memory.max", "1000000"),
        ("memory.current", "900000"),
        ("memory.stat", "anon 1\ninactive_file 100000"),
    ):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    sampler = Sampler({})
    sample = sampler.sample()
    sampler.close()
    assert (sample.memory_used_bytes, sample.memory_total_bytes) == (800000, 1000000)
    (tmp_path / "memory.max").write_text("max\n")
    assert machine._container_memory() == ()


def test_no_gpu_is_no_error() -> None:
    reader = GpuReader()
    reader.read()
    reader.close()
    assert reader.read() == ()


class FakeNvml:
    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def __init__(self) -> None:
        self.is_lost = False

    def nvmlInit(self) -> None: ...
    def nvmlShutdown(self) -> None: ...

    def nvmlDeviceGetCount(self) -> int:
        if self.is_lost:
            raise self.NVMLError("fallen off the bus")
        return 1

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetName(self, _: int) -> bytes:
        return b"NVIDIA X"

    def nvmlDeviceGetUtilizationRates(self, _: int) -> Any:
        raise self.NVMLError("not supported")

    def nvmlDeviceGetMemoryInfo(self, _: int) -> Any:
        return type("M", (), {"used": 5, "total": 10})

    def nvmlDeviceGetTemperature(self, _: int, __: int) -> int:
        return 61


def test_a_gpu_tells_what_it_can_and_may_fall_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    reader = GpuReader()
    assert reader.read() == (machine.Gpu("NVIDIA X", None, 5, 10, 61.0),)
    nvml.is_lost = True
    assert reader.read() == ()
    assert reader.read() == ()


@pytest.mark.parametrize(
    ("sample", "kinds"),
    [
        (CALM, []),
        (replace(CALM, others_cpu_percent=80.0), []),
        (replace(CALM, others_cpu_percent=80.1), ["cpu"]),
        (replace(CALM, cpu_percent=100.0, own_cpu_percent=95.0, others_cpu_percent=5.0), []),
        (replace(CALM, memory_percent=85.5), ["memory"]),
        (replace(CALM, disks=(Disk("work", "/work", GB, 2 * GB),)), ["disk"]),
        (replace(CALM, memory_percent=99, others_cpu_percent=99), ["cpu", "memory"]),
    ],
)
def test_jobs_are_held_back_above_a_limit(sample: MachineSample, kinds: list[str], settings: Settings) -> None:
    assert [hold.kind for hold in holds(sample, settings, frozenset())] == kinds
    for hold in holds(sample, settings, frozenset()):
        for language in Language:
            hold.message.render(language)


def test_a_hold_lasts_until_the_value_is_well_below_its_limit(settings: Settings) -> None:
    before = frozenset({"cpu", "disk"})
    assert holds(replace(CALM, others_cpu_percent=76), settings, before)
    assert not holds(replace(CALM, others_cpu_percent=75), settings, before)
    disk = Disk("data", "/data", int(2.1 * GB), 9 * GB)
    assert holds(replace(CALM, disks=(disk,)), settings, before)
    assert not holds(replace(CALM, disks=(disk,)), settings, frozenset())


def test_a_process_is_on_the_list_while_it_lives(database: Database, settings: Settings) -> None:
    monitor = Monitor(
        settings, database, is_dispatcher=lambda: True, extras=lambda: {"cache": {"misses": 3}}, every_s=0.05
    )
    monitor.begin()
    try:
        (first,) = processes(database)
        assert first.id == monitor.process_id
        assert first.is_dispatcher
        assert first.sample["cache"] == {"misses": 3}
        deadline = time.monotonic() + 10
        while processes(database)[0].seen_at == first.seen_at:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert monitor.latest is not None
        assert len(monitor.history()) >= 2
        assert monitor.history(since=now() + timedelta(hours=1)) == ()
    finally:
        monitor.end()
    assert processes(database) == ()


def test_a_process_not_heard_of_counts_as_gone(database: Database) -> None:
    with database.write(SYSTEM) as session:
        session.add(ProcessRow(host="h", pid=1, seen_at=now() - timedelta(seconds=60)))
    assert processes(database) == ()


def test_what_other_processes_of_the_installation_use_holds_nothing_back(
    sqlite_database: Database, settings: Settings
) -> None:
    with sqlite_database.write(SYSTEM) as session:
        for at, percent in ((machine.machine_id(), 100.0), ("another machine", 100.0)):
            session.add(ProcessRow(host="h", pid=1, sample={"machine": at, "own_cpu_percent": percent}))
    monitor = Monitor(settings, sqlite_database, every_s=60)
    monitor.begin()
    try:
        assert monitor._siblings_percent == 100.0
        time.sleep(0.1)
        monitor.look()
        assert monitor.latest is not None
        assert monitor.latest.others_cpu_percent == 0
    finally:
        monitor.end()


def test_a_database_that_is_gone_is_told_of_once_and_stops_nothing(
    sqlite_database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    monitor = Monitor(settings, gone, alerts=Alerts(gone, "h"), every_s=60)
    with caplog.at_level(logging.WARNING):
        monitor.begin()
        monitor.look()
        monitor.look()
    assert monitor.latest is not None
    monitor.end()
    gone.close()
    assert len([r for r in caplog.records if "cannot be written down" in r.message]) == 1


def test_a_limit_that_stays_passed_becomes_an_alert_and_ends(
    sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [1000.0]
    monkeypatch.setattr("sightline.service.operations.monitor.time.monotonic", lambda: at[0])
    monkeypatch.setattr(Sampler, "sample", lambda *_: sample[0])
    sample = [replace(CALM, memory_percent=99.0)]
    monitor = Monitor(settings, sqlite_database, alerts=Alerts(sqlite_database, "h"), every_s=60)
    monitor.begin()
    try:
        assert monitor.should_hold()
        assert open_alerts(sqlite_database) == []
        at[0] += ALERT_AFTER_S
        monitor.look()
        monitor.look()
        assert open_alerts(sqlite_database) == ["memory"]
        sample[0] = CALM
        monitor.look()
        assert not monitor.should_hold()
        assert open_alerts(sqlite_database) == []
    finally:
        monitor.end()


def open_alerts(database: Database) -> list[str]:
    with database.read(SYSTEM) as session:
        return list(session.scalars(select(AlertRow.kind).where(AlertRow.ended_at.is_(None))))


def test_an_alert_begins_once_and_ends_once_whoever_sees_it(database: Database) -> None:
    for _ in range(3):
        outcomes: dict[str, list[bool]] = {"begin": [], "end": []}
        for step in ("begin", "end"):
            start = threading.Barrier(6)

            def see(step: str = step, start: threading.Barrier = start, told: list[bool] = outcomes[step]) -> None:
                alerts = Alerts(database, "h")
                start.wait()
                told.append(alerts.begin("cpu", MESSAGE) if step == "begin" else alerts.end("cpu"))

            threads = [threading.Thread(target=see) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert [sum(outcomes[step]) for step in ("begin", "end")] == [1, 1]
    with database.read(SYSTEM) as session:
        rows = session.scalars(select(AlertRow)).all()
    assert len(rows) == 3
    assert all(message_of(row) == MESSAGE and row.ended_at is not None for row in rows)


def test_alerts_of_other_hosts_and_kinds_are_their_own(database: Database) -> None:
    here, there = Alerts(database, "here"), Alerts(database, "there")
    assert here.begin("cpu", MESSAGE)
    assert here.begin("memory", MESSAGE)
    assert there.begin("cpu", MESSAGE)
    assert not here.end("disk")
    here.end_all_but({"here"})
    assert sorted(open_alerts(database)) == ["cpu", "memory"]


def test_an_alert_comes_again_after_old_ones_were_removed(database: Database) -> None:
    alerts = Alerts(database, "h")
    for _ in range(3):
        assert alerts.begin("cpu", MESSAGE)
        assert alerts.end("cpu")
    with database.write(SYSTEM) as session:
        oldest = session.scalars(select(AlertRow).order_by(AlertRow.began_at)).first()
        session.delete(oldest)
    assert alerts.begin("cpu", MESSAGE)


def test_the_webhook_hears_of_beginning_and_end(sqlite_database: Database, receiver: Receiver) -> None:
    alerts = Alerts(sqlite_database, "studio-1", Webhook(receiver.url), Language.KOREAN)
    alerts.begin("cpu", MESSAGE)
    alerts.end("cpu")
    alerts.happened("job_failed", MESSAGE)
    alerts.close()
    assert [got["alert"]["state"] for got in receiver.got] == ["began", "ended", "happened"]
    assert "studio-1" in receiver.got[0]["text"]
    assert "프로세서" in receiver.got[0]["text"]
    assert receiver.got[0]["alert"]["fields"] == {"percent": 91, "most": "80"}
    assert receiver.got[0]["alert"]["id"] == receiver.got[1]["alert"]["id"]


def test_a_webhook_is_tried_again_and_its_address_never_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sightline.service.operations.alerts.PAUSES_S", (0.01, 0.01))
    receiver, failures = Receiver(500, 503, 204, 404, 404, 404), []
    hook = Webhook(receiver.url, failed=lambda: failures.append(1))
    with caplog.at_level(logging.DEBUG, logger="sightline"):
        hook.post({"n": 1})
        deadline = time.monotonic() + 10
        while not receiver.got:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        hook.post({"n": 2})
        while not failures:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        hook.close()
    receiver.close()
    assert receiver.tries == 6
    assert [got["n"] for got in receiver.got] == [1]
    assert "404" in caplog.text
    assert not [r for r in caplog.records if "very-secret" in r.getMessage() and r.name.startswith("sightline")]


def test_a_webhook_nobody_answers_holds_up_nothing() -> None:
    hook = Webhook("http://127.0.0.1:1/x")
    began = time.monotonic()
    for number in range(300):
        hook.post({"n": number})
    assert time.monotonic() - began < 1
    hook.close()
    hook.post({})
    assert time.monotonic() - began < 10


def test_old_alerts_of_a_process_that_died_end_with_the_next_start(
    sqlite_database: Database, settings: Settings
) -> None:
    monitor = Monitor(settings, sqlite_database, every_s=60)
    monitor._alerts = Alerts(sqlite_database, monitor.host)
    monitor._alerts.begin("disk", MESSAGE)
    with sqlite_database.write(SYSTEM) as session:
        session.execute(update(AlertRow).values(began_at=now() - timedelta(days=1)))
    monitor.begin()
    monitor.look()
    monitor.end()
    assert open_alerts(sqlite_database) == []
