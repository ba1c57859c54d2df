"""Work in child processes that are kept warm: a crash in a codec ends one of them and nothing else, and work that reads
no flag is ended all the same."""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from sightline.errors import Cancelled, Defect, MeasuringFailed, SetupError
from sightline.jobs.executor import Stop, Task, Tell
from sightline.jobs.executors.warm_child import Child, Manner, Talk
from sightline.jobs.wire import error_from_json, line_of

CHILD_WITHIN_S = 120.0
LONGEST_PAUSE_S = 10.0
"""Between starts of children that die before they are ready."""
TRIES = 3
_log = logging.getLogger(__name__)


class ProcessExecutor:
    """``size`` children at most. One thread starts them all, reads what they say and buries them: the kernel ends a
    child together with the thread that started it, so that thread must live as long as they do."""

    def __init__(self, size: int, manner: Manner | None = None) -> None:
        self._size, self._manner = size, Manner() if manner is None else manner
        self._changed = threading.Condition()
        self._children: set[Child] = set()
        self._idle: deque[Child] = deque()
        self._waiting = 0
        """Tasks without a child."""
        self._thread: threading.Thread | None = None
        self._bell: tuple[int, int] | None = None
        self._is_closing = False
        self._early_deaths = 0
        self._start_after = 0.0

    def open(self) -> None:
        with self._changed:
            if self._thread is not None:
                return
            self._is_closing, self._early_deaths, self._start_after = False, 0, 0.0
            self._bell = os.pipe()
            for end in self._bell:
                os.set_blocking(end, False)
            self._thread = threading.Thread(target=self._keep, name="sightline-pool", daemon=True)
            self._thread.start()

    def close(self) -> None:
        with self._changed:
            thread = self._thread
            if thread is None:
                return
            self._is_closing = True
            self._changed.notify_all()
        self._ring()
        thread.join()
        with self._changed:
            self._thread = None

    def resize(self, size: int) -> None:
        """So many children at the most from now on. Those there are too many of stay until they end."""
        with self._changed:
            if size == self._size:
                return
            self._size = size
        self._ring()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the children that live."""
        with self._changed:
            return tuple(child.pid for child in self._children)

    @property
    def ready(self) -> int:
        """Children that wait for work."""
        with self._changed:
            return len(self._idle)

    def run(self, task: Task, tell: Tell, stop: Stop) -> Mapping[str, Any]:
        try:
            request = line_of(
                {"task": task.name, "run": task.run, "payload": dict(task.payload), "folder": str(task.folder)}
            )
        except (TypeError, ValueError) as error:
            raise Defect("engine.defect", error=repr(error), place=task.run) from error
        talk = Talk(task, tell)
        if stop.why is not None:
            raise Cancelled("jobs.stopped")
        for _ in range(TRIES):
            talk = self._talked(task, tell, stop, request)
            # A child that died before it read the request says nothing about the job.
            if talk.answer is not None or talk.is_taken or stop.why is not None:
                break
        answer = talk.answer
        if answer is not None and "done" in answer:
            return dict(answer["done"])
        if stop.why is not None:
            raise Cancelled("jobs.stopped")
        if answer is not None and "error" in answer:
            raise error_from_json(answer["error"])
        raise MeasuringFailed("jobs.child_died", how=talk.how)

    def _talked(self, task: Task, tell: Tell, stop: Stop, request: bytes) -> Talk:
        child = self._take(stop)
        talk = Talk(task, tell)
        try:
            with stop.calling(child.kill):
                child.begin(talk, request)
                talk.over.wait()
        finally:
            child.end()
            self._give_back(child)
        return talk

    def _take(self, stop: Stop) -> Child:
        """A child that is ready, for this thread alone."""
        deadline = time.monotonic() + CHILD_WITHIN_S
        with stop.calling(self._notify), self._changed:
            self._waiting += 1
            self._ring()
            try:
                while not self._idle:
                    if stop.why is not None or self._is_closing or self._thread is None:
                        raise Cancelled("jobs.stopped")
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise SetupError("jobs.no_child", waited_s=int(CHILD_WITHIN_S))
                return self._idle.popleft()
            finally:
                self._waiting -= 1

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _give_back(self, child: Child) -> None:
        if child.tasks >= self._manner.most_tasks or child.memory_mb > self._manner.most_memory_mb:
            child.kill()
        with self._changed:
            if not child.is_leaving and not self._is_closing:
                self._idle.append(child)
                self._changed.notify_all()

    # From here on: the thread of the pool.

    def _keep(self) -> None:
        bell = self._bell
        if bell is None:
            return
        with selectors.DefaultSelector() as streams:
            streams.register(bell[0], selectors.EVENT_READ)
            try:
                while not self._is_closing:
                    pause = self._fill(streams)
                    for key, _ in streams.select(pause):
                        if key.data is None:
                            os.read(bell[0], 1024)
                        else:
                            self._read(streams, *key.data)
            finally:
                for child in tuple(self._children):
                    child.kill()
                for child in tuple(self._children):
                    self._bury(streams, child)
                with self._changed:
                    self._bell = None
                os.close(bell[0])
                os.close(bell[1])

    def _fill(self, streams: selectors.BaseSelector) -> float | None:
        """Starts the children that are missing. Seconds until it may be tried again, None when all are there."""
        while self._is_one_missing():
            left = self._start_after - time.monotonic()
            if left > 0:
                return left
            try:
                child = Child(self._manner)
            except OSError as error:
                _log.warning("no process to work in can be started: %s", error)
                self._pause()
                continue
            with self._changed:
                self._children.add(child)
            for stream in child.streams:
                streams.register(stream, selectors.EVENT_READ, (child, stream))
        return None

    def _is_one_missing(self) -> bool:
        with self._changed:
            warming = sum(not child.is_ready for child in self._children)
            wanted = max(self._manner.spare, self._waiting)
            return len(self._children) < self._size and len(self._idle) + warming < wanted

    def _read(self, streams: selectors.BaseSelector, child: Child, stream: IO[bytes]) -> None:
        was_ready = child.is_ready
        if child not in self._children:
            return
        if not child.read(stream):
            streams.unregister(stream)
            if stream is child.streams[0]:
                self._bury(streams, child)
        elif child.is_ready and not was_ready:
            self._early_deaths = 0
            with self._changed:
                if not child.is_leaving:
                    self._idle.append(child)
                    self._changed.notify_all()

    def _bury(self, streams: selectors.BaseSelector, child: Child) -> None:
        for stream in child.streams:
            with suppress(KeyError, ValueError):
                streams.unregister(stream)
        with self._changed:
            self._children.discard(child)
            with suppress(ValueError):
                self._idle.remove(child)
        child.bury()
        if not child.is_ready and not self._is_closing:
            _log.warning("a process to work in died before it was ready")
            self._pause()

    def _pause(self) -> None:
        self._early_deaths += 1
        self._start_after = time.monotonic() + min(LONGEST_PAUSE_S, 0.1 * 2**self._early_deaths)

    def _ring(self) -> None:
        with self._changed:
            if self._bell is not None:
                with suppress(OSError):
                    os.write(self._bell[1], b"!")
