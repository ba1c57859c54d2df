"""How much work the installation got done in the last hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import AnalysisRow, JobRow, VideoRow

WINDOW_S = 3600
FRESH_S = 10.0
MOST_JOBS = 1000
"""The latest so many tell the speed."""


@dataclass(frozen=True, slots=True)
class Throughput:
    jobs_per_hour: float | None
    """Jobs that were done; None where there were none."""
    media_s_per_s: float | None
    """Seconds of media analysed in a second of those jobs' time; None where nothing was analysed."""
    window_s: int


class ThroughputReader:
    """Reads at most every `FRESH_S`: whoever asks more often gets the same again."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._guard = threading.Lock()
        self._last: Throughput | None = None
        self._read_s = 0.0

    def read(self) -> Throughput:
        """Raises `Unavailable`."""
        with self._guard:
            if self._last is None or self._clock() - self._read_s >= FRESH_S:
                self._last = throughput(self._database, now())
                self._read_s = self._clock()
            return self._last


def throughput(database: Database, at: datetime) -> Throughput:
    """Of the hour before ``at``. Raises `Unavailable`."""
    lately = (JobRow.state == "done", JobRow.finished_at > at - timedelta(seconds=WINDOW_S), JobRow.finished_at <= at)
    analysed = (
        select(JobRow.started_at, JobRow.finished_at, VideoRow.duration_s)
        .join(AnalysisRow, AnalysisRow.id == JobRow.subject_id)
        .join(VideoRow, VideoRow.id == AnalysisRow.video_id)
        .where(*lately, JobRow.kind == "analysis")
        .order_by(JobRow.finished_at.desc())
        .limit(MOST_JOBS)
    )
    with database.read(SYSTEM) as session:
        done = session.scalar(select(func.count()).select_from(JobRow).where(*lately)) or 0
        rows = session.execute(analysed).all()
    known = [(start, end, media_s) for start, end, media_s in rows if start and end and media_s]
    worked_s = sum((end - start).total_seconds() for start, end, _ in known)
    media_s = sum(media_s for _, _, media_s in known)
    return Throughput(done * 3600 / WINDOW_S if done else None, media_s / worked_s if worked_s > 0 else None, WINDOW_S)
