"""What an expression classifier makes of the face: only where the policy allows it and somebody asked for it.

The classifier is right for about 6 faces of 10 (AffectNet, 8 classes: 61 %), and a face does not tell a feeling: people
scowl in about a third of their anger and for other reasons besides (Barrett et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.definition import Definition
from sightline.desks.interview.reading import Reading, Unmeasured
from sightline.desks.interview.scene import Scene
from sightline.desks.interview.series import Seen
from sightline.detectors.person.face_tracks import Track
from sightline.timeline.columns import Columns

GROUP = "emotion"
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
CLASSES = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
NEGATIVE = ("sadness", "anger", "fear", "disgust")
"""Surprise is neither."""
LEGACY_NEGATIVE = ("sadness", "anger", "fear", "disgust", "surprise")
SMOOTHED_S = 1.0
TRUST = 0.61
"""Share of faces the classifier gets right, told as the quality of everything made of it."""


def _share_of(name: str) -> Callable[[Scene], Reading]:
    def of(scene: Scene) -> Reading:
        columns, known = _rows(scene)
        return _with_trust(Seen(scene, scene.whole.clock("emotion"), known).mean(_values(columns, name)))

    of.__doc__ = f"Mean probability of {name} over time."
    return of


def emotion_negative(scene: Scene) -> Reading:
    """Mean probability of sadness, anger, fear and disgust together, over the person's own usual value."""
    columns, known = _rows(scene)
    over, usual = scene.whole.once("emotion_negative", lambda: _over_usual(columns, known))
    reading = Seen(scene, scene.whole.clock("emotion"), known).mean(over)
    return replace(_with_trust(reading), details={"usual": round(usual, 4)})


def _over_usual(columns: Columns, known: Mask) -> tuple[Floats, float]:
    """How far what looks negative is over its own median of the whole recording, and that median."""
    together = np.sum([_values(columns, name) for name in NEGATIVE], axis=0)
    smooth = _smoothed(np.where(known, together, np.nan), columns)
    usual = float(np.median(smooth[known]))
    return np.maximum(0.0, np.where(known, smooth, usual) - usual), usual


def legacy_negative_share(scene: Scene) -> Reading:
    """Share of the pictures whose likeliest class is sadness, anger, fear, disgust or surprise, as an older system
    counted them."""
    columns, known = _rows(scene)
    likeliest = np.argmax(np.stack([_values(columns, name) for name in CLASSES]), axis=0)
    negative = np.isin(likeliest, [CLASSES.index(name) for name in LEGACY_NEGATIVE])
    return _with_trust(Seen(scene, scene.whole.clock("emotion"), known).share(negative))


def legacy_happy_confidence(scene: Scene) -> Reading:
    """Mean probability of happiness over the pictures whose likeliest class it is, 0 without any: one is enough."""
    columns, known = _rows(scene)
    seen = Seen(scene, scene.whole.clock("emotion"), known)
    seen.require()
    happiness = _values(columns, "happiness")
    likeliest = np.max(np.stack([_values(columns, name) for name in CLASSES]), axis=0)
    happy = seen.of(happiness)[seen.of(happiness >= likeliest)]
    return _with_trust(Reading(float(happy.mean()) if len(happy) else 0.0, seen.count, seen.coverage))


def _rows(scene: Scene) -> tuple[Columns, Mask]:
    """The rows, and which of them are of the person."""
    columns = scene.whole.columns("emotion")
    known = scene.whole.once("emotion_rows", lambda: _of_person(columns, scene.whole.person))
    if not known.any():
        raise Unmeasured("interview.no_face")
    return columns, known


def _of_person(columns: Columns, person: Track) -> Mask:
    """Rows of pictures whose largest face, the one that was classified, is the main person's."""
    largest = person.present & (person["face"] == 0)
    picture = np.searchsorted(person.clock.times_s, columns.ticks * float(columns.time_base) + 1e-6, side="right") - 1
    seen = np.isfinite(columns["neutral"].astype(np.float64))
    return np.asarray(seen & (picture >= 0) & largest[np.maximum(picture, 0)], np.bool_)


def _values(columns: Columns, name: str) -> Floats:
    return np.nan_to_num(columns[name].astype(np.float64))


def _smoothed(values: Floats, columns: Columns) -> Floats:
    """The median of what is known of about a second; NaN where nothing is."""
    if len(values) < 3:
        return values
    step = float(np.median(np.diff(columns.ticks))) * float(columns.time_base)
    reach = max(1, round(SMOOTHED_S / step)) // 2 if step > 0 else 0
    padded = np.pad(values, reach, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    smooth, known = np.full(len(values), np.nan), np.isfinite(values)
    smooth[known] = np.nanmedian(windows[known], axis=1)
    return smooth


def _with_trust(reading: Reading) -> Reading:
    return replace(reading, quality=TRUST)


METRICS = (
    *(Definition(f"emotion_{n}", GROUP, "share", "emotion/1", _share_of(n), ("faces", "emotion")) for n in CLASSES),
    Definition("emotion_negative", GROUP, "share", "emotion/1", emotion_negative, ("faces", "emotion")),
    Definition("legacy_negative_share", GROUP, "share", "legacy/1", legacy_negative_share, ("faces", "emotion"),
               only_asked=True),
    Definition("legacy_happy_confidence", GROUP, "share", "legacy/1", legacy_happy_confidence, ("faces", "emotion"),
               only_asked=True),
)  # fmt: skip
