"""Videos on their way in: sent whole, sent in pieces, or fetched from an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.desks.desk import Brief
from sightline.errors import NotFound, SightlineError
from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.blobs import Blobs
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, UploadRow
from sightline.service.access import Right, require
from sightline.service.analyses import consent_needed
from sightline.service.asked import asked_to_dict
from sightline.service.intake.fetch import check_url
from sightline.service.intake.names import url_name
from sightline.service.intake.upload_file import Checksum
from sightline.service.intake.uploads import Upload, Uploads
from sightline.service.job_kinds import FETCH
from sightline.service.operations.metrics import Metrics
from sightline.service.operations.sweeps import write_card
from sightline.service.settings import Settings
from sightline.service.templates import QC, Templates
from sightline.service.videos import Shown, Videos


@dataclass(frozen=True, slots=True)
class Wanted:
    """The analysis of a video that is not here yet."""

    desk: str = QC
    brief: Brief = field(default_factory=Brief)


class Taking:
    """``wake`` is called when a job was queued."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        uploads: Uploads,
        videos: Videos,
        templates: Templates,
        settings: Settings,
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        self._database, self._blobs, self._uploads = database, blobs, uploads
        self._videos, self._templates = videos, templates
        self._settings, self._metrics, self._wake = settings, metrics, wake

    def whole(self, actor: Actor, workspace_id: str, name: str, chunks: Iterable[bytes], tags: Sequence[str]) -> Shown:
        """A file that comes in one go, of any length up to the limit. Nothing of it stays when it fails.

        Raises what `Uploads` and `TakeIn` raise.
        """
        upload = self._uploads.begin(actor, workspace_id, name, None, tags)
        try:
            received = self._uploads.append(actor, upload.id, 0, chunks)
            self._uploads.append(actor, upload.id, received.offset, (), size_bytes=received.offset)
            taken = self._uploads.finish(actor, upload.id)
        except BaseException:
            with suppress(SightlineError):
                self._uploads.terminate(actor, upload.id)
            raise
        write_card(self._database, self._blobs, taken.video_id)
        self._metrics.bytes_taken_in("upload", received.offset)
        return self._videos.get(actor, taken.video_id)

    def append(
        self, actor: Actor, upload_id: str, offset: int, chunks: Iterable[bytes], checksum: Checksum | None
    ) -> Upload:
        """A piece of an upload; with the last one it becomes a video. Raises as `Uploads.append` and `finish`."""
        upload = self._uploads.append(actor, upload_id, offset, chunks, checksum=checksum)
        self._metrics.bytes_taken_in("upload", upload.offset - offset)
        if upload.is_complete:
            taken = self._uploads.finish(actor, upload_id)
            write_card(self._database, self._blobs, taken.video_id)
            upload = self._uploads.get(actor, upload_id)
        return upload

    def finish_waiting(self) -> int:
        """As `Uploads.finish_waiting`: how many became videos."""
        finished = self._uploads.finish_waiting()
        for taken in finished:
            write_card(self._database, self._blobs, taken.video_id)
        return len(finished)

    def from_url(
        self,
        actor: Actor,
        workspace_id: str,
        url: str,
        name: str | None = None,
        tags: Sequence[str] = (),
        analyse: Wanted | None = None,
        extra: Mapping[str, Any] | None = None,
        upload_id: str | None = None,
    ) -> UploadRow:
        """Queues the fetching of an address, and an analysis after it where one is wanted.

        Raises `AddressRefused` for what can never be fetched, and as `Analyses.create` for an analysis that cannot be;
        whether the rest can is told by the upload.
        """
        require(actor, Right.EDIT, workspace_id)
        source = "s3" if url.startswith("s3://") else "url"
        check_url(url, self._settings)
        asked: dict[str, Any] | None = None
        if analyse is not None:
            chosen = self._templates.choose(actor, workspace_id, analyse.desk, analyse.brief)
            with self._database.read(actor) as session:
                consent_id = consent_needed(session, workspace_id, chosen.by, chosen.brief)
            asked = {"desk": analyse.desk, **asked_to_dict(chosen.brief), "consent_id": consent_id}
        payload = {
            "url": url,
            "source": source,
            "name": name,
            "tags": list(tags),
            "analysis": asked,
            "extra": dict(extra or {}),
        }

        def also(session: Session, row: UploadRow) -> None:
            queue.enqueue(
                session,
                kind=FETCH,
                workspace_id=workspace_id,
                created_by=actor.user_id,
                subject_id=row.id,
                payload=payload,
                timeout_s=self._settings.job_timeout_s,
                most_attempts=self._settings.job_attempts,
                most_queued=self._settings.max_queued_per_user,
            )

        begun = self._uploads.begin(
            actor, workspace_id, name or url_name(url), None, tags, source=source, also=also, upload_id=upload_id
        )
        self._wake()
        return self.get(actor, begun.id)

    def get(self, actor: Actor, upload_id: str) -> UploadRow:
        with self._database.read(actor) as session:
            row = one(session, UploadRow, upload_id)
        require(actor, Right.LIST, row.workspace_id)
        if not actor.is_system and row.created_by != actor.user_id:
            raise NotFound("library.not_found", what="upload", id=upload_id)
        return row

    def list(self, actor: Actor, workspace_id: str | None, cursor: str | None, limit: int) -> Page[UploadRow]:
        """One's own, the newest first."""
        require(actor, Right.LIST, workspace_id)
        statement = select(UploadRow).where(UploadRow.created_by == actor.user_id)
        if workspace_id is not None:
            statement = statement.where(UploadRow.workspace_id == workspace_id)
        with self._database.read(actor) as session:
            return page(session, statement, Order(UploadRow.created_at, UploadRow.id), cursor, limit)

    def analysis_of(self, actor: Actor, asked_id: str) -> AnalysisRow | UploadRow:
        """An analysis by its own id or by that of the upload it was asked for with; the upload, while there is none.

        Raises `NotFound`.
        """
        with self._database.read(actor) as session:
            found = session.get(AnalysisRow, asked_id)
            if found is None:
                upload = one(session, UploadRow, asked_id)
                by_age = select(AnalysisRow).where(AnalysisRow.video_id == upload.video_id)
                rows = session.scalars(by_age).all() if upload.video_id is not None else []
                found = next((row for row in rows if row.extra.get("upload_id") == asked_id), None)
                if found is None:
                    require(actor, Right.LIST, upload.workspace_id)
                    return upload
        require(actor, Right.VIEW, found.workspace_id)
        return found
