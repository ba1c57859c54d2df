"""Writing single files so that a reader sees the whole file or none."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from sightline.timeline.bundle import fitting


def write_file(path: Path, content: bytes) -> None:
    """Raises `OSError`; nothing half-written stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{fitting(path.name, 80)}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
