"""Out of phase: left and right cancel each other in mono."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.detector import lasting_runs, span_of_rows
from sightline.detectors.sound import pair_name, pairs, rounded
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class OutOfPhaseDetector:
    """Event ``out_of_phase`` of a pair of channels. ``value`` is the mean phase over the event."""

    angle_deg: float = 170.0
    """Phase below the cosine of this angle counts (FFmpeg's aphasemeter)."""
    min_duration_s: float = 0.5

    name: ClassVar[str] = "out_of_phase"
    kinds: ClassVar[tuple[str, ...]] = ("out_of_phase",)
    needs: ClassVar[tuple[str, ...]] = ("phase",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        threshold = math.cos(math.radians(self.angle_deg))
        events = []
        for audio, columns in timeline.of_each_audio("phase"):
            for left, right in pairs(columns, "pairs"):
                phase = columns[f"phase_{left}_{right}"]
                loss = columns[f"mono_loss_{left}_{right}"]
                for first, last in lasting_runs(columns, phase < threshold, self.min_duration_s):
                    span = span_of_rows(columns, first, last)
                    evidence: dict[str, Scalar] = {
                        "value": rounded(phase[first:last].mean(), 3),
                        "unit": "share",
                        "threshold": round(threshold, 3),
                        "mono_loss_db": rounded(np.median(loss[first:last])),
                        "channel": pair_name(audio, columns, (left, right)),
                        "stream": audio.index,
                    }
                    events.append(Event("out_of_phase", span, Severity.WARNING, 1.0, evidence))
        return tuple(events)


DETECTOR = OutOfPhaseDetector
