"""Dropouts: sound breaks off and comes back at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.sound import channel_count, channel_name, rounded, samples_of, span_of_ticks
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class DropoutDetector:
    """Event ``dropout`` of one channel: a gap below -70 dBFS with loud sound right before and right after.

    ``value`` is its length in milliseconds. Pauses of speech and music fade into and out of silence; lost packets and
    bad edits do not.
    """

    min_duration_s: float = 0.002
    max_duration_s: float = 0.2
    """Longer gaps are silence."""
    min_side_dbfs: float = -30.0
    """Peak in the 5 ms before, and after: 40 dB over what counts as lost."""

    name: ClassVar[str] = "dropout"
    kinds: ClassVar[tuple[str, ...]] = ("dropout",)
    needs: ClassVar[tuple[str, ...]] = ("dropouts",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        events = []
        for audio, columns in timeline.of_each_audio("dropouts"):
            shortest, longest = (samples_of(s, columns) for s in (self.min_duration_s, self.max_duration_s))
            for channel in range(channel_count(columns)):
                length, before, after, inside = (
                    columns[f"{field}_{channel}"] for field in ("length", "before", "after", "inside")
                )
                gap = (length >= shortest) & (length <= longest)
                for row in np.flatnonzero(gap & (np.minimum(before, after) >= self.min_side_dbfs)).tolist():
                    start = int(columns.ticks[row]) + int(columns[f"at_{channel}"][row])
                    evidence: dict[str, Scalar] = {
                        "value": rounded(1000 * int(length[row]) * float(columns.time_base), 2),
                        "unit": "ms",
                        "threshold": 1000 * self.min_duration_s,
                        "before_dbfs": rounded(before[row], 1),
                        "after_dbfs": rounded(after[row], 1),
                        "digital_zero": bool(np.isneginf(inside[row])),
                        "channel": channel_name(audio, columns, channel),
                        "stream": audio.index,
                    }
                    span = span_of_ticks(columns, start, start + int(length[row]))
                    events.append(Event("dropout", span, Severity.ERROR, 0.8, evidence))
        return tuple(events)


DETECTOR = DropoutDetector
