"""Uploads that can be broken off and continued: what a tus 1.0 server does, without HTTP.

A row says what is coming, a file in the work directory holds what has come (`upload_file`). Processes that share the
work directory can each take a piece of the same upload. Downloads from addresses and stores have a row here as well, so
that whoever asked for them sees what became of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sightline.errors import (
    Conflict,
    InputError,
    MeasuringFailed,
    NotFound,
    RequestInvalid,
    SightlineError,
)
from sightline.jobs.wire import error_from_json, error_to_json
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.tables import UploadRow, WorkspaceRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.intake.limits import most_bytes, refuse_haste, refuse_low_disk, refuse_size
from sightline.service.intake.names import file_name
from sightline.service.intake.take_in import TakeIn, Taken
from sightline.service.intake.upload import ARRIVING, DONE, FAILED, Upload
from sightline.service.intake.upload_file import ALGORITHMS, Checksum, Hashed, UploadFile
from sightline.service.settings import Settings
from sightline.service.videos import clean_tags

ORPHAN_S = 24 * 3600
"""A file without a row is removed after so long."""
MOST_HASHED = 1000
AT_IT_S = 5.0
"""So long after the last byte whoever received it is taken to be finishing the upload."""
_MINUTE = timedelta(minutes=1)
_log = logging.getLogger(__name__)

Also = Callable[[Session, UploadRow], None]


class Uploads:
    """An upload belongs to who began it: to others it is not there. Safe for many threads and processes."""

    def __init__(self, database: Database, settings: Settings, take_in: TakeIn) -> None:
        self._database, self._settings, self._take_in = database, settings, take_in
        self.folder = settings.work / "uploads"
        self._hashed: dict[str, Hashed] = {}
        self._guard = threading.Lock()

    def begin(
        self,
        actor: Actor,
        workspace_id: str,
        name: str,
        size_bytes: int | None,
        tags: Sequence[str] = (),
        *,
        source: str = "upload",
        also: Also | None = None,
        upload_id: str | None = None,
    ) -> Upload:
        """A new upload; one begun again under the same ``upload_id`` is the one that is there.

        ``size_bytes`` None where it is not known yet; ``also`` is done in the same transaction.

        Raises `RequestInvalid`, `LimitExceeded`, `TooManyAttempts`, and `OutputUnwritable` while the disk is too full.
        """
        require(actor, Right.EDIT, workspace_id)
        if size_bytes is not None:
            self._refuse_size(size_bytes)
        refuse_low_disk(self._settings, self.folder, size_bytes or 0)
        if upload_id is not None and (there := self._found(actor, upload_id)) is not None:
            return there
        upload_id, at = upload_id or new_id(), now()
        if source == "upload":
            # Before its row, so that no row is without its file; a file without a row is swept.
            self.file_of(upload_id).create()

        def write(session: Session) -> UploadRow:
            one(session, WorkspaceRow, workspace_id)
            refuse_haste(self._settings, session, actor, at)
            row = UploadRow(
                id=upload_id, workspace_id=workspace_id, name=file_name(name), size_bytes=size_bytes,
                tags=list(clean_tags(tags)), source=source, state=ARRIVING, created_by=actor.user_id, created_at=at,
                expires_at=self._expiry(at),
            )  # fmt: skip
            session.add(row)
            session.flush()
            audit.record(
                session, actor, "upload.begun", f"upload:{upload_id}", workspace_id=workspace_id, source=source
            )
            audit.changed(session, workspace_id, "upload", upload_id, "created")
            if also is not None:
                also(session, row)
            return row

        try:
            return Upload.of(self._database.change(actor, write), 0)
        except BaseException:
            self.file_of(upload_id).remove()
            raise

    def _found(self, actor: Actor, upload_id: str) -> Upload | None:
        try:
            return self.get(actor, upload_id)
        except NotFound:
            return None

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """With the offset to go on from. Raises `NotFound`, also when it has expired."""
        row = self._row(actor, upload_id)
        if row.state != ARRIVING or row.source != "upload":
            return Upload.of(row, (row.size_bytes or 0) if row.state == DONE else 0)
        return Upload.of(row, self.file_of(upload_id).offset())

    def append(
        self,
        actor: Actor,
        upload_id: str,
        offset: int,
        chunks: Iterable[bytes],
        *,
        checksum: Checksum | None = None,
        size_bytes: int | None = None,
    ) -> Upload:
        """Takes a piece that begins at ``offset``; what is told back is on disk. ``size_bytes`` says the whole size,
        where `begin` did not.

        When ``chunks`` raises, what has come stays and the error is passed on; it must raise when nothing comes for
        long, as until then nobody else may go on with the upload. Raises `Conflict` for another offset than the
        upload's and while somebody else sends, `ChecksumMismatch`, `LimitExceeded`, `OutputUnwritable`, `NotFound`.
        """
        row = self._row(actor, upload_id)
        if row.state != ARRIVING or row.source != "upload":
            raise Conflict("intake.upload_over", state=row.state)
        if checksum is not None and checksum.algorithm not in ALGORITHMS:
            raise RequestInvalid("intake.unknown_checksum", known=", ".join(ALGORITHMS))
        total = self._total(actor, row, size_bytes)
        with self.file_of(upload_id).locked() as file:
            if file.size != offset:
                raise Conflict("intake.offset_differs", offset=file.size)
            most = (total if total is not None else most_bytes(self._settings)) - offset
            refuse_low_disk(self._settings, self.folder, 0)
            hashed = self._hashed_so_far(upload_id, offset)
            try:
                received = file.append(chunks, most, checksum, hashed)
            finally:
                with self._guard:
                    if hashed is None or hashed.size != file.size:
                        self._hashed.pop(upload_id, None)
        row.size_bytes, row.expires_at = total, self._prolonged(row)
        return Upload.of(row, received)

    def finish(self, actor: Actor, upload_id: str) -> Taken:
        """Makes a video of an upload whose bytes are all there. Doing it again gives the same.

        Raises what `TakeIn.take` raises. What is the file's fault ends the upload; after anything else it can be
        finished again. Raises `Conflict` while bytes are missing and while another is finishing it.
        """
        row = self._row(actor, upload_id)
        if row.state == DONE and row.video_id is not None:
            return Taken(row.video_id, was_there=True)
        if row.state == FAILED and row.error is not None:
            raise error_from_json(row.error)
        upload = self.file_of(upload_id)
        with upload.locked() as file:
            if row.size_bytes is None or file.size != row.size_bytes:
                raise Conflict("intake.not_complete", offset=file.size, size=row.size_bytes or 0)
            with self._guard:
                hashed = self._hashed.pop(upload_id, None)
            sha256 = hashed.digest.hexdigest() if hashed is not None and hashed.size == file.size else None
            try:
                taken = self._take_in.take(
                    actor, row.workspace_id, upload.path, row.name, row.source, row.tags, sha256=sha256
                )
            except SightlineError as error:
                is_final = isinstance(error, InputError | MeasuringFailed)
                self._end(upload_id, FAILED if is_final else ARRIVING, error=error)
                if is_final:
                    upload.remove()
                raise
            self._end(upload_id, DONE, video_id=taken.video_id)
            upload.remove()
            return taken

    def terminate(self, actor: Actor, upload_id: str) -> None:
        """Forgets the upload and what has come of it. A video made of it stays. Raises `Conflict` while it is sent."""
        row = self._row(actor, upload_id)
        if row.state == ARRIVING and row.source == "upload":
            with suppress(NotFound), self.file_of(upload_id).locked():
                self._forget(actor, row)
                return
        self._forget(actor, row)

    def finish_waiting(self, older_than_s: float = AT_IT_S) -> list[Taken]:
        """Finishes uploads that are complete and were not finished: their process died, or the store was gone.

        For a clean-up every some seconds, in one process. What fails is written on its row.
        """
        complete = select(UploadRow).where(
            UploadRow.state == ARRIVING, UploadRow.source == "upload", UploadRow.size_bytes.is_not(None)
        )
        with self._database.read(SYSTEM) as session:
            rows = session.scalars(complete.order_by(UploadRow.id)).all()
        finished = []
        for row in rows:
            with suppress(SightlineError):
                upload = self.file_of(row.id)
                if upload.offset() == row.size_bytes and upload.rested_s() >= older_than_s:
                    finished.append(self.finish(_owner(row), row.id))
        return finished

    def expire(self, at: datetime | None = None) -> int:
        """Removes uploads nobody went on with, the rows of those that ended as long ago, and files without a row.

        How many rows went. Those that are being sent stay.
        """
        removed = 0
        with self._database.read(SYSTEM) as session:
            # Of a download its job says when it is over.
            is_ours = (UploadRow.source == "upload") | (UploadRow.state != ARRIVING)
            rows = session.scalars(select(UploadRow).where(is_ours, UploadRow.expires_at <= (at or now()))).all()
        for row in rows:
            try:
                with self.file_of(row.id).locked():
                    self._forget(SYSTEM, row)
            except NotFound:
                self._forget(SYSTEM, row)
            except Conflict:
                continue
            removed += 1
        self._sweep()
        return removed

    def file_of(self, upload_id: str) -> UploadFile:
        """Where the bytes of an upload lie."""
        if not (upload_id.isascii() and upload_id.isalnum()):
            raise NotFound("library.not_found", what="upload", id=upload_id)
        return UploadFile(self.folder / upload_id)

    def _row(self, actor: Actor, upload_id: str) -> UploadRow:
        with self._database.read(actor) as session:
            row = one(session, UploadRow, upload_id)
        require(actor, Right.EDIT, row.workspace_id)
        is_theirs = actor.is_system or (row.created_by is not None and row.created_by == actor.user_id)
        if not is_theirs or (row.state == ARRIVING and row.expires_at <= now() and not actor.is_system):
            raise NotFound("library.not_found", what="upload", id=upload_id)
        return row

    def _total(self, actor: Actor, row: UploadRow, size_bytes: int | None) -> int | None:
        if size_bytes is None or size_bytes == row.size_bytes:
            return row.size_bytes
        if row.size_bytes is not None:
            raise RequestInvalid("intake.size_said_twice")
        self._refuse_size(size_bytes)
        if size_bytes < self.file_of(row.id).offset():
            raise RequestInvalid("intake.size_impossible")

        def write(session: Session) -> None:
            session.execute(update(UploadRow).where(UploadRow.id == row.id).values(size_bytes=size_bytes))

        self._database.change(actor, write)
        return size_bytes

    def _refuse_size(self, size_bytes: int) -> None:
        if size_bytes <= 0:
            raise RequestInvalid("intake.size_impossible")
        refuse_size(self._settings, size_bytes)

    def _hashed_so_far(self, upload_id: str, offset: int) -> Hashed | None:
        with self._guard:
            if offset == 0 and len(self._hashed) < MOST_HASHED:
                self._hashed[upload_id] = Hashed()
            found = self._hashed.get(upload_id)
            return found if found is not None and found.size == offset else None

    def _prolonged(self, row: UploadRow) -> datetime:
        expires_at = self._expiry(now())
        # A client that sends many small pieces makes no write of each.
        if expires_at - row.expires_at < _MINUTE:
            return row.expires_at
        prolong = update(UploadRow).where(UploadRow.id == row.id).values(expires_at=expires_at)
        self._database.change(SYSTEM, lambda session: session.execute(prolong))
        return expires_at

    def _expiry(self, at: datetime) -> datetime:
        return at + timedelta(hours=self._settings.upload_expiry_hours)

    def _end(
        self, upload_id: str, state: str, *, video_id: str | None = None, error: SightlineError | None = None
    ) -> None:
        def write(session: Session) -> None:
            row = session.get(UploadRow, upload_id)
            if row is not None:
                row.state, row.video_id = state, video_id
                row.error = None if error is None else error_to_json(error)
                audit.changed(session, row.workspace_id, "upload", upload_id)

        try:
            self._database.change(SYSTEM, write)
        except SightlineError as gone:
            if error is None:
                raise
            _log.warning("the failure of upload %s is not on its row: %s", upload_id, gone)

    def _forget(self, actor: Actor, row: UploadRow) -> None:
        def write(session: Session) -> None:
            found = session.get(UploadRow, row.id)
            if found is not None:
                session.delete(found)
                audit.changed(session, row.workspace_id, "upload", row.id, "removed")
                if row.state == ARRIVING:
                    audit.record(session, actor, "upload.removed", f"upload:{row.id}", workspace_id=row.workspace_id)

        self._database.change(actor, write)
        self.file_of(row.id).remove()
        with self._guard:
            self._hashed.pop(row.id, None)

    def _sweep(self) -> None:
        old = [path for path in _files(self.folder) if time.time() - path.stat().st_mtime > ORPHAN_S]
        with self._database.read(SYSTEM) as session:
            known = set(session.scalars(select(UploadRow.id).where(UploadRow.id.in_([p.stem for p in old]))))
        for path in old:
            if path.stem not in known:
                path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterable[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _owner(row: UploadRow) -> Actor:
    return Actor(row.created_by, f"upload:{row.id}", {row.workspace_id: Role.EDITOR}, is_system=row.created_by is None)


__all__ = ["Also", "Upload", "Uploads"]
