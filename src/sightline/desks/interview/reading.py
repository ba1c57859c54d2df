"""What a definition of a metric gives: a reading, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.text import Message
from sightline.timeline.event import Scalar

MOST_SPANS = 8
"""Of evidence a metric: enough to look at, few enough to read."""


class Unmeasured(Exception):
    """There is no value, and why. ``absent``: what it is made of was not measured at all."""

    def __init__(self, key: str | Message, /, *, absent: bool = False, **fields: object) -> None:
        self.message = key if isinstance(key, Message) else Message.of(key, **fields)
        self.absent = absent
        super().__init__(self.message.key)


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """What a definition makes of a scene."""

    value: float
    n: int
    coverage: float
    """Share of the time it speaks of that was measured."""
    draws: npt.NDArray[np.float64] | None = None
    """The value in every draw of the bootstrap, see `Blocks`."""
    spans: tuple[Span, ...] = ()
    quality: float | None = None
    details: Mapping[str, Scalar] = field(default_factory=dict)
