"""What the decoder complained of, as columns kept beside the measurements made in the same decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from sightline.engine.plan import Task
from sightline.facts import MediaFacts
from sightline.media.picture import DecodeFault
from sightline.timeline.columns import Column, Columns, Values, joined

FAULTS = "faults"
"""Name of the columns."""
FAULTS_KEY = "faults-v1"
NO_STREAM = -1
"""The stream of what went wrong while reading, before any stream was known."""


def fault_columns(media: MediaFacts, faults: Sequence[DecodeFault]) -> Columns:
    """Faults in order of time on a clock of microseconds; -1, and first, where the decoder could not say when."""
    bases = {v.index: v.time_base for v in media.videos} | {a.index: a.time_base for a in media.audios}
    base = Fraction(1, 1_000_000)
    ticks = [-1 if f.pts is None else int(f.pts * bases.get(f.stream, base) / base) for f in faults]
    texts = np.empty(len(faults), object)
    texts[:] = [f.text for f in faults]
    streams = np.array([f.stream for f in faults], np.int64)
    columns = (Column("stream", "class", streams), Column("text", "text", texts))
    return _in_order(Columns(FAULTS, base, np.array(ticks, np.int64), max(ticks, default=0), columns))


def faults_after(known: Columns, new: Columns, tasks: Sequence[Task]) -> Columns:
    """Faults of the pass that measured ``tasks``, and of passes before it those in streams it did not decode."""
    streams = (task.subject.video or task.subject.audio for task in tasks)
    decoded = [NO_STREAM, *(stream.index for stream in streams if stream is not None)]
    return _joined([_rows(known, ~np.isin(known["stream"].astype(np.int64), decoded)), new])


def faults_of_lanes(pictures: Sequence[Columns], others: Columns | None) -> Columns:
    """Faults of segments and of the lane beside them. That one reads the whole file, so what it met while reading
    counts and is not counted again for every segment that came by."""
    if others is None:
        return _joined(pictures)
    return _joined([*(_rows(part, part["stream"].astype(np.int64) != NO_STREAM) for part in pictures), others])


def _rows(faults: Columns, keep: Values) -> Columns:
    columns = tuple(Column(c.name, c.unit, c.values[keep]) for c in faults.columns)
    return replace(faults, ticks=faults.ticks[keep], columns=columns)


def _joined(parts: Sequence[Columns]) -> Columns:
    return _in_order(replace(joined(parts), end=max(part.end for part in parts)))


def _in_order(faults: Columns) -> Columns:
    """By time, then stream: in which order lanes and decoders came to tell of them says nothing."""
    order = np.lexsort((faults["stream"].astype(np.int64), faults.ticks))
    return _rows(faults, order)
