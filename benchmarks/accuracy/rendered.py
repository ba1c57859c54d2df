"""A real face whose lids and irises move by known amounts: pictures warped about its own eyes.

The upper lid is that of another picture of the same person, in which the eyes are really shut: it slides down over the
open eye with its skin and lashes, and when it is down that picture is all there is. An iris moves between the corners:
what lies between corner and iris is stretched, as the white of the eye is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.decode import Decoder
from sightline.media.picture import Picture
from sightline.media.probe import probe
from sightline.meters.crops import Upright
from sightline.meters.face.networks import FaceNetworks

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
RIGHT_EYE = {
    "upper": (33, 246, 161, 160, 159, 158, 157, 173, 133), "lower": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "iris": 468,
}  # fmt: skip
LEFT_EYE = {
    "upper": (362, 398, 384, 385, 386, 387, 388, 466, 263), "lower": (362, 382, 381, 380, 374, 373, 390, 249, 263),
    "iris": 473,
}  # fmt: skip
SKIN_ABOVE = 1.2
"""Of the open eye's height: where the sliding lid begins above it."""
SKIN_BELOW = 1.5
"""Of the open eye's height: how far below the eye the shut picture shows."""
BESIDE = 0.25
"""Of the eye's width: how far beside its corners the shut picture shows."""
SOFT = 0.15
"""Of the eye's width: over so much the lid fades in at the corners."""


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of the picture, in pixels: corners left and right, lids as curves over the columns between them."""

    left: float
    right: float
    iris: float
    upper: npt.NDArray[np.float64]
    """``(columns,)``, from ``floor(left)``."""
    lower: npt.NDArray[np.float64]

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of the person as 4:2:0 of limited range, and where the eyes are."""

    y: Plane
    u: Plane
    v: Plane
    eyes: tuple[Eye, Eye]

    @classmethod
    def of(cls, clip: Path, number: int, size_px: tuple[int, int], networks: FaceNetworks) -> Self:
        """Picture ``number`` of a clip of full range 4:4:4, enlarged."""
        picture = _picture(clip, number)
        assert picture.u is not None
        assert picture.v is not None
        y = cv2.resize(picture.y, size_px, interpolation=cv2.INTER_CUBIC).astype(np.float32) * 219 / 255 + 16
        half = (size_px[0] // 2, size_px[1] // 2)
        chroma = [
            cv2.resize((plane.astype(np.float32) - 128) * 224 / 255 + 128, half, interpolation=cv2.INTER_AREA)
            for plane in (picture.u, picture.v)
        ]
        video = probe(clip).video
        assert video is not None
        upright = Upright(video)
        found = networks.look(upright, picture, networks.find(upright, picture)[0])
        assert found is not None
        points = found.points[:, :2] * [size_px[0] / upright.width_px, size_px[1] / upright.height_px]
        eyes = tuple(_eye(points, numbers) for numbers in (RIGHT_EYE, LEFT_EYE))
        return cls(_bytes(y), _bytes(chroma[0]), _bytes(chroma[1]), (eyes[0], eyes[1]))


@dataclass(frozen=True, slots=True)
class Face:
    """A person looking ahead, and the same with eyes shut."""

    open: Image
    shut: Image

    @classmethod
    def of(cls, clip: Path, numbers: tuple[int, int], size_px: tuple[int, int], networks: FaceNetworks) -> Self:
        return cls(*(Image.of(clip, number, size_px, networks) for number in numbers))

    def shown(self, closed: float = 0.0, aside: float = 0.0) -> tuple[Plane, Plane, Plane]:
        """The picture with the eyes shut by ``closed`` (0 to 1) and both irises moved by ``aside`` eye widths to the
        right of the picture."""
        height, width = self.open.y.shape
        across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        if aside:
            for eye in self.open.eyes:
                _move(across, eye, aside)
        y, u, v = (_remapped(plane, across, down) for plane in (self.open.y, self.open.u, self.open.v))
        if closed:
            across, down, share = self._lids(closed)
            # Nearly down the rest of the face follows, so that shut eyes are the picture of shut eyes.
            wholly = np.float32(max(0.0, 5 * closed - 4))
            for plane, lid in ((y, self.shut.y), (u, self.shut.u), (v, self.shut.v)):
                size = plane.shape[1], plane.shape[0]
                some = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
                plane += some * (_remapped(lid, across, down) - plane)
                plane += wholly * (lid - plane)
        return _bytes(y), _bytes(u), _bytes(v)

    def _lids(self, closed: float) -> tuple[Floats, Floats, Floats]:
        """Where in the shut picture each pixel comes from, and how much of it is shown."""
        height, width = self.open.y.shape
        across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        share = np.zeros((height, width), np.float32)
        for eye, shut in zip(self.open.eyes, self.shut.eyes, strict=True):
            tall = float((eye.lower - eye.upper).max())
            beside = int(BESIDE * eye.width)
            columns = np.arange(len(eye.upper))
            for column in range(int(eye.left) - beside, int(eye.right) + beside + 1):
                number = int(np.clip(column - int(eye.left), 0, columns[-1]))
                along = (column - eye.left) / eye.width
                source = shut.left + along * shut.width
                meets = float(
                    np.interp(source, np.arange(int(shut.left), int(shut.left) + len(shut.lower)), shut.lower)
                )
                top = eye.upper[number] - SKIN_ABOVE * tall
                lowered = eye.upper[number] + closed * (eye.lower[number] - eye.upper[number])
                bottom = eye.lower[number] + SKIN_BELOW * tall
                rows = np.arange(int(np.ceil(top)), int(bottom) + 1)
                shift = meets - eye.lower[number]
                # The lid from its upper end to the line where it meets the lower one, squeezed above where it is now.
                slid = top + (rows - top) * (eye.lower[number] - top) / (lowered - top)
                down[rows, column] = np.where(rows < lowered, slid, rows) + shift
                across[rows, column] = source
                edge = min(1.0, (along + BESIDE) / SOFT, (1 + BESIDE - along) / SOFT)
                # Below the line the skin of the shut eye comes in with it: the lower lid rises as well.
                shown = np.where(rows <= lowered, np.minimum(1, (rows - top) / tall), closed**2)
                share[rows, column] = edge * shown * np.clip((bottom - rows) / tall, 0, 1)
        return across, down, share


def _remapped(plane: Plane, across: Floats, down: Floats) -> Floats:
    """``plane`` looked up where the maps of the full size say, as floats."""
    scale = plane.shape[1] / across.shape[1]
    if scale != 1:
        size = plane.shape[1], plane.shape[0]
        across, down = (cv2.resize(m, size, interpolation=cv2.INTER_AREA) * scale for m in (across, down))
    return cv2.remap(plane, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def _bytes(values: npt.NDArray[Any]) -> Plane:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _picture(clip: Path, number: int) -> Picture:
    with Decoder(clip, probe(clip), pictures=True, sounds=(), packets=False) as decoder:
        pictures = (item for item in decoder if isinstance(item, Picture))
        return next(picture for n, picture in enumerate(pictures) if n == number)


def _eye(points: npt.NDArray[np.float64], numbers: dict[str, Any]) -> Eye:
    upper, lower = points[list(numbers["upper"])], points[list(numbers["lower"])]
    left, right = float(upper[:, 0].min()), float(upper[:, 0].max())
    columns = np.arange(int(left), int(right) + 1)
    lids = [np.interp(columns, *lid[np.argsort(lid[:, 0])].T) for lid in (upper, lower)]
    return Eye(left, right, float(points[numbers["iris"], 0]), *lids)


def _move(across: Floats, eye: Eye, aside: float) -> None:
    columns = np.arange(int(eye.left), int(eye.right) + 1)
    source = np.interp(columns, [eye.left, eye.iris + aside * eye.width, eye.right], [eye.left, eye.iris, eye.right])
    for number, column in enumerate(columns):
        rows = slice(int(np.ceil(eye.upper[number])), int(np.floor(eye.lower[number])) + 1)
        across[rows, column] = source[number]
