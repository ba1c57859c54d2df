"""How this machine fares: processor, memory, disks, GPUs. Reads it; decides nothing."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from sightline.library.columns import now

log = logging.getLogger(__name__)
CGROUP = Path("/sys/fs/cgroup")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system a folder lies on."""

    name: str
    """``data``, ``work``, ``archive``."""
    path: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """None where the driver does not tell."""

    name: str
    load_percent: float | None
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    temperature_c: float | None


@dataclass(frozen=True, slots=True)
class MachineSample:
    """Percentages are 0 to 100, of the whole machine unless said otherwise."""

    at: datetime
    core_percents: tuple[float, ...]
    """Of each core, since the sample before."""
    cpu_percent: float
    own_cpu_percent: float
    """By this process and all below it."""
    others_cpu_percent: float
    """By everything that is not this installation: the whole, less what its processes on this machine use."""
    load: tuple[float, float, float]
    """Processes that ran or waited, over 1, 5 and 15 minutes."""
    memory_percent: float
    """Of the machine or of the container's limit, whichever is fuller."""
    memory_used_bytes: int
    memory_total_bytes: int
    own_memory_bytes: int
    """Resident, of this process and all below it. Pages they share count in each."""
    own_processes: int
    disks: tuple[Disk, ...]
    gpus: tuple[Gpu, ...]

    def document(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"at": self.at.isoformat()}


@cache
def machine_id() -> str:
    """The same for all processes of this machine, also those in containers, until it is started again."""
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return socket.gethostname()


class Sampler:
    """Takes samples; loads are since the sample before, so the first one shows none."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)
        self._own = psutil.Process(os.getpid())
        self._gpus = GpuReader()
        self._cores = psutil.cpu_times(percpu=True)
        self._own_s = self._tree()[0]
        self._at = time.monotonic()

    def sample(self, siblings_cpu_percent: float = 0) -> MachineSample:
        """``siblings_cpu_percent``: what other processes of this installation use on this machine, of all its cores."""
        cores, at = psutil.cpu_times(percpu=True), time.monotonic()
        own_s, own_memory, processes = self._tree()
        percents = tuple(
            _busy_percent(before, after) for before, after in zip(self._cores, cores, strict=False)
        )  # fmt: skip
        whole = sum(percents) / max(1, len(percents))
        elapsed = max(at - self._at, 1e-3) * max(1, len(cores))
        own = min(100.0, max(0.0, 100 * (own_s - self._own_s) / elapsed))
        self._cores, self._own_s, self._at = cores, own_s, at
        memory = psutil.virtual_memory()
        used, total = min(
            ((int(memory.total - memory.available), int(memory.total)), *_container_memory()),
            key=lambda part: (part[1] - part[0]) / part[1],
        )
        return MachineSample(
            at=now(),
            core_percents=tuple(round(percent, 1) for percent in percents),
            cpu_percent=round(whole, 1),
            own_cpu_percent=round(own, 1),
            others_cpu_percent=round(max(0.0, whole - own - siblings_cpu_percent), 1),
            load=os.getloadavg(),
            memory_percent=round(100 * used / total, 1),
            memory_used_bytes=used,
            memory_total_bytes=total,
            own_memory_bytes=own_memory,
            own_processes=processes,
            disks=disks_of(self._folders),
            gpus=self._gpus.read(),
        )

    def close(self) -> None:
        self._gpus.close()

    def _tree(self) -> tuple[float, int, int]:
        """Processor seconds (with those of children that have ended), resident bytes and number of processes."""
        seconds, resident, count = 0.0, 0, 0
        for process in (self._own, *self._own.children(recursive=True)):
            with suppress(psutil.Error):
                with process.oneshot():
                    times, memory = process.cpu_times(), process.memory_info()
                seconds += times.user + times.system + times.children_user + times.children_system
                resident += memory.rss
                count += 1
        return seconds, resident, count


def disks_of(folders: Mapping[str, Path]) -> tuple[Disk, ...]:
    """The file systems of folders; of a folder that is not there yet, where it would be made."""
    found = []
    for name, path in folders.items():
        at = path
        while not at.exists() and at != at.parent:
            at = at.parent
        with suppress(OSError):
            usage = shutil.disk_usage(at)
            found.append(Disk(name, str(path), usage.free, usage.total))
    return tuple(found)


class GpuReader:
    """NVIDIA GPUs through NVML. No driver, no GPU: nothing, and nothing asked again."""

    def __init__(self) -> None:
        self._nvml: Any = None
        try:
            nvml = importlib.import_module("pynvml")
            nvml.nvmlInit()
            self._nvml = nvml
        except Exception as error:  # noqa: BLE001  (a driver that is broken in any way is one that is not there)
            log.debug("no GPU can be watched: %s", error)

    def read(self) -> tuple[Gpu, ...]:
        if self._nvml is None:
            return ()
        try:
            return tuple(self._one(number) for number in range(self._nvml.nvmlDeviceGetCount()))
        except self._nvml.NVMLError as error:
            log.warning("the GPUs can no longer be watched: %s", error)
            self.close()
            return ()

    def close(self) -> None:
        if self._nvml is not None:
            with suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()
            self._nvml = None

    def _one(self, number: int) -> Gpu:
        nvml = self._nvml
        handle = nvml.nvmlDeviceGetHandleByIndex(number)
        name: Any = self._told(nvml.nvmlDeviceGetName, handle) or f"GPU {number}"
        rates = self._told(nvml.nvmlDeviceGetUtilizationRates, handle)
        memory = self._told(nvml.nvmlDeviceGetMemoryInfo, handle)
        heat = self._told(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU)
        return Gpu(
            name.decode() if isinstance(name, bytes) else str(name),
            None if rates is None else float(rates.gpu),
            None if memory is None else int(memory.used),
            None if memory is None else int(memory.total),
            None if heat is None else float(heat),
        )

    def _told(self, ask: Any, *arguments: Any) -> Any:
        # A part of a GPU (MIG) and some models do not tell everything.
        try:
            return ask(*arguments)
        except self._nvml.NVMLError:
            return None


def _busy_percent(before: Any, after: Any) -> float:
    parts = {name: getattr(after, name) - getattr(before, name) for name in after._fields if "guest" not in name}
    whole = sum(parts.values())
    idle = parts.get("idle", 0.0) + parts.get("iowait", 0.0)
    return min(100.0, max(0.0, 100 * (whole - idle) / whole)) if whole > 0 else 0.0


def _container_memory() -> tuple[tuple[int, int], ...]:
    """Used and allowed bytes of the container this runs in; nothing where it has no limit of its own."""
    try:
        most = int((CGROUP / "memory.max").read_text(encoding="ascii"))
        used = int((CGROUP / "memory.current").read_text(encoding="ascii"))
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):
        # ``max``: no limit.
        return ()
    # File pages that were not used lately are given back before anybody is killed.
    return ((max(0, used - int(stat.get("inactive_file", 0))), most),) if most > 0 else ()
