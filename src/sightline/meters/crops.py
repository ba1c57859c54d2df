"""Small upright RGB pictures cut from anywhere in a picture, turned and scaled: what models of people look at.

Only what is asked for is converted: each stored plane is warped to the size of the crop, and the crop becomes RGB. The
whole picture never does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sightline.facts import VideoFacts
from sightline.media.picture import Picture, Plane
from sightline.meters.matrix import matrix_of, rgb_from_codes
from sightline.meters.planes import CodeScale, subsampling

Rgb = npt.NDArray[np.uint8]
"""``(height, width, 3)``, R'G'B' 0 to 255."""
Affine = npt.NDArray[np.float64]
"""``(2, 3)`` or ``(3, 3)``: source = affine · (x, y, 1). The middle of the first pixel is 0."""
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class Box:
    """A square of the displayed picture, in its pixels."""

    x: float
    """Centre, to the right."""
    y: float
    """Centre, down."""
    size: float
    turn: float = 0.0
    """Radians clockwise that the square is turned."""

    def to_picture(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points of the square (0 to 1 across and down, ``(n, 2)``) as pixels of the displayed picture."""
        sine, cosine = math.sin(self.turn) * self.size, math.cos(self.turn) * self.size
        x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
        return np.stack([self.x + x * cosine - y * sine, self.y + x * sine + y * cosine], axis=1)


class Upright:
    """The pictures of a stream as a player shows them: turned as the file asks, with square pixels."""

    def __init__(self, video: VideoFacts) -> None:
        self._video = video
        width, height = float(video.width * video.sample_aspect), float(video.height)
        self.width_px, self.height_px = (height, width) if video.rotation_deg % 180 else (width, height)
        self._stored = _stored_from_displayed(video)
        codes = CodeScale(8, video.full_range or video.is_rgb)
        self._rgb = (rgb_from_codes(matrix_of(video) or "bt709", codes) * 255).astype(np.float32)

    @property
    def square(self) -> Box:
        """The smallest square that holds the whole picture, about its middle."""
        return Box(self.width_px / 2, self.height_px / 2, max(self.width_px, self.height_px))

    def crop(self, picture: Picture, box: Box, size_px: int, *, blank: bool = True) -> Rgb:
        """The box as ``(size_px, size_px, 3)``, interpolated linearly.

        What lies outside the picture is black with ``blank``, else the nearest pixel of the edge.
        """
        sine, cosine = math.sin(box.turn) * box.size / size_px, math.cos(box.turn) * box.size / size_px
        half = size_px / 2
        shown = np.array(
            [
                [cosine, -sine, box.x - half * cosine + half * sine],
                [sine, cosine, box.y - half * sine - half * cosine],
                [0, 0, 1],
            ]
        )
        return self._warped(picture, self._stored @ shown, size_px, blank)

    def reduced(self, picture: Picture, width_px: int, height_px: int) -> Rgb:
        """The whole picture made smaller, ``(height_px, width_px, 3)``, every pixel the mean of what it stands for."""
        turn = self._video.rotation_deg
        size = (height_px, width_px) if turn % 180 else (width_px, height_px)
        scale = CodeScale.of(self._video, picture)
        planes = [
            np.full(size[::-1], scale.neutral, picture.y.dtype)
            if plane is None
            else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
            for plane in (picture.y, picture.u, picture.v)
        ]
        rgb = self._to_rgb(planes, scale)
        return np.asarray(cv2.rotate(rgb, _TURNS[turn]), np.uint8) if turn in _TURNS else rgb

    def _warped(self, picture: Picture, affine: Affine, size_px: int, blank: bool) -> Rgb:
        scale = CodeScale.of(self._video, picture)
        mode = cv2.BORDER_CONSTANT if blank else cv2.BORDER_REPLICATE
        planes = [_warp(picture.y, affine, size_px, mode, scale.luma[0])]
        for plane in (picture.u, picture.v):
            if plane is None:
                planes.append(np.full((size_px, size_px), scale.neutral, picture.y.dtype))
                continue
            across, down = subsampling(picture.y, plane)
            # Where chroma lies between its luma samples is rarely written down; a quarter of its step is neglected.
            to_chroma = np.diag([1 / across, 1 / down, 1.0])
            planes.append(_warp_chroma(plane, (to_chroma @ affine)[:2], size_px, mode, scale.neutral))
        return self._to_rgb(planes, scale)

    def _to_rgb(self, planes: list[Plane], scale: CodeScale) -> Rgb:
        if scale.bit_depth > 8:
            planes = [cv2.convertScaleAbs(plane, alpha=1 / scale.step) for plane in planes]
        return np.asarray(cv2.transform(cv2.merge(planes), self._rgb), np.uint8)


def _warp(plane: Plane, affine: Affine, size_px: int, mode: int, outside: int) -> Plane:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (size_px, size_px)
    return cv2.warpAffine(plane, affine[:2], size, flags=flags, borderMode=mode, borderValue=(float(outside),))


def _warp_chroma(plane: Plane, affine: Affine, size_px: int, mode: int, outside: int) -> Plane:
    """As `_warp`, at half the size and made larger where the plane has no more samples to give."""
    if size_px % 2 or math.hypot(affine[0, 0], affine[1, 0]) > 1:
        return _warp(plane, affine, size_px, mode, outside)
    halved = affine @ np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    return cv2.resize(_warp(plane, halved, size_px // 2, mode, outside), (size_px, size_px))


def _stored_from_displayed(video: VideoFacts) -> npt.NDArray[np.float64]:
    """``(3, 3)``: stored pixels from displayed ones."""
    aspect = float(video.sample_aspect)
    last_x, last_y = video.width * aspect - 1, float(video.height - 1)
    turned = {
        90: [[0, 1, 0], [-1, 0, last_y], [0, 0, 1]],
        180: [[-1, 0, last_x], [0, -1, last_y], [0, 0, 1]],
        270: [[0, -1, last_x], [1, 0, 0], [0, 0, 1]],
    }.get(video.rotation_deg, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    squeeze = np.array([[1 / aspect, 0, (1 / aspect - 1) / 2], [0, 1, 0], [0, 0, 1]])
    return np.asarray(squeeze @ np.array(turned, np.float64))
