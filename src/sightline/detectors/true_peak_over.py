"""True peaks over the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.sound import channel_count, channel_name, merged, row_ends, samples_of, span_of_ticks
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TruePeakOverDetector:
    """Event ``true_peak_over`` of one channel, in steps of 100 ms. ``value`` is the highest true peak in it."""

    max_dbtp: float = -1.0
    """EBU R 128: -1 dBTP."""
    merge_s: float = 0.1
    """Overs at most this far apart are one event."""

    name: ClassVar[str] = "true_peak_over"
    kinds: ClassVar[tuple[str, ...]] = ("true_peak_over",)
    needs: ClassVar[tuple[str, ...]] = ("true_peak",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        events = []
        for audio, columns in timeline.of_each_audio("true_peak"):
            ends = row_ends(columns)
            for channel in range(channel_count(columns)):
                peaks = columns[f"peak_{channel}"]
                rows = np.flatnonzero(peaks > self.max_dbtp)
                spans = zip(columns.ticks[rows].tolist(), ends[rows].tolist(), strict=True)
                done = 0
                for start, end, count in merged(spans, samples_of(self.merge_s, columns)):
                    evidence: dict[str, Scalar] = {
                        "value": round(float(peaks[rows[done : done + count]].max()), 2),
                        "unit": "dbtp",
                        "threshold": self.max_dbtp,
                        "channel": channel_name(audio, columns, channel),
                        "stream": audio.index,
                    }
                    done += count
                    span = span_of_ticks(columns, start, end)
                    events.append(Event("true_peak_over", span, Severity.WARNING, 1.0, evidence))
        return tuple(events)


DETECTOR = TruePeakOverDetector
