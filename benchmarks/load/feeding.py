"""Keeps every worker busy: always some analyses of long clips in the queue, each of bytes nobody has seen."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load.clips import distinct
from sightline.client import Client

LOOK_S = 1.0


@contextmanager
def fed(url: str, token: str, clip: Path, folder: Path, waiting: int) -> Iterator[None]:
    """While the block runs at least ``waiting`` analyses wait, beside those that run."""
    over, is_full, failed = threading.Event(), threading.Event(), list[BaseException]()
    numbers = itertools.count()

    def work() -> None:
        try:
            with Client(url, token) as client:
                while not over.is_set():
                    if sum(1 for _ in client.analyses(state="queued")) >= waiting:
                        is_full.set()
                        over.wait(LOOK_S)
                        continue
                    path = distinct(clip, folder / f"long {next(numbers)}.mp4")
                    client.create_analysis(client.upload(path).id)
                    path.unlink()
        except BaseException as error:  # noqa: BLE001  (raised again by whoever started it)
            failed.append(error)
            is_full.set()

    thread = threading.Thread(target=work, name="load-feeder", daemon=True)
    thread.start()
    is_full.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if failed:
        raise failed[0]
