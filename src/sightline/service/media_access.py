"""Watching a video and looking at its pictures; every look at a video is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sightline.errors import NotFound
from sightline.library.actor import SYSTEM, Actor
from sightline.library.blobs import Blobs
from sightline.library.cache import ResultCache
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.tables import VideoRow
from sightline.media.thumbnail import thumbnail
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.media_links import MediaLinks
from sightline.service.previews import MEDIA_TYPE, Preview, name_of
from sightline.timeline.media_json import media_from_json

LINK_S = 3600
NOTED_AGAIN_AFTER = timedelta(minutes=10)
"""A player asks for a file in dozens of ranges; that is one look."""
MOST_NOTED = 10_000
DECODERS = 2
"""Pictures decoded at the same time in this process; the processor belongs to jobs."""
KEPT_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where the bytes of a video are: at an address, in a file, or to be read in pieces."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    """Names the content."""
    url: str | None
    path: Path | None
    read: Callable[[int, int], Iterator[bytes]]
    """Bytes ``[start, end)`` in pieces."""

    @property
    def is_playable(self) -> bool:
        """Whether a browser may show it; anything else is only ever handed over as a file."""
        return self.media_type.startswith(("video/", "audio/"))


class MediaAccess:
    def __init__(self, database: Database, blobs: Blobs, cache: ResultCache) -> None:
        self._database, self._blobs, self._cache, self._links = database, blobs, cache, MediaLinks(blobs)
        self._noted: dict[tuple[str, str, str], datetime] = {}
        self._guard = threading.Lock()
        self._decoders = threading.Semaphore(DECODERS)

    def preview(self, actor: Actor, video_id: str) -> MediaPlace:
        """The small copy. Raises `NotFound` where there is none, and `Unavailable`."""
        row, name = self._row(actor, video_id), name_of(video_id)
        size = None
        if row.preview == Preview.READY and row.media_removed_at is None:
            size = self._blobs.store.size(name)
        if size is None:
            raise NotFound("library.not_found", what="preview", id=video_id)
        self._note(actor, row)
        path, shown = self._blobs.store.local_path(name), f"{Path(row.name).stem}.preview.mp4"
        url = None if path is not None else self._blobs.store.url(name, LINK_S, shown, MEDIA_TYPE)
        return MediaPlace(
            shown, MEDIA_TYPE, size, f"{row.sha256}-preview", url, path,
            lambda start, end: self._blobs.store.read(name, start, end),
        )  # fmt: skip

    def place(self, actor: Actor, video_id: str) -> MediaPlace:
        """Raises `NotFound`, also when the row is there and the bytes are not, and `Unavailable`."""
        row = self._row(actor, video_id)
        if row.media_removed_at is not None:
            # Somebody else's video may have the same bytes in the store.
            raise NotFound("library.not_found", what="media", id=video_id)
        self._note(actor, row)
        path = self._blobs.local_path(row.sha256)
        url = None if path is not None else self._blobs.url(row.sha256, LINK_S, row.name, row.media_type)
        if path is None and url is None and not self._blobs.exists(row.sha256):
            raise NotFound("library.not_found", what="media", id=video_id)
        return MediaPlace(
            row.name, row.media_type, row.size_bytes, row.sha256, url, path,
            lambda start, end: self._blobs.read(row.sha256, start, end),
        )  # fmt: skip

    def link(self, actor: Actor, video_id: str) -> tuple[str, int]:
        """An address by which anybody can watch the video, and for how many seconds."""
        place = self.place(actor, video_id)
        return place.url or self._links.sign(_path(video_id), LINK_S), LINK_S

    def linked(self, video_id: str, expires: str, token: str) -> MediaPlace:
        """What a link leads to. Raises `NotSignedIn` for one that nobody made or that has expired."""
        self._links.verify(_path(video_id), expires, token)
        return self.place(SYSTEM, video_id)

    def thumbnail(self, actor: Actor, video_id: str, at_s: float | None, width_px: int) -> bytes:
        """A JPEG of the picture on screen at a moment; without one, a tenth into the video.

        Raises `CutImpossible` where there are no pictures.
        """
        row = self._row(actor, video_id)
        if row.media_removed_at is not None:
            raise NotFound("library.not_found", what="media", id=video_id)
        facts = media_from_json(row.facts)
        start, length = facts.start or Fraction(0), facts.duration or Fraction(0)
        at = start + length / 10 if at_s is None else Fraction(at_s).limit_denominator(1000)

        def make() -> bytes:
            with self._decoders:
                return thumbnail(self._blobs.source(row.sha256, row.name), facts, at, width_px=width_px)

        return self._cache.get_or_make(("thumbnail", row.sha256, str(at), str(width_px)), make, KEPT_S)

    def _row(self, actor: Actor, video_id: str) -> VideoRow:
        with self._database.read(actor) as session:
            row = one(session, VideoRow, video_id)
        require(actor, Right.VIEW, row.workspace_id)
        return row

    def _note(self, actor: Actor, row: VideoRow) -> None:
        who, at = (actor.name, actor.address, row.id), now()
        with self._guard:
            last = self._noted.get(who)
            if last is not None and at - last < NOTED_AGAIN_AFTER:
                return
            if len(self._noted) >= MOST_NOTED:
                self._noted.clear()
            self._noted[who] = at
        with self._database.write(actor) as session:
            audit.record(session, actor, "media.read", f"video:{row.id}", workspace_id=row.workspace_id)


def _path(video_id: str) -> str:
    return f"/api/v1/media/{video_id}"
