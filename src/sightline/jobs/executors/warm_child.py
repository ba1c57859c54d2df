"""A child process as its parent sees it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from sightline.jobs.executor import Task, Tell
from sightline.jobs.wire import document_of

REAP_S = 5.0
LONGEST_TEXT = 64 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manner:
    """How children are started and when they are replaced."""

    preload: Sequence[str] = ()
    """Modules loaded before the first task."""
    spare: int = 4
    """Children kept ready for work to come. More are started when work waits, and then stay."""
    most_tasks: int = 500
    most_memory_mb: int = 4096
    """A child that holds more at the end of a task is replaced."""
    niceness: int = 5
    """The service answers first, then work is done."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside that of this process."""


class Talk:
    """About one task, until the child's last word or its end."""

    def __init__(self, task: Task, tell: Tell) -> None:
        self.task, self._tell = task, tell
        self.over = threading.Event()
        self.answer: dict[str, Any] | None = None
        """None: there is none, the child ended."""
        self.how = ""
        """It ended: ``SIGSEGV``, ``exit status 1``."""
        self.is_taken = False

    def hear(self, document: dict[str, Any]) -> None:
        if document.get("task") != self.task.name:
            return
        if "taken" in document:
            self.is_taken = True
        elif "told" in document:
            self._tell(document["told"])
        else:
            self.answer = document
            self.over.set()


class Child:
    """Started by making one. Its two streams are read by the thread of the pool, requests are written by any."""

    def __init__(self, manner: Manner) -> None:
        arguments = {
            "parent": os.getpid(),
            "preload": list(manner.preload),
            "niceness": manner.niceness,
            "log_level": logging.getLogger("sightline").getEffectiveLevel(),
        }
        self._process = subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-m", "sightline.jobs.child", json.dumps(arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, process_group=0,
            env=dict(os.environ) | dict(manner.environment),
        )  # fmt: skip
        self.pid = self._process.pid
        for stream in self.streams:
            os.set_blocking(stream.fileno(), False)
        self._unread = {stream.fileno(): b"" for stream in self.streams}
        self._guard = threading.Lock()
        self._talk: Talk | None = None
        self.is_ready = False
        self.is_leaving = False
        """Killed, or dead of itself: not to be given work."""
        self.tasks = 0
        self.memory_mb = 0

    @property
    def streams(self) -> tuple[IO[bytes], IO[bytes]]:
        """What it says to us, and what is printed in it."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return self._process.stdout, self._process.stderr

    def begin(self, talk: Talk, request: bytes) -> None:
        """Sends a task. Where the child is dead, or dies of it, the talk is over without an answer."""
        with self._guard:
            if self.is_leaving:
                talk.over.set()
                return
            self._talk = talk
            self.tasks += 1
        view = memoryview(request)
        with suppress(OSError):  # It is dead; whoever reads its streams will say so.
            while view:
                view = view[self._send(view) :]

    def _send(self, view: memoryview) -> int:
        assert self._process.stdin is not None
        return self._process.stdin.write(view) or 0

    def end(self) -> None:
        with self._guard:
            self._talk = None

    def kill(self) -> None:
        """At once, with whatever it has started."""
        with self._guard:
            self._kill()

    def _kill(self) -> None:
        # Not reaped yet, so the number is still its own.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self.is_leaving = True

    def read(self, stream: IO[bytes]) -> bool:
        """Takes what has come in. False at the stream's end."""
        try:
            got = os.read(stream.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            got = b""
        self._take(stream, got)
        return bool(got)

    def _take(self, stream: IO[bytes], got: bytes) -> None:
        hear = self._heard if stream is self._process.stdout else self._printed
        for line in self._lines(stream.fileno(), got):
            hear(line)

    def _lines(self, number: int, got: bytes) -> Iterator[bytes]:
        *lines, rest = (self._unread[number] + got).split(b"\n")
        is_text = number == self.streams[1].fileno()
        if rest and is_text and (not got or len(rest) > LONGEST_TEXT):
            lines, rest = [*lines, rest], b""
        self._unread[number] = rest
        yield from lines

    def _heard(self, line: bytes) -> None:
        try:
            document = document_of(line)
        except ValueError:
            _log.warning("a child said what is no line of ours: %.80r", line, extra={"job_id": self.job_id})
            self.kill()
            return
        if "log" in document:
            told = document["log"]
            logging.getLogger(told["logger"]).log(told["level"], "%s", told["text"], extra={"job_id": self.job_id})
        elif "ready" in document:
            self.is_ready = True
        else:
            self.memory_mb = document.get("memory_mb", self.memory_mb)
            talk = self._talk
            if talk is not None:
                talk.hear(document)

    def _printed(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            _log.info("%s", text, extra={"job_id": self.job_id})

    @property
    def job_id(self) -> str:
        talk = self._talk
        return "" if talk is None else talk.task.job_id

    def bury(self) -> None:
        """Once it said its last word: makes sure that it and its own children are dead, and tells the task's thread."""
        with self._guard:
            self._kill()
            talk = self._talk
        try:
            code = self._process.wait(REAP_S)
            how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        except subprocess.TimeoutExpired:
            how = "it hangs in the kernel"
        printed = self.streams[1]
        with suppress(OSError):  # Another process may hold the other end open.
            while got := os.read(printed.fileno(), 1 << 16):
                self._take(printed, got)
        self._take(printed, b"")
        for stream in (self._process.stdin, *self.streams):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        if talk is not None and not talk.over.is_set():
            talk.how = how
            talk.over.set()
