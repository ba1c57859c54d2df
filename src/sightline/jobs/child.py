"""The child's side: ``python -m sightline.jobs.child``. Does one task at a time until its parent is gone.

What the work, or a library below it, prints goes to standard error and never between the lines to the parent.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import importlib
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import psutil

from sightline.engine.defects import typed
from sightline.errors import SightlineError
from sightline.jobs.executor import resolve
from sightline.jobs.folders import locked
from sightline.jobs.wire import document_of, error_to_json, finite, line_of

TOLD_EVERY_S = 0.1
PR_SET_PDEATHSIG = 1
_log = logging.getLogger(__name__)


class Line:
    """The way to the parent, for any thread."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._guard = file, threading.Lock()

    def say(self, document: Mapping[str, Any]) -> None:
        """Raises `TypeError` or `ValueError` for what is not plain JSON."""
        line = line_of(document)
        with self._guard:
            try:
                self._file.write(line)
                self._file.flush()
            except OSError:
                end_group()


class LogLine(logging.Handler):
    """Sends what is logged to the parent, who has the log."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            self._line.say({"log": {"level": record.levelno, "logger": record.name, "text": text}})
        except Exception:  # noqa: BLE001  (as every handler of logging does)
            self.handleError(record)


def end_group() -> None:
    """Ends this process and whatever it has started. Does not come back."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def die_with(parent: int) -> None:
    """Asks the kernel to end this process with the thread that started it, which is the pool's own, on Linux."""
    if sys.platform == "linux":
        with suppress(OSError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # Where memory runs out it is the work that is to go, and not the service.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    if os.getppid() != parent:
        end_group()


def private_ends() -> tuple[IO[bytes], IO[bytes]]:
    """What the parent says and the way to answer, where no print and no read of standard input reaches them."""
    source, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(source, "rb"), os.fdopen(answers, "wb")


def serve(request: Mapping[str, Any], line: Line) -> None:
    """One task, from its line to its last word."""
    name, folder = request["task"], Path(request["folder"])
    last = -TOLD_EVERY_S
    stage: Any = None
    is_over = False

    def tell(progress: Mapping[str, Any]) -> None:
        nonlocal last, stage
        at = time.monotonic()
        if is_over or (at - last < TOLD_EVERY_S and progress.get("stage") == stage):
            return
        last, stage = at, progress.get("stage")
        line.say({"task": name, "told": finite(progress)})

    line.say({"task": name, "taken": time.monotonic()})
    try:
        with locked(folder):
            tempfile.tempdir = str(folder)
            try:
                result = resolve(request["run"])(request["payload"], tell, folder)
            finally:
                tempfile.tempdir = None
        is_over = True
        line.say({"task": name, "done": dict(result or {}), "memory_mb": _memory_mb()})
    except BaseException as problem:  # noqa: BLE001  (the edge of the process: the parent raises it)
        is_over = True
        error = problem if isinstance(problem, SightlineError) else _told(problem)
        line.say({"task": name, "error": error_to_json(error), "memory_mb": _memory_mb()})


def _told(problem: BaseException) -> SightlineError:
    _log.info("".join(traceback.format_exception(problem)).rstrip())
    return typed(problem if isinstance(problem, Exception) else RuntimeError(repr(problem)))


def _memory_mb() -> int:
    return int(psutil.Process().memory_info().rss / 2**20)


def _listen(source: IO[bytes], inbox: SimpleQueue[dict[str, Any]]) -> None:
    for text in source:
        inbox.put(document_of(text))
    # The parent is gone, or done with this child.
    end_group()


def main(arguments: Mapping[str, Any]) -> None:
    """Comes back never: the parent ends it, or it ends itself when the parent has gone."""
    die_with(arguments["parent"])
    source, answers = private_ends()
    faulthandler.enable(sys.stderr)
    with suppress(OSError):
        os.nice(arguments["niceness"])
    inbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(source, inbox), name="sightline-parent", daemon=True).start()
    line = Line(answers)
    logging.basicConfig(level=arguments["log_level"], handlers=[LogLine(line)], format="%(message)s")
    for module in arguments["preload"]:
        try:
            importlib.import_module(module)
        except Exception:  # noqa: BLE001  (the edge of the process)
            # The task that needs it will say so.
            _log.exception("%s cannot be loaded", module)
    gc.collect()
    gc.freeze()
    line.say({"ready": os.getpid()})
    while True:
        serve(inbox.get(), line)
        gc.collect()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
