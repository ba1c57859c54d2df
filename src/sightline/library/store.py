"""Named objects: in a folder, in an S3-compatible store, or in memory, behind the same calls.

Names are relative, in parts between ``/``: ``blobs/ab/abcd…``. A name a store does not take (``..``, an empty part) is
`RequestInvalid`. Every call ends: a store that answers with errors or not at all is asked a few times, then the call
raises `Unavailable`. Writing is atomic: a reader sees the old object, or the new one, or none.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, MemoryStore, S3Store

from sightline.errors import NotFound, RequestInvalid, SetupError, Unavailable

RANGE_BYTES = 8 * 1024 * 1024
"""Read or sent in one request: small enough to be through before a request times out."""
MOST_PARTS = 9000
"""Of a multipart upload: S3 takes 10,000."""
SIDE_BY_SIDE = 4
_REFUSED = re.compile(r"status code: 40[134]\b")
"""Listing gives these as any other error."""
PART_EXPIRES_S = 24 * 3600
"""What was not finished after so long has lost its writer."""
LAST_FILE = "manifest.json"
"""Of a folder, written after all others: a folder without it is not whole."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    name: str
    size_bytes: int
    modified_at: datetime


Link = Callable[[str, int, str, str], str]
"""An address by which anybody can read an object: of its name, seconds until it expires, the file name a browser shows
and the media type."""


class Store:
    """Objects in memory or on S3; `FolderStore` keeps them in a folder. Safe for many threads."""

    def __init__(
        self,
        objects: S3Store | MemoryStore | LocalStore,
        shown: str,
        link: Link | None = None,
        quick: S3Store | None = None,
        settles_s: float = 0,
    ) -> None:
        """``quick`` is the same store with short patience, for `check`.

        ``settles_s``: so long after its beginning a removal that went wrong can still take effect.
        """
        self.settles_s = settles_s
        self._objects, self.shown, self._link, self._quick = objects, shown, link, quick or objects

    def put(self, name: str, path: Path, media_type: str = "application/octet-stream") -> None:
        """Keeps a file. Nobody may write to it any more: in a folder it may become the object itself.

        Raises `OutputUnwritable` in a folder that is full, and `Unavailable`.
        """
        size = path.stat().st_size
        chunk = max(RANGE_BYTES, -(-size // MOST_PARTS))
        with self._told(name, writes=True):
            obstore.put(
                self._reached(), name, path, attributes=self._attributes(media_type),
                chunk_size=chunk, max_concurrency=SIDE_BY_SIDE,
            )  # fmt: skip

    def put_bytes(self, name: str, content: bytes, media_type: str = "application/octet-stream") -> None:
        with self._told(name, writes=True):
            obstore.put(self._reached(), name, content, attributes=self._attributes(media_type), use_multipart=False)

    def create_bytes(self, name: str, content: bytes) -> bool:
        """As `put_bytes`, unless there is such an object already. Whether it was made."""
        with self._told(name, writes=True):
            try:
                obstore.put(self._reached(), name, content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def size(self, name: str) -> int | None:
        """In bytes; None when there is no such object."""
        try:
            with self._told(name):
                return int(obstore.head(self._reached(), name)["size"])
        except NotFound:
            return None

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes ``[start, end)`` in pieces, up to the object's end where ``end`` is None or beyond it.

        Raises `NotFound` and `Unavailable`, also while it is read.
        """
        size = self.size(name)
        if size is None:
            raise NotFound("store.no_object", name=name)
        end = size if end is None else min(end, size)
        for position in range(max(0, start), end, RANGE_BYTES):
            yield self.read_range(name, position, min(position + RANGE_BYTES, end))

    def read_range(self, name: str, start: int, end: int) -> bytes:
        """Bytes ``[start, end)`` in one request; the range lies inside the object and is not empty."""
        with self._told(name):
            return bytes(obstore.get_range(self._reached(), name, start=start, end=end))

    def read_bytes(self, name: str) -> bytes:
        return b"".join(self.read(name))

    def fetch(self, name: str, to: Path) -> None:
        """The object as a file of its own at ``to``, whose folder is there."""
        with to.open("wb") as file:
            for part in self.read(name):
                file.write(part)

    def remove(self, name: str) -> None:
        """It is no longer there, whether or not it was."""
        with self._told(name, writes=True):
            try:
                obstore.delete(self._reached(), name)
            except FileNotFoundError:
                return

    def remove_parts(self, older_than_s: float = PART_EXPIRES_S) -> int:
        """Removes what writers left that died. How many there were. On S3 that is up to a rule of the bucket."""
        del older_than_s
        return 0

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Every object whose name begins with the parts of ``prefix``, in no order."""
        with self._told(prefix):
            for some in obstore.list(self._reached(), prefix or None, chunk_size=1000):
                for found in some:
                    if not _is_hidden(found["path"]):
                        yield Stored(found["path"], found["size"], found["last_modified"])

    def put_folder(self, prefix: str, folder: Path) -> None:
        """Keeps every file of a folder under ``prefix``, instead of what is there.

        In a folder store all at once. On S3 ``manifest.json`` comes last: a prefix without it is not whole; where
        readers must not see half of a change, change to another prefix.
        """
        names = {path.relative_to(folder).as_posix(): path for path in files_in(folder)}
        last = names.pop(LAST_FILE, None)
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="sightline-store") as pool:
            for _ in pool.map(lambda name: self.put(f"{prefix}/{name}", names[name]), names):
                pass
        if last is not None:
            self.put(f"{prefix}/{LAST_FILE}", last)
        kept = {f"{prefix}/{name}" for name in (*names, *([LAST_FILE] if last else []))}
        self._remove_all(found.name for found in self.list(prefix) if found.name not in kept)

    def fetch_folder(self, prefix: str, to: Path) -> None:
        """Everything under ``prefix`` as the folder ``to``, which must not be there yet: all of it or nothing.

        Raises `NotFound` when there is nothing.
        """
        names = [found.name for found in self.list(prefix)]
        if not names:
            raise NotFound("store.no_object", name=prefix)
        making = to.with_name(f".{uuid.uuid4().hex}.part")
        try:
            targets = {name: making / name.removeprefix(f"{prefix}/") for name in names}
            for target in targets.values():
                target.parent.mkdir(parents=True, exist_ok=True)
            with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="sightline-store") as pool:
                for _ in pool.map(lambda name: self.fetch(name, targets[name]), names):
                    pass
            making.rename(to)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def remove_prefix(self, prefix: str) -> None:
        """Removes everything under ``prefix``, which must not be empty, and the object of that name."""
        if not prefix.strip("/"):
            raise ValueError("everything there is would be removed")
        self.remove(prefix)
        self._remove_all(found.name for found in self.list(prefix))

    def local_path(self, name: str) -> Path | None:
        """Where the object lies as a file; None where it does not, or is not there."""
        del name
        return None

    def url(self, name: str, expires_s: int, filename: str, media_type: str) -> str | None:
        """An address by which anybody can read the object until it expires; None where the store gives none."""
        return None if self._link is None else self._link(name, expires_s, filename, media_type)

    def check(self) -> None:
        """Raises `Unavailable` or `SetupError` when the store cannot be used now. Takes a few seconds at most."""
        with self._told("", writes=True):
            for _ in obstore.list(self._quick, "check", chunk_size=1):
                break

    def _remove_all(self, names: Iterable[str]) -> None:
        for name in list(names):
            self.remove(name)

    def _reached(self) -> S3Store | MemoryStore | LocalStore:
        return self._objects

    def _attributes(self, media_type: str) -> dict[str, str]:
        return {"Content-Type": media_type}

    @contextmanager
    def _told(self, name: str, *, writes: bool = False) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if writes:
                raise SetupError("store.refused", where=self.shown, why=_first_line(error)) from error
            raise NotFound("store.no_object", name=name) from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise SetupError("store.refused", where=self.shown, why=_first_line(error)) from error
        except ValueError as error:
            raise RequestInvalid("store.bad_name", name=name) from error
        except (BaseError, OSError) as error:
            if _REFUSED.search(str(error)):
                raise SetupError("store.refused", where=self.shown, why=_first_line(error)) from error
            raise Unavailable("store.unreachable", where=self.shown, why=_first_line(error)) from error


def files_in(folder: Path) -> Iterator[Path]:
    """Every regular file below a folder; links are left out."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _is_hidden(name: str) -> bool:
    """What is being written, or was when its writer died."""
    return any(part.startswith(".") for part in name.split("/"))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
