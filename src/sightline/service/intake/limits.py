"""How much this installation takes in."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sightline.errors import LimitExceeded, OutputUnwritable, TooManyAttempts
from sightline.facts import MediaFacts
from sightline.library.actor import Actor
from sightline.library.tables import UploadRow, VideoRow
from sightline.service.settings import Settings

GIB = 2**30
_MINUTE = timedelta(minutes=1)


def most_bytes(settings: Settings) -> int:
    return int(settings.max_upload_gb * GIB)


def refuse_size(settings: Settings, size_bytes: int) -> None:
    """Raises `LimitExceeded` for a file larger than may be."""
    most = most_bytes(settings)
    if size_bytes > most:
        raise LimitExceeded("intake.too_large", size_gb=round(size_bytes / GIB, 2), most_gb=round(most / GIB, 2))


def refuse_duration(settings: Settings, facts: MediaFacts) -> None:
    """Raises `LimitExceeded` for a media longer than may be."""
    most = settings.max_duration_s
    if facts.duration is not None and facts.duration > most:
        raise LimitExceeded("intake.too_long", duration_s=round(float(facts.duration), 1), most_s=most)


def refuse_count(settings: Settings, session: Session, workspace_id: str) -> None:
    """Raises `LimitExceeded` for a workspace that is full."""
    counted = select(func.count()).select_from(VideoRow).where(VideoRow.workspace_id == workspace_id)
    if (session.scalar(counted) or 0) >= settings.max_videos:
        raise LimitExceeded("intake.too_many", most=settings.max_videos)


def refuse_low_disk(settings: Settings, folder: Path, size_bytes: int) -> None:
    """Raises `OutputUnwritable` when less than ``min_free_disk_gb`` would be left on the folder's disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        left = shutil.disk_usage(folder).free - size_bytes
    except OSError as error:
        raise OutputUnwritable("intake.unwritable", folder=folder, why=error.strerror or error) from error
    if left < settings.min_free_disk_gb * GIB:
        raise OutputUnwritable("intake.disk_low", least_gb=settings.min_free_disk_gb)


def refuse_haste(settings: Settings, session: Session, actor: Actor, at: datetime) -> None:
    """Raises `TooManyAttempts` for a user who has begun as many uploads within a minute as he may."""
    if actor.user_id is None:
        return
    recent = select(func.count(), func.min(UploadRow.created_at)).where(
        UploadRow.created_by == actor.user_id, UploadRow.created_at > at - _MINUTE
    )
    count, oldest = session.execute(recent).one()
    if count >= settings.uploads_per_minute:
        wait_s = max(1, round((oldest + _MINUTE - at).total_seconds()))
        raise TooManyAttempts("intake.too_often", retry_after_s=wait_s, most=settings.uploads_per_minute)
