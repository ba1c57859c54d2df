"""Silence, to the sample: of all channels together and of each alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import ClassVar

import numpy as np

from sightline.detectors.detector import runs
from sightline.detectors.sound import channel_count, channel_name, row_ends, samples_of, span_of_ticks
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Scalar, Severity
from sightline.timeline.timeline import Timeline

_start, _end = itemgetter(0), itemgetter(1)
FRONT = frozenset(("FL", "FR", "FC", "channel 1", "channel 2"))


@dataclass(frozen=True, slots=True)
class SilenceDetector:
    """Event ``silence``: every sample stays below -60 dBFS (the level is built into the ``samples`` meter).

    ``channel`` of the evidence is ``all``, or the channel's name when it is silent for ``min_duration_s`` more than all
    channels together.
    """

    min_duration_s: float = 0.5
    """At least 0.2 s: shorter silence may lie between two rows unseen."""

    name: ClassVar[str] = "silence"
    kinds: ClassVar[tuple[str, ...]] = ("silence",)
    needs: ClassVar[tuple[str, ...]] = ("samples",)
    after: ClassVar[tuple[str, ...]] = ()

    def detect(self, timeline: Timeline, /) -> tuple[Event, ...]:
        return tuple(
            event
            for audio, columns in timeline.of_each_audio("samples")
            if len(columns)
            for event in self._of_stream(audio, columns)
        )

    def _of_stream(self, audio: AudioFacts, columns: Columns) -> list[Event]:
        shortest = samples_of(self.min_duration_s, columns)
        joint = silent_spans(columns, "all", shortest)
        events = [self._event(audio, columns, span, "all") for span in joint]
        if channel_count(columns) > 1:
            for channel in range(channel_count(columns)):
                spans = silent_spans(columns, str(channel), shortest)
                alone = [span for span in spans if span[1] - span[0] - _shared(span, joint) >= shortest]
                title = channel_name(audio, columns, channel)
                events += [self._event(audio, columns, span, title) for span in alone]
        return events

    def _event(self, audio: AudioFacts, columns: Columns, span: tuple[int, int], channel: str) -> Event:
        evidence: dict[str, Scalar] = {
            "value": round(float((span[1] - span[0]) * columns.time_base), 3),
            "unit": "s",
            "threshold": self.min_duration_s,
            "level": columns.notes["silence_level"],
            "channel": channel,
            "stream": audio.index,
        }
        # Surrounds and LFE are silent for long in any mix.
        severity = Severity.WARNING if channel == "all" or channel in FRONT else Severity.INFO
        whole = span[0] == int(columns.ticks[0]) and span[1] == columns.end
        labels = ("whole_stream",) if whole else ()
        return Event("silence", span_of_ticks(columns, *span), severity, 1.0, evidence, labels)


def silent_spans(columns: Columns, which: str, shortest: int) -> list[tuple[int, int]]:
    """Ticks ``[start, end)`` of silence of at least ``shortest`` samples. ``which``: ``all`` or a channel's number."""
    lead, trail = columns[f"lead_{which}"].astype(np.int64), columns[f"trail_{which}"].astype(np.int64)
    ends = row_ends(columns)
    silent = lead == ends - columns.ticks
    found = []
    for first, last in runs(silent):
        start = int(columns.ticks[first]) - (int(trail[first - 1]) if first else 0)
        end = int(ends[last - 1]) + (int(lead[last]) if last < len(columns) else 0)
        if end - start >= shortest:
            found.append((start, end))
    return found


def _shared(span: tuple[int, int], others: list[tuple[int, int]]) -> int:
    """Samples a span has in common with others, which are in order and do not overlap each other."""
    near = others[bisect_right(others, span[0], key=_end) : bisect_left(others, span[1], key=_start)]
    return sum(min(span[1], end) - max(span[0], start) for start, end in near)


DETECTOR = SilenceDetector
