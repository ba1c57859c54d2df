"""A folder from which finished files are taken in. Nothing in it is changed or moved.

A file is finished when its size and time have stayed the same for a while. What was taken is remembered by path, size
and time beside the database, so that a restart does not read it again; where that memory is lost, the same bytes lead
to the same video.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sightline.errors import InputError, MeasuringFailed, OutputUnwritable, SetupError, SightlineError
from sightline.library.actor import SYSTEM
from sightline.library.columns import new_id
from sightline.library.database import Database
from sightline.library.tables import WorkspaceRow
from sightline.service import audit
from sightline.service.intake.limits import refuse_low_disk, refuse_size
from sightline.service.intake.take_in import TakeIn
from sightline.service.settings import Settings

EVERY_S = 5.0
STILL_S = 15.0
"""So long a file must not have changed."""
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".aspera-ckpt", "~")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file looked like, and since when it has."""

    size: int
    mtime_ns: int
    since_s: float


class Watch:
    """A thread that looks into ``watch_dir`` every few seconds, while this process ``is_leader``.

    ``taken`` gets a video's id, and whether the workspace had it already. It may be called again for the same file
    when a process dies in between.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        take_in: TakeIn,
        is_leader: Callable[[], bool],
        taken: Callable[[str, bool], None],
        *,
        every_s: float = EVERY_S,
        still_s: float = STILL_S,
    ) -> None:
        self._database, self._settings, self._take_in = database, settings, take_in
        self._is_leader, self._taken = is_leader, taken
        self._every_s, self._still_s = every_s, still_s
        self._memory = settings.data_dir / "watched.json"
        self._known: dict[str, list[int]] | None = None
        self._looks: dict[str, _Look] = {}
        self._complaint = ""
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Does nothing where no folder is to be watched."""
        if self._settings.watch_dir is not None and self._thread is None:
            self._over.clear()
            self._thread = threading.Thread(target=self._run, name="sightline-watch-folder", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Waits for the file that is just being taken in."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def look(self, at_s: float) -> int:
        """One look, at ``at_s`` of any clock that does not go back. How many files were taken in."""
        folder = self._settings.watch_dir
        if folder is None or not self._is_leader():
            # Whoever leads has gone on: what is remembered here may be old when it comes back.
            self._known = None
            return 0
        known = self._recalled()
        looks: dict[str, _Look] = {}
        finished = []
        for path in _files(folder):
            try:
                about = path.stat()
            except OSError:
                continue
            name = str(path.relative_to(folder))
            if known.get(name) == [about.st_size, about.st_mtime_ns]:
                continue
            look = _Look(about.st_size, about.st_mtime_ns, at_s)
            before = self._looks.get(name)
            if before is not None and (before.size, before.mtime_ns) == (look.size, look.mtime_ns):
                look = before
            looks[name] = look
            if before is look and at_s - look.since_s >= self._still_s:
                finished.append((path, name, look))
        self._looks = looks
        return sum(self._took(path, name, look) for path, name, look in finished if not self._over.is_set())

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                self.look(time.monotonic())
            except SightlineError as error:
                self._complain(str(error))
            except Exception:  # noqa: BLE001  the edge of the thread
                _log.exception("the watched folder was not looked through")

    def _took(self, path: Path, name: str, look: _Look) -> bool:
        try:
            refuse_size(self._settings, look.size)
            refuse_low_disk(self._settings, self._settings.work / "watch", look.size)
            with _copied(path, self._settings.work / "watch") as (copy, size, mtime_ns):
                if (size, mtime_ns) != (look.size, look.mtime_ns):
                    return False
                workspace_id = self._workspace()
                video_id, was_there = self._take_in.take(SYSTEM, workspace_id, copy, path.name, "watch")
        except (InputError, MeasuringFailed) as error:
            self._refused(name, error)
            self._remember(name, look)
            return False
        except SightlineError as error:
            # Not the file's fault: it is tried again at the next look.
            self._complain(str(error))
            return False
        self._complaint = ""
        self._taken(video_id, was_there)
        self._remember(name, look)
        return True

    def _workspace(self) -> str:
        wanted = self._settings.watch_workspace
        named = select(WorkspaceRow.id).order_by(WorkspaceRow.created_at, WorkspaceRow.id).limit(1)
        if wanted:
            named = named.where(or_(WorkspaceRow.id == wanted, WorkspaceRow.name == wanted))
        with self._database.read(SYSTEM) as session:
            found = session.scalar(named)
        if found is None:
            raise SetupError("intake.no_watch_workspace", name=wanted or "*")
        return found

    def _refused(self, name: str, error: SightlineError) -> None:
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        _log.warning("the watched file %s is not taken in: %s", shown, error)

        def write(session: Session) -> None:
            audit.record(session, SYSTEM, "watch.refused", f"file:{shown}", why=str(error)[:500])

        self._database.change(SYSTEM, write)

    def _complain(self, text: str) -> None:
        """Once, until something else is wrong."""
        if text != self._complaint:
            _log.warning("watched files wait: %s", text)
        self._complaint = text

    def _recalled(self) -> dict[str, list[int]]:
        if self._known is None:
            try:
                self._known = dict(json.loads(self._memory.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                self._known = {}
        return self._known

    def _remember(self, name: str, look: _Look) -> None:
        folder = self._settings.watch_dir
        known = {
            path: kept for path, kept in self._recalled().items() if folder is not None and (folder / path).exists()
        }
        known[name] = [look.size, look.mtime_ns]
        self._known = known
        part = self._memory.with_suffix(".part")
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(known, ensure_ascii=True), encoding="utf-8")
            part.replace(self._memory)
        except OSError as error:
            self._complain(f"{self._memory}: {error.strerror or error}")


class _copied:  # noqa: N801
    """A copy of a file for as long as the block lasts, with the size and time the file had when it was whole."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._copy = path, folder / new_id()

    def __enter__(self) -> tuple[Path, int, int]:
        try:
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._path, self._copy)
            about = self._path.stat()
        except OSError as error:
            self._copy.unlink(missing_ok=True)
            raise OutputUnwritable(
                "intake.unwritable", folder=self._copy.parent, why=error.strerror or error
            ) from error
        return self._copy, about.st_size, about.st_mtime_ns

    def __exit__(self, *_: object) -> None:
        self._copy.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    """Finished-looking files below a folder; links count when they stay inside."""
    inside = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED):
                continue
            with suppress(OSError):
                if path.is_file() and path.resolve().is_relative_to(inside) and path.stat().st_size > 0:
                    yield path
