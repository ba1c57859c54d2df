"""What a metric is made from. Each family stands in a file of ``metrics/`` and names its definitions ``METRICS``.

A new file is found by itself. A definition is a pure function of a `Scene`: a stretch of the timeline with what was
found in it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sightline.desks.interview.metrics
from sightline.desks.interview.reading import Reading
from sightline.desks.interview.scene import Scene
from sightline.desks.judgement import Reference


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric."""

    id: str
    group: str
    """``face``, ``emotion``, ``gaze``, ``posture``, ``picture``, ``speech``, ``voice``, ``sound``, ``cues``."""
    unit: str
    method: str
    """``blink/1``: raised whenever a number could change."""
    of: Callable[[Scene], Reading]
    """Raises `Unmeasured`."""
    needs: tuple[str, ...] = ()
    """Meters without which there is none."""
    reference: Reference | None = None
    language: str | None = None
    """Of speech; None: any."""
    only_asked: bool = False
    """Computed where the rubric reads it and nowhere else."""


@cache
def definitions() -> Mapping[str, Definition]:
    """Every metric by id, in the order of the files and in them."""
    found: dict[str, Definition] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(sightline.desks.interview.metrics.__path__)):
        for definition in getattr(
            importlib.import_module(f"sightline.desks.interview.metrics.{module}"), "METRICS", ()
        ):
            if definition.id in found:
                raise ValueError(f"two metrics {definition.id}")
            found[definition.id] = definition
    return found
