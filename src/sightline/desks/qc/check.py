"""What a check is. Each stands in a file of its own in ``checks/`` and names its class ``CHECK``.

A check is a frozen dataclass: its fields are its parameters, set by a template (``[checks.V1] min_duration_s = 2``).
`evaluate` is a pure function of the timeline, called only when the stream it speaks of exists and everything in
``needs`` and ``detectors`` could be measured; so a check never has to excuse itself for the whole file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, ClassVar, Protocol, runtime_checkable

from pydantic import Field

import sightline.desks.qc.checks
from sightline.desks.judgement import CheckResult
from sightline.timeline.timeline import Timeline


class Group(StrEnum):
    """Groups of checks in the order of a report."""

    FILE = "file"
    VIDEO = "video"
    FLASH = "flash"
    AUDIO = "audio"


class Stream(StrEnum):
    """What a file must have for a check to apply."""

    ANY = "any"
    VIDEO = "video"
    AUDIO = "audio"
    PAIR = "pair"
    """An audio stream of two channels or more."""
    BOTH = "both"


Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Ask:
    """A detector's threshold may not be above a check's parameter; loading a template lowers it where it is."""

    detector: str
    field: str
    parameter: str


@runtime_checkable
class Check(Protocol):
    """One named test with its parameters."""

    id: ClassVar[str]
    name: ClassVar[str]
    group: ClassVar[Group]
    stream: ClassVar[Stream]
    needs: ClassVar[tuple[str, ...]]
    """Meters it reads."""
    detectors: ClassVar[tuple[str, ...]]
    """Detectors whose events it reads."""
    asks: ClassVar[tuple[Ask, ...]]
    """What it asks of them, so that a template cannot judge what was never looked for."""

    def evaluate(self, timeline: Timeline, /) -> CheckResult:
        """``timeline.events`` holds what counts: events a rule took out are gone, softened ones carry the label
        `SOFTENED`. A failed check says FAIL; what that means for the verdict is the template's business."""
        ...


SOFTENED = "softened"
"""Label of an event that a rule of the template lets weigh no more than a warning."""


@cache
def checks() -> Mapping[str, type[Check]]:
    """Every check by id in the order of a report, found in the files of ``checks/``."""
    found: dict[str, type[Check]] = {}
    for module in pkgutil.iter_modules(sightline.desks.qc.checks.__path__):
        check = getattr(importlib.import_module(f"sightline.desks.qc.checks.{module.name}"), "CHECK", None)
        if check is not None:
            found[check.id] = check
    groups = list(Group)
    order = sorted(found.values(), key=lambda c: (groups.index(c.group), c.id[0], int(c.id[1:])))
    return {check.id: check for check in order}
