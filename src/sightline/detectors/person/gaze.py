"""Where the main person looks, against the direction they look in for most of the time.

Whoever looks at the lens does not measure 0 degrees: eyes, lids and cameras differ. The zero is learned, from a
calibration stretch when one is given, otherwise as the usual direction while speaking, or of the whole where nobody was
heard. So somebody who speaks to the wall throughout measures as on camera; a calibration stretch tells them apart.
Errors of 4 degrees and more are usual for gaze from a webcam: zones are told, never points on a screen. On small faces
eyes measure as less turned than they are (benchmarks/accuracy/blinks.py), so looks by the eyes alone are rather missed
than invented; turns of the head are measured in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from sightline.detectors.person.baselines import speaking_at, usual_direction
from sightline.detectors.person.eyes import Closing, eyes_of
from sightline.detectors.person.face_tracks import FACES, Track
from sightline.detectors.person.smoothing import held, median_of_three, stretches
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GazeLimits:
    """Zones around the usual direction. All heuristic."""

    camera_deg: float = 10.0
    """On camera up to here."""
    camera_leave_deg: float = 12.0
    """Still on camera up to here for whoever was."""
    screen_deg: float = 20.0
    """A screen reaches about so far: an interviewer's face on it is typically 5 to 15 degrees below the lens."""
    least_speaking_s: float = 5.0
    """The usual direction is taken while speaking when so much of that was seen."""
    calibration_start_s: float = 0.0
    calibration_end_s: float = 0.0
    """A stretch in which the person was asked to look into the lens; none when it is empty."""


GAZE_LIMITS = GazeLimits()


class Zone(IntEnum):
    UNKNOWN = -1
    CAMERA = 0
    SCREEN = 1
    OFF_SCREEN = 2


class AxisFrom(StrEnum):
    CALIBRATION = "calibration"
    SPEAKING = "speaking"
    WHOLE = "whole"


@dataclass(frozen=True, eq=False)
class Gaze:
    """A row per picture; NaN and `Zone.UNKNOWN` where the eyes were shut or not measured."""

    yaw: Floats
    """Degrees from the usual direction, towards the right edge of the picture."""
    pitch: Floats
    """Degrees from the usual direction, upwards."""
    angle: Floats
    """Angle between the gaze and the usual direction in degrees."""
    zone: npt.NDArray[np.intp]
    axis_yaw: float
    axis_pitch: float
    """The usual direction as measured; NaN when there is none."""
    axis_from: AxisFrom

    @property
    def known(self) -> Mask:
        return np.asarray(self.zone != Zone.UNKNOWN)

    @property
    def on_camera(self) -> Mask:
        return np.asarray(self.zone == Zone.CAMERA)


def gaze_of(timeline: Timeline, track: Track, limits: GazeLimits = GAZE_LIMITS) -> Gaze:
    """The gaze of a person over time."""
    return timeline.once(("gaze", track.index, limits), (FACES, "voice"), lambda: _gaze_of(timeline, track, limits))


def _gaze_of(timeline: Timeline, track: Track, limits: GazeLimits) -> Gaze:
    yaw, pitch = track["gaze_yaw"], track["gaze_pitch"]
    shut = eyes_of(track).during(Closing.SHUT)
    known = np.isfinite(yaw) & np.isfinite(pitch) & ~_grown(shut)
    yaw, pitch = (_steadied(track, np.where(known, values, np.nan)) for values in (yaw, pitch))
    among, axis_from = _axis_rows(timeline, track, known, limits)
    axis_yaw, axis_pitch = usual_direction(yaw[among], pitch[among], track.clock.held_s[among])
    angle = _angle(yaw, pitch, axis_yaw, axis_pitch)
    with np.errstate(invalid="ignore"):
        zone = np.where(angle <= limits.screen_deg, Zone.SCREEN, Zone.OFF_SCREEN).astype(np.intp)
    # The first row after a stretch without gaze begins anew, so that nobody is on camera for having been a while ago.
    zone[held(-angle, -limits.camera_deg, -limits.camera_leave_deg)] = Zone.CAMERA
    zone[~np.isfinite(angle)] = Zone.UNKNOWN
    return Gaze(yaw - axis_yaw, pitch - axis_pitch, angle, zone, axis_yaw, axis_pitch, axis_from)


def _steadied(track: Track, values: Floats) -> Floats:
    """Without single wrong pictures: gaze from small faces jumps by degrees for one of them now and then."""
    steady = values.copy()
    for rows in stretches(track.clock.times_s, values):
        steady[rows] = median_of_three(values[rows])
    return steady


def _grown(mask: Mask) -> Mask:
    """One picture more on either side: lids pull at the iris before they cover it."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    return grown


def _axis_rows(timeline: Timeline, track: Track, known: Mask, limits: GazeLimits) -> tuple[Mask, AxisFrom]:
    clock = track.clock
    if limits.calibration_end_s > limits.calibration_start_s:
        inside = (clock.times_s >= limits.calibration_start_s) & (clock.times_s < limits.calibration_end_s)
        if (known & inside).any():
            return known & inside, AxisFrom.CALIBRATION
    speaking = speaking_at(timeline, clock)
    if speaking is not None and clock.held_s[known & speaking].sum() >= limits.least_speaking_s:
        return known & speaking, AxisFrom.SPEAKING
    return known, AxisFrom.WHOLE


def _angle(yaw: Floats, pitch: Floats, axis_yaw: float, axis_pitch: float) -> Floats:
    """Degrees between directions, on the sphere."""
    yaw, pitch, to_yaw, to_pitch = (np.radians(each) for each in (yaw, pitch, axis_yaw, axis_pitch))
    cosine = np.sin(pitch) * np.sin(to_pitch) + np.cos(pitch) * np.cos(to_pitch) * np.cos(yaw - to_yaw)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
