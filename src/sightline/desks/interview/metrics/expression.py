"""What the face does, and nothing of what it may mean.

Channels that MediaPipe's blendshapes hardly move (cheekSquint, noseSneer, cheekPuff, mouthFrown, eyeWide) are not used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene, longest
from sightline.desks.interview.series import Seen
from sightline.detectors.person.baselines import rest_of
from sightline.detectors.person.brow import BrowDetector
from sightline.detectors.person.face_tracks import Track
from sightline.detectors.person.smile import SmileDetector
from sightline.detectors.person.smoothing import held

GROUP = "face"
Mask = npt.NDArray[np.bool_]
ANIMATED = (
    ("mouthSmileLeft", "mouthSmileRight"),
    ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    ("browDownLeft", "browDownRight"),
    ("mouthPressLeft", "mouthPressRight"),
)  # fmt: skip
"""Channels that move with expression; those that speaking itself moves (jaw, lips) are left out."""
NOTICEABLE = 0.15
"""Over the person's rest, as a share of the full range. Heuristic."""
PRESSED_ON, PRESSED_OFF = 0.25, 0.15
"""Lips pressed, over the person's rest. Heuristic."""
SUSTAINED_S = 1.0
"""Shorter presses belong to consonants, shorter frowns to a word. Heuristic."""


def smile_share(scene: Scene) -> Reading:
    """Share of the time with a smile that can be seen, of at least 0.4 s each."""
    person = scene.whole.person
    scene.whole.require(SmileDetector())
    smiling = scene.cut("smile").hold(person.clock.times_s)
    return Seen(scene, person.clock, person.measured).share(smiling, spans=longest(scene.events("smile")))


def smiles_per_min(scene: Scene) -> Reading:
    """Smiles a minute."""
    person = scene.whole.person
    scene.whole.require(SmileDetector())
    return Seen(scene, person.clock, person.measured).rate(scene.events("smile"))


def animation(scene: Scene) -> Reading:
    """Share of the time in which smile, brows or mouth are noticeably away from the person's own rest."""
    person = scene.whole.person
    moved, known = scene.whole.once("animation", lambda: _animated(person))
    if not known.any():
        raise Unmeasured("interview.no_face")
    return Seen(scene, person.clock, known).share(moved)


def _animated(person: Track) -> tuple[Mask, Mask]:
    """Where something is away from rest, and where that is known."""
    moved, known = np.zeros(len(person.clock), np.bool_), np.zeros(len(person.clock), np.bool_)
    for names in ANIMATED:
        signal = person.mean_of(*names)
        known |= np.isfinite(signal)
        moved |= np.nan_to_num(np.abs(signal - rest_of(person.clock, signal))) > NOTICEABLE
    return moved, known


def brow_activity(scene: Scene) -> Reading:
    """Raised and lowered brows a minute."""
    person = scene.whole.person
    scene.whole.require(BrowDetector())
    return Seen(scene, person.clock, person.measured).rate(scene.events("brow_raise", "brow_lower"))


def visible_tension(scene: Scene) -> Reading:
    """Share of the time with brows lowered, or lips pressed, for a second or longer.

    People concentrate, listen and squint like that too: it says what can be seen, not what is felt.
    """
    person = scene.whole.person
    scene.whole.require(BrowDetector())
    # Also those whose middle lies in another answer: their time in this one counts here.
    long = (event for event in scene.whole.timeline.events_of("brow_lower") if event.span.duration >= SUSTAINED_S)
    frowns = tuple(event for event in long if event.span.overlap(scene.span) > 0)
    pressed = scene.whole.once("pressed", lambda: _pressed(person))
    tense = Intervals.of_spans(e.span for e in frowns).hold(person.clock.times_s) | pressed
    return Seen(scene, person.clock, person.measured).share(tense, spans=longest(frowns))


def _pressed(person: Track) -> Mask:
    signal = person.mean_of("mouthPressLeft", "mouthPressRight")
    over = held(signal - rest_of(person.clock, signal), PRESSED_ON, PRESSED_OFF)
    pressed = np.zeros(len(person.clock), np.bool_)
    for first, last in person.clock.runs_lasting(over, SUSTAINED_S):
        pressed[first:last] = True
    return pressed


METRICS = (
    Definition("smile_share", GROUP, "share", "expression/1", smile_share, ("faces",)),
    Definition("smiles_per_min", GROUP, "1/min", "expression/1", smiles_per_min, ("faces",)),
    Definition("animation", GROUP, "share", "expression/1", animation, ("faces",)),
    Definition("brow_activity", GROUP, "1/min", "expression/1", brow_activity, ("faces",)),
    Definition("visible_tension", GROUP, "share", "expression/1", visible_tension, ("faces",)),
)
