"""What is removed when, and removing it: once a day, by the process that dispatches jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from sightline.errors import SightlineError, Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow, AuditRow, ChangeRow, ProcessRow, RepeatRow
from sightline.library.sign_in_tables import LinkRow, SessionRow
from sightline.library.tables import AnalysisRow, JobRow, ShareRow, UploadRow, VideoRow
from sightline.service import audit
from sightline.service.operations.logs import remove_old
from sightline.service.settings import Settings

log = logging.getLogger(__name__)
ACTION = "retention.cleaned"
EVERY = timedelta(days=1)
LOOK_S = 60.0
CHANGES_KEPT, REPEATS_KEPT, ENDED_KEPT = timedelta(days=7), timedelta(hours=24), timedelta(days=30)
PROCESSES_KEPT = timedelta(days=1)
BATCH = 500
"""Rows removed in one transaction: others write in between."""
OVER = ("done", "failed", "cancelled")
INTERVIEW = "interview"
Remove = Callable[[str], None]
_Found = tuple[InstrumentedAttribute[Any], ColumnElement[bool]]
"""The key of a table's rows, and which of them."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is older goes. None: it is kept for ever."""

    videos: datetime | None
    analyses: datetime | None
    interviews: datetime | None
    """Videos analysed as interviews, with everything made of them …"""
    interview_media: datetime | None
    """… or their files alone."""
    jobs: datetime
    """By their end."""
    audit: datetime
    """And alerts that have ended."""
    changes: datetime
    repeats: datetime
    ended: datetime
    """Sessions, links and shares, by their end."""
    session_begun: datetime
    """A session begun before has ended before ``ended``, by its longest time …"""
    session_seen: datetime
    """… and one not used since then, by its timeout."""
    uploads: datetime
    """By when they expire."""
    processes: datetime


def cutoffs(settings: Settings, at: datetime) -> Cutoffs:
    """The rules of the settings, at a moment."""

    def days(count: int) -> datetime | None:
        return at - timedelta(days=count) if count else None

    ended = at - ENDED_KEPT
    return Cutoffs(
        videos=days(settings.keep_videos_days),
        analyses=days(settings.keep_analyses_days),
        interviews=days(settings.keep_interviews_days),
        interview_media=days(settings.keep_interview_media_days),
        jobs=at - timedelta(days=settings.keep_jobs_days),
        audit=at - timedelta(days=settings.keep_audit_days),
        changes=at - CHANGES_KEPT,
        repeats=at - REPEATS_KEPT,
        ended=ended,
        session_begun=ended - timedelta(hours=settings.session_max_hours),
        session_seen=ended - timedelta(minutes=settings.session_timeout_minutes),
        uploads=at,
        processes=at - PROCESSES_KEPT,
    )


def is_due(last: datetime | None, at: datetime) -> bool:
    return last is None or at - last >= EVERY


class Retention:
    """``remove_video``, ``remove_analysis`` and ``remove_upload`` take an id and remove the thing with its files;
    ``remove_media`` removes the file of a video and leaves what was measured.

    ``rules`` gives the settings whose days hold now. ``sweeps`` are further clean-ups by name, each giving how many
    things it removed; they come last.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        remove_video: Remove,
        remove_analysis: Remove,
        remove_upload: Remove,
        remove_media: Remove,
        sweeps: Mapping[str, Callable[[], int]] | None = None,
        rules: Callable[[], Settings] | None = None,
        is_elected: Callable[[], bool] = lambda: True,
        look_s: float = LOOK_S,
    ) -> None:
        self._settings, self._database, self._is_elected = settings, database, is_elected
        self._rules = rules or (lambda: settings)
        self._removers = {
            "videos": remove_video, "interviews": remove_video, "interview_media": remove_media,
            "analyses": remove_analysis, "uploads": remove_upload,
        }  # fmt: skip
        self._sweeps = dict(sweeps or {})
        self._look_s = look_s
        self._is_ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._has_run = False

    def begin(self) -> None:
        """Cleans up once this process is elected, and then daily, in a thread."""
        self._thread = threading.Thread(target=self._work, name="sightline-retention", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Waits for the step under way, not for the whole clean-up."""
        self._is_ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run(self, at: datetime | None = None) -> Mapping[str, int]:
        """Cleans up now. How many of what were removed, and under ``failed`` what could not be and is tried again the
        next time. Writes one line of the audit. Raises `Unavailable` when the database cannot be reached."""
        at = at or now()
        limits, counts = cutoffs(self._rules(), at), dict[str, int]()
        for name, found in _things(limits).items():
            self._remove_things(name, found, counts)
        for name, (key, condition) in _rows(limits).items():
            counts[name] = self._remove_rows(key, condition)
        counts["logs"] = remove_old(self._settings.logs, self._settings.log_days, at.date())
        for name, sweep in self._sweeps.items():
            if not self._is_ended.is_set():
                try:
                    counts[name] = sweep()
                except SightlineError as error:
                    self._failed(counts, name, error)
        counts = {name: count for name, count in counts.items() if count}
        with self._database.write(SYSTEM) as session:
            audit.record(session, SYSTEM, ACTION, "", workspace_id=None, **counts)
        log.info("cleaned up: %s", ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing to do")
        return counts

    def last_run(self) -> datetime | None:
        """When anybody last cleaned up. Raises `Unavailable`."""
        with self._database.read(SYSTEM) as session:
            return session.scalar(
                select(AuditRow.at).where(AuditRow.action == ACTION).order_by(AuditRow.at.desc()).limit(1)
            )

    def _work(self) -> None:
        while not self._is_ended.wait(self._look_s):
            try:
                if self._is_elected() and (not self._has_run or is_due(self.last_run(), now())):
                    self.run()
                    self._has_run = True
            except Unavailable as error:
                log.warning("the clean-up waits: %s", error)
            except Exception:
                log.exception("the clean-up failed; it is tried again")

    def _remove_things(self, name: str, found: _Found, counts: dict[str, int]) -> None:
        """One at a time, by whoever knows what belongs to them."""
        key, condition = found
        with self._database.read(SYSTEM) as session:
            ids = session.scalars(select(key).where(condition).order_by(key)).all()
        for thing in ids:
            if self._is_ended.is_set():
                return
            try:
                self._removers[name](thing)
            except SightlineError as error:
                self._failed(counts, f"{name} {thing}", error)
            else:
                counts[name] = counts.get(name, 0) + 1

    def _remove_rows(self, key: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> int:
        removed = 0
        while not self._is_ended.is_set():
            with self._database.read(SYSTEM) as session:
                keys = session.scalars(select(key).where(condition).limit(BATCH)).all()
            if not keys:
                break
            with self._database.write(SYSTEM) as session:
                session.execute(delete(key.class_).where(key.in_(keys)).execution_options(synchronize_session=False))
            removed += len(keys)
        return removed

    def _failed(self, counts: dict[str, int], what: str, error: SightlineError) -> None:
        counts["failed"] = counts.get("failed", 0) + 1
        log.warning("%s could not be removed: %s", what, error)


def _things(limits: Cutoffs) -> dict[str, _Found]:
    """Things with files, by the name of their remover."""
    found: dict[str, _Found] = {
        "uploads": (UploadRow.id, and_(UploadRow.expires_at < limits.uploads, UploadRow.state == "arriving")),
    }
    if limits.videos is not None:
        found["videos"] = (VideoRow.id, VideoRow.created_at < limits.videos)
    of_a_person = exists().where(AnalysisRow.video_id == VideoRow.id, AnalysisRow.desk == INTERVIEW)
    if limits.interviews is not None:
        found["interviews"] = (VideoRow.id, and_(VideoRow.created_at < limits.interviews, of_a_person))
    if limits.interview_media is not None:
        old = and_(VideoRow.created_at < limits.interview_media, VideoRow.media_removed_at.is_(None), of_a_person)
        found["interview_media"] = (VideoRow.id, old)
    if limits.analyses is not None:
        old = and_(AnalysisRow.created_at < limits.analyses, AnalysisRow.state.in_(OVER))
        found["analyses"] = (AnalysisRow.id, old)
    return found


def _rows(limits: Cutoffs) -> dict[str, _Found]:
    """Rows that are all there is of a thing: by what they are counted as."""
    return {
        "finished_uploads": (UploadRow.id, and_(UploadRow.expires_at < limits.changes, UploadRow.state != "arriving")),
        "jobs": (JobRow.id, and_(JobRow.finished_at < limits.jobs, JobRow.state.in_(OVER))),
        "audit": (AuditRow.id, AuditRow.at < limits.audit),
        "changes": (ChangeRow.id, ChangeRow.at < limits.changes),
        "repeats": (RepeatRow.key_hash, RepeatRow.created_at < limits.repeats),
        "sessions": (
            SessionRow.id,
            or_(
                SessionRow.revoked_at < limits.ended,
                SessionRow.created_at < limits.session_begun,
                SessionRow.seen_at < limits.session_seen,
            ),
        ),
        "links": (LinkRow.id, or_(LinkRow.expires_at < limits.ended, LinkRow.used_at < limits.ended)),
        "shares": (ShareRow.id, or_(ShareRow.expires_at < limits.ended, ShareRow.revoked_at < limits.ended)),
        "alerts": (AlertRow.id, AlertRow.ended_at < limits.audit),
        "processes": (ProcessRow.id, ProcessRow.seen_at < limits.processes),
    }
