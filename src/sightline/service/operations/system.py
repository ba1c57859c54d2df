"""How the installation fares: what its page and its administrators look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import func, select

from sightline.desks.desk import desks
from sightline.detectors.detector import detectors, person_detectors
from sightline.engine.cache import MeasurementCache
from sightline.jobs.dispatcher import Stats
from sightline.library.actor import SYSTEM, Actor
from sightline.library.cache import ResultCache
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow
from sightline.library.sign_in_tables import SessionRow
from sightline.library.tables import AnalysisRow, BlobRow, UserRow, VideoRow, WorkspaceRow
from sightline.meters.meter import meters
from sightline.report.report import formats
from sightline.service.access import Right, require
from sightline.service.operations.machine import MachineSample
from sightline.service.operations.monitor import Monitor, ProcessInfo, processes
from sightline.service.operations.queue_state import QueueReader, QueueState
from sightline.service.operations.throughput import Throughput, ThroughputReader
from sightline.service.operations.versions import versions
from sightline.service.settings import Settings
from sightline.text import LANGUAGES, Language
from sightline.version import VERSION

MOST_ALERTS = 200


@dataclass(frozen=True, slots=True)
class SystemState:
    version: str
    database: str
    """``sqlite``, ``postgresql`` or ``mariadb``."""
    store: str
    """``folder`` or ``s3``."""
    machine: Mapping[str, Any]
    """The latest sample; empty before the first."""
    holds: Sequence[Mapping[Language, str]]
    """Why no job begins now, in every language."""
    queue: QueueState | None
    dispatcher: Stats
    cache: Mapping[str, Any]
    """Of this process: hits, misses and hit rate, counted."""
    measurements_bytes: int
    """Kept measurements on disk."""
    processes: Sequence[ProcessInfo]
    counts: Mapping[str, int]
    """Rows of the library: users, workspaces, videos, analyses, sessions in use, bytes stored."""
    parts: Mapping[str, Sequence[str]]
    """Meters, detectors, templates and report formats."""
    limits: Mapping[str, Any]
    """Settings that hold people back."""
    throughput: Throughput
    versions: Mapping[str, str | None]
    """By part: ``python``, ``ffmpeg``, ``onnxruntime``, ``litert``, the database by its kind …; None: not there."""


class System:
    def __init__(
        self,
        database: Database,
        settings: Settings,
        monitor: Monitor,
        queue: QueueReader,
        results: ResultCache,
        stats: Callable[[], Stats],
        measurements: MeasurementCache,
        current: Callable[[], Settings] | None = None,
    ) -> None:
        """``current`` gives the settings that hold now."""
        self._current = current or (lambda: settings)
        self._throughput = ThroughputReader(database)
        self._versions = cache(partial(versions, database))
        self._database, self._settings, self._monitor, self._queue = database, settings, monitor, queue
        self._cache, self._stats, self._measurements = results, stats, measurements

    def state(self, actor: Actor) -> SystemState:
        require(actor, Right.WATCH_INSTALLATION)
        sample, results, settings = self._monitor.latest, self._cache.stats(), self._current()
        return SystemState(
            version=VERSION,
            database=self._database.kind,
            store="s3" if self._settings.blob_url else "folder",
            machine={} if sample is None else sample.document(),
            holds=[
                {language: hold.message.render(language) for language in LANGUAGES} for hold in self._monitor.holds()
            ],
            queue=self._queue.read(),
            dispatcher=self._stats(),
            cache=asdict(results) | {"hit_rate": results.hit_rate},
            measurements_bytes=self._measurements.usage_bytes(),
            processes=processes(self._database),
            counts=self._counts(),
            parts={
                "meters": sorted(meters()),
                "detectors": sorted((*detectors(), *person_detectors())),
                "templates": list(desks()["qc"].names()),
                "rubrics": [name for desk in desks().values() if desk.id != "qc" for name in desk.names()],
                "formats": formats(),
            },
            limits={
                name: getattr(settings, name)
                for name in ("max_upload_gb", "max_duration_s", "max_videos", "max_concurrent_tasks",
                             "max_tasks_per_user", "max_concurrent_users", "session_timeout_minutes")
            },
            throughput=self._throughput.read(),
            versions=self._versions(),
        )  # fmt: skip

    def samples(self, actor: Actor, since: datetime | None) -> Sequence[MachineSample]:
        """Of this machine, of the last hour at most."""
        require(actor, Right.WATCH_INSTALLATION)
        return self._monitor.history(since)

    def alerts(self, actor: Actor, *, open_only: bool = False) -> Sequence[AlertRow]:
        """The newest first."""
        require(actor, Right.WATCH_INSTALLATION)
        statement = select(AlertRow).order_by(AlertRow.began_at.desc()).limit(MOST_ALERTS)
        if open_only:
            statement = statement.where(AlertRow.ended_at.is_(None))
        with self._database.read(SYSTEM) as session:
            return session.scalars(statement).all()

    def _counts(self) -> Mapping[str, int]:
        recently = now() - timedelta(minutes=self._settings.session_timeout_minutes)
        with self._database.read(SYSTEM) as session:

            def count(model: Any, *where: Any) -> int:
                return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

            return {
                "users": count(UserRow),
                "workspaces": count(WorkspaceRow),
                "videos": count(VideoRow),
                "analyses": count(AnalysisRow),
                "sessions": count(SessionRow, SessionRow.revoked_at.is_(None), SessionRow.seen_at > recently),
                "stored_bytes": int(session.scalar(select(func.sum(BlobRow.size_bytes))) or 0),
            }
