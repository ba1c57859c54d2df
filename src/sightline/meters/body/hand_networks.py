"""Hands in one picture: MediaPipe's two hand networks, as its hand landmarker runs them on single pictures.

The first finds palms, the second 21 points of a hand in a crop and says whose side it is of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from sightline.media.picture import Picture
from sightline.meters.body.network import Network, network_of, tensor_of
from sightline.meters.body.ssd import Detection, Floats, anchors, detections
from sightline.meters.crops import Box, Upright

PALM_PX, HAND_PX = 192, 224
STRIDES = (8, 16, 16, 16)
POINTS = 21
LEAST_SCORE = 0.5
"""Of the palm and of presence, MediaPipe's own default."""
MARGIN, LIFT = 2.6, 0.5
"""A palm's box is made so much larger, and moved up by so much of its height, to hold the fingers."""
WRIST, MIDDLE_FINGER = 0, 2
"""Points of a palm between which the hand is upright."""


@dataclass(frozen=True, slots=True)
class Hand:
    score: float
    """That it is a hand, 0 to 1."""
    is_right: bool
    """The person's own right hand."""
    points: Floats
    """``(21, 2)``: pixels of the displayed picture; 0 the wrist, 4, 8, 12, 16, 20 the tips."""


@dataclass(frozen=True, slots=True)
class HandNetworks:
    detector: Network
    landmarks: Network
    centres: Floats

    @classmethod
    def load(cls, bundle: Path) -> Self:
        """Raises `WeightsRefused`."""
        anchor_centres = anchors(PALM_PX, STRIDES)
        count = len(anchor_centres)
        # Presence and side have the same shape; the network gives presence first.
        return cls(
            network_of(bundle, "hand_detector.tflite", [(1, count, 18), (1, count, 1)]),
            network_of(bundle, "hand_landmarks_detector.tflite", [(1, POINTS * 3), (1, 1), (1, 1)]),
            anchor_centres,
        )

    def find(self, upright: Upright, picture: Picture, most: int = 2) -> list[Hand]:
        """Hands, the surest palm first."""
        square = upright.square
        crop = upright.crop(picture, square, PALM_PX)
        raw, logits = self.detector.run(tensor_of(crop, 255))
        palms = detections(raw, logits, self.centres, PALM_PX, LEAST_SCORE)[:most]
        hands = (self._look(upright, picture, _box(square, palm)) for palm in palms)
        return [hand for hand in hands if hand is not None]

    def _look(self, upright: Upright, picture: Picture, box: Box) -> Hand | None:
        crop = upright.crop(picture, box, HAND_PX, blank=False)
        raw, presence, side = self.landmarks.run(tensor_of(crop, 255))
        score = float(presence[0, 0])
        if not score >= LEAST_SCORE:
            return None
        points = raw.reshape(POINTS, 3)[:, :2].astype(np.float64) / HAND_PX
        return Hand(score, float(side[0, 0]) > 0.5, box.to_picture(points))


def _box(square: Box, palm: Detection) -> Box:
    wrist, finger = square.to_picture(palm.points[[WRIST, MIDDLE_FINGER]])
    corners = square.to_picture(np.array([[palm.left, palm.top], [palm.right, palm.bottom]]))
    width, height = corners[1] - corners[0]
    turn = math.remainder(math.pi / 2 - math.atan2(wrist[1] - finger[1], finger[0] - wrist[0]), 2 * math.pi)
    lift = -LIFT * height
    middle = corners.mean(axis=0)
    return Box(
        float(middle[0]) - lift * math.sin(turn), float(middle[1]) + lift * math.cos(turn),
        MARGIN * float(max(width, height)), turn,
    )  # fmt: skip
