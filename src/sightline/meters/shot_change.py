"""How much of a picture its predecessor does not explain, once everything that moved is moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import SMALL_HEIGHT_PX, SMALL_WIDTH_PX, Plane
from sightline.meters.shot_past import Small, gap

UNEXPLAINED_CODES = 16
"""A pixel differs when luma is off by more than this, or chroma by more than half of it (chroma spans less)."""
FINEST_CODES, SHARE_OF_DIFFERENCE = 6, 0.35
"""For two sides of a transition it is this share of how far they are apart (RMS), within these bounds: dark scenes
are close together."""
CHANGED_CODES = 3
CHANGED_SHARE = 0.5
"""A cell changed when half its pixels differ by more than coding noise, in luma or doubled chroma."""
CELLS_ACROSS, CELLS_DOWN = 8, 6
CELLS = CELLS_ACROSS * CELLS_DOWN
CELL_SHARE = 0.4
"""A cell counts when this share of it is unexplained."""
MOST_GAIN = 2.5
"""A change of exposure multiplies contrast by no more than this, up or down: black is nobody's dark version."""
BAR_CODES = 6
"""A line of pixels is part of a letterbox when it spans no more than this in both pictures."""

Flow = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Change:
    """What is new in a picture. Shares are of the picture without the bars both pictures have."""

    unexplained: float
    """Share of pixels that the earlier picture, moved along the optical flow, does not give."""
    unexplained_cells: float
    """Share of the 8 x 6 cells with something unexplained; tells a card from a cut."""
    changed_cells: float
    """Share of cells that differ at all, motion included."""
    zoom: float
    """Share by which the earlier picture was magnified: 0.33 for a punch-in of a third."""
    motion: float
    """Mean length of the flow, share of the picture's width."""


class ChangeMeasure:
    """Compares two small pictures (54 x 96 x 3, Y U V). Keeps no memory between calls."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOpticalFlow_PRESET_FAST)
        down, across = np.mgrid[0:SMALL_HEIGHT_PX, 0:SMALL_WIDTH_PX].astype(np.float32)
        self._grid = np.dstack((across, down))

    def between(self, old: Small, new: Small, *, any_exposure: bool = False, apart: float | None = None) -> Change:
        """With ``any_exposure`` a pixel is also explained when it fits once the old picture has been brought to the
        brightness and contrast of the new one. ``apart``, the distance of both in codes, makes the test finer where
        they are close."""
        limit, changed_limit = UNEXPLAINED_CODES, CHANGED_CODES
        if apart is not None:
            limit = changed_limit = round(min(max(SHARE_OF_DIFFERENCE * apart, FINEST_CODES), UNEXPLAINED_CODES))
        graded = _regraded(old, new) if any_exposure else old
        none = cast(Plane, None)  # the stubs want arrays where OpenCV makes its own
        flow = self._flow.calc(cv2.extractChannel(new, 0), cv2.extractChannel(graded, 0), none)
        moved = self._moved(old, flow)
        regraded = self._moved(graded, flow) if any_exposure else moved
        pictures = np.stack((new, old, moved, regraded))
        unexplained, cells, changed, magnified, motion = _compared(pictures, cast(Flow, flow), limit, changed_limit)
        return Change(
            unexplained=unexplained,
            unexplained_cells=cells,
            changed_cells=changed,
            zoom=1 / (1 + magnified) - 1 if magnified > -0.9 else 9.0,
            motion=motion / SMALL_WIDTH_PX,
        )

    def _moved(self, picture: Small, flow: npt.NDArray[Any]) -> Small:
        none = cast(Plane, None)
        places = self._grid + flow
        return cast(Small, cv2.remap(picture, places, none, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _regraded(old: Small, new: Small) -> Small:
    table = np.empty((1, 256, 3), np.uint8)
    (old_mean, old_spread), (new_mean, new_spread) = (cv2.meanStdDev(p) for p in (old, new))
    gain = np.clip(new_spread / np.maximum(old_spread, 1.0), 1 / MOST_GAIN, MOST_GAIN)
    table[0] = np.clip(np.round((np.arange(256)[:, None] - old_mean.T) * gain.T + new_mean.T), 0, 255)
    return cast(Small, cv2.LUT(old, table))


@compiled
def _compared(pictures: Small, flow: Flow, limit: int, changed_limit: int) -> tuple[float, float, float, float, float]:
    """Unexplained share, unexplained cells, changed cells, magnification, mean flow in pixels. ``pictures`` are the
    new one, the old one, and two guesses at the new one."""
    new, old = pictures[0], pictures[1]
    top, bottom, left, right = inside_bars(old, new)
    height, width = bottom - top, right - left
    sizes, strange, changes = np.zeros(CELLS), np.zeros(CELLS), np.zeros(CELLS)
    outward = reach = motion = 0.0
    for row in range(top, bottom):
        down = row - (old.shape[0] - 1) / 2
        for column in range(left, right):
            across = column - (old.shape[1] - 1) / 2
            raw = _apart(pictures, 1, row, column)
            one, other = _apart(pictures, 2, row, column), _apart(pictures, 3, row, column)
            cell = (row - top) * CELLS_DOWN // height * CELLS_ACROSS + (column - left) * CELLS_ACROSS // width
            sizes[cell] += 1
            strange[cell] += min(one, other) > limit
            changes[cell] += raw > changed_limit
            x, y = flow[row, column, 0], flow[row, column, 1]
            outward += x * across + y * down
            reach += across * across + down * down
            motion += np.sqrt(x * x + y * y)
    cells = float(np.mean(strange > CELL_SHARE * sizes))
    changed = float(np.mean(changes > CHANGED_SHARE * sizes))
    pixels = height * width
    return float(strange.sum()) / pixels, cells, changed, outward / reach, motion / pixels


@compiled
def _apart(pictures: Small, guess: int, row: int, column: int) -> int:
    """The largest difference of a pixel's luma and doubled chroma between a guess and the new picture."""
    luma = gap(pictures[guess, row, column, 0], pictures[0, row, column, 0])
    blue = gap(pictures[guess, row, column, 1], pictures[0, row, column, 1])
    red = gap(pictures[guess, row, column, 2], pictures[0, row, column, 2])
    return max(luma, 2 * blue, 2 * red)


@compiled
def inside_bars(old: Small, new: Small) -> tuple[int, int, int, int]:
    """Top, bottom, left, right (exclusive) without the lines along the border that are plain and alike in both
    pictures; everything when little is left."""
    rows, columns = old.shape[0], old.shape[1]
    top, bottom, left, right = rows, 0, columns, 0
    for row in range(rows):
        if _lively(old[row, :, 0], new[row, :, 0]):
            top, bottom = min(top, row), row + 1
    for column in range(columns):
        if _lively(old[:, column, 0], new[:, column, 0]):
            left, right = min(left, column), column + 1
    if bottom - top < rows // 6 or right - left < columns // 6:
        return 0, rows, 0, columns
    return top, bottom, left, right


@compiled
def _lively(old: Small, new: Small) -> bool:
    low, high = old[0], old[0]
    for i in range(len(old)):
        low, high = min(low, old[i], new[i]), max(high, old[i], new[i])
    return bool(gap(high, low) > BAR_CODES)
