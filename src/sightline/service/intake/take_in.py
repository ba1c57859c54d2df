"""A file that has arrived becomes a video of a workspace."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.errors import Cancelled
from sightline.facts import MediaFacts
from sightline.library.actor import Actor
from sightline.library.blobs import Blobs
from sightline.library.claims import bring
from sightline.library.columns import new_id
from sightline.library.database import Database, one
from sightline.library.tables import TagRow, VideoRow, WorkspaceRow
from sightline.media.probe import sha256_of
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.intake.examine import examine, media_type
from sightline.service.intake.limits import refuse_count, refuse_duration, refuse_size
from sightline.service.intake.names import file_name
from sightline.service.searching import search_text
from sightline.service.settings import Settings
from sightline.service.videos import clean_tags
from sightline.timeline.media_json import media_to_json


class Taken(NamedTuple):
    video_id: str
    was_there: bool
    """The workspace has had a video of the same bytes."""


class TakeIn:
    """Takes files in. Safe for many threads."""

    def __init__(self, database: Database, blobs: Blobs, settings: Settings) -> None:
        self._database, self._blobs, self._settings = database, blobs, settings

    def take(
        self,
        actor: Actor,
        workspace_id: str,
        path: Path,
        name: str,
        source: str,
        tags: Sequence[str] = (),
        *,
        sha256: str | None = None,
    ) -> Taken:
        """Makes a video of a file, or gives the one of the same bytes that is there.

        ``path`` is a file of our own: nobody may write to it any more, as the store may link it; the caller removes it.
        ``source`` says how it came: ``upload``, ``url``, ``s3``, ``watch``. ``sha256`` where it is known for sure.

        Raises `LimitExceeded`, `MediaUnreadable`, `MediaEmpty`, `MeasuringFailed`, `RequestInvalid` (tags),
        `OutputUnwritable` and `Unavailable`. Then nothing was kept.
        """
        require(actor, Right.EDIT, workspace_id)
        name, kept_tags = file_name(name), clean_tags(tags)
        size = path.stat().st_size
        refuse_size(self._settings, size)
        with self._database.read(actor) as session:
            one(session, WorkspaceRow, workspace_id)
            refuse_count(self._settings, session, workspace_id)
        facts, sha256 = self._looked_into(path, name, sha256)
        if (there := self._there(actor, workspace_id, sha256)) is not None:
            return there

        def put() -> int:
            self._blobs.put_file(path, sha256, media_type(facts))
            return size

        def write(session: Session) -> str:
            there = _without_file(session, workspace_id, sha256)
            if there is not None:
                there.media_removed_at = None
                audit.record(session, actor, "video.returned", f"video:{there.id}", workspace_id=workspace_id)
                audit.changed(session, workspace_id, "video", there.id)
                return there.id
            row = video_row(facts, sha256, workspace_id=workspace_id, source=source, tags=kept_tags)
            return _write(session, actor, row, kept_tags)

        try:
            return Taken(bring(self._database, self._blobs, actor, sha256, put, write), was_there=False)
        except IntegrityError:
            # Somebody else took in the same bytes meanwhile.
            if (there := self._there(actor, workspace_id, sha256)) is not None:
                return there
            raise

    def _looked_into(self, path: Path, name: str, sha256: str | None) -> tuple[MediaFacts, str]:
        """Facts and SHA-256, found at the same time."""
        stop = threading.Event()

        def check() -> None:
            if stop.is_set():
                raise Cancelled("intake.stopped")

        with ThreadPoolExecutor(1, thread_name_prefix="sightline-hash") as pool:
            hashing = None if sha256 else pool.submit(sha256_of, path, check)
            try:
                facts = examine(path, name)
                refuse_duration(self._settings, facts)
                return facts, sha256 or ("" if hashing is None else hashing.result())
            finally:
                stop.set()

    def _there(self, actor: Actor, workspace_id: str, sha256: str) -> Taken | None:
        same = select(VideoRow.id).where(
            VideoRow.workspace_id == workspace_id, VideoRow.sha256 == sha256, VideoRow.media_removed_at.is_(None)
        )
        with self._database.read(actor) as session:
            found = session.scalar(same)
        return None if found is None else Taken(found, was_there=True)


def _without_file(session: Session, workspace_id: str, sha256: str) -> VideoRow | None:
    """The video whose file was removed on purpose, and now comes back."""
    same = select(VideoRow).where(VideoRow.workspace_id == workspace_id, VideoRow.sha256 == sha256)
    return session.scalar(same.where(VideoRow.media_removed_at.is_not(None)))


def video_row(facts: MediaFacts, sha256: str, *, workspace_id: str, source: str, tags: Sequence[str] = ()) -> VideoRow:
    """The row of a video with these facts, without its id. Width and height are those of the upright picture."""
    video, audio = facts.video, facts.audio
    is_turned = video is not None and video.rotation_deg % 180 != 0
    sides = (video.width, video.height) if video is not None else (None, None)
    return VideoRow(
        workspace_id=workspace_id,
        sha256=sha256,
        name=facts.name,
        size_bytes=facts.size_bytes,
        duration_s=None if facts.duration is None else float(facts.duration),
        width=sides[1] if is_turned else sides[0],
        height=sides[0] if is_turned else sides[1],
        rate=float(video.rate) if video is not None and video.rate is not None else None,
        codec=video.codec if video is not None else audio.codec if audio is not None else None,
        media_type=media_type(facts),
        facts=media_to_json(replace(facts, sha256=sha256)),
        source=source,
        search_text=search_text(facts.name, tags),
    )


def _write(session: Session, actor: Actor, row: VideoRow, tags: Sequence[str]) -> str:
    row.id, row.created_by = new_id(), actor.user_id
    session.add(row)
    session.flush()
    session.add_all(TagRow(workspace_id=row.workspace_id, video_id=row.id, tag=tag) for tag in tags)
    audit.record(
        session, actor, "video.created", f"video:{row.id}", workspace_id=row.workspace_id,
        source=row.source, size_bytes=row.size_bytes, sha256=row.sha256,
    )  # fmt: skip
    audit.changed(session, row.workspace_id, "video", row.id, "created")
    return row.id
