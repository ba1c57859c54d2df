"""Clipping: the sound stays at full scale for samples on end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.sound import channel_count, channel_name, merged, samples_of, span_of_ticks
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ClippingDetector:
    """Event ``clipping`` of one channel: runs of samples at the same rail, those close together as one event.

    ``value`` is the longest run in samples.
    """

    min_samples: int = 3
    """Shorter runs are normal peaks of limited music. Not under 3, which is built into the meter."""
    plateau_s: float = 0.25
    """From this length a single run is an error (EBU QC 0005B as the DPP applies it: 250 ms)."""
    merge_s: float = 1.0
    """Clippings at most this far apart are one event."""

    name: ClassVar[str] = "clipping"
    kinds: ClassVar[tuple[str, ...]] = ("clipping",)
    needs: ClassVar[tuple[str, ...]] = ("samples",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return tuple(
            event
            for audio, columns in timeline.of_each_audio("samples")
            for channel in range(channel_count(columns))
            for event in self._of_channel(audio, columns, channel)
        )

    def _of_channel(self, audio: AudioFacts, columns: Columns, channel: int) -> list[Event]:
        longest, total, first, last = (
            columns[f"{field}_{channel}"].astype(np.int64)
            for field in ("clip_run", "clip_samples", "clip_first", "clip_last")
        )
        rows = np.flatnonzero(longest >= self.min_samples)
        starts, ends = (columns.ticks + first)[rows], (columns.ticks + last)[rows]
        events, done = [], 0
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        for start, end, count in merged(spans, samples_of(self.merge_s, columns)):
            inside = rows[done : done + count]
            done += count
            run = int(longest[inside].max())
            evidence: dict[str, Scalar] = {
                "value": run,
                "unit": "samples",
                "threshold": self.min_samples,
                "samples": int(total[inside].sum()),
                "channel": channel_name(audio, columns, channel),
                "stream": audio.index,
            }
            severity = Severity.ERROR if run * columns.time_base >= self.plateau_s else Severity.WARNING
            events.append(Event("clipping", span_of_ticks(columns, start, end), severity, 1.0, evidence))
        return events


DETECTOR = ClippingDetector
