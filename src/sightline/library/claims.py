"""Who may rely on a file being in the store, and when it may be removed.

A file is used while a video with its SHA-256 exists in any workspace, unless its file was removed on purpose. Between
*the file is there* and *the video is written* others may be removing it, and any of them may die at any moment. So:

- Bringing: `claim` writes or touches the file's row and gives its ``life``; the file is put; then, in the transaction
  that writes the video, `hold` locks the row and asks whether it still lives that same life. If not, all of it is done
  again. `bring` does these steps.
- Removing: `release_unused` locks the row, makes sure that no video uses it, and marks it as leaving; removes the
  file; removes the row. One process does this at a time, under a lock that its death sets free.
- Whoever wants to bring a file that is leaving waits; if the remover died, he finishes its work. A request to remove
  that got no answer may still be under way to the store: so that it does not meet the file that came back, nobody goes
  on with a removal before it must have arrived (``Store.settles_s``).

Both sides lock the row first, so one of them sees what the other did. A file that comes back gets another ``life``:
whoever had looked before learns that what he saw is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import exists, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from sightline.errors import SightlineError, Unavailable
from sightline.library.actor import SYSTEM, Actor
from sightline.library.blobs import Blobs
from sightline.library.columns import new_id, now
from sightline.library.database import Database
from sightline.library.lock import Lock
from sightline.library.tables import BlobRow, VideoRow

T = TypeVar("T")
GRACE_S = 3600
"""A file brought so recently is left alone by the clean-up: its video is about to be written. No more than courtesy,
as a bringer whose file was removed notices and brings it again."""
PATIENCE_S = 180
ATTEMPTS = 50
_LOOK_AGAIN_S = 0.05
_LOCK = "blobs"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a bringer was told."""

    life: str
    at: datetime


class NotHeld(Exception):
    """The file was removed since it was claimed. Internal to bringing."""


def bring(
    database: Database, blobs: Blobs, actor: Actor, sha256: str, put: Callable[[], int], write: Callable[[Session], T]
) -> T:
    """Has ``put`` bring the file and give its size, and ``write`` write what uses it, in one transaction, with the
    file certain to be there and to stay. Both may be called again.

    When either raises and nothing else uses the file, it is removed. Raises `Unavailable`, and what they raise.
    """
    claimed: Claim | None = None
    try:
        for _ in range(ATTEMPTS):
            claimed = claim(database, blobs, sha256)
            try:
                size = put()
            except Unavailable:
                if _lives(database, sha256, claimed.life):
                    raise
                # Removed by another at the moment it came.
                continue

            def held(session: Session, life: str = claimed.life, size: int = size) -> T:
                hold(session, sha256, life, size)
                return write(session)

            try:
                return database.change(actor, held)
            except NotHeld:
                continue
        raise Unavailable("store.leaving", sha256=sha256)
    except BaseException:
        if claimed is not None:
            _let_go(database, blobs, sha256, claimed)
        raise


def claim(database: Database, blobs: Blobs, sha256: str, *, patience_s: float = PATIENCE_S) -> Claim:
    """Says that somebody is about to bring this file. Gives the ``life`` to ask for with `hold`.

    Waits while the file is being removed. Raises `Unavailable` when that takes too long.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            claimed = database.change(SYSTEM, lambda session: _claimed(session, sha256))
        except IntegrityError:
            # Somebody else wrote the row first.
            continue
        if claimed is not None:
            return claimed
        with _removing(database) as lock:
            if lock is not None and _finish(database, blobs, sha256, lock):
                continue
        time.sleep(_LOOK_AGAIN_S)
    raise Unavailable("store.leaving", sha256=sha256)


def hold(session: Session, sha256: str, life: str, size_bytes: int) -> None:
    """Makes sure that the file claimed as ``life`` stays, if this transaction is kept. Raises `NotHeld`."""
    row = _locked(session, sha256)
    if row is None or row.is_leaving or row.life != life:
        raise NotHeld
    row.size_bytes = size_bytes


def release_unused(
    database: Database, blobs: Blobs, *, only: str | None = None, grace_s: float = GRACE_S, at: datetime | None = None
) -> int:
    """Removes files that no video uses, and finishes removals whose process died. How many it removed.

    ``only`` one file; ``grace_s`` spares files claimed within it. Does nothing while another process does the same.
    Raises `Unavailable` when database or store cannot be reached; what was begun is finished the next time.
    """
    before = (at or now()) - timedelta(seconds=grace_s)
    used = exists().where(VideoRow.sha256 == BlobRow.sha256, VideoRow.media_removed_at.is_(None))
    wanted = select(BlobRow.sha256).where(BlobRow.is_leaving | (~used & (BlobRow.claimed_at <= before)))
    if only is not None:
        wanted = wanted.where(BlobRow.sha256 == only)
    with database.read(SYSTEM) as session:
        found = session.scalars(wanted.order_by(BlobRow.claimed_at)).all()
    removed = 0
    for sha256 in found:
        # Taken anew for each file, so that nobody who waits for one waits for all of them.
        with _removing(database) as lock:
            if lock is None:
                return removed
            marked = database.change(SYSTEM, partial(_marked, sha256=sha256, before=before))
            removed += marked is not None and _finish(database, blobs, sha256, lock, is_first=marked)
    return removed


def adopt(database: Database, blobs: Blobs, *, older_than_s: float = GRACE_S, at: datetime | None = None) -> int:
    """Gives every file in the store that has no row one, so that `release_unused` sees it: its bringer died, or the
    database is older than the files. How many there were. Looks through the whole store."""
    before = (at or now()) - timedelta(seconds=older_than_s)
    adopted = 0
    with database.read(SYSTEM) as session:
        known = set(session.scalars(select(BlobRow.sha256)))
    for sha256, found in blobs.all():
        if sha256 not in known and found.modified_at <= before:
            try:
                with database.write(SYSTEM) as session:
                    session.add(BlobRow(sha256=sha256, size_bytes=found.size_bytes))
                adopted += 1
            except IntegrityError:
                continue
    return adopted


def _claimed(session: Session, sha256: str) -> Claim | None:
    row = _locked(session, sha256)
    if row is None:
        row = BlobRow(sha256=sha256, size_bytes=0, life=new_id())
        session.add(row)
        session.flush()
    elif row.is_leaving:
        return None
    row.claimed_at = now()
    return Claim(row.life, row.claimed_at)


def _marked(session: Session, sha256: str, before: datetime) -> bool | None:
    """Marks the file as leaving unless it is used, or was claimed since. True: it did; False: it was marked before;
    None: the file stays."""
    row = _locked(session, sha256)
    if row is None:
        return None
    if row.is_leaving:
        return False
    uses = select(VideoRow.id).where(VideoRow.sha256 == sha256, VideoRow.media_removed_at.is_(None))
    used = session.scalar(uses.limit(1))
    if used is not None or row.claimed_at > before:
        return None
    row.is_leaving, row.claimed_at = True, now()
    return True


def _finish(database: Database, blobs: Blobs, sha256: str, lock: Lock, *, is_first: bool = False) -> bool:
    """Removes a file that is leaving, and its row, under the lock. Whether it did: not before an earlier try that
    failed is sure to be over. Raises `Unavailable`."""

    def begun(session: Session) -> str | None:
        row = _locked(session, sha256)
        settled = now() - timedelta(seconds=blobs.store.settles_s)
        if row is None or not row.is_leaving or not (is_first or row.claimed_at <= settled):
            return None
        row.claimed_at = now()
        return row.life

    life = database.change(SYSTEM, begun)
    if life is None or not lock.is_held():
        return False
    blobs.remove(sha256)

    def forget(session: Session) -> None:
        leaving = _locked(session, sha256)
        if leaving is not None and leaving.life == life:
            session.delete(leaving)

    database.change(SYSTEM, forget)
    return True


def _lives(database: Database, sha256: str, life: str) -> bool:
    with database.read(SYSTEM) as session:
        row = session.get(BlobRow, sha256)
    return row is not None and not row.is_leaving and row.life == life


def _let_go(database: Database, blobs: Blobs, sha256: str, claimed: Claim) -> None:
    """After a failure: at once if it can be and nobody has claimed the file since, else by the next clean-up."""
    # The failure that led here is the one to be told.
    with suppress(SightlineError, DBAPIError):
        release_unused(database, blobs, only=sha256, grace_s=0, at=claimed.at)


def _locked(session: Session, sha256: str) -> BlobRow | None:
    return session.scalar(select(BlobRow).where(BlobRow.sha256 == sha256).with_for_update())


@contextmanager
def _removing(database: Database) -> Iterator[Lock | None]:
    """The lock under which files are removed, for as long as the block lasts; None when another has it."""
    lock = Lock(database, _LOCK)
    if not lock.acquire():
        yield None
        return
    try:
        yield lock
    finally:
        lock.release()
