"""Where a head is and which way it faces: the canonical face of the bundle laid onto the points seen in a picture.

Source: MediaPipe's face geometry pipeline and D. Akca, "Generalized Procrustes analysis and its applications in
photogrammetry" (2003), section 2.4. Metric space is the camera's: x to the right, y up, z towards the viewer, in
centimetres of the canonical face, which is an average adult's.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CANONICAL_POINTS = 468
VERTEX_FLOATS = 5
"""Position and texture coordinate."""
VERTICAL_FOV_DEG = 63.0
"""MediaPipe's own assumption: nothing is known of the camera, so distances are relative."""
NEAR_CM = 1.0
LEAST_SCALE = 1e-9
_MESH, _BASIS, _VERTICES = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Head:
    """A face in metric space."""

    matrix: Floats
    """``(4, 4)``: camera space from the head's own space."""
    rotation: Floats
    """``(3, 3)``: its turn, without its scale."""
    points: Floats
    """``(n, 3)``: the points seen, in the head's own space: x to the person's left, y up, z out of the face."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """The canonical face, and which of its points tell a turned head from a moved mouth."""

    numbers: npt.NDArray[np.int64]
    """``(m,)``: of the points used, rising."""
    weights: Floats
    """``(m,)``: they add up to 1."""
    middle: Floats
    """``(3,)``: weighted mean of those points."""
    moments: Floats
    """``(m, 3)``: weight times the way from the middle to each point."""
    spread: float
    """Weighted mean square of that way."""

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Reads ``geometry_pipeline_metadata_landmarks.binarypb`` (a protocol buffer). Raises `ValueError`."""
        vertices: list[float] = []
        basis: dict[int, float] = {}
        for number, value in _fields(content):
            if number == _MESH and isinstance(value, bytes):
                for field, packed in _fields(value):
                    if field == _VERTICES and isinstance(packed, bytes):
                        vertices.extend(np.frombuffer(packed, "<f4").tolist())
            elif number == _BASIS and isinstance(value, bytes):
                entry = dict(_fields(value))
                basis[int(entry.get(1, 0))] = struct.unpack("<f", bytes(entry[2]))[0]
        mesh = np.array(vertices).reshape(-1, VERTEX_FLOATS)[:, :3]
        if len(mesh) != CANONICAL_POINTS or not basis:
            raise ValueError(f"{len(mesh)} vertices and {len(basis)} weights")
        numbers = np.array(sorted(basis), np.int64)
        weights = np.array([basis[int(number)] for number in numbers])
        weights /= weights.sum()
        middle = weights @ mesh[numbers]
        ways = mesh[numbers] - middle
        moments = ways * weights[:, None]
        return cls(numbers, weights, middle, moments, float((moments * ways).sum()))

    def head(self, points: Floats, width_px: float, height_px: float) -> Head | None:
        """The head whose points are seen at ``points``: ``(n, 3)``, x and y in pixels of a picture of that size, z in
        pixels away from the viewer. None where they are too close together to tell."""
        per_px = 2 * NEAR_CM * math.tan(math.radians(VERTICAL_FOV_DEG) / 2) / height_px
        near = (points - [width_px / 2, height_px / 2, points[:CANONICAL_POINTS, 2].mean()]) * [per_px, -per_px, per_px]
        seen = near[self.numbers]
        first = self._fitted(seen * [1, 1, -1])
        second = self._fitted(_unprojected(seen, first[1])) if first is not None else None
        if first is None or second is None:
            return None
        metric = _unprojected(near, first[1] * second[1])
        third = self._fitted(metric[self.numbers])
        if third is None:
            return None
        turned = third[0] * third[1]
        place = self.weights @ metric[self.numbers] - turned @ self.middle
        matrix: Floats = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = turned, place
        return Head(matrix, third[0], (metric - place) @ third[0] / third[1])

    def _fitted(self, seen: Floats) -> tuple[Floats, float] | None:
        """Turn ``(3, 3)`` and scale that lay the canonical face onto the points seen, by weighted least squares."""
        design = seen.T @ self.moments
        if not math.isfinite(design.sum()) or not design.any():
            return None
        left, _, right = np.linalg.svd(design)
        rotation = left @ right
        if np.linalg.det(rotation) < 0:
            left[:, 2] *= -1
            rotation = left @ right
        scale = float(np.vdot(rotation, design)) / self.spread
        return (rotation, scale) if scale > LEAST_SCALE else None


def _unprojected(near: Floats, scale: float) -> Floats:
    """Points of the near plane, at the depth that this scale of the face gives them."""
    depth = (near[:, 2:] + NEAR_CM) / scale
    made = near * (depth / NEAR_CM)
    made[:, 2:] = -depth
    return made


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protocol buffer message in their order: number, and an integer or the bytes of anything else."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        match key & 7:
            case 0:
                value, at = _varint(content, at)
                yield key >> 3, value
                continue
            case 1:
                length = 8
            case 2:
                length, at = _varint(content, at)
            case 5:
                length = 4
            case kind:
                raise ValueError(f"field of kind {kind}")
        if at + length > len(content):
            raise ValueError("cut off")
        yield key >> 3, content[at : at + length]
        at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(content):
            raise ValueError("cut off")
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
