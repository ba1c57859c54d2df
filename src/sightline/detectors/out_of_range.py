"""Luma and chroma outside their nominal range, and codes that SDI keeps for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.excess import Excess, excess_events
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """Passages with too many pixels outside 16–235 (luma) or 16–240 (chroma; 8-bit codes), in limited range.

    Passages with SDI's reserved codes (0 and 255; 0–3 and 1020–1023 of 10 bits) are events of their own with the label
    ``reserved_codes``, for information: an interface clips them, and overshoot of a lossy codec reaches them often. A
    template for uncompressed delivery may forbid them. In full range, where nothing is outside, they are the only
    events.
    """

    name: ClassVar[str] = "out_of_range"
    kinds: ClassVar[tuple[str, ...]] = ("out_of_range",)
    needs: ClassVar[tuple[str, ...]] = ("levels",)
    after: ClassVar[tuple[str, ...]] = ()

    max_share: float = 0.01
    """Share of pixels that may be outside (EBU R 103 allows 1 % of the picture)."""
    max_reserved: int = 0
    """Samples of all planes that may have a reserved code (SMPTE ST 274, ITU-R BT.656: none)."""
    join_gap_s: float = 0.5
    """Passages less than this apart are one event, so that a flickering pixel does not fill the list."""

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        levels = timeline.columns["levels"]
        parts = {name: levels[name] for name in ("y_min", "y_max", "y_out_share", "c_out_share")}
        range_ = Excess(
            "out_of_range", "share", self.max_share, Severity.WARNING, (), self.join_gap_s, parts
        )  # fmt: skip
        reserved = Excess(
            "out_of_range", "count", self.max_reserved, Severity.INFO, ("reserved_codes",),
            self.join_gap_s, {name: levels[name] for name in ("y_min", "y_max")},
        )  # fmt: skip
        counts = levels["reserved"].astype(np.float64)
        found = list(excess_events(levels, counts, reserved))
        if not levels.notes["full_range"]:
            found += excess_events(levels, levels["out_of_range_share"], range_)
        return tuple(found)


DETECTOR = OutOfRange
