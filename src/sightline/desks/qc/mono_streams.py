"""Mono streams that form one programme, as in MXF."""

from __future__ import annotations

from typing import Literal

from sightline.detectors.loudness import programme
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

MonoStreams = Literal["apart", "stereo", "5.1"]
_WEIGHTS = {"stereo": (1.0, 1.0), "5.1": (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}
"""Of the first so many streams as channels of one programme (ITU-R BS.1770-5)."""


def together(timeline: Timeline, as_what: MonoStreams) -> Columns | None:
    """Loudness of the programme that the first streams form; None when they stand apart or are no such streams.

    Raises `ValueError` when they cannot be put together.
    """
    weights = _WEIGHTS.get(as_what)
    parts = [columns for _, columns in timeline.of_each_audio("loudness")]
    if weights is None or len(parts) < len(weights) or any(part.notes["channels"] != 1 for part in parts):
        return None
    return programme(parts[: len(weights)], weights)
