"""What is usual for this person in this recording: every threshold of behaviour is held against it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.face_tracks import Clock
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FIRST_S = 30.0
"""A person's rest is taken from the first so many seconds that could be measured."""
SPEECH = 0.5
"""Probability from which the voice detector's answer counts as speech, as its authors use it."""
_REACH_DEG, _SPREAD_DEG = 60, 2.0


def rest_of(clock: Clock, values: Floats, among: Mask | None = None) -> float:
    """The median over the first `FIRST_S` seconds of known values; NaN when there are none."""
    known = np.isfinite(values) if among is None else np.isfinite(values) & among
    rows = np.flatnonzero(known)
    first = rows[np.cumsum(clock.held_s[rows]) <= FIRST_S]
    if not len(first):
        first = rows[:1]
    return float(np.median(values[first])) if len(first) else float("nan")


def speaking_at(timeline: Timeline, clock: Clock) -> Mask | None:
    """Whether somebody speaks in each picture: in at least half of its time. None where ``voice`` was not measured."""
    voice = timeline.columns.get("voice")
    if voice is None or not len(voice) or not len(clock):
        return None
    base = float(voice.time_base)
    edges = np.append(voice.ticks, voice.end) * base
    speech = np.append(0.0, np.cumsum(np.diff(edges) * (voice["speech"] >= SPEECH)))
    ends = clock.times_s + clock.held_s
    spoken = np.interp(ends, edges, speech) - np.interp(clock.times_s, edges, speech)
    return np.asarray(spoken >= clock.held_s / 2)


def usual_direction(yaw: Floats, pitch: Floats, seconds: Floats) -> tuple[float, float]:
    """Yaw and pitch at which a person looks for most of the time: the highest place of a map of 1 degree, smoothed with
    a Gaussian of 2 degrees, then the mean within twice as much around it. NaN twice when there is nothing to go by.
    """
    known = np.isfinite(yaw) & np.isfinite(pitch) & (np.hypot(yaw, pitch) < _REACH_DEG)
    if not known.any():
        return float("nan"), float("nan")
    yaw, pitch, seconds = yaw[known], pitch[known], seconds[known]
    edges = np.arange(-_REACH_DEG - 0.5, _REACH_DEG + 1.5)
    density, _, _ = np.histogram2d(yaw, pitch, (edges, edges), weights=seconds)
    reach = np.arange(-3 * _SPREAD_DEG, 3 * _SPREAD_DEG + 1)
    bell = np.exp(-0.5 * (reach / _SPREAD_DEG) ** 2)
    for axis in (0, 1):
        density = np.apply_along_axis(np.convolve, axis, density, bell, "same")
    at_yaw, at_pitch = (int(place) - _REACH_DEG for place in np.unravel_index(density.argmax(), density.shape))
    near = np.hypot(yaw - at_yaw, pitch - at_pitch) <= 2 * _SPREAD_DEG
    if not near.any():
        return float(at_yaw), float(at_pitch)
    return float(np.average(yaw[near], weights=seconds[near])), float(np.average(pitch[near], weights=seconds[near]))
