"""Colours that a display cannot show: EBU R 103."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from sightline.detectors.excess import Excess, excess_events
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline

_CHANNELS = ("r_out", "g_out", "b_out", "y_out")


@dataclass(frozen=True, slots=True)
class OutOfGamut:
    """Passages in which R, G, B or Y leaves its range by more than 5 % (the meter's ``tolerance``) over too large an
    area. The evidence names the channel that leaves it most (``channel``)."""

    name: ClassVar[str] = "out_of_gamut"
    kinds: ClassVar[tuple[str, ...]] = ("out_of_gamut",)
    needs: ClassVar[tuple[str, ...]] = ("gamut",)
    after: ClassVar[tuple[str, ...]] = ()

    max_share: float = 0.01
    """Share of the picture that may be outside (EBU R 103: 1 %)."""
    join_gap_s: float = 0.5
    """Passages less than this apart are one event."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        gamut = timeline.columns["gamut"]
        excess = Excess(
            "out_of_gamut", "share", self.max_share, Severity.WARNING, (), self.join_gap_s,
            {name: gamut[name] for name in _CHANNELS},
        )  # fmt: skip
        return tuple(_naming_channel(event) for event in excess_events(gamut, gamut["out_share"], excess))


DETECTOR = OutOfGamut


def _naming_channel(event: Event) -> Event:
    worst = max(_CHANNELS, key=lambda name: float(event.evidence[name] or 0))
    return replace(event, evidence={**event.evidence, "channel": worst[0].upper()})
