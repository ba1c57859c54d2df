"""Logs: JSON lines in the data directory, one file a day in UTC, and readable lines on a terminal.

Everything that is logged through `logging` or structlog comes here, ours and that of the libraries. Several processes
write into the same file: every line is one append, which the system keeps whole on local file systems.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from sightline.errors import SightlineError
from sightline.service.operations.redaction import clean

LONGEST_LINE_BYTES = 64 * 2**10
NAME = "sightline-{day}.jsonl"
OWN_LOGS = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")
"""Loggers that bring handlers of their own."""
LOUD = ("httpx", "httpcore", "botocore", "urllib3", "PIL", "numba", "alembic", "sqlalchemy.engine")
"""Libraries that tell of every step at INFO."""


@contextmanager
def context(*, request_id: str = "", job_id: str = "", user: str = "", **more: str) -> Iterator[None]:
    """While it lasts, every line logged in this thread or task carries these; empty ones are left out."""
    named = {"request_id": request_id, "job_id": job_id, "user": user, **more}
    with bound_contextvars(**{name: value for name, value in named.items() if value}):
        yield


class DailyFile(logging.Handler):
    """Appends formatted records to the file of the day. What cannot be written is lost, and counted."""

    def __init__(
        self, folder: Path, keep_days: int | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Every new day files older than ``keep_days`` are removed; None: they are kept."""
        super().__init__()
        self._folder, self._keep_days, self._clock = folder, keep_days, clock
        self._day: date | None = None
        self._file: int | None = None
        self.lost = 0
        """Lines that could not be written."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode("utf-8", "backslashreplace")
            os.write(self._file_of(self._clock().date()), line + b"\n")
        except Exception:  # noqa: BLE001  (logging must never end what it tells of)
            self.lost += 1

    def close(self) -> None:
        with self.lock or threading.RLock():
            if self._file is not None:
                os.close(self._file)
                self._file = None
        super().close()

    def _file_of(self, day: date) -> int:
        if self._file is None or day != self._day:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            path = self._folder / NAME.format(day=day.isoformat())
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            if self._file is not None:
                os.close(self._file)
            self._file, self._day = file, day
            if self._keep_days is not None:
                remove_old(self._folder, self._keep_days, day)
        return self._file


class Logging:
    """Logging as set up by `begin`; `end` puts back what was there before."""

    def __init__(self, root: logging.Logger, handlers: list[logging.Handler]) -> None:
        self._root, self._handlers = root, handlers
        self._level, self._before = root.level, list(root.handlers)
        self._levels = {name: logging.getLogger(name).level for name in LOUD}

    def end(self) -> None:
        for handler in self._handlers:
            self._root.removeHandler(handler)
            handler.close()
        for handler in self._before:
            if handler not in self._root.handlers:
                self._root.addHandler(handler)
        self._root.setLevel(self._level)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        structlog.reset_defaults()

    def __enter__(self) -> Logging:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.end()


def begin(
    folder: Path, level: str = "info", *, terminal: bool = True, process: str = "", keep_days: int | None = None
) -> Logging:
    """Sends all logging of this process to ``folder`` and, with ``terminal``, to standard error.

    ``process`` names it in every line; files older than ``keep_days`` are removed. Call it once, at start; a forked or
    spawned child calls it again.
    """
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _moment,
        _named(process),
        _error_of,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    root = logging.getLogger()
    handlers: list[logging.Handler] = [DailyFile(folder, keep_days)]
    handlers[0].setFormatter(_formatter(shared, _as_json))
    if terminal:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[1].setFormatter(_formatter(shared, _for_people()))
    state = Logging(root, handlers)
    for handler in list(root.handlers):
        # The terminal command's own plain lines would come twice.
        if terminal and type(handler) is logging.StreamHandler:
            root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level.upper())
    for name in OWN_LOGS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in LOUD:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return state


def remove_old(folder: Path, log_days: int, today: date) -> int:
    """Removes the files of days more than ``log_days`` before ``today``. Gives how many."""
    removed = 0
    for path in sorted(folder.glob(NAME.format(day="*"))):
        day = day_of(path)
        if day is not None and day < today - timedelta(days=log_days):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def day_of(path: Path) -> date | None:
    """The day a log file is of; None when it is none of ours."""
    try:
        return date.fromisoformat(path.stem.removeprefix("sightline-"))
    except ValueError:
        return None


def _formatter(shared: list[Processor], renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
        processors=[*shared, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _for_people() -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,
        timestamp_key="at",
    )


def _moment(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord | None = event.get("_record")
    at = datetime.now(UTC) if record is None else datetime.fromtimestamp(record.created, UTC)
    event["at"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _named(process: str) -> Processor:
    def name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process or str(os.getpid())
        return event

    return name


def _error_of(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What went wrong, by the key of its sentence, beside its text: what a search can count on."""
    info = event.get("exc_info")
    info = sys.exc_info() if info is True else info
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else None
    if isinstance(error, SightlineError):
        event.setdefault("error", error.message.key)
    return event


def _without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # uvicorn's sentence once more, with colours.
    event.pop("color_message", None)
    inner = {name: event.pop(name) for name in ("_record", "_from_structlog") if name in event}
    cleaned: dict[str, Any] = clean(event)
    return {**cleaned, **inner}


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    first = {name: event.pop(name) for name in ("at", "level", "event", "logger") if name in event}
    line = json.dumps({**first, **event}, ensure_ascii=False, default=str)
    if len(line) > LONGEST_LINE_BYTES // 4 and len(line.encode("utf-8", "replace")) > LONGEST_LINE_BYTES:
        first["event"] = str(first.get("event", ""))[: LONGEST_LINE_BYTES // 16]
        kept = {k: v for k, v in event.items() if k in ("request_id", "job_id", "user", "error", "process")}
        rest = str(event.get("exception", ""))[-LONGEST_LINE_BYTES // 16 :]
        line = json.dumps(first | kept | {"exception": rest, "is_shortened": True}, ensure_ascii=False, default=str)
    return line
