"""MediaPipe's three face networks, as its face landmarker runs them on single pictures (Tasks, mode ``IMAGE``): where
faces are, 478 points of each, and 52 expressions made of the points.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from sightline.errors import WeightsRefused
from sightline.media.picture import Picture
from sightline.meters.body.network import Network, network_of
from sightline.meters.body.ssd import anchors, detections
from sightline.meters.crops import Box, Rgb, Upright
from sightline.meters.face.geometry import CANONICAL_POINTS, Canonical, Floats

MODEL = "face_landmarker"
GEOMETRY = "geometry_pipeline_metadata_landmarks.binarypb"
DETECTOR_PX, MESH_PX, POINTS = 128, 256, 478
STRIDES = (8, 16, 16, 16)
LEAST_SCORE, OVERLAP = 0.5, 0.5
"""Of the detector and of presence, and when two boxes are one face: MediaPipe's own defaults."""
MARGIN = 1.5
"""The square looked at is this much larger than the face."""
FRAMED, LOWER = 1.34, 0.06
"""The detector's square beside the points it leads to: its side over theirs, and how much lower it lies, as a share of
its side. Medians of two people."""
OUTER_RIGHT, OUTER_LEFT = 33, 263
"""Outer corners of the eyes, the person's own right and left."""

EXPRESSIONS = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""What the third network gives, in its order."""
SHOWN = np.array(
    [
        0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
        81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
        154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
        251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
        317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
        384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
        474, 475, 476, 477,
    ],
    np.int64,
)  # fmt: skip
"""Numbers of the points that the third network is shown."""


@dataclass(frozen=True, slots=True)
class Face:
    """What was seen of one face."""

    score: float
    points: Floats
    """``(478, 3)``: x and y in pixels of the displayed picture, z in pixels away from the viewer."""
    crop: Rgb
    """The square looked at, upright."""
    inside: tuple[int, int, int, int]
    """Left, top, right, bottom of the face in the crop, px, end exclusive."""
    edges: tuple[float, float, float, float]
    """Left, top, right, bottom of the face, in pixels of the displayed picture."""

    @property
    def box(self) -> Box:
        """The square about it as the detector would give it."""
        left, top, right, bottom = self.edges
        across, down = self.points[OUTER_LEFT, :2] - self.points[OUTER_RIGHT, :2]
        size, turn = FRAMED * max(right - left, bottom - top), math.atan2(down, across)
        x, y = (left + right) / 2 - LOWER * size * math.sin(turn), (top + bottom) / 2 + LOWER * size * math.cos(turn)
        return Box(x, y, size, turn)


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    detector: Network
    mesh: Network
    expressions: Network
    canonical: Canonical
    centres: Floats

    @classmethod
    def load(cls, bundle: Path) -> Self:
        """Raises `WeightsRefused`."""
        centres = anchors(DETECTOR_PX, STRIDES)
        count = len(centres)
        return cls(
            network_of(bundle, "face_detector.tflite", [(1, count, 16), (1, count, 1)]),
            network_of(bundle, "face_landmarks_detector.tflite", [(1, 1, 1, 3 * POINTS), (1, 1, 1, 1)]),
            network_of(bundle, "face_blendshapes.tflite", [(len(EXPRESSIONS),)]),
            _canonical_of(bundle),
            centres,
        )

    def find(self, upright: Upright, picture: Picture) -> list[Box]:
        """Where faces are that are near enough: about a tenth of the picture's longer side. The surest first."""
        square = upright.square
        crop = upright.crop(picture, square, DETECTOR_PX)
        raw, logits = self.detector.run_on(crop, 127.5, 127.5)
        found = detections(raw, logits, self.centres, DETECTOR_PX, LEAST_SCORE, OVERLAP)
        return [_looked_at(square, each.left, each.top, each.right, each.bottom, each.points) for each in found]

    def look(self, upright: Upright, picture: Picture, box: Box) -> Face | None:
        """The face in a box; None where the network sees none in it."""
        crop = upright.crop(picture, box, MESH_PX, blank=False)
        raw, presence = self.mesh.run_on(crop, 255)
        score = 1 / (1 + math.exp(-float(presence[0, 0, 0, 0])))
        if not score >= LEAST_SCORE:
            return None
        points = raw.reshape(POINTS, 3).astype(np.float64) / MESH_PX
        placed = np.column_stack([box.to_picture(points[:, :2]), points[:, 2] * box.size])
        left, top, right, bottom = _edges(points * MESH_PX)
        inside = (max(0, round(left)), max(0, round(top)), min(MESH_PX, round(right)), min(MESH_PX, round(bottom)))
        return Face(score, placed, crop, inside, _edges(placed))

    def expressions_of(self, face: Face) -> npt.NDArray[np.float32]:
        """``(52,)``: each of `EXPRESSIONS`, 0 to 1."""
        return self.expressions.run(face.points[SHOWN, :2][None].astype(np.float32))[0]


def _canonical_of(bundle: Path) -> Canonical:
    try:
        with zipfile.ZipFile(bundle) as archive:
            return Canonical.parse(archive.read(GEOMETRY))
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise WeightsRefused("body.not_a_bundle", path=bundle, name=GEOMETRY, why=repr(error)) from error


def _looked_at(square: Box, left: float, top: float, right: float, bottom: float, points: Floats) -> Box:
    """The square about a face found within another, turned with the eyes (the first two points)."""
    middle, eye, other = square.to_picture(np.vstack([[(left + right) / 2, (top + bottom) / 2], points[:2]]))
    turn = math.atan2(other[1] - eye[1], other[0] - eye[0])
    return Box(float(middle[0]), float(middle[1]), MARGIN * (right - left) * square.size, turn)


def _edges(points: Floats) -> tuple[float, float, float, float]:
    least, most = points[:CANONICAL_POINTS].min(axis=0), points[:CANONICAL_POINTS].max(axis=0)
    return float(least[0]), float(least[1]), float(most[0]), float(most[1])
