"""What changed, told to listeners as it happens: rows of ``changes``, and the progress of running jobs.

One thread a process asks the database while anybody listens, at once when the bell rings, else every half second. A
listener that comes back names the last change it heard of, and hears the rest first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from sightline.errors import NotAllowed, SightlineError
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import ChangeRow
from sightline.library.tables import JobRow
from sightline.service.access import Right, require

_log = logging.getLogger(__name__)
INTERVAL_S = 0.5
LATE_ROWS = 200
"""Rows before the last one looked at again: a transaction with a lower number may end after one with a higher."""
MOST_MISSED = 5000


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a listener hears."""

    event: str
    """``change``, ``progress``, ``pull``, or ``reset``: too much was missed, ask for everything anew."""
    data: Mapping[str, Any]
    id: int | None = None


Hear = Callable[[Told], None]


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who hears of some workspaces. ``hear`` is called from the feed's thread and must not wait."""

    workspaces: frozenset[str]
    hear: Hear
    is_admin: bool = False
    heard: set[int] = field(default_factory=set)


class Feed:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._guard = threading.Lock()
        self._bell = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._last = 0
        self._progress: dict[str, Any] = {}

    def start(self) -> None:
        """Begins its thread. Raises `Unavailable`."""
        self._last = self._newest()
        self._over.clear()
        self._thread = threading.Thread(target=self._run, name="sightline-feed", daemon=True)
        self._thread.start()

    def listen(self, actor: Actor, since: int | None, hear: Hear) -> Listener:
        """Hears from now on, and of what came after change ``since`` first. To be given to `leave` at the end."""
        require(actor, Right.LIST)
        listener = Listener(frozenset(actor.roles), hear, _administers(actor))
        with self._guard:
            self._catch_up(listener, since)
            self._listeners.add(listener)
        self._bell.set()
        return listener

    def leave(self, listener: Listener) -> None:
        with self._guard:
            self._listeners.discard(listener)

    def ring(self) -> None:
        """Something changed: look now."""
        self._bell.set()

    def tell_administrators(self, told: Told) -> None:
        """What concerns the installation, to those who listen to this process."""
        with self._guard:
            listeners = [listener for listener in self._listeners if listener.is_admin]
        for listener in listeners:
            listener.hear(told)

    def stop(self) -> None:
        self._over.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def _run(self) -> None:
        while True:
            self._bell.wait(INTERVAL_S if self._listeners else None)
            self._bell.clear()
            if self._over.is_set():
                return
            try:
                self._look()
            except SightlineError as error:
                # The database is away; listeners hear what they missed when it is back.
                _log.warning("changes cannot be read: %s", error)
                time.sleep(INTERVAL_S)

    def _look(self) -> None:
        with self._guard:
            listeners = tuple(self._listeners)
        if not listeners:
            return
        with self._database.read(SYSTEM) as session:
            rows = session.scalars(
                select(ChangeRow).where(ChangeRow.id > self._last - LATE_ROWS).order_by(ChangeRow.id)
            ).all()
            running = session.scalars(select(JobRow).where(JobRow.state == "running")).all()
        for row in rows:
            for listener in listeners:
                self._tell(listener, row)
        self._last = max([self._last, *(row.id for row in rows)])
        for listener in listeners:
            listener.heard = {number for number in listener.heard if number > self._last - LATE_ROWS}
        for job in running:
            if job.progress and self._progress.get(job.id) != job.progress:
                told = Told("progress", {"job_id": job.id, "subject_id": job.subject_id, **job.progress})
                for listener in listeners:
                    if job.workspace_id in listener.workspaces:
                        listener.hear(told)
        self._progress = {job.id: job.progress for job in running}

    def _tell(self, listener: Listener, row: ChangeRow) -> None:
        if row.workspace_id in listener.workspaces and row.id not in listener.heard:
            listener.heard.add(row.id)
            listener.hear(_change(row))

    def _catch_up(self, listener: Listener, since: int | None) -> None:
        """Tells what came after ``since``; what else is there already is no news."""
        with self._database.read(SYSTEM) as session:
            oldest = session.scalar(select(func.min(ChangeRow.id))) or 0
            listener.heard.update(session.scalars(select(ChangeRow.id).where(ChangeRow.id > self._last - LATE_ROWS)))
            if since is None:
                return
            mine = ChangeRow.workspace_id.in_(sorted(listener.workspaces))
            missed = session.scalars(
                select(ChangeRow).where(ChangeRow.id > since, mine).order_by(ChangeRow.id).limit(MOST_MISSED + 1)
            ).all()
        if len(missed) > MOST_MISSED or since < oldest - 1:
            listener.hear(Told("reset", {"at": now().isoformat()}, max(self._last, since)))
            return
        for row in missed:
            listener.heard.add(row.id)
            listener.hear(_change(row))

    def _newest(self) -> int:
        with self._database.read(SYSTEM) as session:
            return session.scalar(select(func.max(ChangeRow.id))) or 0


def _administers(actor: Actor) -> bool:
    try:
        require(actor, Right.MANAGE_INSTALLATION)
    except NotAllowed:
        return False
    return True


def _change(row: ChangeRow) -> Told:
    return Told(
        "change",
        {"kind": row.kind, "subject": row.subject, "id": row.subject_id, "workspace_id": row.workspace_id},
        row.id,
    )
