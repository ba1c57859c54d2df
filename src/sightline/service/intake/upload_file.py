"""The bytes of an upload under way, in a file of the work directory that processes share.

The file's length is what has been received. Whoever writes holds the file's lock, which ends with his process, so two
cannot mix. A piece whose checksum is still to be compared is marked beside the file: if its receiver dies, the piece
does not count.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sightline.errors import ChecksumMismatch, Conflict, LimitExceeded, NotFound, OutputUnwritable

SYNC_EVERY_BYTES = 64 * 1024 * 1024
"""So that the last sync of a long piece does not have all of it to write."""
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
"""Of checksums a client may send."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says the bytes of one piece hash to."""

    algorithm: str
    """One of `ALGORITHMS`."""
    digest: bytes


@dataclass(slots=True)
class Hashed:
    """The SHA-256 of a file's beginning, so that what comes in one go need not be read again."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class UploadFile:
    """One upload's file. Opens nothing until it is asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark = path.with_name(f"{path.name}.unverified")

    def create(self) -> None:
        """Raises `OutputUnwritable`."""
        with _told(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            _sync(self.path.parent)

    def offset(self) -> int:
        """How many bytes have been received, all of them on disk. Raises `NotFound` when the file is gone."""
        with _told(self.path):
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                size = os.fstat(file).st_size
                os.fsync(file)
            finally:
                os.close(file)
        return min(size, self._marked(size))

    def rested_s(self) -> float:
        """How long ago the last byte came. Raises `NotFound` when the file is gone."""
        with _told(self.path):
            return time.time() - self.path.stat().st_mtime

    @contextmanager
    def locked(self) -> Iterator[Writer]:
        """The file, for one writer. Raises `Conflict` while somebody writes, `NotFound` when it is gone."""
        with _told(self.path):
            file = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict("intake.upload_busy") from error
            # Its last writer may have removed it meanwhile.
            with _told(self.path):
                if os.stat(self.path).st_ino != os.fstat(file).st_ino:  # noqa: PTH116
                    raise NotFound("intake.upload_gone")
                size = os.fstat(file).st_size
                if (kept := self._marked(size)) < size:
                    os.ftruncate(file, kept)
                    os.fsync(file)
                self.unmark()
            yield Writer(self, file)
        finally:
            # A process that is just being started has the descriptor too, and with it the lock, until it runs.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    def remove(self) -> None:
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.unmark()

    def mark(self, offset: int) -> None:
        """What comes after ``offset`` does not count until `unmark`."""
        with self._mark.open("w") as file:
            file.write(str(offset))
            file.flush()
            os.fsync(file.fileno())
        _sync(self._mark.parent)

    def unmark(self) -> None:
        with suppress(FileNotFoundError):
            self._mark.unlink()

    def _marked(self, otherwise: int) -> int:
        try:
            return int(self._mark.read_text())
        except FileNotFoundError:
            return otherwise
        except ValueError:
            # Its writer died before it had written a byte of the piece.
            return otherwise


class Writer:
    """A locked file."""

    def __init__(self, upload: UploadFile, file: int) -> None:
        self._upload, self._file = upload, file

    @property
    def size(self) -> int:
        return os.fstat(self._file).st_size

    def append(
        self,
        chunks: Iterable[bytes],
        most_bytes: int,
        checksum: Checksum | None = None,
        hashed: Hashed | None = None,
    ) -> int:
        """Writes a piece to the end and gives the new size, once all of it is on disk.

        When ``chunks`` raises, what came before stays, unless there was a ``checksum`` to compare. Raises
        `LimitExceeded` for more than ``most_bytes``, of which nothing is kept, `ChecksumMismatch`, `OutputUnwritable`.
        """
        start = self.size
        keeps = checksum is None
        try:
            with _told(self._upload.path):
                if checksum is not None:
                    self._upload.mark(start)
                try:
                    digest = self._write(chunks, most_bytes, checksum, hashed)
                except LimitExceeded:
                    keeps = False
                    raise
            if checksum is not None and not hmac.compare_digest(digest, checksum.digest):
                raise ChecksumMismatch("intake.checksum_differs", algorithm=checksum.algorithm)
            keeps = True
        finally:
            with _told(self._upload.path):
                if not keeps:
                    os.ftruncate(self._file, start)
                os.fsync(self._file)
                self._upload.unmark()
        return self.size

    def _write(
        self, chunks: Iterable[bytes], most_bytes: int, checksum: Checksum | None, hashed: Hashed | None
    ) -> bytes:
        digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum is not None else None
        written = synced = 0
        os.lseek(self._file, 0, os.SEEK_END)
        for chunk in chunks:
            if written + len(chunk) > most_bytes:
                raise LimitExceeded("intake.more_than_said", most=most_bytes)
            rest = memoryview(chunk)
            while rest:
                done = os.write(self._file, rest)
                if digest is not None:
                    digest.update(rest[:done])
                if hashed is not None:
                    hashed.digest.update(rest[:done])
                    hashed.size += done
                written, rest = written + done, rest[done:]
            if written - synced >= SYNC_EVERY_BYTES:
                os.fdatasync(self._file)
                synced = written
        return digest.digest() if digest is not None else b""


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("intake.upload_gone") from error
    except OSError as error:
        # Of the disk; what the sender's side raises is its own.
        if error.errno in _FULL:
            raise OutputUnwritable("intake.disk_full", folder=path.parent) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR):
            raise OutputUnwritable("intake.unwritable", folder=path.parent, why=error.strerror) from error
        raise


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
