"""Mains hum: lines at multiples of 50 or 60 Hz that stay as they are for many seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from sightline.clock import Span
from sightline.detectors.detector import runs
from sightline.detectors.sound import channel_count, channel_name, rounded
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

MULTIPLES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class HumDetector:
    """Event ``hum`` of one channel and mains frequency. ``value`` is the level of its lines together in dBFS.

    A bass note can be as narrow as hum and lie on the same frequency; it is told apart by not staying: hum keeps its
    level for the whole ``min_duration_s``.
    """

    min_prominence_db: float = 20.0
    """How far a line stands over the sound 2 to 8 Hz beside it, in every second."""
    min_level_dbfs: float = -70.0
    max_wander_db: float = 3.0
    """A line's level may go up and down by so much, all in all, in ``min_duration_s``."""
    min_duration_s: float = 8.0

    name: ClassVar[str] = "hum"
    kinds: ClassVar[tuple[str, ...]] = ("hum",)
    needs: ClassVar[tuple[str, ...]] = ("hum",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return tuple(
            event
            for audio, columns in timeline.of_each_audio("hum")
            for channel in range(channel_count(columns))
            for mains in (50, 60)
            for event in self._of_channel(audio, columns, channel, mains)
        )

    def _of_channel(self, audio: AudioFacts, columns: Columns, channel: int, mains: int) -> list[Event]:
        lines = [mains * multiple for multiple in MULTIPLES]
        steady = np.stack([self._steady(columns, line, channel) for line in lines])
        # 300 Hz is a multiple of both, so a lone line there names neither.
        names_mains = np.asarray(steady[: MULTIPLES.index(4) + 1].any(axis=0))
        events = []
        for first, last in runs(names_mains):
            held = [line for line, rows in zip(lines, steady, strict=True) if rows[first:last].any()]
            power = sum(np.median(10 ** (columns[f"level_{line}_{channel}"][first:last] / 10)) for line in held)
            evidence: dict[str, Scalar] = {
                "value": rounded(10 * np.log10(power), 1),
                "unit": "dbfs",
                "threshold": self.min_level_dbfs,
                "mains_hz": mains,
                "lines_hz": " ".join(str(line) for line in held),
                "channel": channel_name(audio, columns, channel),
                "stream": audio.index,
            }
            # A row's numbers come from the second before it too.
            span = Span(columns.start_of(max(first - 1, 0)), columns.start_of(last))
            events.append(Event("hum", span, Severity.WARNING, 0.8, evidence))
        return events

    def _steady(self, columns: Columns, line: int, channel: int) -> npt.NDArray[np.bool_]:
        """Rows of stretches of ``min_duration_s`` in which the line stands out and keeps its level."""
        level = columns[f"level_{line}_{channel}"]
        prominence = columns[f"prominence_{line}_{channel}"]
        rows = max(1, round(self.min_duration_s) - 1)
        steady = np.zeros(len(level) + 1, np.int64)
        there = (prominence >= self.min_prominence_db) & (level >= self.min_level_dbfs)
        if there.sum() < rows:
            return steady[:-1] > 0
        windows = np.lib.stride_tricks.sliding_window_view(np.where(there, level, np.nan), rows)
        starts = np.flatnonzero(windows.max(axis=1) - windows.min(axis=1) <= self.max_wander_db)
        steady[starts] += 1
        steady[starts + rows] -= 1
        return np.asarray(np.cumsum(steady[:-1]) > 0)


DETECTOR = HumDetector
