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

from sightline.meters.meter import Meter, Parameter
from sightline.timeline.columns import Columns
from sightline.timeline.parquet import read_columns, write_columns

_log = logging.getLogger(__name__)


def meter_key(meter: type[Meter], stream: int, parameters: Mapping[str, Parameter]) -> str:
    """Names one measurement of one media: meter, its version, the stream, and a digest of the parameters."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:12]
    return f"{meter.id}-v{meter.version}-s{stream}-{digest}"


class MeasurementCache:
    """Columns by content hash and meter key. Safe to use from many threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writable = True

    def get(self, sha256: str, key: str) -> Columns | None:
        path = self._path(sha256, key)
        try:
            return read_columns(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # A damaged entry is as good as none: it is measured again and replaced.
            _log.warning("left aside a damaged measurement %s: %s", path, error)
            return None

    def put(self, sha256: str, key: str, columns: Columns) -> None:
        if not self._writable:
            return
        path = self._path(sha256, key)
        part: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=f".{key}.", suffix=".part", dir=path.parent)
            os.close(handle)
            write_columns(columns, Path(part))
            Path(part).replace(path)
        except OSError as error:
            self._writable = False
            _log.warning("measurements are not kept, %s cannot be written: %s", self.folder, error.strerror or error)
            if part is not None:
                Path(part).unlink(missing_ok=True)

    def remove_parts(self, sha256: str) -> None:
        """The entries of a media whose key holds an ``@``: those of a run under way."""
        for path in self._path(sha256, "").parent.glob("*@*.parquet"):
            with suppress(OSError):
                path.unlink()

    def _path(self, sha256: str, key: str) -> Path:
        return self.folder / sha256[:2] / sha256 / f"{key}.parquet"
