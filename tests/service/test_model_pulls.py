"""Weights fetched by a running service: progress, stopping, going on, and who may."""

from __future__ import annotations

import fcntl
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.file_server import FileServer, file_server
from tests.running import Service, running, settings_for
from tests.toy_weights import toy_registry

from sightline.library.actor import SYSTEM
from sightline.library.running_tables import AuditRow
from sightline.meters.meter import meters
from sightline.service.model_pulls import needed_by
from sightline.weights import checksum, download
from sightline.weights.registry import registry

BIG = random.Random(5).randbytes(2_000_000)
FOLDER = "data/models"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    monkeypatch.setattr(download, "FIRST_PAUSE_S", 0.01)
    checksum.forget()
    with file_server({"/one/one.bin": BIG}) as served:
        toy_registry(monkeypatch, tmp_path, {"one": {"one.bin": BIG}}, source=served.url("/{model}/{file}"))
        yield served


@pytest.fixture
def service(server: FileServer, tmp_path: Path) -> Iterator[Service]:
    with running(settings_for(tmp_path)) as service:
        yield service


@pytest.fixture
def http(service: Service) -> Iterator[httpx.Client]:
    with service.http(service.person("admin@example.org", is_admin=True).token) as http:
        yield http


def _one(http: httpx.Client) -> dict[str, Any]:
    (item,) = http.get("/api/v1/system/models").json()["items"]
    found: dict[str, Any] = item
    return found


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_model_is_pulled_told_of_and_removed(
    service: Service, server: FileServer, http: httpx.Client, tmp_path: Path
) -> None:
    server.pause_s = 0.05
    missing = _one(http)
    assert (missing["state"], missing["done_bytes"], missing["total_bytes"]) == ("missing", 0, len(BIG))
    assert (missing["licence"], missing["is_commercial"], missing["loaded"]) == ("MIT", True, False)
    with http.stream("GET", "/api/v1/changes") as changes:
        lines = changes.iter_lines()
        assert next(lines).startswith("retry")
        begun = http.post("/api/v1/system/models/one/pull")
        assert (begun.status_code, begun.json()["state"]) == (202, "pulling")
        again = http.post("/api/v1/system/models/one/pull")
        assert again.json()["state"] == "pulling"
        _until(lambda: (_one(http)["speed_bytes_s"] or 0) > 0)
        under_way = _one(http)
        assert 0 < under_way["done_bytes"] < len(BIG)
        assert under_way["left_s"] > 0
        server.pause_s = 0
        told = _told(lines)
        while (item := next(told))["state"] == "pulling":
            pass
    assert (item["id"], item["state"], item["done_bytes"]) == ("one", "installed", len(BIG))
    assert (tmp_path / FOLDER / "one" / "one.bin").read_bytes() == BIG
    assert len(server.asked) == 1
    assert http.delete("/api/v1/system/models/one").status_code == 204
    assert _one(http)["state"] == "missing"
    with service.platform.database.read(SYSTEM) as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.subject == "model:one")).all()
    assert sorted(actions) == ["model.pull_began", "model.removed"]


def _told(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line == "event: pull":
            yield json.loads(next(lines).removeprefix("data: "))


def test_nobody_but_administrators_hears_of_pulls(service: Service) -> None:
    heard: list[str] = []
    person = service.person("mina@example.org")
    listener = service.platform.feed.listen(
        service.platform.actors.actor_of_token(person.token), None, lambda told: heard.append(told.event)
    )
    with service.http(service.person("root@example.org", is_admin=True).token) as http:
        http.post("/api/v1/system/models/one/pull")
        _until(lambda: _one(http)["state"] == "installed")
    service.platform.feed.leave(listener)
    assert "pull" not in heard


def test_a_pull_that_is_stopped_goes_on_with_the_next(server: FileServer, http: httpx.Client) -> None:
    server.pause_s = 0.2
    http.post("/api/v1/system/models/one/pull")
    _until(lambda: _one(http)["done_bytes"] > 100_000)
    assert http.delete("/api/v1/system/models/one").status_code == 409
    assert http.post("/api/v1/system/models/one/cancel").status_code == 202
    _until(lambda: _one(http)["state"] == "missing")
    stopped = _one(http)
    assert (stopped["error"], stopped["done_bytes"] > 100_000) == (None, True)
    assert http.post("/api/v1/system/models/one/cancel").status_code == 409
    server.pause_s = 0
    http.post("/api/v1/system/models/one/pull")
    _until(lambda: _one(http)["state"] == "installed")
    assert server.ranges()[-1].startswith("bytes=")


def test_a_pull_that_fails_says_why_in_both_languages(server: FileServer, http: httpx.Client) -> None:
    server.files.clear()
    http.post("/api/v1/system/models/one/pull")
    _until(lambda: _one(http)["state"] == "failed")
    error = _one(http)["error"]
    assert (error["code"], set(error["message"])) == ("weights.offline", {"en", "ko"})


def test_wrong_bytes_are_told_and_replaced(server: FileServer, http: httpx.Client, tmp_path: Path) -> None:
    place = tmp_path / FOLDER / "one" / "one.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"something else")
    assert _one(http)["state"] == "wrong"
    http.post("/api/v1/system/models/one/pull")
    _until(lambda: _one(http)["state"] == "installed")
    # As many bytes, but others: nobody sees it, and a pull mends it.
    place.write_bytes(bytes(len(BIG)))
    http.post("/api/v1/system/models/one/pull")
    _until(lambda: place.is_file() and place.read_bytes() == BIG)


def test_a_pull_of_another_process_is_seen(http: httpx.Client, tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "one.bin.part").write_bytes(BIG[:1000])
    lock = os.open(folder / ".one.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    seen = _one(http)
    os.close(lock)
    assert (seen["state"], seen["done_bytes"], seen["speed_bytes_s"]) == ("pulling", 1000, None)
    assert _one(http)["state"] == "missing"


def test_the_end_of_the_service_ends_a_pull(server: FileServer, tmp_path: Path) -> None:
    server.pause_s = 0.1
    with running(settings_for(tmp_path / "other")) as service:
        http = service.http(service.person("admin@example.org", is_admin=True).token)
        http.post("/api/v1/system/models/one/pull")
        _until(lambda: _one(http)["done_bytes"] > 0)
        http.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sightline-pull")]


@pytest.mark.parametrize("model", ["nothing", "..%2f..", "one%2fone.bin", "x" * 101])
def test_there_is_nothing_but_the_registry(http: httpx.Client, model: str) -> None:
    for method, path in (("POST", f"{model}/pull"), ("POST", f"{model}/cancel"), ("DELETE", model)):
        assert http.request(method, f"/api/v1/system/models/{path}").status_code in (404, 405, 422)


def test_every_model_is_needed_by_a_meter_that_is_there() -> None:
    needs = needed_by()
    assert set(needs) == set(registry())
    assert [name for name, users in needs.items() if not users] == []
    assert {user for users in needs.values() for user in users} <= set(meters())
    assert needs["face_landmarker"] == ["emotion", "faces"]
