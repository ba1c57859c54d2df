"""What holds for every test: nothing logged at ERROR, no thread left behind, no traffic beyond this machine."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from tests import services

if TYPE_CHECKING:
    from sightline.library.database import Database

# Tests say what is right, benchmarks what is fast: a busy machine must not fail one.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background by a shell: what a test starts would be deaf to Ctrl-C as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).parents[2] / "shared"
"""Real clips and weights beside the checkout, where they are."""


def pytest_xdist_auto_num_workers() -> int:
    """Many tests wait, for databases, other processes and the clock: others run meanwhile."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture(autouse=True)
def _no_errors_logged(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "expects_errors" in request.keywords:
        return
    errors = [
        r.getMessage() for phase in ("setup", "call") for r in caplog.get_records(phase) if r.levelno >= logging.ERROR
    ]
    assert not errors, f"logged at ERROR: {errors}"


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2
    while left := [t.name for t in set(threading.enumerate()) - before if t.name.startswith("sightline")]:
        assert time.monotonic() < deadline, f"threads left behind: {left}"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _no_sessions_left(_no_threads_left: None) -> Iterator[None]:
    """Models a test has loaded are unloaded, and with them goes the thread that would have done it later."""
    yield
    if (sessions := sys.modules.get("sightline.weights.sessions")) is not None:
        sessions.clear()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def only_loopback(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            assert ipaddress.ip_address(address[0]).is_loopback, f"a test went out to {address}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", only_loopback)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("SIGHTLINE_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path_factory.getbasetemp() / "data"))
    monkeypatch.setenv("SIGHTLINE_LANGUAGE", "en")


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real clips; tests that need it are skipped where it is not."""
    folder = SHARED / "media"
    if not folder.is_dir():
        pytest.skip("the real clips (../shared/media) are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """The folder of real weights; tests that need it are skipped where it is not."""
    folder = SHARED / "models"
    if not folder.is_dir():
        pytest.skip("the real weights (../shared/models) are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo's programme with planted defects, made once a session and shared by the test processes."""
    from sightline.service.sample import make_sample

    root = tmp_path_factory.getbasetemp()
    folder = root if worker_id == "master" else root.parent
    path, lock = folder / "sample.mov", folder / "sample.lock"
    try:
        lock.touch(exist_ok=False)
    except FileExistsError:
        deadline = time.monotonic() + 300
        while not path.exists():
            assert time.monotonic() < deadline, "another test process did not finish the sample"
            time.sleep(0.1)
        return path
    return make_sample(folder / "sample.part.mov").replace(path)


@pytest.fixture(params=services.DATABASES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty library on SQLite, PostgreSQL and MariaDB in turn; skipped where there is none."""
    yield from services.empty_database(request.param, tmp_path_factory.getbasetemp())


@pytest.fixture
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty library on SQLite."""
    yield from services.empty_database("sqlite", tmp_path_factory.getbasetemp())


@pytest.fixture
def redis_url() -> str:
    """A Redis of which nothing but a database of the tests' own is used."""
    return services.redis_url()


def pytest_sessionfinish() -> None:
    services.drop_all()
