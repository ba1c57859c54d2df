"""What the service takes of the machine, seen from outside, and what it counts itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

EVERY_S = 2.0
JOBS = "sightline.jobs.child"
GONE = (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError)


def cpu_s(process: psutil.Process) -> tuple[float, float]:
    """Seconds of processor a process has had itself, and all below it, those that have ended included."""
    times = process.cpu_times()
    return times.user + times.system, _below_s(process, times.children_user + times.children_system)


def _below_s(process: psutil.Process, ended_s: float) -> float:
    total = ended_s
    for child in process.children():
        with suppress(*GONE):
            total += sum(cpu_s(child))
    return total


@dataclass(slots=True)
class Taken:
    """By the service over a stretch of time."""

    seconds: float = 0.0
    server_cpu_s: float = 0.0
    jobs_cpu_s: float = 0.0
    """By the children in which jobs are worked on."""
    examining_cpu_s: float = 0.0
    """By other children: those that look into what was sent in."""
    others_cpu_s: float = 0.0
    """By everything else on the machine, whoever makes the load included."""
    idle_cpu_s: float = 0.0
    memory_mib: list[float] = field(default_factory=list)
    """Of all processes together, in proportion where pages are shared (PSS), one for each look."""
    processes: int = 0
    """At most, at the same time."""
    counted: dict[str, float] = field(default_factory=dict)
    """How far the service's own counters went on."""

    @property
    def cpu_s(self) -> float:
        """By all of it together."""
        return self.server_cpu_s + self.jobs_cpu_s + self.examining_cpu_s


@contextmanager
def watched(pid: int, url: str) -> Iterator[Taken]:
    """What the service took while the block ran; complete when it has ended."""
    taken, over = Taken(), threading.Event()
    process = psutil.Process(pid)

    workers = _Workers(process)

    def look() -> None:
        while True:
            workers.look()
            family = [process, *process.children(recursive=True)]
            taken.memory_mib.append(sum(_pss_mib(member.pid) for member in family))
            taken.processes = max(taken.processes, len(family))
            if over.wait(EVERY_S):
                return

    counters = _counters(url)
    started, machine, (server, children) = time.perf_counter(), psutil.cpu_times(), cpu_s(process)
    looking = threading.Thread(target=look, name="load-watch", daemon=True)
    looking.start()
    try:
        yield taken
        taken.seconds = time.perf_counter() - started
        machine_after, (server_after, children_after) = psutil.cpu_times(), cpu_s(process)
    finally:
        over.set()
        looking.join()
    workers.look()
    taken.server_cpu_s, taken.jobs_cpu_s = server_after - server, workers.cpu_s
    # Clocks of processes tick in hundredths of a second.
    taken.examining_cpu_s = max(0.0, children_after - children - workers.cpu_s)
    taken.idle_cpu_s = machine_after.idle + machine_after.iowait - machine.idle - machine.iowait
    busy_s = taken.seconds * (psutil.cpu_count() or 1) - taken.idle_cpu_s
    taken.others_cpu_s = max(0.0, busy_s - taken.cpu_s)
    taken.counted = {name: value - counters.get(name, 0.0) for name, value in _counters(url).items()}


class _Workers:
    """What the processes that work on jobs have had since this was made. One that ends between two looks is counted as
    far as the look before."""

    def __init__(self, service: psutil.Process) -> None:
        self._service, self._last = service, dict[int, float]()
        self._before = dict(self._now())
        self._last |= self._before

    @property
    def cpu_s(self) -> float:
        return sum(self._last.values()) - sum(self._before.values())

    def look(self) -> None:
        self._last |= self._now()

    def _now(self) -> Iterator[tuple[int, float]]:
        for child in self._service.children():
            with suppress(*GONE):
                if JOBS in child.cmdline():
                    yield child.pid, sum(cpu_s(child))


def _pss_mib(pid: int) -> float:
    with suppress(*GONE, PermissionError):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _counters(url: str) -> dict[str, float]:
    """Of ``/metrics``, by name with labels: those that only ever rise."""
    found = {}
    for line in httpx.get(f"{url}/metrics", timeout=30).text.splitlines():
        name, _, value = line.rpartition(" ")
        if not line.startswith("#") and re.match(r"sightline_\w+_(total|sum|count)\b", name):
            found[name] = float(value)
    return found
