"""Moments somebody may want to look at. Cues with their time and how sure they are, and no verdict about anybody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.metrics.speaking import listened
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen
from sightline.detectors.person.reading_like import ReadingLikeDetector
from sightline.timeline.event import Event, Scalar

GROUP = "cues"
LEAST_S = 1.0


def second_face_share(scene: Scene) -> Reading:
    """Share of the time with two faces or more in the picture. A picture on the wall counts as a face."""
    return _share(scene, "second_face", _looked(scene))


def face_missing_share(scene: Scene) -> Reading:
    """Share of the time in which no face is found. A hand, darkness or a turned head hide a face."""
    return _share(scene, "face_missing", _looked(scene))


def second_voice_share(scene: Scene) -> Reading:
    """Share of the time with somebody else's voice. An interviewer's is one."""
    scene.spoken.require_voice()
    by = scene.spoken.told_by
    if by is None or by == "voice":
        raise Unmeasured("interview.no_speech" if by is None else "interview.voices_not_told_apart", absent=by is None)
    return _share(scene, "second_voice", listened(scene))


def reading_like_share(scene: Scene) -> Reading:
    """Share of the time in which the eyes move as they do when reading. Notes, captions and thinking look alike."""
    person = scene.whole.person
    scene.whole.require(ReadingLikeDetector())
    return _share(scene, "reading_like", Seen(scene, person.clock, person.measured))


def _looked(scene: Scene) -> Seen:
    """The pictures in which faces were looked for."""
    clock = scene.whole.tracks.clock
    return Seen(scene, clock, np.ones(len(clock), np.bool_))


def _share(scene: Scene, kind: str, seen: Seen) -> Reading:
    events: tuple[Event, ...] = tuple(
        event for event in scene.whole.timeline.events_of(kind) if event.span.overlap(scene.span) > 0
    )
    details: dict[str, Scalar] = {}
    if events:
        details["confidence"] = round(max(event.confidence for event in events), 2)
    reading = seen.share(scene.cut(kind).hold(seen.clock.times_s), spans=longest(events), least_s=LEAST_S)
    return replace(reading, n=len(events), details=details)


METRICS = (
    Definition("second_face_share", GROUP, "share", "cues/1", second_face_share, ("faces",)),
    Definition("face_missing_share", GROUP, "share", "cues/1", face_missing_share, ("faces",)),
    Definition("second_voice_share", GROUP, "share", "cues/1", second_voice_share, ("voice",)),
    Definition("reading_like_share", GROUP, "share", "cues/1", reading_like_share, ("faces",)),
)
