"""Clicks and pops: bursts of a millisecond or less that stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.sound import channel_count, channel_name, rounded, samples_of, span_of_ticks
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ClickDetector:
    """Event ``click`` of one channel, a point of 1 ms. ``value`` is its strength over its surroundings in dB."""

    min_strength_db: float = 26.0
    """The most click-like natural moment in the film sound and speech at hand stands at 16.5 (docs/loudness.md)."""
    min_level_dbfs: float = -40.0
    """Of the second difference; weaker ones are not heard."""

    name: ClassVar[str] = "click"
    kinds: ClassVar[tuple[str, ...]] = ("click",)
    needs: ClassVar[tuple[str, ...]] = ("clicks",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        events = []
        for audio, columns in timeline.of_each_audio("clicks"):
            slot = samples_of(float(columns.notes["slot_s"]), columns)
            for channel in range(channel_count(columns)):
                strength, level = columns[f"strength_{channel}"], columns[f"level_{channel}"]
                loud = (strength >= self.min_strength_db) & (level >= self.min_level_dbfs)
                for row in np.flatnonzero(loud).tolist():
                    start = int(columns.ticks[row]) + int(columns[f"at_{channel}"][row])
                    evidence: dict[str, Scalar] = {
                        "value": rounded(strength[row], 1),
                        "unit": "db",
                        "threshold": self.min_strength_db,
                        "level_dbfs": rounded(level[row], 1),
                        "channel": channel_name(audio, columns, channel),
                        "stream": audio.index,
                    }
                    span = span_of_ticks(columns, start, start + slot)
                    events.append(Event("click", span, Severity.WARNING, 0.8, evidence))
        return tuple(events)


DETECTOR = ClickDetector
