"""A person's posture in one picture: MediaPipe's two pose networks, run as its pose landmarker runs them.

The first finds the person and how large and how turned they are, the second 33 points of the body in a crop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from sightline.media.picture import Picture
from sightline.meters.body.network import Network, network_of, tensor_of
from sightline.meters.body.ssd import Floats, anchors, detections
from sightline.meters.crops import Box, Upright

DETECTOR_PX, LANDMARKS_PX, HEAT_CELLS = 224, 256, 64
STRIDES = (8, 16, 32, 32, 32)
POINTS, ALL_POINTS = 33, 39
"""After the body's points come two that tell where the body is: its middle, and how far it reaches."""
LEAST_SCORE = 0.5
"""Of the detector and of presence, MediaPipe's own default."""
MARGIN = 1.25
HEAT_REACH = 3
LEAST_HEAT = 0.5


@dataclass(frozen=True, slots=True)
class Body:
    """What was seen of one person."""

    score: float
    points: Floats
    """``(33, 2)``: pixels of the displayed picture."""
    visibility: Floats
    """``(33,)``: 0 to 1."""
    box: Box
    """Where to look in the next picture."""


@dataclass(frozen=True, slots=True)
class PoseNetworks:
    detector: Network
    landmarks: Network
    centres: Floats

    @classmethod
    def load(cls, bundle: Path) -> Self:
        """Raises `WeightsRefused`."""
        anchor_centres = anchors(DETECTOR_PX, STRIDES)
        count = len(anchor_centres)
        return cls(
            network_of(bundle, "pose_detector.tflite", [(1, count, 12), (1, count, 1)]),
            network_of(
                bundle, "pose_landmarks_detector.tflite",
                [(1, ALL_POINTS * 5), (1, 1), (1, HEAT_CELLS, HEAT_CELLS, ALL_POINTS)],
            ),
            anchor_centres,
        )  # fmt: skip

    def find(self, upright: Upright, picture: Picture) -> Box | None:
        """Where the most prominent person is; None where nobody is."""
        square = upright.square
        crop = upright.crop(picture, square, DETECTOR_PX)
        raw, logits = self.detector.run(tensor_of(crop, 127.5, mean=127.5))
        found = detections(raw, logits, self.centres, DETECTOR_PX, LEAST_SCORE)
        if not found:
            return None
        middle, edge = square.to_picture(found[0].points[:2])
        return _box(middle, edge)

    def look(self, upright: Upright, picture: Picture, box: Box) -> Body | None:
        """The person in a box; None where the network sees nobody in it."""
        crop = upright.crop(picture, box, LANDMARKS_PX, blank=False)
        raw, presence, heat = self.landmarks.run(tensor_of(crop, 255))
        score = float(presence[0, 0])
        if not score >= LEAST_SCORE:
            return None
        rows = raw.reshape(ALL_POINTS, 5).astype(np.float64)
        placed = box.to_picture(_refined(rows[:, :2] / LANDMARKS_PX, heat[0]))
        visibility = 1 / (1 + np.exp(-rows[:POINTS, 3]))
        return Body(score, placed[:POINTS], visibility, _box(placed[POINTS], placed[POINTS + 1]))


def _box(middle: Floats, edge: Floats) -> Box:
    """The square about a body whose middle and upper edge are known, turned with it."""
    across, down = edge - middle
    turn = math.pi / 2 - math.atan2(-down, across)
    return Box(
        float(middle[0]), float(middle[1]), 2 * MARGIN * math.hypot(across, down), math.remainder(turn, 2 * math.pi)
    )


def _refined(points: Floats, heat: Floats) -> Floats:
    """Points (shares of the crop) moved to the middle of the heat about them, where there is enough of it."""
    moved = points.copy()
    for number, (x, y) in enumerate(points * HEAT_CELLS):
        column, row = int(x), int(y)
        if not (0 <= column < HEAT_CELLS and 0 <= row < HEAT_CELLS):
            continue
        left, top = max(0, column - HEAT_REACH), max(0, row - HEAT_REACH)
        near = heat[top : row + HEAT_REACH + 1, left : column + HEAT_REACH + 1, number].astype(np.float64)
        near = 1 / (1 + np.exp(-near))
        if near.max() < LEAST_HEAT:
            continue
        total = near.sum() * HEAT_CELLS
        moved[number] = (
            (near.sum(axis=0) @ np.arange(left, left + near.shape[1])) / total,
            (near.sum(axis=1) @ np.arange(top, top + near.shape[0])) / total,
        )
    return moved
