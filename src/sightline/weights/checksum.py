"""SHA-256 of files, each read once in a process as long as it does not change."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

_known: dict[tuple[str, int, int], str] = {}
_reading = threading.Lock()


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file; remembered by its path, size and time. Raises `OSError`."""
    state = path.stat()
    key = (str(path.absolute()), state.st_size, state.st_mtime_ns)
    with _reading:
        if key not in _known:
            with path.open("rb") as file:
                _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return _known[key]


def forget() -> None:
    """Has every file read again."""
    with _reading:
        _known.clear()
