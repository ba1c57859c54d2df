"""Objects as files of a folder, on disk before a call returns."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from obstore.store import LocalStore, MemoryStore, S3Store

from sightline.errors import NotFound, OutputUnwritable, RequestInvalid, Unavailable
from sightline.library.store import PART_EXPIRES_S, Store, files_in

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderStore(Store):
    """The folder is made when something is first written. A file on the same file system is linked, not copied."""

    def __init__(self, folder: Path) -> None:
        # What is read and listed goes through obstore, which needs the folder to be there: until then it is empty.
        super().__init__(MemoryStore(), str(folder))
        self.folder = folder

    def put(self, name: str, path: Path, media_type: str = "") -> None:
        del media_type
        with self._being_made(name) as part:
            link_or_copy(path, part)

    def put_bytes(self, name: str, content: bytes, media_type: str = "") -> None:
        del media_type
        with self._being_made(name) as part:
            part.write_bytes(content)

    def create_bytes(self, name: str, content: bytes) -> bool:
        """Only its owner may read the file."""
        target = self._path(name)
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        with self._written():
            _make_folder(target.parent)
            part.touch(mode=0o600)
            try:
                part.write_bytes(content)
                _sync(part)
                os.link(part, target)
                _sync(target.parent)
            except FileExistsError:
                return False
            finally:
                part.unlink(missing_ok=True)
        return True

    def put_folder(self, prefix: str, folder: Path) -> None:
        target = self._path(prefix)
        making, old = (target.with_name(f".{uuid.uuid4().hex}.part") for _ in range(2))
        with self._written():
            try:
                for path in files_in(folder):
                    copy = making / path.relative_to(folder)
                    _make_folder(copy.parent)
                    shutil.copyfile(path, copy)
                    _sync(copy)
                for inner in (making, *(path for path in making.rglob("*") if path.is_dir())):
                    _sync(inner)
                _make_folder(target.parent)
                _swap(making, target, old)
                _sync(target.parent)
            finally:
                shutil.rmtree(making, ignore_errors=True)
                shutil.rmtree(old, ignore_errors=True)

    def remove(self, name: str) -> None:
        with self._written(), suppress(FileNotFoundError, NotADirectoryError):
            self._path(name).unlink()

    def remove_prefix(self, prefix: str) -> None:
        if not prefix.strip("/"):
            raise ValueError("everything there is would be removed")
        target = self._path(prefix)
        gone = target.with_name(f".{uuid.uuid4().hex}.part")
        with self._written(), suppress(FileNotFoundError, NotADirectoryError):
            # At once for readers, whatever comes between.
            target.rename(gone)
            if gone.is_dir():
                shutil.rmtree(gone)
            else:
                gone.unlink()

    def local_path(self, name: str) -> Path | None:
        path = self._path(name)
        return path if path.exists() else None

    def check(self) -> None:
        with self._written():
            _make_folder(self.folder)
            probe = self.folder / f".{uuid.uuid4().hex}.part"
            probe.touch()
            probe.unlink()

    def remove_parts(self, older_than_s: float = PART_EXPIRES_S) -> int:
        removed = 0
        for part in list(self.folder.rglob(".*.part")):
            with suppress(FileNotFoundError):
                if time.time() - part.lstat().st_mtime > older_than_s:
                    shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink()
                    removed += 1
        return removed

    def _reached(self) -> S3Store | MemoryStore | LocalStore:
        # Another process may have made the folder meanwhile.
        if isinstance(self._objects, MemoryStore) and self.folder.is_dir():
            self._objects = LocalStore(self.folder)
        return self._objects

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") for part in parts):
            raise RequestInvalid("store.bad_name", name=name)
        return self.folder.joinpath(*parts)

    @contextmanager
    def _being_made(self, name: str) -> Iterator[Path]:
        """A place to write to, which becomes the object when the block ends."""
        target = self._path(name)
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        with self._written():
            try:
                _make_folder(target.parent)
                yield part
                _sync(part)
                part.replace(target)
                _sync(target.parent)
            finally:
                # Renaming leaves both names where they are links to one file.
                part.unlink(missing_ok=True)

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound("store.no_object", name=error.filename) from error
        except OSError as error:
            key = "store.full" if error.errno in _FULL else "store.unwritable"
            if error.errno in (errno.EIO, errno.ESTALE, errno.ETIMEDOUT):
                raise Unavailable("store.unreachable", where=self.shown, why=error.strerror) from error
            raise OutputUnwritable(key, where=self.shown, why=error.strerror or error) from error


def link_or_copy(path: Path, to: Path) -> None:
    """The same bytes under another name, without copying them where the file system can."""
    try:
        os.link(path, to)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(path, to)


def _swap(making: Path, target: Path, old: Path) -> None:
    """Renames ``making`` to ``target``; others may be doing the same."""
    for attempts_left in range(20, -1, -1):
        try:
            with suppress(FileNotFoundError):
                target.rename(old)
            making.rename(target)
            return
        except OSError:
            shutil.rmtree(old, ignore_errors=True)
            if not attempts_left:
                raise


def _make_folder(folder: Path) -> None:
    """With everything above it, on disk."""
    missing = [folder, *folder.parents]
    missing = missing[: next((n for n, path in enumerate(missing) if path.is_dir()), len(missing))]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        _sync(path.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
