"""A backup as a file: a plain tar that can also be opened and checked without Sightline.

``manifest.json``, then ``tables/<name>.jsonl`` (a row a line), then ``objects/<name>`` (videos and bundles as the store
names them), and ``SHA256SUMS`` last, as ``sha256sum -c`` reads it. Never compressed: videos are already, and what is
not compressed cannot swell.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sightline.errors import ArchiveInvalid

MANIFEST, SUMS, TABLES, OBJECTS = "manifest.json", "SHA256SUMS", "tables/", "objects/"
BLOCK_BYTES = 2**20
MOST_HEADER_BYTES = 64 * 2**10
MOST_MANIFEST_BYTES = 2**20
MOST_SUMS_BYTES = 2**30
MOST_LINE_BYTES = 64 * 2**20
_EXTENDED = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGLINK)
"""Not written by us."""
_TABLE = re.compile(r"tables/([a-z_]{1,64})\.jsonl")
_PART = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")
_SUM = re.compile(r"([0-9a-f]{64})  (.{1,1024})")
_BLOB = re.compile(r"objects/blobs/[0-9a-f]{2}/([0-9a-f]{64})")


class ColumnKind(StrEnum):
    """How a value is written in a line."""

    PLAIN = "plain"
    """As JSON has it: text, number, true, false, null."""
    TIME = "time"
    """ISO 8601 with its zone."""
    DOCUMENT = "document"
    """JSON of any shape."""


class TableInfo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    columns: dict[str, ColumnKind]


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["sightline-backup"]
    format_version: Literal[1]
    program: str
    """Version of Sightline that wrote it."""
    database_revision: str
    """The last migration its database had seen."""
    made_at: str
    has_objects: bool
    tables: dict[str, TableInfo]


@dataclass(frozen=True, slots=True)
class Progress:
    done_bytes: int
    total_bytes: int


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """An archive that holds what it says, byte for byte."""

    path: Path
    manifest: Manifest
    tables: Mapping[str, Path]
    """Lines of each table, in files beside."""
    sums: Mapping[str, str]
    """SHA-256 by member."""


class Hashing:
    """A reader that hashes what goes through it."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._sha256 = hashlib.sha256()
        self.size = 0

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        block = self._read(size)
        self._sha256.update(block)
        self.size += len(block)
        return block

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class _Careful(tarfile.TarInfo):
    """Headers that are read into memory whole are refused, but for long names of a sensible length."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        if self.type in _EXTENDED or (self.type == tarfile.GNUTYPE_LONGNAME and self.size > MOST_HEADER_BYTES):
            raise ArchiveInvalid("operations.archive.bad_member", name=self.name[:200])
        return super()._proc_member(tar)  # type: ignore[misc]


@contextmanager
def opened(path: Path) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Name, size and bytes of every member, in order. Raises `ArchiveInvalid` for what we would not have written."""
    try:
        with tarfile.open(path, "r:", tarinfo=_Careful, encoding="utf-8", errors="strict") as tar:
            yield _members(tar)
    except (tarfile.TarError, UnicodeError, EOFError, ValueError, OverflowError) as error:
        raise ArchiveInvalid("operations.archive.no_archive", path=path, why=type(error).__name__) from error
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ArchiveInvalid("operations.archive.no_archive", path=path, why=error.strerror or error) from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    while (member := tar.next()) is not None:
        if not member.isreg() or member.issparse() or not _is_ours(member.name):
            raise ArchiveInvalid("operations.archive.bad_member", name=member.name[:200])
        stream = tar.extractfile(member)
        assert stream is not None, "a regular file has bytes"
        with stream:
            yield member.name, member.size, stream
        # The list of members would grow with the archive.
        tar.members = []  # type: ignore[attr-defined]


def _is_ours(name: str) -> bool:
    if name in (MANIFEST, SUMS) or _TABLE.fullmatch(name):
        return True
    parts = name.removeprefix(OBJECTS).split("/")
    return name.startswith(OBJECTS) and all(_PART.fullmatch(p) and not p.startswith(".") for p in parts)


def check(path: Path, spool: Path, tell: Tell = lambda _: None) -> Checked:
    """Reads the whole archive, compares every checksum, and puts the tables' lines into files in ``spool``.

    Nothing else is written anywhere. Raises `ArchiveInvalid`.
    """
    manifest: Manifest | None = None
    found: dict[str, str] = {}
    listed: dict[str, str] | None = None
    tables: dict[str, Path] = {}
    total = path.stat().st_size if path.is_file() else 0
    done = 0
    with opened(path) as members:
        for name, size, stream in members:
            if listed is not None or name in found or (manifest is None) != (name == MANIFEST):
                raise ArchiveInvalid("operations.archive.bad_member", name=name)
            reader = Hashing(stream.read)
            if name == MANIFEST:
                manifest = _manifest(_whole(reader, name, size, MOST_MANIFEST_BYTES), path)
            elif name == SUMS:
                listed = _listed(_whole(reader, name, size, MOST_SUMS_BYTES))
                continue
            elif is_table := _TABLE.fullmatch(name):
                tables[is_table[1]] = spool / f"{is_table[1]}.jsonl"
                with tables[is_table[1]].open("wb") as file:
                    for block in iter(reader.read, b""):
                        file.write(block)
            else:
                for _ in iter(reader.read, b""):
                    tell(Progress(done + reader.size, total))
            if reader.size != size:
                raise ArchiveInvalid("operations.archive.damaged", name=name)
            done += size
            found[name] = reader.sha256
            tell(Progress(done, total))
    if manifest is None or listed is None:
        raise ArchiveInvalid("operations.archive.not_whole", path=path)
    _compare(found, listed)
    if set(tables) != set(manifest.tables) or (len(found) > len(tables) + 1 and not manifest.has_objects):
        raise ArchiveInvalid("operations.archive.not_whole", path=path)
    for name, info in manifest.tables.items():
        if sum(1 for _ in rows(tables[name], name, info)) != info.rows:
            raise ArchiveInvalid("operations.archive.damaged", name=f"{TABLES}{name}.jsonl")
    return Checked(path, manifest, tables, found)


def rows(lines: Path, table: str, info: TableInfo) -> Iterator[dict[str, Any]]:
    """The rows of a table as they were written, each with the columns of the manifest. Raises `ArchiveInvalid`."""
    with lines.open("rb") as file:
        while line := file.readline(MOST_LINE_BYTES + 1):
            try:
                row = json.loads(line) if len(line) <= MOST_LINE_BYTES else None
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict) or row.keys() != info.columns.keys():
                raise ArchiveInvalid("operations.archive.damaged", name=f"{TABLES}{table}.jsonl")
            yield row


def blob_sha256(member: str) -> str | None:
    """What a video's bytes must hash to, by its name."""
    found = _BLOB.fullmatch(member)
    return found[1] if found else None


def _compare(found: Mapping[str, str], listed: Mapping[str, str]) -> None:
    for name in sorted(found.keys() ^ listed.keys()):
        raise ArchiveInvalid("operations.archive.bad_member", name=name)
    for name, sha256 in found.items():
        if listed[name] != sha256 or blob_sha256(name) not in (None, sha256):
            raise ArchiveInvalid("operations.archive.damaged", name=name)


def _whole(reader: Hashing, name: str, size: int, most: int) -> bytes:
    if size > most:
        raise ArchiveInvalid("operations.archive.bad_member", name=name)
    return b"".join(iter(reader.read, b""))


def _manifest(content: bytes, path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise ArchiveInvalid("operations.archive.no_archive", path=path, why=MANIFEST) from error


def _listed(content: bytes) -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in content.decode("utf-8").splitlines():
        match = _SUM.fullmatch(line)
        if match is None or match[2] in listed:
            raise ArchiveInvalid("operations.archive.damaged", name=SUMS)
        listed[match[2]] = match[1]
    return listed
