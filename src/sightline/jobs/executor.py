"""What doing a job's work is, wherever it is done: child processes, threads, a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from sightline.errors import Defect

Tell = Callable[[dict[str, Any]], None]
WorkFunction = Callable[[Mapping[str, Any], Tell, Path], Mapping[str, Any] | None]
"""``run(payload, tell, folder)``: does the work and gives a result that is plain JSON. ``tell`` takes progress, plain
JSON too. ``folder`` is empty at the start and gone after the end. Raises the errors of `sightline.errors`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at a job, as an executor gets it."""

    job_id: str
    attempt: int
    run: str
    """``module:function``, a `WorkFunction`."""
    payload: Mapping[str, Any]
    """Plain JSON."""
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.job_id}-{self.attempt}"


class Why(StrEnum):
    """Why work is stopped."""

    CANCELLED = "cancelled"
    OUT_OF_TIME = "out of time"
    LOST = "lost"
    """The job is no longer ours: whatever comes of it is dropped."""
    ENDING = "ending"
    """The dispatcher stops in good order."""


class Stop:
    """Asks for work to be stopped, once: the first reason stays."""

    def __init__(self) -> None:
        self._why: Why | None = None
        self._guard = threading.Lock()
        self._act: Callable[[], None] | None = None

    @property
    def why(self) -> Why | None:
        return self._why

    def ask(self, why: Why) -> None:
        with self._guard:
            if self._why is not None:
                return
            self._why = why
            if self._act is not None:
                self._act()

    @contextmanager
    def calling(self, act: Callable[[], None]) -> Iterator[None]:
        """Inside, and never after it, ``act`` is called when somebody asks; at once where somebody has."""
        with self._guard:
            self._act = act
            if self._why is not None:
                act()
        try:
            yield
        finally:
            with self._guard:
                self._act = None


class Executor(Protocol):
    """Does tasks. ``run`` is called by many threads, one for each task under way."""

    def open(self) -> None:
        """Gets ready, without waiting for it. After `close` it can be opened again."""

    def run(self, task: Task, tell: Tell, stop: Stop) -> Mapping[str, Any]:
        """The result. Raises what the work raises, `MeasuringFailed` when the process that did it died, `Cancelled`
        once ``stop`` was asked and the work has ended."""

    def close(self) -> None:
        """Ends everything that was opened, if anything. Tasks under way are to be stopped before."""


def resolve(name: str) -> WorkFunction:
    """The function ``module:function``. Raises `Defect` where there is none."""
    module, _, function = name.partition(":")
    try:
        found: WorkFunction = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise Defect("jobs.no_work", name=name, why=repr(error)) from error
    return found
