"""Everything a process of the service is made of, wired from its settings."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from sightline.errors import NotFound, RequestInvalid, SightlineError
from sightline.jobs.dispatcher import Dispatcher
from sightline.jobs.executor import Executor
from sightline.jobs.executors.process import ProcessExecutor
from sightline.jobs.executors.thread import ThreadExecutor
from sightline.jobs.executors.warm_child import Manner
from sightline.jobs.machine import Limits
from sightline.library.actor import SYSTEM, Actor
from sightline.library.bell import Bell
from sightline.library.cache import ResultCache
from sightline.library.claims import adopt, release_unused
from sightline.library.database import Database
from sightline.library.migrate import upgrade
from sightline.library.tables import VideoRow
from sightline.service.analyses import Analyses, Asked
from sightline.service.audit_reading import AuditLog
from sightline.service.bundles import Bundles
from sightline.service.cards import remove_card
from sightline.service.evidence import Evidence
from sightline.service.feed import Feed
from sightline.service.intake.take_in import TakeIn
from sightline.service.intake.uploads import Uploads
from sightline.service.intake.watch import Watch
from sightline.service.job_control import JobControl
from sightline.service.job_kinds import JobKinds
from sightline.service.measurements import measurements_of
from sightline.service.media_access import MediaAccess
from sightline.service.operations.alerts import Alerts, Webhook
from sightline.service.operations.housekeeping import Chore, Housekeeping
from sightline.service.operations.metrics import Metrics
from sightline.service.operations.monitor import Monitor
from sightline.service.operations.queue_state import QueueReader
from sightline.service.operations.readiness import ReadinessChecks, usual_looks
from sightline.service.operations.retention import Retention
from sightline.service.operations.sweeps import cards, orphan_bundles, write_card
from sightline.service.operations.system import System
from sightline.service.people.accounts import Accounts
from sightline.service.people.actors import Actors
from sightline.service.people.links import Links
from sightline.service.people.oidc import Oidc
from sightline.service.people.passwords import Passwords
from sightline.service.people.sessions import Sessions
from sightline.service.people.shares import Shares
from sightline.service.people.tokens import Tokens
from sightline.service.people.workspaces import Workspaces
from sightline.service.settings import Settings
from sightline.service.storage import open_blobs
from sightline.service.taking import Taking
from sightline.service.templates import Templates
from sightline.service.videos import Videos
from sightline.service.work import PRELOAD

_log = logging.getLogger(__name__)
JOBS, CHANGES = "jobs", "changes"
"""What the bell rings for."""
HUNG_S = 30
NICENESS = 10
"""Of children: whoever looks at results is answered first."""


class Platform:
    """Use cases by name. Making one opens no connection; `start` does, and begins its threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.blobs = open_blobs(settings)
        redis_url = settings.redis_url.get_secret_value()
        self.cache = ResultCache(settings.memory_cache_size_mb << 20, redis_url)
        self.bell = Bell(redis_url)
        self.bundles = Bundles(self.blobs, settings.cache_dir / "bundles")
        self.feed = Feed(self.database)
        self.queue = QueueReader(self.database)
        self.metrics = Metrics(
            cache=self.cache.stats, sample=lambda: self.monitor.latest, queue=lambda: self.queue.read()
        )
        self.metrics.watch(self.database)
        self._sign_in(settings)
        self.templates = Templates(self.database)
        self.analyses = Analyses(self.database, self.templates, self.bundles, settings, self._jobs_changed)
        self.evidence = Evidence(self.analyses, self.bundles, self.cache)
        self.videos = Videos(self.database, self.blobs, self._video_removed)
        self.media = MediaAccess(self.database, self.blobs, self.cache)
        self.take_in = TakeIn(self.database, self.blobs, settings)
        self.uploads = Uploads(self.database, settings, self.take_in)
        self.taking = Taking(
            self.database,
            self.blobs,
            self.uploads,
            self.videos,
            self.templates,
            settings,
            self.metrics,
            self._jobs_changed,
        )
        self.jobs = JobControl(self.database, self._jobs_changed)
        self._watch_over(settings)
        self.dispatcher = Dispatcher(
            self.database,
            _executor(settings),
            JobKinds(self.database, settings, self.analyses, self.metrics).work(),
            Limits(settings.max_concurrent_tasks, settings.max_tasks_per_user),
            settings.work / "jobs",
            hold=self.monitor.should_hold,
        )
        self.bell.on_ring(self._rung)
        self._keep_house(settings)
        self.readiness = ReadinessChecks(usual_looks(settings, self.database, self.cache, self.blobs.check))
        self.system = System(
            self.database, settings, self.monitor, self.queue, self.cache, self.dispatcher.stats,
            measurements_of(settings),
        )  # fmt: skip

    def start(self) -> None:
        """Brings the database up to date and begins to work. Raises `SetupError`, `Unavailable`."""
        for folder in (self.settings.data_dir, self.settings.work, self.settings.cache_dir):
            folder.mkdir(parents=True, exist_ok=True)
        upgrade(self.database)
        self.monitor.begin()
        self.feed.start()
        self.dispatcher.start()
        self.housekeeping.begin()
        self.retention.begin()
        self.watch.begin()
        # Whoever waits for what this process may do hears that it is here.
        self.bell.ring(JOBS)

    def stop(self) -> None:
        """Ends everything `start` began. Jobs that run are put back and go on at the next start."""
        self.watch.end()
        self.retention.end()
        self.housekeeping.end()
        self.dispatcher.stop()
        self.feed.stop()
        self.monitor.end()
        self.close()

    def close(self) -> None:
        """For those who never called `start`: commands of the terminal."""
        self.alerts.close()
        self.bell.close()
        self.cache.close()
        self.database.close()

    def workspace_of(self, actor: Actor, asked: str | None) -> str:
        """The workspace somebody asks for; his first where he asks for none. Raises `NotFound`, `RequestInvalid`."""
        if asked is not None:
            if asked not in actor.roles:
                raise NotFound("library.not_found", what="workspace", id=asked)
            return asked
        if not actor.roles:
            raise RequestInvalid("library.no_workspace")
        return min(actor.roles)

    def _sign_in(self, settings: Settings) -> None:
        self.passwords = Passwords()
        self.workspaces = Workspaces(self.database, self._clear_workspace)
        self.accounts = Accounts(self.database, settings, self.passwords, self.workspaces)
        self.sessions = Sessions(self.database, settings, self.passwords, tried=self.metrics.sign_in_tried)
        self.links = Links(self.database, settings, self.sessions)
        self.oidc = Oidc(self.database, settings, self.sessions)
        self.tokens = Tokens(self.database)
        self.actors = Actors(self.database, settings)
        self.shares = Shares(self.database, self.actors)
        self.audit_log = AuditLog(self.database)

    def _watch_over(self, settings: Settings) -> None:
        hook = settings.alert_webhook_url.get_secret_value()
        webhook = Webhook(hook, self.metrics.webhook_failed) if hook else None
        self.alerts = Alerts(self.database, socket.gethostname(), webhook, settings.language)
        self.monitor = Monitor(
            settings,
            self.database,
            alerts=self.alerts,
            is_dispatcher=self._dispatches,
            extras=self._extras,
        )

    def _keep_house(self, settings: Settings) -> None:
        self.retention = Retention(
            settings,
            self.database,
            remove_video=lambda video_id: self.videos.remove(SYSTEM, video_id),
            remove_analysis=lambda analysis_id: self.analyses.remove(SYSTEM, analysis_id),
            remove_upload=lambda upload_id: self.uploads.terminate(SYSTEM, upload_id),
            sweeps={
                "upload_files": self.uploads.expire,
                "found_files": lambda: adopt(self.database, self.blobs),
                "files": lambda: release_unused(self.database, self.blobs),
                "bundles": lambda: orphan_bundles(self.database, self.blobs),
                "cards": lambda: cards(self.database, self.blobs),
                "parts": self.blobs.remove_parts,
            },
            is_elected=self._dispatches,
        )
        chores = [
            Chore("uploads", 30, self.taking.finish_waiting),
            Chore("files", 600, lambda: release_unused(self.database, self.blobs)),
        ]
        self.housekeeping = Housekeeping(chores, self._dispatches)
        self.watch = Watch(self.database, settings, self.take_in, self._dispatches, self._watched)

    def _dispatches(self) -> bool:
        """Whether jobs are seen to here. A dispatcher that hangs does not count."""
        stats = self.dispatcher.stats()
        return stats.is_dispatcher and stats.beat_age_s < HUNG_S

    def _watched(self, video_id: str, _was_there: bool) -> None:
        """A file of the watched folder is here: it is analysed, unless it was."""
        write_card(self.database, self.blobs, video_id)
        if not self.videos.get(SYSTEM, video_id).analyses:
            self.analyses.create(SYSTEM, Asked(video_id, template=self.settings.watch_template))

    def _extras(self) -> Mapping[str, Any]:
        return {"cache": asdict(self.cache.stats()), "jobs": asdict(self.dispatcher.stats())}

    def _jobs_changed(self) -> None:
        self.bell.ring(JOBS)

    def _rung(self, topic: str) -> None:
        if topic == JOBS:
            self.dispatcher.wake()
        self.feed.ring()

    def _video_removed(self, video_id: str, sha256: str, analyses: Sequence[str]) -> None:
        """Its files go, unless another video has the same bytes; what cannot go now is swept up later."""
        self._jobs_changed()
        try:
            remove_card(self.blobs, video_id)
            for analysis_id in analyses:
                self.bundles.remove(analysis_id)
            release_unused(self.database, self.blobs, only=sha256, grace_s=0)
        except SightlineError as error:
            _log.warning("files of a removed video stay until the next clean-up: %s", error)

    def _clear_workspace(self, workspace_id: str) -> None:
        """Everything in it, before it goes itself."""
        with self.database.read(SYSTEM) as session:
            videos = session.scalars(select(VideoRow.id).where(VideoRow.workspace_id == workspace_id)).all()
        for video_id in videos:
            self.videos.remove(SYSTEM, video_id)


def _executor(settings: Settings) -> Executor:
    if settings.executor == "thread":
        return ThreadExecutor()
    return ProcessExecutor(settings.max_concurrent_tasks, Manner(preload=PRELOAD, niceness=NICENESS))
