"""How much a person's lips move: what tells who speaks when sound alone cannot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Track

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WINDOW_S = 0.8
"""A syllable takes some 0.2 s; over four of them lips that speak have opened and closed. Heuristic."""
LONGEST_STEP_S = 0.5
"""Pictures further apart say nothing about movement between them."""
LEAST_ACTIVITY = 0.15
"""Widths between the eye corners a second. Of three real faces that do not speak, 99 % of the time lies below 0.09 to
0.17; syllables that open a mouth by a twentieth of that width, four a second, make 0.4."""
MOST_ACTIVITY = 0.40
"""Lips that move so much speak, however lively they are otherwise. Heuristic."""
ABOVE_REST = 3.0
"""Lips speak when they move this many times as much as in silence. Heuristic."""
LEAST_REST_S = 2.0


@dataclass(frozen=True, eq=False)
class Lips:
    """The lips of one person over time; arrays have a row per picture."""

    track: Track

    @cached_property
    def activity(self) -> Floats:
        """Mean speed of opening and closing around each picture, in widths between the outer eye corners a second.

        NaN where the face is not measured.
        """
        lips, times = self.track["lips"], self.track.clock.times_s
        if len(times) < 2:
            return np.full(len(times), np.nan)
        step, change = np.diff(times), np.abs(np.diff(lips))
        known = np.isfinite(change) & (step <= LONGEST_STEP_S) & (step > 0)
        moved, spent = (np.concatenate([[0.0], np.cumsum(np.where(known, each, 0.0))]) for each in (change, step))
        # Changes lie between pictures: those whose later picture is in the window count.
        first = np.maximum(np.searchsorted(times, times - WINDOW_S / 2), 0)
        last = np.searchsorted(times, times + WINDOW_S / 2, side="right") - 1
        with np.errstate(invalid="ignore", divide="ignore"):
            activity = (moved[last] - moved[first]) / (spent[last] - spent[first])
        return np.asarray(np.where(self.track.measured, activity, np.nan))

    def threshold(self, silent: Mask) -> float:
        """The activity from which the lips speak, from how they are in silence. ``silent``: per picture."""
        quiet = silent & np.isfinite(self.activity)
        if float(self.track.clock.held_s[quiet].sum()) < LEAST_REST_S:
            return LEAST_ACTIVITY
        rest = float(np.median(self.activity[quiet]))
        return min(max(ABOVE_REST * rest, LEAST_ACTIVITY), MOST_ACTIVITY)
