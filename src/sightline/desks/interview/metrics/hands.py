"""Hands: gestures, whether they can be seen, and touches of the face."""

from __future__ import annotations

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen
from sightline.detectors.person.face_tracks import Clock
from sightline.detectors.person.gesture import GestureDetector
from sightline.detectors.person.self_touch import SelfTouchDetector
from sightline.timeline.columns import Columns

GROUP = "posture"


def gestures_per_min(scene: Scene) -> Reading:
    """Gestures a minute of the time in which a wrist is in the picture."""
    scene.whole.require(GestureDetector())
    body = scene.whole.body
    wrists = np.isfinite(body.x("wrist_left")) | np.isfinite(body.x("wrist_right"))
    return Seen(scene, body.clock, wrists).rate(scene.events("gesture"))


def hands_visible_share(scene: Scene) -> Reading:
    """Share of the time with at least one hand in the picture."""
    columns = scene.whole.columns("hands")
    clock, there = _hands(columns)
    return Seen(scene, clock, np.ones(len(clock), np.bool_)).share(there)


def self_touch_per_min(scene: Scene) -> Reading:
    """Hands at the face a minute. A picture has no depth: a hand in front of the face counts too."""
    columns = scene.whole.columns("hands")
    scene.whole.require(SelfTouchDetector())
    clock, _ = _hands(columns)
    # Where the face was not seen nobody knows what the hands touched.
    person = scene.whole.person
    picture = np.searchsorted(person.clock.times_s, clock.times_s + 1e-6, side="right") - 1
    seen = (picture >= 0) & person.present[np.maximum(picture, 0)]
    return Seen(scene, clock, seen).rate(scene.events("self_touch"))


def _hands(columns: Columns) -> tuple[Clock, np.ndarray]:
    """The clock of the pictures, and whether a hand was found in each."""
    ticks, picture = np.unique(columns.ticks, return_inverse=True)
    there = np.bincount(picture, columns["hand"] >= 0, len(ticks)) > 0
    return Clock(ticks, columns.end, columns.time_base), there


METRICS = (
    Definition("gestures_per_min", GROUP, "1/min", "hands/1", gestures_per_min, ("pose",)),
    Definition("hands_visible_share", GROUP, "share", "hands/1", hands_visible_share, ("hands",)),
    Definition("self_touch_per_min", GROUP, "1/min", "hands/1", self_touch_per_min, ("faces", "hands")),
)
