"""Measurements kept by content: same bytes, same meter, same parameters → never measured twice.

A measurement is a Parquet file under ``<folder>/<sha256[:2]>/<sha256>/<meter key>.parquet``. Writing is atomic
(another name, then renamed), so that processes can share a folder. A cache that cannot be written is no reason to
fail: the first failure is logged and measuring goes on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sightline.engine.eviction import SHA256, Limit, kept_media, remove_files
from sightline.errors import OutputUnwritable
from sightline.meters.meter import Meter, Parameter
from sightline.timeline.columns import Columns
from sightline.timeline.parquet import read_columns, write_columns

_log = logging.getLogger(__name__)


def meter_key(meter: type[Meter], stream: int, parameters: Mapping[str, Parameter]) -> str:
    """Names one measurement of one media: meter, its version, the stream, and a digest of the parameters."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:12]
    return f"{meter.id}-v{meter.version}-s{stream}-{digest}"


class MeasurementCache:
    """Columns by content hash and meter key. Safe to use from many threads and processes.

    With ``max_bytes``, measurements of the media used longest ago go when the folder grows beyond that (`eviction`).
    """

    def __init__(self, folder: Path, max_bytes: int | None = None) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self.hits = self.misses = 0
        """Answers of `get`, for watching only: two threads at the same moment may count as one."""
        self._limit = Limit(folder, max_bytes) if max_bytes is not None else None
        self._warned = False

    def get(self, sha256: str, key: str) -> Columns | None:
        """None where there is no such entry. One that is read counts as just used."""
        columns = self._read(self._path(sha256, key))
        if columns is None:
            self.misses += 1
        else:
            self.hits += 1
        return columns

    def put(self, sha256: str, key: str, columns: Columns) -> None:
        path = self._path(sha256, key)
        try:
            size = self._write(path, columns)
        except OSError as error:
            # Once: until something can be written again, every entry would say the same.
            if not self._warned:
                _log.warning("measurements are not kept, %s cannot be written: %s", self.folder, _reason(error))
            self._warned = True
            return
        self._warned = False
        if self._limit is not None:
            self._limit.wrote(size)

    def usage_bytes(self) -> int:
        """What all entries take, by looking at every one of them."""
        return sum(media.size_bytes for media in kept_media(self.folder))

    def remove(self, sha256: str) -> int:
        """Removes everything of one media and says how many files that was. A run under way would write anew.

        Raises `OutputUnwritable` when something is left.
        """
        return self._removed(self._path(sha256, "").parent)

    def remove_parts(self, sha256: str) -> None:
        """Removes the entries of one media whose key holds an ``@``: those of a run under way. Never raises."""
        with suppress(OSError):
            remove_files(self._path(sha256, "").parent, "*@*.parquet")

    def clear(self) -> int:
        """Removes everything and says how many files that was. Raises `OutputUnwritable` when something is left."""
        return sum(self._removed(media.folder) for media in kept_media(self.folder))

    def _removed(self, folder: Path) -> int:
        try:
            return remove_files(folder)
        except OSError as error:
            raise OutputUnwritable("engine.not_removed", path=folder, reason=_reason(error)) from error

    def _read(self, path: Path) -> Columns | None:
        try:
            columns = read_columns(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # A damaged entry is as good as none: it is measured again and replaced.
            _log.warning("left aside a damaged measurement %s: %s", path, error)
            return None
        with suppress(OSError):
            os.utime(path)
        return columns

    def _write(self, path: Path, columns: Columns) -> int:
        """Bytes written. Raises `OSError`."""
        try:
            return _write_whole(path, columns)
        except FileNotFoundError:
            # Another process evicted what was left of the media, and the folder with it.
            return _write_whole(path, columns)

    def _path(self, sha256: str, key: str) -> Path:
        if not SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self.folder / sha256[:2] / sha256 / f"{key}.parquet"


def _write_whole(path: Path, columns: Columns) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        write_columns(columns, part)
        size = part.stat().st_size
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return size


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
