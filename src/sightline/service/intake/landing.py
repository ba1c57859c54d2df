"""Where a download lands: a file in the job's own folder."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sightline.errors import LimitExceeded, OutputUnwritable, Unavailable

TELL_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Landing:
    folder: Path
    """Removed by others when the job has ended."""
    tell: Callable[[dict[str, Any]], None]

    def take(self, parts: Iterable[bytes], name: str, total: int | None, most_bytes: int) -> Mapping[str, Any]:
        """Writes the parts. Gives ``path``, ``name``, ``size_bytes``, ``sha256``.

        Raises `LimitExceeded`, `OutputUnwritable`, `Unavailable` when it ends before ``total``, and what ``parts``
        raises.
        """
        began = told = time.monotonic()
        size, digest = 0, hashlib.sha256()
        path = self.folder / "download"
        try:
            with path.open("wb", buffering=0) as file:
                for part in parts:
                    size += len(part)
                    if size > most_bytes:
                        raise LimitExceeded("intake.download_too_large", most_gb=round(most_bytes / 2**30, 2))
                    _write(file.fileno(), part)
                    digest.update(part)
                    if (at := time.monotonic()) - told >= TELL_EVERY_S:
                        told = at
                        self._tell(size, total, at - began)
            if total is not None and size != total:
                raise Unavailable("intake.cut_short", size=size, total=total)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise OutputUnwritable("intake.disk_full", folder=self.folder) from error
            raise OutputUnwritable("intake.unwritable", folder=self.folder, why=error.strerror or error) from error
        self._tell(size, size, time.monotonic() - began)
        return {"path": str(path), "name": name, "size_bytes": size, "sha256": digest.hexdigest()}

    def _tell(self, size: int, total: int | None, passed_s: float) -> None:
        speed = size / passed_s if passed_s > 0 else None
        left = None if total is None or not speed else (total - size) / speed
        self.tell({"stage": "fetch", "done_bytes": size, "total_bytes": total, "bytes_per_s": speed, "left_s": left})


def _write(file: int, part: bytes) -> None:
    rest = memoryview(part)
    while rest:
        rest = rest[os.write(file, rest) :]
