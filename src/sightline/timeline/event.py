"""Events: something found on the timeline, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sightline.clock import Span

Scalar = str | int | float | bool | None


class Severity(StrEnum):
    """How grave an event is by itself; a template may judge otherwise."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """Something found.

    ``kind`` is a word of the glossary in snake case (``black``, ``cut``). ``evidence`` holds what a person needs to
    believe it: measured value, threshold, unit, channel, region; plain scalars only, NaN and infinities left out.
    ``labels`` say what surrounds it (``fade_between_shots``, ``end_card``); rules of a template read them.
    """

    kind: str
    span: Span
    severity: Severity
    confidence: float
    """0 to 1: how sure the detector is, not a calibrated probability."""
    evidence: Mapping[str, Scalar] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    start_frame: int | None = None
    """Number of the first picture inside, counted from 0; None without pictures."""
    end_frame: int | None = None
    """Number of the first picture after."""

    def labelled(self, *labels: str) -> Event:
        """The event with more labels, each once, in order."""
        every, frames = tuple(dict.fromkeys((*self.labels, *labels))), (self.start_frame, self.end_frame)
        return Event(self.kind, self.span, self.severity, self.confidence, self.evidence, every, *frames)

    # Neither is made by `replace`, which takes twice as long; every event of an hour is numbered.
    def numbered(self, first: int, last: int) -> Event:
        """The event over pictures ``[first, last)``."""
        return Event(self.kind, self.span, self.severity, self.confidence, self.evidence, self.labels, first, last)
