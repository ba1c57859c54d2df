"""Dual mono: two channels carry the same sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.clock import exact_seconds
from sightline.detectors.detector import runs, span_of_rows
from sightline.detectors.sound import Pair, pair_name, pairs, rounded
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class DualMonoDetector:
    """Event ``dual_mono`` of two channels, left and right of each other or not.

    ``value`` is the highest difference in dB, None for bit-exact copies. Labelled ``whole_stream`` when the two never
    differ while there is sound: then it is a warning, otherwise (speech in the middle, say) only to know.
    """

    max_difference_db: float = -50.0
    """Energy of one channel minus the other against both together. Copies stay below through AAC, MP3, Opus, Vorbis and
    AC-3 at 96 to 192 kb/s (highest measured: -54.5), not through AAC at 64 kb/s."""
    min_level_dbfs: float = -60.0
    """Seconds below are neither the same nor different."""
    min_duration_s: float = 10.0

    name: ClassVar[str] = "dual_mono"
    kinds: ClassVar[tuple[str, ...]] = ("dual_mono",)
    needs: ClassVar[tuple[str, ...]] = ("channels",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return tuple(
            event
            for audio, columns in timeline.of_each_audio("channels")
            for pair in pairs(columns, "compared")
            for event in self._of_pair(audio, columns, pair)
        )

    def _of_pair(self, audio: AudioFacts, columns: Columns, pair: Pair) -> list[Event]:
        left, right = pair
        difference = columns[f"difference_{left}_{right}"]
        heard = np.maximum(columns[f"level_{left}"], columns[f"level_{right}"]) > self.min_level_dbfs
        alike = heard & (difference <= self.max_difference_db)
        whole = bool(heard.any()) and bool((alike == heard).all())
        events = []
        for first, last in runs(alike | ~heard):
            inside = np.flatnonzero(alike[first:last])
            if not len(inside):
                continue
            start, end = first + int(inside[0]), first + int(inside[-1]) + 1
            span = span_of_rows(columns, start, end)
            if span.duration < exact_seconds(self.min_duration_s) and not whole:
                continue
            evidence: dict[str, Scalar] = {
                "value": rounded(difference[start:end][alike[start:end]].max(), 1),
                "unit": "db",
                "threshold": self.max_difference_db,
                "channel": pair_name(audio, columns, pair),
                "stream": audio.index,
            }
            severity = Severity.WARNING if whole else Severity.INFO
            events.append(Event("dual_mono", span, severity, 1.0, evidence, ("whole_stream",) if whole else ()))
        return events


DETECTOR = DualMonoDetector
