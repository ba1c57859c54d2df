"""The queue as the database has it: for metrics and readiness."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow, ProcessRow
from sightline.library.tables import JobRow

FRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class QueueState:
    jobs: Mapping[str, int]
    """By state; those that have ended as far as they are kept."""
    oldest_due_s: float
    """Seconds the job that waits longest could have begun ago; 0 when none waits."""
    dispatcher_age_s: float | None
    """Since the dispatcher was last heard of; None when there is none."""
    open_alerts: Mapping[str, int]
    """By kind."""


class QueueReader:
    """Reads the state, at most every `FRESH_S`: whoever asks more often gets the same again."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._guard = threading.Lock()
        self._last: QueueState | None = None
        self._read_s: float | None = None

    def read(self) -> QueueState | None:
        """None while the database cannot be reached."""
        with self._guard:
            if self._read_s is None or self._clock() - self._read_s >= FRESH_S:
                try:
                    self._last = queue_state(self._database, now())
                except Unavailable:
                    self._last = None
                self._read_s = self._clock()
            return self._last


def queue_state(database: Database, at: datetime) -> QueueState:
    """Raises `Unavailable`."""
    with database.read(SYSTEM) as session:
        by_state = select(JobRow.state, func.count()).group_by(JobRow.state)
        jobs: dict[str, int] = dict(session.execute(by_state).all())
        oldest = session.scalar(select(func.min(JobRow.due_at)).where(JobRow.state == "queued", JobRow.due_at <= at))
        by_kind = select(AlertRow.kind, func.count()).where(AlertRow.ended_at.is_(None)).group_by(AlertRow.kind)
        alerts: dict[str, int] = dict(session.execute(by_kind).all())
    heard = dispatcher_heard_at(database)
    return QueueState(
        {"queued": 0, "running": 0} | jobs,
        max(0.0, (at - oldest).total_seconds()) if oldest else 0.0,
        None if heard is None else max(0.0, (at - heard).total_seconds()),
        alerts,
    )


def dispatcher_heard_at(database: Database) -> datetime | None:
    """When a process last said that jobs are dispatched in it. Raises `Unavailable`."""
    with database.read(SYSTEM) as session:
        return session.scalar(select(func.max(ProcessRow.seen_at)).where(ProcessRow.is_dispatcher.is_(True)))
