"""Where the person looks: against their own usual direction, in zones, never as a point on a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen
from sightline.desks.judgement import Reference
from sightline.detectors.person.gaze import Zone
from sightline.detectors.person.gaze_away import GazeAwayDetector

GROUP = "gaze"
ONSET_LEAST_S = 1.0
BCEA_SHARE = 0.682
"""Share of the gaze inside the ellipse, as the measure is usually given."""
ON_CAMERA = Reference(0.6, None, "heuristic: the share the older system asked for; norms differ between cultures")
GLANCES = Reference(None, 30.0, "heuristic")
STEADY = Reference(None, 10.0, "heuristic; gaze from a webcam is itself off by 4 degrees and more")


def on_camera_share(scene: Scene) -> Reading:
    """Share of the time with the gaze near the usual direction. The first 3 s of an answer, in which people look away
    to think, are told by themselves in `on_camera_share_onset`."""
    return _zone(scene, Zone.CAMERA, _after_onsets(scene))


def on_camera_share_onset(scene: Scene) -> Reading:
    """The same, of the first 3 s of every answer."""
    scene.spoken.require_voice()
    gaze = scene.whole.gaze
    seen = Seen(scene, scene.whole.person.clock, gaze.known, scene.onsets)
    return seen.share(gaze.on_camera, least_s=ONSET_LEAST_S)


def screen_zone_share(scene: Scene) -> Reading:
    """Share of the time with the gaze beside the usual direction, yet where a screen reaches."""
    return _zone(scene, Zone.SCREEN, None)


def off_screen_share(scene: Scene) -> Reading:
    """Share of the time with the gaze beyond where a screen reaches."""
    return _zone(scene, Zone.OFF_SCREEN, None)


def glances_per_min(scene: Scene) -> Reading:
    """Looks away of 0.3 s and longer a minute."""
    scene.whole.require(GazeAwayDetector())
    seen = Seen(scene, scene.whole.person.clock, scene.whole.gaze.known)
    return seen.rate(scene.events("gaze_away"))


def longest_glance(scene: Scene) -> Reading:
    """The longest look away, in s; 0 without any."""
    scene.whole.require(GazeAwayDetector())
    seen = Seen(scene, scene.whole.person.clock, scene.whole.gaze.known)
    seen.require()
    glances = scene.events("gaze_away")
    most = max((float(glance.span.duration) for glance in glances), default=0.0)
    return Reading(most, len(glances), seen.coverage, spans=longest(glances, 1))


def median_dwell(scene: Scene) -> Reading:
    """How long the gaze stays on camera at a time, the middle of all such stays, in s."""
    person, gaze = scene.whole.person, scene.whole.gaze
    seen = Seen(scene, person.clock, gaze.known)
    seen.require()
    # A blink does not end a stay.
    stays = person.clock.runs_lasting(gaze.on_camera & scene.pictures, 0.0, bridge_s=0.3)
    if not stays:
        raise Unmeasured("interview.none_found")
    lengths = [person.clock.seconds_of(first, last) for first, last in stays]
    return Reading(float(np.median(lengths)), len(stays), seen.coverage)


def gaze_sd(scene: Scene) -> Reading:
    """How far the gaze wanders while it is on camera: root of the summed variances of both directions, in degrees."""
    gaze, clock = scene.whole.gaze, scene.whole.person.clock
    reading = Seen(scene, clock, gaze.on_camera).spread(gaze.yaw, gaze.pitch)
    # Looking away is measured too: only gaze that is not known is missing.
    return replace(reading, coverage=Seen(scene, clock, gaze.known).coverage)


def gaze_bcea(scene: Scene) -> Reading:
    """Area of the ellipse that holds 68 % of the gaze on camera, in square degrees (bivariate contour ellipse area)."""
    gaze = scene.whole.gaze
    seen = Seen(scene, scene.whole.person.clock, gaze.on_camera)
    seen.require()
    weights = seen.weights[seen.rows]
    spread = np.cov(seen.of(gaze.yaw), seen.of(gaze.pitch), aweights=weights, ddof=0)
    area = 2 * np.pi * -np.log(1 - BCEA_SHARE) * np.sqrt(max(0.0, float(np.linalg.det(spread))))
    return Reading(float(area), seen.count, Seen(scene, seen.clock, gaze.known).coverage)


def legacy_segments(scene: Scene) -> Reading:
    """Looks away, not divided by anything, as an older system counted them."""
    scene.whole.require(GazeAwayDetector())
    seen = Seen(scene, scene.whole.person.clock, scene.whole.gaze.known)
    seen.require()
    glances = scene.events("gaze_away")
    return Reading(float(len(glances)), len(glances), seen.coverage)


def _zone(scene: Scene, zone: Zone, among: Intervals | None) -> Reading:
    gaze, person = scene.whole.gaze, scene.whole.person
    glances = scene.events("gaze_away")
    if zone is not Zone.CAMERA:
        glances = tuple(glance for glance in glances if glance.evidence.get("zone") == zone.name.lower())
    among = _unasked(scene, among)
    reading = Seen(scene, person.clock, gaze.known, among).share(gaze.zone == zone, spans=longest(glances))
    return replace(reading, details={"axis_from": str(gaze.axis_from)})


def _after_onsets(scene: Scene) -> Intervals | None:
    return Intervals.of([(scene.start, scene.end)]).without(scene.onsets) if len(scene.onsets) else None


def _unasked(scene: Scene, among: Intervals | None) -> Intervals | None:
    """The same without the calibration: there the person looked where they were told to."""
    calibration = scene.whole.options.calibration
    if calibration is None:
        return among
    time = Intervals.of([(scene.start, scene.end)]) if among is None else among
    return time.without(Intervals.of_spans([calibration]))


METRICS = (
    Definition("on_camera_share", GROUP, "share", "gaze/1", on_camera_share, ("faces",), ON_CAMERA),
    Definition("on_camera_share_onset", GROUP, "share", "gaze/1", on_camera_share_onset, ("faces", "voice")),
    Definition("screen_zone_share", GROUP, "share", "gaze/1", screen_zone_share, ("faces",)),
    Definition("off_screen_share", GROUP, "share", "gaze/1", off_screen_share, ("faces",)),
    Definition("glances_per_min", GROUP, "1/min", "gaze/1", glances_per_min, ("faces",), GLANCES),
    Definition("longest_glance", GROUP, "s", "gaze/1", longest_glance, ("faces",)),
    Definition("median_dwell", GROUP, "s", "gaze/1", median_dwell, ("faces",)),
    Definition("gaze_sd", GROUP, "deg", "gaze/1", gaze_sd, ("faces",), STEADY),
    Definition("gaze_bcea", GROUP, "deg2", "gaze/1", gaze_bcea, ("faces",)),
    Definition("legacy_segments", GROUP, "count", "legacy/1", legacy_segments, ("faces",), only_asked=True),
)
