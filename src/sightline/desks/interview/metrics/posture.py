"""Posture against the person's own first 30 seconds, in degrees and shoulder widths."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen
from sightline.desks.judgement import Reference
from sightline.detectors.person.body import Body
from sightline.detectors.person.lean import LeanDetector
from sightline.detectors.person.posture import PostureDetector

GROUP = "posture"
Floats = npt.NDArray[np.float64]
TILT = Reference(None, 5.0, "heuristic: up to 5 degrees are ordinary")
UPRIGHT = Reference(0.8, None, "heuristic")


def shoulder_tilt(scene: Scene) -> Reading:
    """Mean slope of the shoulders, to either side, in degrees."""
    body = _body(scene)
    tilt = scene.whole.once("tilt", lambda: np.abs(body.smoothed(body.tilt_deg)))
    return Seen(scene, body.clock, np.isfinite(tilt)).mean(np.nan_to_num(tilt))


def slouch_share(scene: Scene) -> Reading:
    """Share of the time with the ears at least 15 % nearer to the shoulders than usual, for 3 s and longer."""
    return _share_of(scene, "slouch")


def tilted_share(scene: Scene) -> Reading:
    """Share of the time with the shoulders turned by 10 degrees from where they usually are, for 5 s and longer."""
    return _share_of(scene, "shoulder_tilt")


def lean_share(scene: Scene) -> Reading:
    """Share of the time noticeably nearer to the camera, or further away, than usual."""
    person = scene.whole.person
    scene.whole.require(LeanDetector())
    leaning = scene.cut("lean").hold(person.clock.times_s)
    return Seen(scene, person.clock, np.isfinite(person["z_cm"])).share(leaning, spans=longest(scene.events("lean")))


def upright_share(scene: Scene) -> Reading:
    """Share of the time neither slouched nor tilted: sitting as at the beginning."""
    body = _body(scene)
    off = scene.cut("slouch", "shoulder_tilt").hold(body.clock.times_s)
    spans = longest(scene.events("slouch", "shoulder_tilt"))
    # Without the ears nobody can tell a slouch: such pictures say nothing, and not that all is well.
    known = np.isfinite(body.uprightness) & np.isfinite(body.tilt_deg)
    return Seen(scene, body.clock, known).share(~off, spans=spans)


def sway(scene: Scene) -> Reading:
    """How far the middle of the shoulders wanders sideways: standard deviation as a share of the shoulders' width."""
    body = _body(scene)
    middle = (body.x("shoulder_left") + body.x("shoulder_right")) / 2 / float(np.nanmedian(body.shoulder_width))
    known = np.isfinite(middle)
    return Seen(scene, body.clock, known).spread(np.where(known, middle, 0.0))


def _share_of(scene: Scene, kind: str) -> Reading:
    body = _body(scene)
    off = scene.cut(kind).hold(body.clock.times_s)
    known = np.isfinite(body.uprightness if kind == "slouch" else body.tilt_deg)
    return Seen(scene, body.clock, known).share(off, spans=longest(scene.events(kind)))


def _body(scene: Scene) -> Body:
    """Raises `Unmeasured` where posture cannot be told."""
    scene.whole.require(PostureDetector())
    return scene.whole.body


METRICS = (
    Definition("upright_share", GROUP, "share", "posture/1", upright_share, ("pose",), UPRIGHT),
    Definition("shoulder_tilt", GROUP, "deg", "posture/1", shoulder_tilt, ("pose",), TILT),
    Definition("slouch_share", GROUP, "share", "posture/1", slouch_share, ("pose",)),
    Definition("tilted_share", GROUP, "share", "posture/1", tilted_share, ("pose",)),
    Definition("lean_share", GROUP, "share", "posture/1", lean_share, ("faces",)),
    Definition("sway", GROUP, "shoulder_widths", "posture/1", sway, ("pose",)),
)
