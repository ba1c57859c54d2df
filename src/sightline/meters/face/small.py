"""Faces too small for the short-range detector: YuNet over a reduced picture, run by ONNX Runtime on one core."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from sightline.media.picture import Picture
from sightline.meters.body.ssd import Floats
from sightline.meters.crops import Box, Upright
from sightline.weights.onnx import onnx_session

MODEL = "yunet"
LONG_SIDE_PX = 640
"""A face of 3 % of the width is 19 px here."""
STEP_PX = 32
STRIDES = (8, 16, 32)
LEAST_SCORE = 0.6
OVERLAP = 0.3
MARGIN = 1.5
SIDE, DOWN = 0.8, 0.14
"""Side of the square that the short-range detector gives, and how much lower it lies, as shares of the longer side of
YuNet's box, which holds the forehead: measured on two adult faces. The landmarks need it only roughly."""


class SmallFaces:
    """Used by any number of threads at once."""

    def __init__(self, path: Path) -> None:
        self._session = onnx_session(path)
        self._input = self._session.get_inputs()[0].name
        self._outputs = [f"{part}_{stride}" for stride in STRIDES for part in ("cls", "obj", "bbox", "kps")]

    def find(self, upright: Upright, picture: Picture) -> list[Box]:
        """Where faces are, the surest first."""
        scale = LONG_SIDE_PX / max(upright.width_px, upright.height_px)
        width, height = max(1, round(upright.width_px * scale)), max(1, round(upright.height_px * scale))
        rgb = upright.reduced(picture, width, height)
        fed = np.zeros((1, 3, -(-height // STEP_PX) * STEP_PX, -(-width // STEP_PX) * STEP_PX), np.float32)
        fed[0, :, :height, :width] = rgb[:, :, ::-1].transpose(2, 0, 1)
        given = self._session.run(self._outputs, {self._input: fed})
        scores, rows = _read(given, fed.shape[2], fed.shape[3])
        return [_looked_at(rows[best], upright.width_px / width) for best in _kept(scores, rows)]


def _read(given: list[Any], height: int, width: int) -> tuple[Floats, Floats]:
    """Scores, and rows of left, top, right, bottom and five points, in pixels of what was fed."""
    scores, rows = [], []
    for number, stride in enumerate(STRIDES):
        sure, there, box, points = (part[0].astype(np.float64) for part in given[4 * number : 4 * number + 4])
        down, across = np.mgrid[: height // stride, : width // stride].reshape(2, -1)
        cells = np.column_stack([across, down])
        score = np.sqrt(np.clip(sure[:, 0], 0, 1) * np.clip(there[:, 0], 0, 1))
        good = score >= LEAST_SCORE
        middle = (cells[good] + box[good, :2]) * stride
        half = np.exp(box[good, 2:4]) * stride / 2
        placed = (points[good].reshape(-1, 5, 2) + cells[good][:, None]) * stride
        scores.append(score[good])
        rows.append(np.column_stack([middle - half, middle + half, placed.reshape(-1, 10)]))
    return np.concatenate(scores), np.concatenate(rows)


def _kept(scores: Floats, rows: Floats) -> list[int]:
    """The best of every heap of boxes that overlap, the surest first."""
    kept: list[int] = []
    areas = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    for number in np.argsort(-scores, kind="stable").tolist():
        wide = np.minimum(rows[number, 2], rows[kept, 2]) - np.maximum(rows[number, 0], rows[kept, 0])
        high = np.minimum(rows[number, 3], rows[kept, 3]) - np.maximum(rows[number, 1], rows[kept, 1])
        shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
        if not (shared > OVERLAP * (areas[number] + areas[kept] - shared)).any():
            kept.append(number)
    return kept


def _looked_at(row: Floats, scale: float) -> Box:
    left, top, right, bottom, x, y, other_x, other_y = (float(part) * scale for part in row[:8])
    turn, longer = math.atan2(other_y - y, other_x - x), max(right - left, bottom - top)
    middle_x = (left + right) / 2 - DOWN * longer * math.sin(turn)
    middle_y = (top + bottom) / 2 + DOWN * longer * math.cos(turn)
    return Box(middle_x, middle_y, MARGIN * SIDE * longer, turn)
