"""How far a run is, and how to stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sightline.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. Times in seconds."""

    stage: str
    """``hashing`` or ``measuring``."""
    done_s: float
    """Media time measured (bytes read, while hashing)."""
    total_s: float | None
    """None when the length is not known."""
    elapsed_s: float
    known_s: float = 0.0
    """Of ``done_s``, what an earlier run had measured."""

    @property
    def speed(self) -> float:
        """Media seconds per second of wall time."""
        return (self.done_s - self.known_s) / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        if not self.total_s or self.speed <= 0:
            return None
        return max(0.0, (self.total_s - self.done_s) / self.speed)


ProgressCallback = Callable[[Progress], None]


class Cancel:
    """A flag anybody may raise; the run stops at its next picture."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises `Cancelled` once the flag is up."""
        if self._event.is_set():
            raise Cancelled("engine.cancelled")


class Reporter:
    """Adds up what the lanes of a run have measured and tells a callback at most ten times a second."""

    INTERVAL_S = 0.1

    def __init__(self, callback: ProgressCallback | None, total_s: float | None, stage: str = "measuring") -> None:
        self._callback, self._total_s, self._stage = callback, total_s, stage
        self._started = time.monotonic()
        self._told = 0.0
        self._done: dict[int, float] = {}
        self._known_s = 0.0
        self._lock = threading.Lock()

    def advance(self, lane: int, done_s: float) -> None:
        """``done_s``: media seconds this lane has measured so far."""
        if self._callback is None:
            return
        with self._lock:
            self._done[lane] = done_s
            now = time.monotonic()
            if now - self._told < self.INTERVAL_S:
                return
            self._told = now
            self._callback(self._progress(sum(self._done.values())))

    def known(self, lane: int, done_s: float) -> None:
        """``done_s``: media seconds of this lane that need not be measured."""
        with self._lock:
            self._known_s += done_s
        self.advance(lane, done_s)

    def finish(self) -> None:
        if self._callback is not None:
            self._callback(self._progress(self._total_s if self._total_s is not None else sum(self._done.values())))

    def _progress(self, done_s: float) -> Progress:
        elapsed_s = time.monotonic() - self._started
        return Progress(self._stage, done_s, self._total_s, elapsed_s, min(self._known_s, done_s))
