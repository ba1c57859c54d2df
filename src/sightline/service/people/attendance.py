"""Who uses the installation, for its administrators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.sign_in_tables import SessionRow, TokenRow
from sightline.library.tables import JobRow, UserRow, VideoRow
from sightline.service.access import Right, require
from sightline.service.settings import Settings

MOST = 1000


@dataclass(frozen=True, slots=True)
class Attendance:
    user: UserRow
    sessions: int
    """In use."""
    last_seen_at: datetime | None
    """By a browser or a token; None where neither was ever heard of, or so long ago that nobody kept it."""
    videos: int
    """Brought in."""
    jobs_running: int


class People:
    """``settings`` gives those that hold now."""

    def __init__(self, database: Database, settings: Callable[[], Settings]) -> None:
        self._database, self._settings = database, settings

    def list(self, actor: Actor) -> Sequence[Attendance]:
        """By email, at most `MOST`."""
        require(actor, Right.MANAGE_INSTALLATION)
        recently = now() - timedelta(minutes=self._settings().session_timeout_minutes)
        in_use = (SessionRow.revoked_at.is_(None), SessionRow.seen_at > recently)
        with self._database.read(SYSTEM) as session:

            def by_user(owner: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> dict[str | None, int]:
                return dict(session.execute(select(owner, func.count()).where(*where).group_by(owner)).all())

            users = session.scalars(select(UserRow).order_by(UserRow.email).limit(MOST)).all()
            sessions = by_user(SessionRow.user_id, *in_use)
            videos = by_user(VideoRow.created_by)
            jobs = by_user(JobRow.created_by, JobRow.state == "running")
            seen: dict[str, datetime] = {}
            for statement in (
                select(SessionRow.user_id, func.max(SessionRow.seen_at)).group_by(SessionRow.user_id),
                select(TokenRow.user_id, func.max(TokenRow.used_at)).group_by(TokenRow.user_id),
            ):
                for user, at in session.execute(statement).all():
                    if at is not None:
                        seen[user] = max(at, seen.get(user, at))
        return [
            Attendance(user, sessions.get(user.id, 0), seen.get(user.id), videos.get(user.id, 0), jobs.get(user.id, 0))
            for user in users
        ]
