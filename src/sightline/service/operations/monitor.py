"""Watches this machine from a thread: samples, heartbeat, what holds jobs back, alerts."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sightline.errors import SightlineError
from sightline.library.actor import SYSTEM
from sightline.library.columns import new_id, now
from sightline.library.database import Database
from sightline.library.running_tables import ProcessRow
from sightline.service.operations.alerts import Alerts
from sightline.service.operations.holding import Hold, holds
from sightline.service.operations.machine import MachineSample, Sampler, machine_id
from sightline.service.settings import Settings

log = logging.getLogger(__name__)
EVERY_S = 5.0
KEPT_S = 3600.0
ALIVE_S = 20.0
"""A process not heard of for longer counts as gone."""
ALERT_AFTER_S = 15.0
"""A limit must be passed for so long before anybody is told; jobs are held back at once."""
SWEEP_EVERY = 12
"""Samples between looks for alerts of hosts that are gone."""


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A process of this installation, as it last told of itself."""

    id: str
    host: str
    pid: int
    is_dispatcher: bool
    started_at: datetime
    seen_at: datetime
    sample: Mapping[str, Any]
    """`MachineSample.document`, with ``machine`` and what ``extras`` gave."""


class Monitor:
    """Of one process. `begin` starts its thread, `end` stops it and takes the process off the list.

    ``extras`` adds to the heartbeat what others want to know of this process: hits of its cache. ``is_dispatcher``
    says whether jobs are dispatched here at this moment. ``limits`` gives the settings whose limits hold now.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        process_id: str | None = None,
        alerts: Alerts | None = None,
        is_dispatcher: Callable[[], bool] = lambda: False,
        extras: Callable[[], Mapping[str, Any]] = dict,
        limits: Callable[[], Settings] | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        self.process_id = process_id or new_id()
        self.host = socket.gethostname()
        self._settings, self._database, self._alerts = settings, database, alerts
        self._limits = limits or (lambda: settings)
        self._is_dispatcher, self._extras, self._every_s = is_dispatcher, extras, every_s
        self._sampler: Sampler | None = None
        self._samples: deque[MachineSample] = deque(maxlen=max(1, round(KEPT_S / every_s)))
        self._holds: tuple[Hold, ...] = ()
        self._since: dict[str, float] = {}
        self._told: set[str] = set()
        self._siblings_percent = 0.0
        self._is_ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._has_database = True
        self._rounds = 0

    def begin(self) -> None:
        """Takes the first sample, writes the first heartbeat and goes on in a thread. Never raises for the database."""
        self._sampler = Sampler(folders_of(self._settings))
        self.look()
        self._thread = threading.Thread(target=self._work, name="sightline-monitor", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._is_ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._sampler is not None:
            self._sampler.close()
            self._sampler = None
            self._with_database(self._leave)

    @property
    def latest(self) -> MachineSample | None:
        return self._samples[-1] if self._samples else None

    def history(self, since: datetime | None = None) -> tuple[MachineSample, ...]:
        """Of the last hour at most, oldest first."""
        return tuple(sample for sample in tuple(self._samples) if since is None or sample.at > since)

    def holds(self) -> tuple[Hold, ...]:
        """Why no job begins now; empty when nothing stands against it."""
        return self._holds

    def should_hold(self) -> bool:
        """For the dispatcher: whether new jobs wait. Costs nothing."""
        return bool(self._holds)

    def look(self) -> None:
        """One round: what the thread does every few seconds."""
        assert self._sampler is not None, "begin comes first"
        sample = self._sampler.sample(self._siblings_percent)
        self._samples.append(sample)
        self._holds = holds(sample, self._limits(), frozenset(hold.kind for hold in self._holds))
        self._with_database(lambda: self._write_down(sample))
        self._rounds += 1

    def _work(self) -> None:
        while not self._is_ended.wait(self._every_s):
            try:
                self.look()
            except Exception:
                log.exception("a look at the machine failed; the next one is in %g s", self._every_s)

    def _write_down(self, sample: MachineSample) -> None:
        self._beat(sample)
        if self._alerts is not None:
            self._tell(self._alerts, self._holds)

    def _beat(self, sample: MachineSample) -> None:
        document = sample.document() | {"machine": machine_id(), **self._extras()}

        def work(session: Session) -> None:
            row = session.get(ProcessRow, self.process_id)
            if row is None:
                row = ProcessRow(id=self.process_id, host=self.host, pid=os.getpid())
                session.add(row)
            row.is_dispatcher, row.seen_at, row.sample = self._is_dispatcher(), now(), document

        self._database.change(SYSTEM, work)
        others = [p for p in processes(self._database) if p.id != self.process_id]
        self._siblings_percent = sum(
            float(p.sample.get("own_cpu_percent", 0)) for p in others if p.sample.get("machine") == machine_id()
        )

    def _tell(self, alerts: Alerts, found: tuple[Hold, ...]) -> None:
        at = time.monotonic()
        kinds = {hold.kind for hold in found}
        self._since = {kind: self._since.get(kind, at) for kind in kinds}
        for hold in found:
            if hold.kind not in self._told and at - self._since[hold.kind] >= ALERT_AFTER_S:
                alerts.begin(hold.kind, hold.message)
                self._told.add(hold.kind)
        # Once, what a process of this host began that is no longer there is ended as well; not in the first round,
        # whose sample knows no loads yet.
        over = {"cpu", "memory", "disk"} - kinds if self._rounds == 1 else self._told - kinds
        for kind in sorted(over):
            alerts.end(kind)
            self._told.discard(kind)
        if self._rounds % SWEEP_EVERY == SWEEP_EVERY - 1:
            alerts.end_all_but({process.host for process in processes(self._database)})

    def _leave(self) -> None:
        with self._database.write(SYSTEM) as session:
            session.execute(delete(ProcessRow).where(ProcessRow.id == self.process_id))

    def _with_database(self, work: Callable[[], None]) -> None:
        try:
            work()
        except SightlineError as error:
            if self._has_database:
                log.warning("the machine's state cannot be written down: %s", error)
            self._has_database = False
        else:
            self._has_database = True


def folders_of(settings: Settings) -> dict[str, Path]:
    """The folders whose room is watched, by name. The archive only where it is a folder."""
    found = {"data": settings.data_dir, "work": settings.work}
    return found if settings.blob_url else found | {"archive": settings.archive}


def processes(database: Database, alive_s: float = ALIVE_S) -> tuple[ProcessInfo, ...]:
    """The processes of the installation that were heard of lately, the oldest first. Raises `Unavailable`."""
    with database.read(SYSTEM) as session:
        rows = session.scalars(
            select(ProcessRow)
            .where(ProcessRow.seen_at > now() - timedelta(seconds=alive_s))
            .order_by(ProcessRow.started_at, ProcessRow.id)
        ).all()
    return tuple(
        ProcessInfo(row.id, row.host, row.pid, row.is_dispatcher, row.started_at, row.seen_at, row.sample)
        for row in rows
    )
