"""Flashes to and from saturated red."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sightline.detectors.flash_luminance import FlashRules, flashing
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class FlashRed(FlashRules):
    """More than six changes to or from saturated red in any second, however bright, over too much of the screen.

    Saturated red: R/(R+G+B) of at least 0.8 in linear light, and a distance of more than 0.2 in CIE 1976 u'v' between
    the two states (WCAG 2.2, ISO 9241-391). Rate, area and the extended rule are those of flashes of luminance.
    """

    name: ClassVar[str] = "flash_red"
    kinds: ClassVar[tuple[str, ...]] = ("flash_red",)
    needs: ClassVar[tuple[str, ...]] = ("flash",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return flashing(timeline, self.kinds[0], "red", self)


DETECTOR = FlashRed
