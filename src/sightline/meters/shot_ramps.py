"""Gradual transitions that end at the newest picture, told from distances alone.

Between an old picture A and a new one B at squared distance D², let q and r be the squared distances of a picture M
in between to A and to B, over D². ``a = (1 + q - r) / 2`` is how far M has come. In a dissolve M lies on the straight
line from A to B, so ``q = a²``. In a wipe M is A here and B there, so ``q = a``. Motion leads through pictures far from
both, ``q`` about 1 at ``a`` about one half. So the remainder ``q - a²`` names the kind: 0, ``a(1-a)``, or much more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.meters.shot_past import CAPACITY, Past

LONGEST_S = 1.9
"""Transitions up to this long are seen; the meter looks back two seconds."""
LEAST_CODES = 12.0
"""Two pictures closer than this (RMS of the tiny pictures) are not looked at as two sides of a transition."""
DISSOLVE_ERROR = 0.10
"""Mean remainder plus weighted departure from an even pace at which a dissolve's score is zero."""
WIPE_ERROR = 0.12
PACE_WEIGHT = 4.0
WIPE_PACE_WEIGHT = 0.5
MOST_LEAP = 0.5
"""One step that makes more of the way than this is a cut."""
MOST_MIDDLES = 12
_LENGTHS_IN_FULL = 16


@dataclass(frozen=True, slots=True)
class Ramp:
    """The best transition of a kind that has just ended."""

    score: float
    """Distance of its two sides in codes, times how well it fits (0 to 1); 0 when there is none."""
    pictures: int
    """From the last old picture to the newest: one more than there are mixed pictures."""


def ramps(past: Past) -> tuple[Ramp, Ramp]:
    """The best dissolve and the best wipe that end at the newest picture."""
    values = past.tiny_values
    d_score, d_length, w_score, w_length = _best_ramps(
        past.distances, past.starts_s, past.count, len(past), values * LEAST_CODES**2
    )
    scale = values**-0.5
    return Ramp(float(d_score * scale), int(d_length)), Ramp(float(w_score * scale), int(w_length))


@compiled
def _best_ramps(
    distances: npt.NDArray[np.int64], starts_s: npt.NDArray[np.float64], seen: int, count: int, least: float
) -> tuple[float, int, float, int]:
    dissolve, dissolve_length, wipe, wipe_length = 0.0, 0, 0.0, 0
    newest = (seen - 1) % CAPACITY
    length = 2
    while length < count:
        oldest = (seen - 1 - length) % CAPACITY
        lasts_s = starts_s[newest] - starts_s[oldest]
        if lasts_s > LONGEST_S:
            break
        whole = float(distances[oldest, newest])
        if whole >= least:
            stride = max(1, (length - 1) // MOST_MIDDLES)
            used, straight, patched, uneven, falls, before, leap = 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for age in range(length - 1, 0, -stride):
                middle = (seen - 1 - age) % CAPACITY
                q, r = distances[oldest, middle] / whole, distances[middle, newest] / whole
                come = (1.0 + q - r) / 2.0
                rest = q - come * come
                straight += abs(rest)
                patched += abs(rest - come * (1.0 - come))
                even = (starts_s[middle] - starts_s[oldest]) / lasts_s
                uneven += (come - even) ** 2
                falls += max(0.0, before - come)
                leap = max(leap, come - before)
                before = come
                used += 1
            leap = max(leap, 1.0 - before)
            straight, patched, uneven = straight / used, patched / used, uneven / used
            reach = whole**0.5
            if length > 2 and leap <= MOST_LEAP:
                score = reach * (1.0 - (straight + PACE_WEIGHT * uneven) / DISSOLVE_ERROR)
                if score > dissolve:
                    dissolve, dissolve_length = score, length
                score = reach * (1.0 - (patched + WIPE_PACE_WEIGHT * uneven + falls) / WIPE_ERROR)
                if score > wipe:
                    wipe, wipe_length = score, length
        length += max(1, length // _LENGTHS_IN_FULL)
    return dissolve, dissolve_length, wipe, wipe_length
