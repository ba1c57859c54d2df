"""A folder for every attempt, and none left when it has ended.

Whoever uses a folder holds a shared lock on it: the parent for as long as the attempt is under way, the child while it
works in it. A lock ends with its process, so what is left of one that died is what nobody has locked.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sightline.errors import SetupError

_log = logging.getLogger(__name__)


class Folders:
    """Folders ``<job id>-<attempt>`` below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def taken(self, name: str) -> Iterator[Path]:
        """An empty folder, removed at the end with all that is in it. Raises `SetupError` when it cannot be made."""
        path = self.root / name
        try:
            lock = self._made(path)
        except OSError as error:
            raise SetupError("jobs.folder_refused", path=path, why=error.strerror or error) from error
        try:
            yield path
        finally:
            remove(path)
            os.close(lock)

    def sweep(self) -> int:
        """Removes what processes that died have left; how many folders it was."""
        swept = 0
        try:
            found = sorted(self.root.iterdir())
        except OSError:
            return 0
        for path in found:
            with suppress(OSError), locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
                remove(path)
                swept += 1
        return swept

    def _made(self, path: Path) -> int:
        """The descriptor of the lock on a folder that is there, however many sweep at the same time."""
        while True:
            self.root.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                path.mkdir()
            try:
                lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_SH)
                if _names(path, lock):
                    return lock
            except OSError:
                os.close(lock)
                raise
            os.close(lock)


def _names(path: Path, lock: int) -> bool:
    """Whether the folder that was locked still stands under its name: one who sweeps may have removed it meanwhile."""
    try:
        return path.stat().st_ino == os.fstat(lock).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def locked(path: Path, how: int = fcntl.LOCK_SH) -> Iterator[None]:
    """Holds a lock on a folder. Raises `OSError`, with ``LOCK_NB`` also when another holds one."""
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)


def remove(path: Path) -> None:
    """A child that was just killed may still have a write under way: what is left is tried once more."""
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.warning("a job's folder is left: %s", error)
