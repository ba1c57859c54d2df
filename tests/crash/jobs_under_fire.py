"""What the crash tests of jobs share: servers to kill, jobs to count, and a way to the database that can be cut."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy import select, update

from sightline.jobs import queue
from sightline.library.actor import SYSTEM
from sightline.library.columns import new_id, now
from sightline.library.database import Database
from sightline.library.running_tables import AuditRow
from sightline.library.tables import JobRow, WorkspaceRow

ROOT = Path(__file__).parents[2]
STEPS, STEP_S = 5, 0.08


def until(true: Callable[[], object], within_s: float, what: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


class Servers:
    """Processes of `jobs_server`, two at a time: one works, one stands by."""

    def __init__(self, url: str, folder: Path, number: int = 2) -> None:
        self.url, self.folder = url, folder
        self.mark = f"TOY_SERVERS_{uuid.uuid4().hex}"
        self.log = (folder / "log").open("ab")
        self.all = [self._started() for _ in range(number)]

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(Path(__file__).with_name("jobs_server.py")), self.url, str(self.folder / "jobs")]
        environment = os.environ | {"PYTHONPATH": str(ROOT), self.mark: "1"}
        return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=self.log, env=environment)

    def children(self) -> list[psutil.Process]:
        found = []
        for server in self.all:
            with suppress(psutil.NoSuchProcess):
                found += psutil.Process(server.pid).children()
        return found

    def kill(self, number: int) -> None:
        """As the kernel would for want of memory; another takes its place."""
        server = self.all[number]
        children = psutil.Process(server.pid).children()
        server.kill()
        server.wait()
        if server.stdin is not None:
            server.stdin.close()
        until(lambda: not any(_lives(child) for child in children), 3, lambda: f"orphans: {children}")
        self.all[number] = self._started()

    def kill_child(self, which: int) -> None:
        children = self.children()
        if children:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                os.kill(children[which % len(children)].pid, signal.SIGKILL)

    def tell(self) -> str:
        """What they were doing, for a test that waits in vain."""
        for server in self.all:
            server.send_signal(signal.SIGUSR1)
        time.sleep(0.5)
        return (self.folder / "log").read_text()[-20_000:]

    def close(self) -> None:
        """In good order; whatever is left of them then is an orphan."""
        for server in self.all:
            if server.stdin is not None:
                server.stdin.close()
        try:
            for server in self.all:
                server.wait(20)
        finally:
            for server in self.all:
                server.kill()
                server.wait()
            self.log.close()
        until(lambda: not self.left(), 3, lambda: f"orphans: {self.left()}")

    def left(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if self.mark in process.environ() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


class Jobs:
    """Jobs that count, and what became of them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.kept = database, folder / "kept"
        self.kept.mkdir()
        self.workspace = new_id()
        self.ids: list[str] = []
        with database.write(SYSTEM) as session:
            session.add(WorkspaceRow(id=self.workspace, name="w"))

    def put(self, number: int) -> None:
        with self.database.write(SYSTEM) as session:
            for _ in range(number):
                payload = {"kept": str(self.kept), "name": new_id(), "steps": STEPS, "step_s": STEP_S}
                job = queue.enqueue(
                    session, kind="count", workspace_id=self.workspace, timeout_s=60, payload=payload, most_attempts=20
                )
                self.ids.append(job.id)

    def states(self) -> Counter[str]:
        with self.database.read(SYSTEM) as session:
            return Counter(session.scalars(select(JobRow.state)))

    def unfinished(self) -> int:
        states = self.states()
        return states["queued"] + states["running"]

    def hurry(self) -> None:
        """Nobody wants to wait out the delays after crashes."""
        hurried = update(JobRow).where(JobRow.state == "queued").values(due_at=now())
        self.database.change(SYSTEM, lambda session: session.execute(hurried))

    def all_ended_once(self) -> None:
        with self.database.read(SYSTEM) as session:
            concluded = Counter(session.scalars(select(AuditRow.subject).where(AuditRow.action == "job.concluded")))
        assert self.states() == {"done": len(self.ids)}
        assert concluded == dict.fromkeys(self.ids, 1)
        assert len(list(self.kept.iterdir())) == STEPS * len(self.ids)


class Cable:
    """A way to a database that can be cut, or hold its breath."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._is_cut = self._is_silent = self._is_over = False
        self._is_still = threading.Event()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._run, name="cable", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """When it returns no connection is left."""
        self._is_cut = True
        until(lambda: not self._pairs, 30)

    def silence(self) -> None:
        """When it returns nothing passes any more."""
        self._is_silent = True
        assert self._is_still.wait(30)

    def mend(self) -> None:
        self._is_cut = self._is_silent = False
        self._is_still.clear()

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            while not self._is_over:
                if self._is_cut:
                    for end in tuple(self._pairs):
                        self._drop(ready, end)
                if self._is_silent:
                    self._is_still.set()
                    time.sleep(0.02)
                    continue
                for key, _ in ready.select(0.02):
                    if key.fileobj is self._listener:
                        self._accept(ready)
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._pairs:
                        self._carry(ready, key.fileobj)
            for end in tuple(self._pairs):
                self._drop(ready, end)

    def _accept(self, ready: selectors.BaseSelector) -> None:
        near, _ = self._listener.accept()
        if self._is_cut:
            near.close()
            return
        try:
            far = socket.create_connection(self._to)
        except OSError:
            near.close()
            return
        self._pairs |= {near: far, far: near}
        for end in (near, far):
            ready.register(end, selectors.EVENT_READ)

    def _carry(self, ready: selectors.BaseSelector, end: socket.socket) -> None:
        try:
            got = end.recv(1 << 16)
            self._pairs[end].sendall(got)
        except OSError:
            got = b""
        if not got:
            self._drop(ready, end)

    def _drop(self, ready: selectors.BaseSelector, end: socket.socket) -> None:
        other = self._pairs.pop(end, None)
        if other is None:
            return
        self._pairs.pop(other, None)
        for each in (end, other):
            with suppress(KeyError, ValueError):
                ready.unregister(each)
            each.close()


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
