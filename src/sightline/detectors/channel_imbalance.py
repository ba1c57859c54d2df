"""Channel imbalance: left is much louder than right over the whole programme, or the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sightline.detectors.detector import span_of_rows
from sightline.detectors.sound import Pair, channel_name, pair_name, pairs, rounded
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ChannelImbalanceDetector:
    """Event ``channel_imbalance`` of a left and a right channel, at most one for the whole stream.

    ``value`` is the level of left less that of right in dB, over all seconds in which either is heard. It is missing
    when one side is digitally silent throughout; the label ``one_side_silent`` says so.
    """

    max_difference_db: float = 6.0
    min_level_dbfs: float = -60.0
    """Seconds in which both sides are below do not count."""

    name: ClassVar[str] = "channel_imbalance"
    kinds: ClassVar[tuple[str, ...]] = ("channel_imbalance",)
    needs: ClassVar[tuple[str, ...]] = ("channels",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        found = (
            self._of_pair(audio, columns, pair)
            for audio, columns in timeline.of_each_audio("channels")
            for pair in pairs(columns, "pairs")
        )
        return tuple(event for event in found if event is not None)

    def _of_pair(self, audio: AudioFacts, columns: Columns, pair: Pair) -> Event | None:
        levels = np.stack([columns[f"level_{channel}"].astype(np.float64) for channel in pair])
        rows = np.flatnonzero(levels.max(axis=0) > self.min_level_dbfs)
        if not len(rows):
            return None
        with np.errstate(divide="ignore"):
            left, right = 10 * np.log10((10 ** (levels[:, rows] / 10)).mean(axis=1))
        if abs(left - right) <= self.max_difference_db:
            return None
        evidence: dict[str, Scalar] = {
            "unit": "db",
            "threshold": self.max_difference_db,
            "louder": channel_name(audio, columns, pair[0] if left > right else pair[1]),
            "channel": pair_name(audio, columns, pair),
            "stream": audio.index,
        }
        silent = bool(np.isinf(left - right))
        if not silent:
            evidence["value"] = rounded(left - right)
        span = span_of_rows(columns, int(rows[0]), int(rows[-1]) + 1)
        labels = ("one_side_silent",) if silent else ()
        return Event("channel_imbalance", span, Severity.WARNING, 1.0, evidence, labels)


DETECTOR = ChannelImbalanceDetector
