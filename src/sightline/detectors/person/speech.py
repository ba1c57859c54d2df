"""Stretches in which somebody's voice is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import run_edges
from sightline.detectors.sound import samples_of, span_of_ticks
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SpeechDetector:
    """Event ``speech``: the probability of speech reaches ``enter`` and has not yet been below ``leave`` for
    ``min_silence_s``.

    The rule and its numbers are those that the authors of Silero VAD publish with it (``get_speech_timestamps``).
    ``pad_s`` is added at both ends and told in the evidence, so that pauses can be counted without it.
    """

    enter: float = 0.5
    leave: float = 0.35
    min_speech_s: float = 0.25
    min_silence_s: float = 0.1
    pad_s: float = 0.03

    name: ClassVar[str] = "speech"
    kinds: ClassVar[tuple[str, ...]] = ("speech",)
    needs: ClassVar[tuple[str, ...]] = ("voice",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        columns = timeline.columns["voice"]
        if not len(columns):
            return ()
        probability = columns["speech"].astype(np.float64)
        pad = samples_of(self.pad_s, columns)
        first_tick = int(columns.ticks[0])
        found = []
        for first, last in self._stretches(columns, probability):
            start, end = _ticks(columns, first, last)
            span = span_of_ticks(columns, max(first_tick, start - pad), min(columns.end, end + pad))
            sureness = float(np.mean(probability[first:last]))
            evidence: dict[str, Scalar] = {
                "value": round(float(span.duration), 3), "unit": "s", "threshold": self.enter,
                "probability": round(sureness, 3), "pad": self.pad_s,
            }  # fmt: skip
            found.append(Event("speech", span, Severity.INFO, round(sureness, 3), evidence))
        return tuple(found)

    def _stretches(self, columns: Columns, probability: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
        """Rows ``[first, last)``."""
        spoken = _latched(probability >= self.enter, probability < self.leave)
        firsts, lasts = run_edges(spoken)
        if not len(firsts):
            return []
        edges = np.append(columns.ticks, columns.end)
        silence = edges[firsts[1:]] - edges[lasts[:-1]]
        apart = silence >= samples_of(self.min_silence_s, columns)
        firsts, lasts = firsts[np.append(True, apart)], lasts[np.append(apart, True)]
        long = edges[lasts] - edges[firsts] >= samples_of(self.min_speech_s, columns)
        return list(zip(firsts[long].tolist(), lasts[long].tolist(), strict=True))


def _latched(on: Mask, off: Mask) -> Mask:
    """True from a row where ``on`` holds until one where ``off`` does."""
    decided = np.maximum.accumulate(np.where(on | off, np.arange(len(on)), -1))
    return np.asarray((decided >= 0) & on[np.maximum(decided, 0)])


def _ticks(columns: Columns, first: int, last: int) -> tuple[int, int]:
    return int(columns.ticks[first]), int(columns.ticks[last]) if last < len(columns) else columns.end


DETECTOR = SpeechDetector
