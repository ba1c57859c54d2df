"""Everything a process of the service is made of, wired from its settings."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import select

from sightline.desks.desk import Brief
from sightline.errors import NotFound, RequestInvalid, SightlineError
from sightline.jobs.dispatcher import Dispatcher
from sightline.jobs.executor import Executor
from sightline.jobs.executors.process import ProcessExecutor
from sightline.jobs.executors.thread import ThreadExecutor
from sightline.jobs.executors.warm_child import Manner
from sightline.jobs.machine import Limits
from sightline.library.actor import SYSTEM, Actor
from sightline.library.bell import Bell
from sightline.library.blobs import Blobs
from sightline.library.cache import ResultCache
from sightline.library.claims import adopt, release_unused
from sightline.library.database import Database
from sightline.library.migrate import upgrade
from sightline.library.tables import VideoRow
from sightline.service.analyses import Analyses, Asked
from sightline.service.audit_reading import AuditLog
from sightline.service.bulk import Bulk
from sightline.service.bundles import Bundles
from sightline.service.cards import remove_card
from sightline.service.comparing import Comparing
from sightline.service.consents import Consents
from sightline.service.curves import Curves
from sightline.service.erasure import Erasure, Forget
from sightline.service.erasure_rows import Mode
from sightline.service.evidence import Evidence
from sightline.service.feed import Feed, Told
from sightline.service.feedback import forget_answers, forget_old_answers
from sightline.service.intake.take_in import TakeIn
from sightline.service.intake.uploads import Uploads
from sightline.service.intake.watch import Watch
from sightline.service.job_control import JobControl
from sightline.service.job_kinds import JobKinds
from sightline.service.measurements import measurements_of
from sightline.service.media_access import MediaAccess
from sightline.service.model_pulls import ModelItem, ModelPulls
from sightline.service.operations.alerts import Alerts, Webhook
from sightline.service.operations.housekeeping import Chore, Housekeeping
from sightline.service.operations.installation import Installation
from sightline.service.operations.metrics import Metrics
from sightline.service.operations.monitor import Monitor
from sightline.service.operations.queue_state import QueueReader
from sightline.service.operations.readiness import ReadinessChecks, usual_looks
from sightline.service.operations.retention import Retention
from sightline.service.operations.storage_use import StorageUse
from sightline.service.operations.sweeps import cards, orphan_bundles, write_card
from sightline.service.operations.system import System
from sightline.service.people.accounts import Accounts
from sightline.service.people.actors import Actors
from sightline.service.people.attendance import People
from sightline.service.people.links import Links
from sightline.service.people.oidc import Oidc
from sightline.service.people.passwords import Passwords
from sightline.service.people.sessions import Sessions
from sightline.service.people.shares import Shares
from sightline.service.people.tokens import Tokens
from sightline.service.people.workspaces import Workspaces
from sightline.service.previews import Previews, orphan_previews, remove_preview
from sightline.service.reviewing import Reviews
from sightline.service.sample_video import SampleVideo
from sightline.service.saved_searches import SavedSearches
from sightline.service.settings import Settings
from sightline.service.sheets import Sheets
from sightline.service.spending import Spending
from sightline.service.storage import open_blobs
from sightline.service.taking import Taking
from sightline.service.tellings import Tellings
from sightline.service.templates import Templates
from sightline.service.videos import Videos
from sightline.service.work import PRELOAD

_log = logging.getLogger(__name__)
JOBS, CHANGES = "jobs", "changes"
"""What the bell rings for."""
HUNG_S = 30


class Platform:
    """Use cases by name. Making one opens no connection; `start` does, and begins its threads."""

    def __init__(self, settings: Settings, sources: Mapping[str, str] | None = None) -> None:
        """``sources``: where each setting came from, by name, without those that have their default."""
        self.settings = settings
        self.database = Database(settings.database)
        self.installation = Installation(settings, self.database, sources)
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
        self.templates = Templates(self.database, lambda: self.installation.current().interview_policies)
        self._elsewhere = _elsewhere(settings, self.blobs)
        self.analyses = Analyses(
            self.database, self.templates, self.bundles, settings, self._jobs_changed, self._analysis_removed
        )
        self.reviews = Reviews(self.database, self.bundles)
        self.evidence = Evidence(self.analyses, self.bundles, self.cache, self.reviews)
        self.curves = Curves(self.evidence, self.bundles, self.cache)
        self.sheets = Sheets(self.database, self.evidence, self.bundles, self.cache)
        self.tellings = Tellings(self.evidence, self.bundles)
        self.comparing = Comparing(self.evidence)
        self.saved_searches = SavedSearches(self.database)
        self.videos = Videos(self.database, self.blobs, self._video_removed)
        self.bulk = Bulk(self.videos)
        self.previews = Previews(self.database, self.blobs, self.installation.current, self._jobs_changed)
        self.media = MediaAccess(self.database, self.blobs, self.cache)
        self.consents = Consents(self.database, self._jobs_changed)
        self.spending = Spending(self.database)
        self.erasure = Erasure(
            self.database,
            self.blobs,
            self.bundles,
            self.cache,
            measurements_of(settings),
            self._jobs_changed,
            self._elsewhere,
        )
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
        self.sample = SampleVideo(
            self.database, self.blobs, settings, self.take_in, self.videos, self.analyses, self.previews
        )
        self.jobs = JobControl(self.database, self._jobs_changed)
        self._watch_over(settings)
        self._executor = _executor(settings)
        self.dispatcher = Dispatcher(
            self.database,
            self._executor,
            JobKinds(self.database, self.installation.current, self.analyses, self.metrics).work(),
            Limits(settings.max_concurrent_tasks, settings.max_tasks_per_user),
            settings.work / "jobs",
            hold=self.monitor.should_hold,
            limits_now=self._limits,
        )
        self.bell.on_ring(self._rung)
        self._keep_house(settings)
        self.pulls = ModelPulls(settings, self.database, self._pulled)
        self.readiness = ReadinessChecks(usual_looks(settings, self.database, self.cache, self.blobs.check))
        self.system = System(
            self.database, settings, self.monitor, self.queue, self.cache, self.dispatcher.stats,
            measurements_of(settings), self.installation.current,
        )  # fmt: skip
        self.storage = StorageUse(
            self.installation.current, self.database, self.blobs, measurements_of(settings).folder
        )
        self.people = People(self.database, self.installation.current)

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
        self.pulls.end()
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
        self.links = Links(self.database, self.sessions)
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
            limits=self.installation.current,
        )

    def _keep_house(self, settings: Settings) -> None:
        self.retention = Retention(
            settings,
            self.database,
            remove_video=self._erase,
            remove_media=self._erase_media,
            remove_analysis=lambda analysis_id: self.analyses.remove(SYSTEM, analysis_id),
            remove_upload=lambda upload_id: self.uploads.terminate(SYSTEM, upload_id),
            sweeps={
                "upload_files": self.uploads.expire,
                "found_files": lambda: adopt(self.database, self.blobs),
                "files": lambda: release_unused(self.database, self.blobs),
                "bundles": lambda: orphan_bundles(self.database, self.blobs),
                "cards": lambda: cards(self.database, self.blobs),
                "previews": lambda: orphan_previews(self.database, self.blobs),
                "parts": self.blobs.remove_parts,
                "answers": lambda: forget_old_answers(settings),
            },
            rules=self.installation.current,
            is_elected=self._dispatches,
        )
        chores = [
            Chore("uploads", 30, self.taking.finish_waiting),
            Chore("erasures", 60, self.erasure.finish_waiting),
            Chore("files", 600, lambda: release_unused(self.database, self.blobs)),
        ]
        self.housekeeping = Housekeeping(chores, self._dispatches)
        self.watch = Watch(self.database, settings, self.take_in, self._dispatches, self._watched)

    def _erase(self, video_id: str) -> None:
        self.erasure.erase(SYSTEM, video_id)

    def _erase_media(self, video_id: str) -> None:
        self.erasure.erase(SYSTEM, video_id, Mode.MEDIA_ONLY)

    def _dispatches(self) -> bool:
        """Whether jobs are seen to here. A dispatcher that hangs does not count."""
        stats = self.dispatcher.stats()
        return stats.is_dispatcher and stats.beat_age_s < HUNG_S

    def _limits(self) -> Limits:
        """Of jobs at this moment. There are children enough for as many."""
        settings = self.installation.current()
        if isinstance(self._executor, ProcessExecutor):
            self._executor.resize(settings.max_concurrent_tasks)
        return Limits(settings.max_concurrent_tasks, settings.max_tasks_per_user)

    def _watched(self, video_id: str, _was_there: bool) -> None:
        """A file of the watched folder is here: it is analysed, unless it was."""
        write_card(self.database, self.blobs, video_id)
        if not self.videos.get(SYSTEM, video_id).analyses:
            asked = Asked(video_id, self.settings.watch_desk, Brief(self.settings.watch_template))
            try:
                self.analyses.create(SYSTEM, asked)
            except RequestInvalid as error:
                # Taking the file in again would change nothing.
                _log.warning("the watched video %s is not analysed: %s", video_id, error)

    def _extras(self) -> Mapping[str, Any]:
        return {"cache": asdict(self.cache.stats()), "jobs": asdict(self.dispatcher.stats())}

    def _pulled(self, item: ModelItem) -> None:
        told = {name: getattr(item, name) for name in ("state", "done_bytes", "total_bytes", "speed_bytes_s", "left_s")}
        self.feed.tell_administrators(Told("pull", {"id": item.model.id, **told}))

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
            remove_preview(self.blobs, video_id)
            for analysis_id in analyses:
                self._analysis_removed(analysis_id)
            release_unused(self.database, self.blobs, only=sha256, grace_s=0)
        except SightlineError as error:
            _log.warning("files of a removed video stay until the next clean-up: %s", error)

    def _analysis_removed(self, analysis_id: str) -> None:
        """What is kept of it elsewhere goes, then its bundle, which says what that is."""
        for name, forget in self._elsewhere.items():
            try:
                forget([analysis_id])
            except (SightlineError, OSError, ValueError) as error:
                _log.warning("%s of a removed analysis stay: %s", name, error)
        try:
            self.bundles.remove(analysis_id)
        except SightlineError as error:
            _log.warning("the bundle of a removed analysis stays until the next clean-up: %s", error)

    def _clear_workspace(self, workspace_id: str) -> None:
        """Everything in it, before it goes itself."""
        with self.database.read(SYSTEM) as session:
            videos = session.scalars(select(VideoRow.id).where(VideoRow.workspace_id == workspace_id)).all()
        for video_id in videos:
            self.videos.remove(SYSTEM, video_id)


def _elsewhere(settings: Settings, blobs: Blobs) -> Mapping[str, Forget]:
    """What is kept of analyses outside of bundles and rows, by name."""
    found: dict[str, Forget] = {"answers of language models": partial(forget_answers, settings, blobs)}
    if url := settings.mongo_url.get_secret_value():
        found["records in MongoDB"] = partial(_forget_in_mongo, url)
    return found


def _forget_in_mongo(url: str, analyses: Sequence[str]) -> int:
    from sightline.service.sinks.mongo import MongoSink

    sink = MongoSink(url)
    try:
        return sink.forget(analyses)
    finally:
        sink.close()


def _executor(settings: Settings) -> Executor:
    if settings.executor == "thread":
        return ThreadExecutor()
    return ProcessExecutor(settings.max_concurrent_tasks, Manner(preload=PRELOAD, niceness=settings.job_niceness))
