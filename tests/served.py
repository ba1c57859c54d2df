"""The service as processes of its own, started as people start it, to be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
from pydantic import SecretStr
from tests.redis_server import free_port
from tests.running import Service, settings_for

from sightline.library.migrate import upgrade
from sightline.service.platform import Platform
from sightline.service.settings import PREFIX, Settings

UP_S = 90.0
END_S = 30.0


def until(true: Callable[[], object], within_s: float, what: Callable[[], object] = lambda: "") -> float:
    """Seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s, what()
        time.sleep(0.03)
    return time.monotonic() - began


class Served:
    """One ``sightline serve``, on the same port however often it is started."""

    def __init__(self, settings: Settings, log: Path, command: tuple[str, ...] = ()) -> None:
        """``command`` comes before the program: ``unshare`` …"""
        self.settings, self._log, self._command = settings, log, command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mark = f"SERVED_{uuid.uuid4().hex}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> Served:
        # Not of the program's own names, which it refuses where it does not know them.
        environment = {k: v for k, v in os.environ.items() if not k.startswith((PREFIX, "PYTHON"))}
        environment |= environment_of(self.settings) | {self.mark: "1"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, sys.executable, "-m", "sightline", "serve", "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self._log.parent,
            )  # fmt: skip
        return self

    def wait_until_up(self) -> float:
        """Seconds it took."""
        return until(lambda: self.answers or self._dead(), UP_S, self.tell)

    @property
    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        return False

    def _dead(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it does not start: {self.tell()}"
        return False

    def children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [p for p in psutil.Process(self.pid).children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
        return []

    def kill(self) -> None:
        """As the kernel would for want of memory. Whatever it had started must go with it."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        until(lambda: not self.left(), 5, lambda: f"orphans: {self.left()}")

    def stop(self) -> None:
        """In good order."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it does not end: {self.tell()}") from None
        self._process = None
        until(lambda: not self.left(), 5, lambda: f"orphans: {self.left()}")

    def left(self) -> list[psutil.Process]:
        """Processes of it that live."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if self.mark in process.environ() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def tell(self) -> str:
        return self._log.read_text(errors="replace")[-20_000:] if self._log.exists() else ""

    def errors(self) -> list[Any]:
        """What all its lives logged at ERROR."""
        lines = []
        for path in sorted(self.settings.logs.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                # A process that was killed may have left half a line.
                with suppress(ValueError):
                    lines.append(json.loads(line))
        return [line for line in lines if line.get("level") in ("error", "critical")]

    def __enter__(self) -> Served:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()


def environment_of(settings: Settings) -> dict[str, str]:
    """What was set, as the environment says it."""
    found = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, tuple | list):
            value = ",".join(map(str, value))
        elif isinstance(value, bool):
            value = int(value)
        if value is not None:
            found[f"{PREFIX}{name.upper()}"] = str(value)
    return found


def served_settings(folder: Path, **values: Any) -> Settings:
    """As `tests.running.settings_for`, with jobs in processes and patience for many of them dying."""
    given: Mapping[str, Any] = {
        "executor": "process", "job_attempts": 20, "uploads_per_minute": 100_000, "log_level": "info",
    }  # fmt: skip
    return settings_for(folder, **{**given, **values})


@contextmanager
def looked_at(settings: Settings, url: str) -> Iterator[Service]:
    """The same installation in this process, for making people and for looking into its rows and files; never
    started."""
    platform = Platform(settings)
    try:
        upgrade(platform.database)
        yield Service(platform, url)
    finally:
        platform.close()
