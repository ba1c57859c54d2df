"""Deletion with a receipt: everything there is of a video, or its file and pictures alone, and what all that was.

A receipt holds counts, sizes and hashes, and nothing about the person: no name, no address, no text. It is written
before anything is removed and completed afterwards, so that a deletion that was cut off is seen and can be done again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.engine.cache import MeasurementCache
from sightline.errors import SightlineError
from sightline.library.actor import SYSTEM, Actor
from sightline.library.assessment_tables import ReceiptRow
from sightline.library.blobs import Blobs
from sightline.library.cache import ResultCache
from sightline.library.claims import release_unused
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.bundles import Bundles, prefix_of
from sightline.service.cards import remove_card
from sightline.service.erasure_rows import (
    Mode,
    Target,
    begun,
    found,
    is_any_running,
    is_shared,
    remove_jobs,
    remove_media,
    remove_rows,
    stop_jobs,
    target_of,
)
from sightline.service.previews import remove_preview

_log = logging.getLogger(__name__)
SCHEMA = "sightline.receipt/1"
NOT_COVERED = ("backups", "logs")
"""What a deletion does not reach: they go by their own age (docs/consent.md)."""
PICTURES = ("signals/thumbs.parquet", "report.html")
"""Files of a bundle in which the person can be seen."""
STOPPED_S = 10.0
"""So long a job that was told to stop is waited for: what it still wrote would outlive the deletion."""
LOOK_S = 0.05
AT_IT_S = 300.0
"""A deletion begun so lately may be under way."""
Forget = Callable[[Sequence[str]], int]
"""Removes what is kept elsewhere of analyses, by their ids, and says how much that was."""


class _Gone(NamedTuple):
    removed: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    pending: list[str]


class Erasure:
    """``elsewhere``: by name, what is kept of analyses outside of bundles and rows."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        bundles: Bundles,
        cache: ResultCache,
        measurements: MeasurementCache,
        wake: Callable[[], None],
        elsewhere: Mapping[str, Forget],
    ) -> None:
        self._database, self._blobs, self._bundles, self._cache = database, blobs, bundles, cache
        self._measurements, self._wake, self._elsewhere = measurements, wake, dict(elsewhere)

    def erase(self, actor: Actor, video_id: str, mode: Mode = Mode.EVERYTHING) -> ReceiptRow:
        """Removes a video with everything made of it, or its file alone. Gives the receipt; `ReceiptRow.is_complete`
        says whether all of it is gone. Asked for again, a deletion that was cut off goes on.

        Raises `NotFound`, `NotAllowed`."""
        receipt_id = new_id()

        def rows(session: Session) -> tuple[str, Target, Mode, dict[str, int]]:
            there = begun(session, actor, video_id)
            if there is not None:
                return there.id, target_of(there), Mode(there.mode), {}
            target = found(session, actor, video_id)
            stop_jobs(session, target)
            removed = {}
            if mode is Mode.EVERYTHING:
                removed = remove_rows(session, target)
            else:
                remove_media(session, target)
            document = _document(receipt_id, target, mode)
            session.add(
                ReceiptRow(
                    id=receipt_id, workspace_id=target.workspace_id, video_id=video_id, mode=mode,
                    document=document, sha256=_digest(document), is_complete=False, made_at=now(),
                )
            )  # fmt: skip
            audit.record(
                session, actor, "video.erased", f"video:{video_id}", workspace_id=target.workspace_id,
                receipt=receipt_id, mode=str(mode),
            )  # fmt: skip
            change = "removed" if mode is Mode.EVERYTHING else "changed"
            audit.changed(session, target.workspace_id, "video", video_id, change)
            return receipt_id, target, mode, removed

        begun_id, target, begun_mode, removed_rows = self._database.change(actor, rows)
        self._wake()
        return self._completed(begun_id, target, begun_mode, removed_rows)

    def finish_waiting(self, older_than_s: float = AT_IT_S) -> int:
        """Goes on with deletions that were cut off or could not reach everything. How many are complete now."""
        before = now() - timedelta(seconds=older_than_s)
        with self._database.read(SYSTEM) as session:
            cut_off = select(ReceiptRow).where(ReceiptRow.is_complete.is_(False), ReceiptRow.made_at <= before)
            waiting = session.scalars(cut_off.order_by(ReceiptRow.made_at)).all()
        return sum(self._completed(row.id, target_of(row), Mode(row.mode), {}).is_complete for row in waiting)

    def _completed(self, receipt_id: str, target: Target, mode: Mode, removed_rows: Mapping[str, int]) -> ReceiptRow:
        """Removes what is not in rows, and writes down what that was after what is written down already."""
        removed, kept, pending = self._files(target, mode)
        removed += [{"what": f"rows of {table}", "count": count} for table, count in removed_rows.items() if count]

        def complete(session: Session) -> ReceiptRow:
            row = session.get_one(ReceiptRow, receipt_id, with_for_update=True)
            told = {"removed": [*row.document["removed"], *removed], "kept": kept, "pending": pending}
            row.document = row.document | told
            row.sha256, row.is_complete = _digest(row.document), not pending
            return row

        receipt = self._database.change(SYSTEM, complete)
        self._database.forget_deleted()
        return receipt

    def get(self, actor: Actor, receipt_id: str) -> ReceiptRow:
        with self._database.read(actor) as session:
            row = one(session, ReceiptRow, receipt_id)
        require(actor, Right.LIST, row.workspace_id)
        return row

    def list(
        self, actor: Actor, workspace_id: str | None, cursor: str | None = None, limit: int = 50
    ) -> Page[ReceiptRow]:
        """The newest first."""
        require(actor, Right.LIST, workspace_id)
        statement = select(ReceiptRow)
        if workspace_id is not None:
            statement = statement.where(ReceiptRow.workspace_id == workspace_id)
        with self._database.read(actor) as session:
            return page(session, statement, Order(ReceiptRow.made_at, ReceiptRow.id), cursor, limit)

    def _files(self, target: Target, mode: Mode) -> _Gone:
        """What was removed, what stays and why, and what is still to go."""
        removed, kept, pending = gone = _Gone([], [], [])

        def step(what: str, work: Callable[[], Mapping[str, Any] | None]) -> None:
            try:
                found = work()
            except (SightlineError, OSError, ValueError, KeyError) as error:
                _log.warning("%s of the erased video %s stay for now: %s", what, target.video_id, error)
                pending.append(what)
            else:
                if found is not None and found.get("count"):
                    removed.append({"what": what, **found})

        step("jobs", lambda: self._jobs(target, mode))
        with self._database.read(SYSTEM) as session:
            shared = is_shared(session, target.sha256)
        # Before the bundles, which tell what there is.
        for name, forget in self._elsewhere.items() if mode is Mode.EVERYTHING else ():
            step(name, lambda forget=forget: {"count": forget(target.analyses)})  # type: ignore[misc]
        for analysis_id in target.analyses:
            step("bundle files", lambda of=analysis_id: self._bundle(of, mode))  # type: ignore[misc]
        if shared:
            kept.append({"what": "video file", "sha256": target.sha256, "why": "another video has the same bytes"})
        else:
            step("video file", lambda: self._file(target))
            step("measurements", lambda: {"count": self._measurements.remove(target.sha256)})
        step("cached preview", lambda: self._preview(target))
        if mode is Mode.EVERYTHING:
            step("card", lambda: self._card(target))
        step("cached results", lambda: {"count": self._cached(target, is_shared=shared)})
        return gone

    def _jobs(self, target: Target, mode: Mode) -> Mapping[str, Any]:
        """Waits until nobody works on it any more."""
        deadline = time.monotonic() + STOPPED_S
        while self._is_worked_on(target):
            if time.monotonic() > deadline:
                raise _Stays
            time.sleep(LOOK_S)
        if mode is not Mode.EVERYTHING:
            return {}
        return {"count": self._database.change(SYSTEM, lambda session: remove_jobs(session, target.subjects))}

    def _is_worked_on(self, target: Target) -> bool:
        with self._database.read(SYSTEM) as session:
            return is_any_running(session, target)

    def _bundle(self, analysis_id: str, mode: Mode) -> Mapping[str, Any]:
        prefix = prefix_of(analysis_id)
        found = sorted(self._blobs.list(prefix), key=lambda stored: stored.name)
        if mode is Mode.MEDIA_ONLY:
            found = [stored for stored in found if stored.name.removeprefix(f"{prefix}/") in PICTURES]
        listing = hashlib.sha256()
        for stored in found:
            listing.update(
                f"{hashlib.sha256(self._blobs.read_bytes(stored.name)).hexdigest()} {stored.name}\n".encode()
            )
        if mode is Mode.EVERYTHING:
            self._bundles.remove(analysis_id)
        else:
            for stored in found:
                self._blobs.remove_prefix(stored.name)
            self._bundles.forget(analysis_id)
        size = sum(stored.size_bytes for stored in found)
        return {"analysis": analysis_id, "count": len(found), "bytes": size, "sha256": listing.hexdigest()}

    def _file(self, target: Target) -> Mapping[str, Any] | None:
        was_there = self._blobs.exists(target.sha256)
        release_unused(self._database, self._blobs, only=target.sha256, grace_s=0)
        if self._blobs.exists(target.sha256):
            raise _Stays
        return {"count": int(was_there), "bytes": target.size_bytes, "sha256": target.sha256}

    def _preview(self, target: Target) -> Mapping[str, Any] | None:
        size = remove_preview(self._blobs, target.video_id)
        return None if size is None else {"count": 1, "bytes": size}

    def _card(self, target: Target) -> Mapping[str, Any]:
        remove_card(self._blobs, target.video_id)
        return {"count": 1}

    def _cached(self, target: Target, *, is_shared: bool) -> int:
        subjects = [("thumbnail", target.sha256)] if not is_shared else []
        for analysis_id in target.analyses:
            subjects += [(kind, analysis_id) for kind in ("analysis", "signals", "signal", "picture", "thumbs")]
        return sum(self._cache.forget(subject) for subject in subjects)


class _Stays(OSError):
    """Somebody else is at it, or brings the same bytes at this moment."""


def _document(receipt_id: str, target: Target, mode: Mode) -> dict[str, Any]:
    """As it is before anything but rows was removed."""
    return {
        "schema": SCHEMA,
        "id": receipt_id,
        "mode": str(mode),
        "video": target.video_id,
        "file": {"sha256": target.sha256, "bytes": target.size_bytes},
        "analyses": list(target.analyses),
        "made_at": now().isoformat(),
        "removed": [],
        "kept": [],
        "pending": ["files"],
        "not_covered": list(NOT_COVERED),
    }


def _digest(document: Mapping[str, Any]) -> str:
    plain = json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
