"""Videos by content, and whatever else an installation keeps in files.

A video's name in the store is its SHA-256, ``blobs/ab/abcd…``. Who may rely on it being there is said by the rows of
the library (`sightline.library.claims`). Everything else has a name of its own: ``analyses/<id>/…``.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from obstore.store import MemoryStore

from sightline.errors import Defect, NotFound, RequestInvalid, Unavailable
from sightline.library.folder_store import FolderStore
from sightline.library.s3_store import Patience, S3Place, s3_store
from sightline.library.store import Store, Stored

BLOBS = "blobs"
SECRET = "secrets/media-links"  # noqa: S105
READ_AHEAD_BYTES = 1024 * 1024
"""Asked for at a time by a decoder: with less, a far store is slower than a disk."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The store of an installation. Safe for many threads."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        return cls(FolderStore(folder))

    @classmethod
    def on_s3(cls, place: S3Place, patience: Patience | None = None) -> Blobs:
        return cls(s3_store(place, patience))

    @classmethod
    def in_memory(cls) -> Blobs:
        return cls(Store(MemoryStore(), "memory"))

    def put_file(self, path: Path, sha256: str, media_type: str = "application/octet-stream") -> None:
        """Keeps a file whose SHA-256 is known. Nothing is done where it is there already.

        The file belongs to the store from now on: it may be removed, but not written to. Raises `OutputUnwritable` and
        `Unavailable`.
        """
        size = path.stat().st_size
        if self.store.size(name_of(sha256)) == size:
            return
        self.store.put(name_of(sha256), path, media_type)
        if (kept := self.store.size(name_of(sha256))) != size:
            raise Unavailable("store.size_differs", where=self.store.shown, sent=size, kept=kept or 0)

    def source(self, sha256: str, name: str) -> Path | StoredSource:
        """What a decoder reads: the file itself where it lies in a folder. Raises `NotFound` and `Unavailable`."""
        path = self.local_path(sha256)
        return path if path is not None else StoredSource(self.store, name, self.size(sha256), sha256)

    def read(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes ``[start, end)`` in pieces of some MiB. Raises `NotFound` and `Unavailable`, also while reading."""
        return self.store.read(name_of(sha256), start, end)

    def size(self, sha256: str) -> int:
        """In bytes. Raises `NotFound`."""
        size = self.store.size(name_of(sha256))
        if size is None:
            raise NotFound("store.no_object", name=sha256)
        return size

    def exists(self, sha256: str) -> bool:
        return self.store.size(name_of(sha256)) is not None

    def remove(self, sha256: str) -> None:
        """Only `sightline.library.claims` knows whether this may be done."""
        self.store.remove(name_of(sha256))

    def url(self, sha256: str, expires_s: int, filename: str, media_type: str) -> str | None:
        """An address by which anybody can watch the file until it expires; None where the store gives none."""
        return self.store.url(name_of(sha256), expires_s, filename, media_type)

    def local_path(self, sha256: str) -> Path | None:
        """The file where it lies in a folder of this machine; None elsewhere and when it is not there."""
        return self.store.local_path(name_of(sha256))

    def all(self) -> Iterator[tuple[str, Stored]]:
        """Every video in the store by its SHA-256, in no order."""
        for found in self.store.list(BLOBS):
            sha256 = found.name.rpartition("/")[2]
            if _SHA256.fullmatch(sha256) and found.name == name_of(sha256):
                yield sha256, found

    def put_bytes(self, name: str, content: bytes) -> None:
        self.store.put_bytes(name, content)

    def read_bytes(self, name: str) -> bytes:
        """Raises `NotFound` and `Unavailable`."""
        return self.store.read_bytes(name)

    def put_folder(self, prefix: str, folder: Path) -> None:
        """As `Store.put_folder`."""
        self.store.put_folder(prefix, folder)

    def fetch_folder(self, prefix: str, to: Path) -> None:
        """As `Store.fetch_folder`."""
        self.store.fetch_folder(prefix, to)

    def local_folder(self, prefix: str) -> Path | None:
        """What `put_folder` kept, to be read in place; None where it lies elsewhere or is not there."""
        return self.store.local_path(prefix)

    def remove_prefix(self, prefix: str) -> None:
        self.store.remove_prefix(prefix)

    def list(self, prefix: str) -> Iterator[Stored]:
        return self.store.list(prefix)

    def remove_parts(self) -> int:
        """As `Store.remove_parts`."""
        return self.store.remove_parts()

    def check(self) -> None:
        """Raises `Unavailable` or another typed error when the store cannot be used now."""
        self.store.check()

    def link_secret(self) -> bytes:
        """32 bytes that every process with this store knows and nobody else: what media links are signed with.

        They lie beside the files they protect, so that machines which share the files share them without a setting,
        and whoever could read them could read the files anyway.
        """
        for _ in range(2):
            try:
                kept = self.store.read_bytes(SECRET)
            except NotFound:
                self.store.create_bytes(SECRET, secrets.token_bytes(32))
                continue
            if len(kept) == 32:
                return kept
        raise Defect("store.bad_secret", name=SECRET)


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A `sightline.media.source.Source` in a store that is asked for ranges."""

    store: Store
    name: str
    size_bytes: int
    sha256: str

    def open(self) -> BinaryIO:
        """A reader of its own. Reading raises `Unavailable` and `NotFound`."""
        return io.BufferedReader(_Ranges(self.store, name_of(self.sha256), self.size_bytes), READ_AHEAD_BYTES)


class _Ranges(io.RawIOBase):
    def __init__(self, store: Store, name: str, size: int) -> None:
        self._store, self._name, self._size, self._position = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"a position before the file's start: {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        part = self._store.read_range(self._name, self._position, end)
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)


def name_of(sha256: str) -> str:
    """The name of a video in the store. Raises `RequestInvalid` for what is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise RequestInvalid("store.bad_name", name=sha256)
    return f"{BLOBS}/{sha256[:2]}/{sha256}"
