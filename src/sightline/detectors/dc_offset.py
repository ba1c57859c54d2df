"""DC offset: the wave does not swing around zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.detectors.detector import runs, span_of_rows
from sightline.detectors.sound import channel_count, channel_name, row_ends
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

ROWS_PER_SECOND = 10


@dataclass(frozen=True, slots=True)
class DcOffsetDetector:
    """Event ``dc_offset`` of one channel. ``value`` is the offset furthest from zero, as a share of full scale."""

    max_offset: float = 0.01
    window_s: float = 3.0
    """The mean is taken over so long, so that deep notes do not count."""

    name: ClassVar[str] = "dc_offset"
    kinds: ClassVar[tuple[str, ...]] = ("dc_offset",)
    needs: ClassVar[tuple[str, ...]] = ("samples",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        events = []
        for audio, columns in timeline.of_each_audio("samples"):
            for channel in range(channel_count(columns) if len(columns) else 0):
                offset = self._windowed(columns, columns[f"dc_{channel}"])
                for first, last in runs(np.abs(offset) > self.max_offset):
                    furthest = offset[first:last][np.abs(offset[first:last]).argmax()]
                    evidence: dict[str, Scalar] = {
                        "value": round(float(furthest), 4),
                        "unit": "share",
                        "threshold": self.max_offset,
                        "channel": channel_name(audio, columns, channel),
                        "stream": audio.index,
                    }
                    span = span_of_rows(columns, first, last)
                    events.append(Event("dc_offset", span, Severity.WARNING, 1.0, evidence))
        return tuple(events)

    def _windowed(self, columns: Columns, mean: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """For each row the mean of the window around it; near the ends, of the first or last whole window."""
        size = row_ends(columns) - columns.ticks
        rows = min(max(1, round(self.window_s * ROWS_PER_SECOND)), len(mean))
        sums = np.convolve(mean.astype(np.float64) * size, np.ones(rows), "valid")
        edges = np.append(columns.ticks, columns.end)
        means = sums / (edges[rows:] - edges[:-rows])
        middle = np.clip(np.arange(len(mean)) - rows // 2, 0, len(means) - 1)
        return np.asarray(means[middle])


DETECTOR = DcOffsetDetector
