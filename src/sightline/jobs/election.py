"""One dispatcher for a whole installation: whoever holds the lock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sightline.library.database import Database
from sightline.library.lock import Lock

CHECK_S = 0.8
SILENT_S = 3.0
"""A database that has not answered for so long may have given the lock to somebody else."""
_log = logging.getLogger(__name__)


class Election:
    """Stands for office, and watches over it once it is won: ``on_loss`` is called, from a thread of its own, within
    about a second of the lock's loss."""

    def __init__(self, database: Database, name: str, on_loss: Callable[[], None]) -> None:
        self._database, self._name, self._on_loss = database, name, on_loss
        self._term: _Term | None = None

    def stand(self) -> bool:
        """Whether it is won now. Raises `Unavailable`."""
        self.resign()
        lock = Lock(self._database, self._name)
        if not lock.acquire():
            return False
        self._term = _Term(lock, self._on_loss)
        return True

    @property
    def is_won(self) -> bool:
        return self._term is not None and self._term.holds

    def resign(self) -> None:
        if self._term is not None:
            self._term.end()
            self._term = None


class _Term:
    """From the lock's taking to its loss or return. One thread asks the database, which may take for ever to answer;
    the other one looks at the clock. Where the lock cannot be lost there are none: on a machine so busy that a thread
    gets no turn for seconds they would take it for lost."""

    def __init__(self, lock: Lock, on_loss: Callable[[], None]) -> None:
        self._lock, self._on_loss = lock, on_loss
        self._is_lost = False
        self._guard = threading.Lock()
        self._seen = time.monotonic()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=target, name=f"sightline-election-{target.__name__[1:]}", daemon=True)
            for target in ((self._ask, self._watch) if lock.may_be_lost else ())
        ]
        for thread in self._threads:
            thread.start()

    @property
    def holds(self) -> bool:
        return not self._is_lost

    def end(self) -> None:
        """Gives the lock back. Waits for a database that does not answer no longer than it has to."""
        self._over.set()
        for thread in self._threads:
            thread.join(SILENT_S)
        if not self._threads:
            self._lock.release()

    def _ask(self) -> None:
        try:
            while not self._over.wait(CHECK_S):
                if not self._is_held():
                    self._lose()
                    return
                self._seen = time.monotonic()
        finally:
            self._lock.release()

    def _watch(self) -> None:
        while not self._is_lost and not self._over.wait(CHECK_S):
            if time.monotonic() - self._seen > SILENT_S:
                self._lose()

    def _is_held(self) -> bool:
        try:
            return self._lock.is_held()
        except Exception as error:  # noqa: BLE001  (the edge of a thread: whatever it is, nobody knows whose the lock is)
            _log.warning("the dispatcher's lock cannot be looked at: %r", error)
            return False

    def _lose(self) -> None:
        with self._guard:
            if self._is_lost:
                return
            self._is_lost = True
        if not self._over.is_set():
            _log.warning("this process is no longer the dispatcher: its lock is gone")
            self._on_loss()
