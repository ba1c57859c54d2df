"""Reading the answers of single-shot detectors with one box an anchor, as MediaPipe's detectors of bodies and palms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detection:
    """Something found in the detector's square picture; everything is a share of its side."""

    score: float
    left: float
    top: float
    right: float
    bottom: float
    points: Floats
    """``(n, 2)``: key points of the network, x and y."""


def anchors(size_px: int, strides: tuple[int, ...]) -> Floats:
    """Centres ``(n, 2)``: two a cell and layer, layers of one stride together, row after row."""
    centres = []
    for stride in dict.fromkeys(strides):
        cells = -(-size_px // stride)
        middle = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
        centres.append(np.repeat(grid, 2 * strides.count(stride), axis=0))
    return np.concatenate(centres)


OVERLAP = 0.3
"""Intersection over union from which two boxes are one."""


def detections(
    raw: npt.NDArray[np.float32],
    logits: npt.NDArray[np.float32],
    centres: Floats,
    size_px: int,
    least: float,
    overlap: float = OVERLAP,
) -> list[Detection]:
    """What is found with a score of at least ``least``, the best first.

    ``raw``: ``(anchors, 4 + 2 n)``: centre, size and points in pixels from the anchor. Boxes that overlap are merged
    into one, weighted by their scores.
    """
    logits = logits.reshape(-1)
    kept = np.flatnonzero(logits >= math.log(least / (1 - least)))
    if not len(kept):
        return []
    scores = 1 / (1 + np.exp(-np.clip(logits[kept].astype(np.float64), -100, 100)))
    order = np.argsort(-scores, kind="stable")
    kept, scores = kept[order], scores[order]
    values = raw.reshape(len(logits), -1)[kept].astype(np.float64) / size_px
    values = values.reshape(len(kept), -1, 2)
    values[:, 0] += centres[kept]
    values[:, 2:] += centres[kept][:, None]
    half = values[:, 1] / 2
    corners = np.concatenate([values[:, 0] - half, values[:, 0] + half], axis=1)
    rows = np.concatenate([corners, values[:, 2:].reshape(len(kept), -1)], axis=1)
    return _merged(rows, scores, overlap)


def _merged(rows: Floats, scores: Floats, overlap: float) -> list[Detection]:
    left = np.ones(len(rows), np.bool_)
    found = []
    for best in range(len(rows)):
        if not left[best]:
            continue
        same = left & (_overlap(rows[best, :4], rows[:, :4]) > overlap)
        same[best] = True
        left &= ~same
        weights = scores[same]
        mean = weights @ rows[same] / weights.sum()
        box_left, top, right, bottom = mean[:4].tolist()
        found.append(Detection(float(scores[best]), box_left, top, right, bottom, mean[4:].reshape(-1, 2)))
    return found


def _overlap(one: Floats, others: Floats) -> Floats:
    wide = np.minimum(one[2], others[:, 2]) - np.maximum(one[0], others[:, 0])
    high = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    union = (one[2] - one[0]) * (one[3] - one[1]) + areas - shared
    return np.where(union > 0, shared / np.where(union > 0, union, 1), 0)
