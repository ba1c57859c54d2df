"""Whether the machine is too busy to begin another job. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sightline.service.operations.machine import MachineSample
from sightline.service.settings import Settings
from sightline.text import Message

GB = 2**30
BELOW_PERCENT: Final = 5.0
"""A limit that was passed holds until the value is this far below it, so that it does not go on and off."""
ABOVE_SHARE: Final = 1.1
"""The same for free room: until there is a tenth more than the least."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no job begins."""

    kind: str
    """``cpu``, ``memory``, ``disk``."""
    message: Message


def holds(sample: MachineSample, settings: Settings, before: frozenset[str]) -> tuple[Hold, ...]:
    """What holds jobs back now. ``before``: the kinds that did at the sample before."""
    found = []
    for kind, value, most in (
        ("cpu", sample.others_cpu_percent, settings.max_cpu_percent),
        ("memory", sample.memory_percent, settings.max_memory_percent),
    ):
        if value > (most - BELOW_PERCENT if kind in before else most):
            found.append(Hold(kind, Message.of(f"operations.hold.{kind}", percent=round(value), most=f"{most:g}")))
    least = settings.min_free_disk_gb * GB * (ABOVE_SHARE if "disk" in before else 1)
    short = min((disk for disk in sample.disks if disk.free_bytes < least), key=lambda d: d.free_bytes, default=None)
    if short is not None:
        free, wanted = f"{short.free_bytes / GB:.1f}", f"{settings.min_free_disk_gb:g}"
        found.append(Hold("disk", Message.of("operations.hold.disk", path=short.path, free=free, least=wanted)))
    return tuple(found)
