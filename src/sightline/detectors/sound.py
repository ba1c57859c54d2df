"""What the detectors of sound share: spans in samples, names of channels, merging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from sightline.clock import Span, exact_seconds
from sightline.facts import AudioFacts
from sightline.timeline.columns import Columns
from sightline.timeline.event import Scalar

Pair = tuple[int, int]


def span_of_ticks(columns: Columns, start: int, end: int) -> Span:
    """The time of ticks ``[start, end)``."""
    return Span(start * columns.time_base, end * columns.time_base)


def channel_count(columns: Columns) -> int:
    return int(columns.notes["channels"])


def channel_name(audio: AudioFacts, columns: Columns, channel: int) -> str:
    """``FL``, or ``channel 1`` (counted from 1) when the file gives no names."""
    if len(audio.channel_names) == channel_count(columns):
        return audio.channel_names[channel]
    return f"channel {channel + 1}"


def pair_name(audio: AudioFacts, columns: Columns, pair: Pair) -> str:
    """``FL+FR``."""
    return "+".join(channel_name(audio, columns, channel) for channel in pair)


def pairs(columns: Columns, note: str) -> tuple[Pair, ...]:
    """Pairs of channels a meter noted as ``0_1 4_5``."""
    numbers = (pair.split("_") for pair in str(columns.notes[note]).split())
    return tuple((int(left), int(right)) for left, right in numbers)


def row_ends(columns: Columns) -> npt.NDArray[np.int64]:
    """Tick at which each row ends."""
    return np.append(columns.ticks[1:], columns.end)


def samples_of(seconds: float, columns: Columns) -> int:
    """Seconds as ticks, rounded to the nearest."""
    return round(exact_seconds(seconds) / columns.time_base)


def merged(spans: Iterable[tuple[int, int]], gap: int) -> Iterator[tuple[int, int, int]]:
    """Spans in order of start with those at most ``gap`` apart put together: start, end, how many they were."""
    held: tuple[int, int, int] | None = None
    for start, end in spans:
        if held is not None and start - held[1] <= gap:
            held = held[0], max(held[1], end), held[2] + 1
        else:
            if held is not None:
                yield held
            held = start, end, 1
    if held is not None:
        yield held


def rounded(value: float, digits: int = 2) -> Scalar:
    """The value for evidence; None for NaN and infinities."""
    return round(float(value), digits) if np.isfinite(value) else None
