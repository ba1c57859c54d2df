"""Whether this process can answer requests now, part by part: what ``/readyz`` says.

A part that has *failed* makes the process unready, so that a load balancer leaves it alone. A part that is *degraded*
does not: without Redis everything is slower but right; without a dispatcher nothing new is analysed, yet all that is
there can be looked at, and turning people away would not bring the dispatcher back; a full disk stops uploads only.
Alerts and rules for Prometheus tell of those.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from sightline.errors import SetupError, SightlineError
from sightline.library import migrate
from sightline.library.actor import SYSTEM
from sightline.library.cache import ResultCache
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.service.operations.holding import GB
from sightline.service.operations.machine import disks_of
from sightline.service.operations.monitor import ALIVE_S, folders_of
from sightline.service.operations.queue_state import dispatcher_heard_at
from sightline.service.settings import Settings
from sightline.text import Message

log = logging.getLogger(__name__)
FRESH_S = 1.0
PATIENCE_S = 4.0
"""A part that has not answered by then has failed, for this time."""


class PartState(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    """``database``, ``migrations``, ``store``, ``dispatcher``, ``redis``, ``disk``."""
    state: PartState
    took_ms: float
    why: Message | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    parts: tuple[Part, ...]

    @property
    def is_ready(self) -> bool:
        return all(part.state is not PartState.FAILED for part in self.parts)

    @property
    def state(self) -> PartState:
        """The worst of its parts."""
        return max((part.state for part in self.parts), key=list(PartState).index, default=PartState.OK)


class Degraded(Exception):
    """Raised by a look at a part that is not as it should be, but not needed to answer."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


Look = Callable[[], None]


class ReadinessChecks:
    """Looks at every part, side by side, and keeps the answer for a second. Safe for threads."""

    def __init__(self, looks: Mapping[str, Look], patience_s: float = PATIENCE_S) -> None:
        self._looks, self._patience_s = dict(looks), patience_s
        self._guard = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._found: dict[str, Part] = {}
        self._last: Readiness | None = None
        self._made_s = 0.0

    def check(self) -> Readiness:
        """Never raises. Takes `PATIENCE_S` at most: a part that hangs is not asked again before it has let go."""
        with self._guard:
            if self._last is None or time.monotonic() - self._made_s >= FRESH_S:
                self._last, self._made_s = self._checked(), time.monotonic()
            return self._last

    def _checked(self) -> Readiness:
        began = time.monotonic()
        for name, look in self._looks.items():
            if name not in self._running:
                self._found.pop(name, None)
                thread = threading.Thread(
                    target=self._look, args=(name, look), name=f"sightline-ready-{name}", daemon=True
                )
                self._running[name] = thread
                thread.start()
        for name, thread in list(self._running.items()):
            thread.join(max(0.0, began + self._patience_s - time.monotonic()))
            if not thread.is_alive():
                del self._running[name]
        late = Message.of("operations.ready.late", seconds=f"{self._patience_s:g}")
        took_ms = round(1000 * (time.monotonic() - began), 1)
        return Readiness(
            tuple(
                Part(name, PartState.FAILED, took_ms, late) if name in self._running else self._found[name]
                for name in self._looks
            )
        )

    def _look(self, name: str, look: Look) -> None:
        began = time.monotonic()
        state, why = PartState.OK, None
        try:
            look()
        except Degraded as found:
            state, why = PartState.DEGRADED, found.message
        except SightlineError as error:
            state, why = PartState.FAILED, error.message
        except Exception as error:
            log.exception("a look at %s failed", name)
            state, why = PartState.FAILED, Message.of("operations.ready.broken", what=type(error).__name__)
        self._found[name] = Part(name, state, round(1000 * (time.monotonic() - began), 1), why)


def usual_looks(
    settings: Settings, database: Database, cache: ResultCache, check_store: Callable[[], None]
) -> dict[str, Look]:
    """The parts every installation has; ``redis`` only where it is set. ``check_store`` is `Store.check`."""
    head = migrate.head()

    def reach_database() -> None:
        with database.read(SYSTEM) as session:
            session.execute(text("SELECT 1"))

    def compare_migrations() -> None:
        found = migrate.current(database)
        if found != head:
            raise SetupError("operations.ready.migrations", found=found or "-", known=head)

    def hear_dispatcher() -> None:
        heard = dispatcher_heard_at(database)
        age = None if heard is None else (now() - heard).total_seconds()
        if age is None or age > ALIVE_S:
            raise Degraded(Message.of("operations.ready.no_dispatcher"))

    def ping_redis() -> None:
        if cache.ping() is False:
            raise Degraded(Message.of("operations.ready.no_redis"))

    def look_for_room() -> None:
        disks = disks_of(folders_of(settings))
        short = min(disks, key=lambda disk: disk.free_bytes, default=None)
        if short is not None and short.free_bytes < settings.min_free_disk_gb * GB:
            free, least = f"{short.free_bytes / GB:.1f}", f"{settings.min_free_disk_gb:g}"
            raise Degraded(Message.of("operations.hold.disk", path=short.path, free=free, least=least))

    looks: dict[str, Look] = {
        "database": reach_database,
        "migrations": compare_migrations,
        "store": check_store,
        "dispatcher": hear_dispatcher,
        "disk": look_for_room,
    }
    return looks if cache.stats().is_redis_up is None else looks | {"redis": ping_redis}
