"""What has to be done again and again: by the process that dispatches jobs, and by no other at the same time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sightline.engine.defects import place_of
from sightline.errors import SightlineError

_log = logging.getLogger(__name__)
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every so often. ``run`` gives how many things it saw to."""

    name: str
    every_s: float
    run: Callable[[], int]


class Housekeeping:
    """A thread that does each chore when it is due, for the first time shortly after this process was elected."""

    def __init__(self, chores: Sequence[Chore], is_elected: Callable[[], bool]) -> None:
        self._chores, self._is_elected = tuple(chores), is_elected
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._run, name="sightline-housekeeping", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        done_at: dict[str, float] = {}
        while not self._over.wait(LOOK_S):
            if not self._is_elected():
                done_at.clear()
                continue
            for chore in self._chores:
                if time.monotonic() - done_at.get(chore.name, -chore.every_s) >= chore.every_s:
                    self._do(chore)
                    done_at[chore.name] = time.monotonic()

    def _do(self, chore: Chore) -> None:
        if self._over.is_set():
            return
        try:
            chore.run()
        except SightlineError as error:
            _log.warning("%s waits: %s", chore.name, error)
        except Exception as error:  # noqa: BLE001  (the edge of a thread: other chores go on)
            _log.error("%s failed at %s: %r", chore.name, place_of(error), error)
