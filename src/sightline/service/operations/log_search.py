"""Looking through the logs, from the newest line to the oldest, and following them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sightline.service.operations.logs import NAME, day_of

BLOCK_BYTES = 64 * 2**10
LONGEST_LINE_BYTES = 2**20
"""A longer line is none of ours and is passed over."""
LEVELS = ("debug", "info", "warning", "error", "critical")
LOOK_S = 0.3


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    level: str
    event: str
    logger: str
    fields: Mapping[str, Any]
    """Everything else: ``request_id``, ``job_id``, ``user``, ``exception`` …"""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What lines are asked for; every condition holds."""

    text: str = ""
    """In the event or in any field, in any case of letters."""
    level: str = "debug"
    """This one and graver ones."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    job_id: str = ""
    request_id: str = ""

    def matches(self, line: LogLine) -> bool:
        if (self.since is not None and line.at < self.since) or (self.until is not None and line.at >= self.until):
            return False
        if _rank(line.level) < _rank(self.level):
            return False
        if self.job_id and line.fields.get("job_id") != self.job_id:
            return False
        if self.request_id and line.fields.get("request_id") != self.request_id:
            return False
        if not self.text:
            return True
        wanted = self.text.casefold()
        return any(wanted in str(value).casefold() for value in (line.event, line.logger, *line.fields.values()))


def search(folder: Path, query: LogQuery, limit: int = 100) -> Iterator[LogLine]:
    """Matching lines, newest first, at most ``limit``. Reads backwards, only as far as needed."""
    found = 0
    for path in sorted(folder.glob(NAME.format(day="*")), reverse=True):
        if not _can_hold(path, query):
            continue
        for raw in _backwards(path):
            if not _may_match(raw, query):
                continue
            line = parsed(raw)
            if line is not None and query.matches(line):
                if found >= limit:
                    return
                found += 1
                yield line


def follow(folder: Path, query: LogQuery, ended: threading.Event) -> Iterator[LogLine]:
    """Matching lines as they are written, from now on, until ``ended`` is set."""
    places = {path: path.stat().st_size for path in folder.glob(NAME.format(day="*"))}
    while not ended.wait(LOOK_S):
        for path in sorted(folder.glob(NAME.format(day="*")))[-2:]:
            with path.open("rb") as file:
                file.seek(places.get(path, 0))
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            places[path] = places.get(path, 0) + len(whole)
            for raw in whole.splitlines():
                line = parsed(raw)
                if line is not None and query.matches(line):
                    yield line


def parsed(raw: bytes) -> LogLine | None:
    """None for a line that is none of ours: torn by a full disk, or written by somebody else."""
    try:
        fields = json.loads(raw)
        at = datetime.fromisoformat(fields.pop("at"))
        level, event, logger = (str(fields.pop(name, "")) for name in ("level", "event", "logger"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return LogLine(at if at.tzinfo else at.replace(tzinfo=UTC), level, event, logger, fields)


def _can_hold(path: Path, query: LogQuery) -> bool:
    day = day_of(path)
    if day is None:
        return False
    # A line may lie in its neighbour's file when it was logged at midnight.
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(minutes=1)
    ends = begins + timedelta(days=1, minutes=2)
    return not (
        (query.since is not None and ends <= query.since) or (query.until is not None and begins >= query.until)
    )


def _may_match(raw: bytes, query: LogQuery) -> bool:
    """A quick look before the line is read: ids are written as they are."""
    return all(not part or part.encode() in raw for part in (query.job_id, query.request_id))


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 1


def _backwards(path: Path) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        place = file.seek(0, os.SEEK_END)
        tail = b""
        while place > 0:
            size = min(BLOCK_BYTES, place)
            place -= size
            file.seek(place)
            tail = file.read(size) + tail
            first, *lines = tail.split(b"\n")
            yield from (line for line in reversed(lines) if line)
            tail = first if len(first) <= LONGEST_LINE_BYTES else b""
        if tail:
            yield tail
