"""Sessions of models: loaded on first use, shared by the whole process, unloaded when nobody has used them for a while.

    with lease(shelf, "face_landmarker", load) as session:
        session.run(...)

A meter that needs a session for a whole run keeps the lease and closes it in ``columns()``. A lease nobody closed (a
cancelled run) is given back when it is collected.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

from sightline.weights.shelf import Shelf

Session = TypeVar("Session")


class Key(NamedTuple):
    """What makes two sessions interchangeable."""

    model: str
    variant: str
    identity: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session in memory."""

    model: str
    variant: str
    """What it was loaded with, where there is a choice: ``cuda float16``."""
    bytes: int
    """Size of its files; what it takes in memory is more or less of the same order."""
    since: float
    """When it was loaded, in seconds since 1970."""
    last_used: float
    """When it was last lent or given back, in seconds since 1970."""
    leases: int
    """Who uses it now; 0: idle."""

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True, eq=False)
class _Slot:
    key: Key
    session: Any
    bytes: int
    idle_s: float
    since: float = field(default_factory=time.time)
    used: float = field(default_factory=time.monotonic)
    used_at: float = field(default_factory=time.time)
    leases: int = 1

    def touch(self) -> None:
        self.used, self.used_at = time.monotonic(), time.time()


class Lease(Generic[Session]):
    """The right to use a session until it is closed or collected."""

    def __init__(self, pool: Pool, slot: _Slot) -> None:
        self.session: Session = slot.session
        self._pool, self._slot = pool, slot
        self._lost = weakref.finalize(self, pool._lose, slot)
        self._lost.atexit = False

    def close(self) -> None:
        """Gives the session back; it is not to be used any more. Again: nothing."""
        if self._lost.detach() is not None:
            self._pool._give_back(self._slot)

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.close()


class Pool:
    """The sessions of a process, and the thread that unloads them. It lives as long as there are any."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._slots: list[_Slot] = []
        self._loading: dict[Key, threading.Lock] = {}
        self._lost: SimpleQueue[_Slot] = SimpleQueue()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._sweeper: threading.Thread | None = None
        self._looks_at = 0.0
        self._changed: list[Callable[[], None]] = []

    def lease(
        self, shelf: Shelf, model: str, load: Callable[[Path], Session], *, shared: bool = False, variant: str = ""
    ) -> Lease[Session]:
        """A session of the model, loaded by ``load`` from its file (the folder, where it has several) if none is free.

        ``shared`` says that the runtime lets many threads use one session at once (ONNX Runtime, CTranslate2); else
        each lease has a session of its own (LiteRT). Raises as `Shelf.require`, and whatever ``load`` raises.
        """
        path = shelf.path(model)
        key = Key(model, variant, shelf.identity(model))
        with self._held():
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            slot = self._take(key, shared)
            if slot is None:
                slot = _Slot(key, load(path), _bytes_of(shelf, model), shelf.idle_s)
                with self._held():
                    self._slots.append(slot)
                    self._sweep_from_now()
                self._tell()
        return Lease(self, slot)

    def loaded(self) -> tuple[Loaded, ...]:
        """Every session in memory, in the order they were loaded."""
        with self._held():
            return tuple(
                Loaded(slot.key.model, slot.key.variant, slot.bytes, slot.since, slot.used_at, slot.leases)
                for slot in self._slots
            )

    def clear(self) -> None:
        """Forgets every session. Those that are lent live until they are given back."""
        with self._held():
            self._slots.clear()
            sweeper = self._sweeper
        self._wake.put(None)
        if sweeper is not None:
            sweeper.join(timeout=1)
        self._tell()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Has ``changed`` called after a session was loaded or unloaded, in whichever thread did it."""
        self._changed.append(changed)

    def _take(self, key: Key, shared: bool) -> _Slot | None:
        with self._held():
            for slot in self._slots:
                if slot.key == key and (shared or not slot.leases):
                    slot.leases += 1
                    slot.touch()
                    return slot
        return None

    def _give_back(self, slot: _Slot) -> None:
        with self._held():
            self._returned(slot)
            is_early = slot.used + slot.idle_s < self._looks_at
        if is_early:
            self._wake.put(None)

    def _lose(self, slot: _Slot) -> None:
        """For a lease that is collected: at any instant, also while this thread holds the lock. Queues bear that."""
        self._lost.put(slot)
        self._wake.put(None)

    def _returned(self, slot: _Slot) -> None:
        slot.leases -= 1
        slot.touch()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The lock, with every lost lease accounted for."""
        with self._guard:
            with suppress(Empty):
                while True:
                    self._returned(self._lost.get_nowait())
            yield

    def _sweep_from_now(self) -> None:
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._sweep, name="sightline-sessions", daemon=True)
            self._sweeper.start()

    def _sweep(self) -> None:
        while (wait_s := self._unload_idle()) is not None:
            with suppress(Empty):
                self._wake.get(timeout=wait_s)

    def _unload_idle(self) -> float | None:
        """Drops what has been idle for too long. Gives the seconds until the next can be, None when nothing is left."""
        with self._held():
            now = time.monotonic()
            gone = [slot for slot in self._slots if not slot.leases and now - slot.used >= slot.idle_s]
            self._slots = [slot for slot in self._slots if slot not in gone]
            self._looks_at = min((s.used + s.idle_s for s in self._slots if not s.leases), default=now + LOOK_S)
            if not self._slots:
                self._sweeper = None
            wait_s = max(0.0, self._looks_at - now) if self._slots else None
        if gone:
            # Their memory is given back here, outside of the lock.
            del gone
            self._tell()
        return wait_s

    def _tell(self) -> None:
        for changed in self._changed:
            changed()


LOOK_S = 60.0
"""How often the thread looks while every session is lent. It is woken for what becomes free before."""


def _bytes_of(shelf: Shelf, model: str) -> int:
    return sum(found.path.stat().st_size for found in shelf.find(model) or ())


POOL = Pool()
"""That of this process."""
lease = POOL.lease
loaded = POOL.loaded
clear = POOL.clear
on_change = POOL.on_change
