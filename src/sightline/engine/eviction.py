"""Which kept measurements go when there are too many.

The unit is a media: its entries go together, because without its faults the others are not used. A media was used when
the newest of its entries was last read or written; the file system keeps that time, so that all processes sharing a
folder see the same without an index. A media used within the last `SAFE_S` stays: a run under way writes a checkpoint
or reads a measurement more often than that, and must not lose what it has just kept. The limit is exceeded meanwhile.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAFE_S = 600
LEFTOVER_S = 86_400
"""A file still under another name after this long was left by a process that died."""
FULL_SHARE = 0.9
"""Of the limit, what is left after evicting."""
UNSEEN_SHARE = 0.05
"""Of the limit, what a process writes before it looks at the folder again, where others write too."""
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class KeptMedia:
    """The measurements of one media on the disk."""

    folder: Path
    size_bytes: int
    used_at: float
    """Seconds since 1970."""


def kept_media(root: Path) -> tuple[KeptMedia, ...]:
    """Everything under a cache folder; leftovers of processes that died are removed on the way."""
    oldest = time.time() - LEFTOVER_S
    found = []
    for folder in _folders(root):
        size, used_at = 0, 0.0
        for path, about in _files(folder):
            if path.suffix == ".part" and about.st_mtime < oldest:
                with suppress(OSError):
                    path.unlink()
                continue
            size, used_at = size + about.st_size, max(used_at, about.st_mtime)
        found.append(KeptMedia(folder, size, used_at))
    return tuple(found)


def to_evict(kept: Sequence[KeptMedia], max_bytes: int, now: float) -> tuple[KeptMedia, ...]:
    """Those used longest ago, until 90 % of the limit is left; nothing below the limit. ``now`` as `used_at`."""
    total = sum(media.size_bytes for media in kept)
    if total <= max_bytes:
        return ()
    chosen = []
    for media in sorted(kept, key=lambda media: media.used_at):
        if total <= FULL_SHARE * max_bytes or media.used_at > now - SAFE_S:
            break
        chosen.append(media)
        total -= media.size_bytes
    return tuple(chosen)


def remove_files(folder: Path, pattern: str = "*") -> int:
    """How many files of one media were removed. Raises `OSError` for one that is there and cannot be."""
    # Faults first: without them what a broken-off removal leaves behind is not used.
    paths = sorted(folder.glob(pattern), key=lambda path: (not path.name.startswith("faults-"), path.name))
    count = 0
    for path in paths:
        with suppress(FileNotFoundError):
            path.unlink()
            count += 1
    for empty in (folder, folder.parent):
        with suppress(OSError):
            empty.rmdir()
    return count


class Limit:
    """Keeps a folder of measurements below a number of bytes. Safe to use from many threads and processes."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root, self._max_bytes = root, max_bytes
        self._unseen_left = 0
        """Bytes to write before the folder is looked at again; the first write does so."""
        self._lock = threading.Lock()

    def wrote(self, size_bytes: int) -> None:
        """Evicts when needed. What cannot be removed stays."""
        with self._lock:
            self._unseen_left -= size_bytes
            if self._unseen_left > 0:
                return
            kept = kept_media(self._root)
            total = sum(media.size_bytes for media in kept)
            for media in to_evict(kept, self._max_bytes, time.time()):
                # Somebody may have come to use it since.
                if max((about.st_mtime for _, about in _files(media.folder)), default=0.0) <= media.used_at:
                    with suppress(OSError):
                        remove_files(media.folder)
                        total -= media.size_bytes
            unseen = int(UNSEEN_SHARE * self._max_bytes)
            # Where nothing may go, looking again at every write would help nobody.
            self._unseen_left = min(self._max_bytes - total, unseen) if total < self._max_bytes else unseen


def _folders(root: Path) -> Iterator[Path]:
    for prefix in _entries(root):
        for entry in _entries(Path(prefix.path)) if len(prefix.name) == 2 else ():
            if SHA256.fullmatch(entry.name):
                yield Path(entry.path)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files and what the system says of them, without those that are gone by then."""
    for entry in _entries(folder):
        with suppress(OSError):
            yield Path(entry.path), entry.stat()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
