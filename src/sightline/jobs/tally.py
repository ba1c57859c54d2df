"""What a dispatcher has done since its process began, in numbers that only grow."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from sightline.jobs.machine import State


@dataclass(frozen=True, slots=True)
class Counts:
    started: int = 0
    """Attempts."""
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    """Attempts that ended with the process that saw to them."""
    retried: int = 0
    """Attempts after which the job was queued again because of an error."""
    put_back: int = 0
    """Attempts ended because the dispatcher stopped in good order."""


class Tally:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._counts = Counts()

    @property
    def counts(self) -> Counts:
        return self._counts

    def started(self, attempts: int) -> None:
        with self._guard:
            self._counts = replace(self._counts, started=self._counts.started + attempts)

    def ended(self, state: State, *, is_lost: bool, is_put_back: bool = False) -> None:
        """``state``: what the job became by it."""
        with self._guard:
            counts = self._counts
            if is_lost:
                counts = replace(counts, lost=counts.lost + 1)
            match state:
                case State.DONE:
                    counts = replace(counts, done=counts.done + 1)
                case State.FAILED:
                    counts = replace(counts, failed=counts.failed + 1)
                case State.CANCELLED:
                    counts = replace(counts, cancelled=counts.cancelled + 1)
                case State.QUEUED if is_put_back:
                    counts = replace(counts, put_back=counts.put_back + 1)
                case State.QUEUED if not is_lost:
                    counts = replace(counts, retried=counts.retried + 1)
            self._counts = counts
