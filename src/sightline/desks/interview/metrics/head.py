"""How the head moves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen
from sightline.detectors.person.face_tracks import Track
from sightline.detectors.person.nod import NodDetector
from sightline.detectors.person.smoothing import MAX_GAP_S, band_passed

GROUP = "posture"
FASTEST_HZ = 2.0
"""Landmarks tremble faster than this, heads hardly move so."""


def head_motion(scene: Scene) -> Reading:
    """Mean angular speed of the head in degrees a second, without what is faster than 2 Hz."""
    person = scene.whole.person
    if len(person.clock) < 2:
        raise Unmeasured("interview.too_little")
    speed = scene.whole.once("head_speed", lambda: _speed(person))
    return Seen(scene, person.clock, np.isfinite(speed)).mean(np.nan_to_num(speed))


def _speed(person: Track) -> npt.NDArray[np.float64]:
    """Degrees a second from each picture to the next; NaN where that is not known."""
    times = person.clock.times_s
    angles = [band_passed(times, person[name], 0.0, FASTEST_HZ) for name in ("yaw", "pitch", "roll")]
    step = np.diff(times)
    speed = np.sqrt(sum(np.diff(angle) ** 2 for angle in angles)) / step
    return np.append(np.where(step <= MAX_GAP_S, speed, np.nan), np.nan)


def nods_per_min(scene: Scene) -> Reading:
    """Nods a minute."""
    return _rate(scene, "nod")


def head_shakes_per_min(scene: Scene) -> Reading:
    """Shakes of the head a minute."""
    return _rate(scene, "head_shake")


def _rate(scene: Scene, kind: str) -> Reading:
    person = scene.whole.person
    scene.whole.require(NodDetector())
    return Seen(scene, person.clock, person.measured).rate(scene.events(kind))


METRICS = (
    Definition("head_motion", GROUP, "deg/s", "head/1", head_motion, ("faces",)),
    Definition("nods_per_min", GROUP, "1/min", "head/1", nods_per_min, ("faces",)),
    Definition("head_shakes_per_min", GROUP, "1/min", "head/1", head_shakes_per_min, ("faces",)),
)
