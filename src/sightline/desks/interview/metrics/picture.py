"""How the person is placed and lit in the picture: the recording, not the person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen
from sightline.desks.judgement import Reference
from sightline.detectors.person.face_quality import quality_of
from sightline.detectors.person.framing import FramingDetector, Placing, placing_of

GROUP = "picture"
LIGHT = Reference(0.20, 0.90, "heuristic: mean luma of the face")
SIZE = Reference(0.15, 0.35, "heuristic: composition of a picture of somebody who talks to a camera")
EYES = Reference(0.30, 0.45, "heuristic: the same")


def face_coverage(scene: Scene) -> Reading:
    """Share of the time in which the person's face was measured: what all that is told of it rests on."""
    person = scene.whole.person
    everything = np.ones(len(person.clock), np.bool_)
    return Seen(scene, person.clock, everything).share(person.measured, least_s=1.0)


def eye_line(scene: Scene) -> Reading:
    """Mean height of the eyes from the top, as a share of the picture."""
    return _mean(scene, _placing(scene).eye_line)


def face_size(scene: Scene) -> Reading:
    """Mean width of the face as a share of the picture."""
    return _mean(scene, _placing(scene).face_width)


def framing_share(scene: Scene) -> Reading:
    """Share of the time with the eyes at 30 to 45 % of the height and the face 15 to 35 % of the width."""
    placing, limits = _placing(scene), FramingDetector()
    with np.errstate(invalid="ignore"):
        eyes = (placing.eye_line >= limits.least_eye_line) & (placing.eye_line <= limits.most_eye_line)
        size = (placing.face_width >= limits.least_width) & (placing.face_width <= limits.most_width)
    seen = Seen(scene, scene.whole.person.clock, np.isfinite(placing.face_width))
    return seen.share(eyes & size, spans=longest(scene.events("framing")))


def face_light(scene: Scene) -> Reading:
    """Mean brightness of the face, 0 black to 1 white."""
    return _mean(scene, scene.whole.once("luma", lambda: scene.whole.person["luma"]))


def face_quality(scene: Scene) -> Reading:
    """How well the face could be seen, 0 to 1: the worst of size, turn, light and sharpness, on the mean."""
    return _mean(scene, scene.whole.once("quality", lambda: quality_of(scene.whole.tracks, scene.whole.person).overall))


def _placing(scene: Scene) -> Placing:
    return scene.whole.once("placing", lambda: placing_of(scene.whole.person))


def _mean(scene: Scene, values: npt.NDArray[np.float64]) -> Reading:
    known = np.isfinite(values)
    if not known.any():
        raise Unmeasured("interview.no_face")
    return Seen(scene, scene.whole.person.clock, known).mean(np.where(known, values, 0.0))


METRICS = (
    Definition("face_coverage", GROUP, "share", "picture/1", face_coverage, ("faces",)),
    Definition("framing_share", GROUP, "share", "picture/1", framing_share, ("faces",)),
    Definition("eye_line", GROUP, "share", "picture/1", eye_line, ("faces",), EYES),
    Definition("face_size", GROUP, "share", "picture/1", face_size, ("faces",), SIZE),
    Definition("face_light", GROUP, "share", "picture/1", face_light, ("faces",), LIGHT),
    Definition("face_quality", GROUP, "share", "picture/1", face_quality, ("faces",)),
)
