"""Measure in a child process, so that a crash inside a codec takes a child down and nothing else.

The parent starts ``python -m sightline.engine.child`` with the request on standard input. The child answers with lines
of JSON: progress, then ``done`` or an error. What it measured lies as a bundle in a folder that the parent removes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Self

import sightline.errors
from sightline.engine.cache import MeasurementCache
from sightline.engine.defects import typed
from sightline.engine.lending import Lender, Lent
from sightline.engine.progress import Cancel, Progress, ProgressCallback
from sightline.engine.run import Request, measure
from sightline.errors import MeasuringFailed
from sightline.media.source import Place, name_of
from sightline.text import Message
from sightline.timeline.bundle import Bundle, message_from_json, message_to_json, read_bundle, write_bundle
from sightline.timeline.timeline import Timeline
from sightline.weights.shelf import Shelf


def measure_in_child(
    request: Request,
    *,
    cache: MeasurementCache | None = None,
    progress: ProgressCallback | None = None,
    cancel: Cancel | None = None,
    timeout_s: float | None = None,
) -> Timeline:
    """`measure` in another process. Raises the same, and `MeasuringFailed` when the child dies or runs out of time."""
    cancel = Cancel() if cancel is None else cancel
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-"))
        answer_at = Path(folder) / "measured.sightline"
        lender: Lender | None = None
        if not isinstance(request.path, str | Path):
            lender = stack.enter_context(Lender(request.path, Path(folder) / "bytes"))
        asked = {
            "path": asdict(lender.lent) if lender is not None else str(request.path),
            "meters": {name: dict(parameters) for name, parameters in request.meters.items()},
            "workers": request.workers,
            "checkpoint_s": request.checkpoint_s,
            "sha256": request.sha256,
            "shelf": request.shelf.to_plain(),
            "cache": {"folder": str(cache.folder), "max_bytes": cache.max_bytes} if cache is not None else None,
            "answer_at": str(answer_at),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "sightline.engine.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C in a terminal goes to a whole group; the child is told by us.
            process_group=0 if os.name == "posix" else None,
        ) as child:
            try:
                with _Watch(child, cancel, timeout_s) as watch:
                    answer = _conversation(child, asked, progress)
            finally:
                child.kill()
        cancel.check()
        if lender is not None and lender.failure is not None:
            raise lender.failure
        if watch.ran_out:
            raise MeasuringFailed("engine.child_died", path=name_of(request.path), how=f"> {timeout_s} s")
        if answer is None:
            raise MeasuringFailed("engine.child_died", path=name_of(request.path), how=_how_it_ended(child.returncode))
        if "error" in answer:
            _raise(answer["error"])
        if cache is not None:
            cache.hits, cache.misses = cache.hits + answer["hits"], cache.misses + answer["misses"]
        return read_bundle(answer_at, pictures_later=False).timeline


class _Watch:
    """Kills the child when somebody cancels or time runs out: a codec that hangs reads no flag."""

    INTERVAL_S = 0.05

    def __init__(self, child: subprocess.Popen[str], cancel: Cancel, timeout_s: float | None) -> None:
        self.ran_out = False
        self._child, self._cancel, self._left_s = child, cancel, timeout_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sightline-watch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self.INTERVAL_S):
            if self._left_s is not None:
                self._left_s -= self.INTERVAL_S
                self.ran_out = self._left_s <= 0
            if self._cancel.is_set or self.ran_out:
                self._child.kill()
                return


def _conversation(
    child: subprocess.Popen[str], asked: Mapping[str, Any], progress: ProgressCallback | None
) -> dict[str, Any] | None:
    """The child's last word, or None when it ended without one."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(json.dumps(asked))
        child.stdin.close()
    except BrokenPipeError:
        return None
    for line in child.stdout:
        answer: dict[str, Any] = json.loads(line)
        if "progress" in answer:
            if progress is not None:
                progress(Progress(**answer["progress"]))
        else:
            return answer
    child.wait()
    return None


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit status {code}"


def _raise(error: Mapping[str, Any]) -> None:
    kind = getattr(sightline.errors, error["type"], MeasuringFailed)
    message: Message = message_from_json(error["message"])
    raise kind(message.key, **dict(message.fields))


def main(source: IO[str], answers: IO[str]) -> None:
    """The child's side."""
    request_text = source.read()
    if not request_text:
        return  # The parent was stopped before it asked for anything.
    asked = json.loads(request_text)

    def say(answer: Mapping[str, Any]) -> None:
        try:
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
        except OSError:
            # The parent is gone and cannot tidy up. At once: closing what is open would complain of the same.
            shutil.rmtree(Path(asked["answer_at"]).parent, ignore_errors=True)
            os._exit(1)

    place: Place = Lent(**asked["path"]) if isinstance(asked["path"], dict) else Path(asked["path"])
    request = Request(
        place, asked["meters"], asked["workers"], asked["checkpoint_s"], asked["sha256"],
        Shelf.from_plain(asked["shelf"]),
    )  # fmt: skip
    cache = _cache(asked["cache"])
    try:
        timeline = measure(request, cache=cache, progress=lambda p: say({"progress": asdict(p)}))
        write_bundle(Bundle(timeline), Path(asked["answer_at"]))
    except Exception as problem:  # noqa: BLE001  (the edge of the process: the parent raises it)
        error = typed(problem)
        say({"error": {"type": type(error).__name__, "message": message_to_json(error.message)}})
    else:
        say({"done": True, "hits": cache.hits if cache else 0, "misses": cache.misses if cache else 0})


def _cache(asked: Mapping[str, Any] | None) -> MeasurementCache | None:
    return MeasurementCache(Path(asked["folder"]), asked["max_bytes"]) if asked is not None else None


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
