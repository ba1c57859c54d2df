"""Keeps every worker busy: always some analyses of long clips in the queue, each of bytes nobody has seen.

Sent in before a stage, so that nobody but its users sends anything in meanwhile; topped up where that was not enough.
"""

from __future__ import annotations

import itertools
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load.clips import distinct
from sightline.client import Client

LOOK_S = 5.0
FEW = 4
PER_MINUTE = 8
"""Long analyses that a core is not expected to exceed."""


def enough(seconds: float, workers: int) -> int:
    """Analyses to have in the queue for a stage of so many seconds."""
    return 2 * workers + math.ceil(PER_MINUTE * (os.cpu_count() or 1) * seconds / 60)


@contextmanager
def fed(url: str, token: str, clip: Path, folder: Path, waiting: int) -> Iterator[None]:
    """Before the block runs ``waiting`` analyses wait, beside those that run; while it does, never fewer than a few."""
    over, is_full, failed = threading.Event(), threading.Event(), list[BaseException]()
    numbers = itertools.count()

    def work() -> None:
        try:
            with Client(url, token) as client:
                while not over.is_set():
                    least = FEW if is_full.is_set() else waiting
                    if sum(1 for _ in client.analyses(state="queued")) >= least:
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
