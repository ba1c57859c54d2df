"""Blinks: how often, by what the person is doing, and how long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen, mean_of_events
from sightline.desks.judgement import Reference
from sightline.detectors.person.blink import BlinkDetector

GROUP = "face"
SPEAKING = Reference(10.5, 32.5, "95 % range in conversation: Doughty, Optometry and Vision Science 78 (2001)")
LISTENING = Reference(8.0, 21.0, "95 % range while looking ahead in silence: Doughty (2001)")
LEAST_S = 20.0
"""At the lower edge of conversation, 10.5 a minute, no blink at all falls into 20 s once in 33 times, and into 10 s
once in 6: less says little. Of blinks that come independently of each other; heuristic."""
DURATION = Reference(100.0, 400.0, "Usual length of a blink, as the measurement literature puts it (heuristic edges)")


def blink_rate(scene: Scene) -> Reading:
    """Blinks a minute of the time in which one would have been noticed."""
    return _rate(scene, None)


def blink_rate_speaking(scene: Scene) -> Reading:
    """The same in the person's turns. Reading aloud blinks far less: about 4.5 a minute (Bentivoglio 1997)."""
    scene.spoken.require_voice()
    return _rate(scene, scene.own_turns)


def blink_rate_listening(scene: Scene) -> Reading:
    """The same outside the person's turns."""
    scene.spoken.require_voice()
    return _rate(scene, scene.listening)


def _rate(scene: Scene, among: Intervals | None) -> Reading:
    person = scene.whole.person
    scene.whole.require(BlinkDetector())
    blinks = scene.events("blink")
    if among is not None:
        inside = among.hold(np.array([float(blink.span.middle) for blink in blinks]))
        blinks = tuple(blink for blink, kept in zip(blinks, inside.tolist(), strict=True) if kept)
    return Seen(scene, person.clock, _countable(scene), among).rate(blinks, least_s=LEAST_S)


def blink_duration(scene: Scene) -> Reading:
    """Mean length of a blink, from half-way shut to half-way open, in ms, of those seen to begin and to end.

    The quality says how far the picture rate is from the 25 Hz that timing a blink takes.
    """
    person = scene.whole.person
    scene.whole.require(BlinkDetector())
    blinks = tuple(blink for blink in scene.events("blink") if "cut_off" not in blink.labels)
    lengths = np.array([1000 * float(blink.evidence["value"] or 0.0) for blink in blinks])
    seen = Seen(scene, person.clock, _countable(scene))
    reading = mean_of_events(scene, blinks, lengths, seen.coverage)
    hertz = person.frame_rate_seen
    step = {"resolution_ms": round(1000 / hertz)} if hertz > 0 else {}
    return replace(reading, quality=min(1.0, hertz / BlinkDetector().timing_rate_hz), details=step)


def _countable(scene: Scene) -> npt.NDArray[np.bool_]:
    """Pictures in which a blink would have been noticed."""
    return scene.whole.once("countable", lambda: scene.whole.eyes.countable)


METRICS = (
    Definition("blink_rate", GROUP, "1/min", "blink/1", blink_rate, ("faces",)),
    Definition("blink_rate_speaking", GROUP, "1/min", "blink/1", blink_rate_speaking, ("faces", "voice"), SPEAKING),
    Definition("blink_rate_listening", GROUP, "1/min", "blink/1", blink_rate_listening, ("faces", "voice"), LISTENING),
    Definition("blink_duration", GROUP, "ms", "blink/1", blink_duration, ("faces",), DURATION),
)
