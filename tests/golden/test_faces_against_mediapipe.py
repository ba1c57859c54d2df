"""Faces against MediaPipe Tasks on the same pictures of real clips (`tools.face_golden`).

Two comparisons. With the oracle's own interpolation, which takes a picture in RGB and steps of 1/32 px, networks,
decoding and geometry have to give its numbers. From the stored planes, as the meter runs, pixels differ by rounding:
half a level on average. The networks turn that into what is allowed here; the oracle's own numbers move as much when a
picture is encoded again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tests.face_pictures import Planes, Rgb, clip_pictures, golden_pictures, larger_planes
from tests.faces import faces_shelf, picture_of, planes_of, video_of

from sightline.facts import Chroma, VideoFacts
from sightline.media.picture import Picture
from sightline.meters.crops import Box, Upright
from sightline.meters.face.networks import Face, FaceNetworks

OUTSIDE_PX, PX_STEPS, SHARE_STEPS = 100, 100, 50_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """A face as the oracle saw it."""

    points: Floats
    """``(478, 2)``: px."""
    expressions: Floats
    rotation: Floats

    @property
    def width_px(self) -> float:
        return float(np.ptp(self.points[:468, 0]))


@pytest.fixture(scope="module")
def truths() -> dict[str, list[Truth]]:
    found: dict[str, list[Truth]] = defaultdict(list)
    with np.load(Path(__file__).parent / "data" / "faces.npz") as kept:
        rows = zip(kept["names"], kept["points"], kept["expressions"], kept["matrices"], strict=True)
        for name, points, expressions, matrix in rows:
            turned = matrix[:3, :3].astype(np.float64)
            found[str(name)].append(
                Truth(
                    points / PX_STEPS - OUTSIDE_PX, expressions / SHARE_STEPS, turned / np.cbrt(np.linalg.det(turned))
                )
            )
    return found


@pytest.fixture(scope="module")
def networks(shared_models: Path) -> FaceNetworks:
    return FaceNetworks.load(faces_shelf(shared_models).file("face_landmarker"))


class AsTheOracle(Upright):
    """Crops as MediaPipe makes them: from RGB, at positions rounded to 1/32 px, in integers."""

    def __init__(self, rgb: Rgb) -> None:
        super().__init__(video_of(rgb.shape[1], rgb.shape[0]))
        self._whole = rgb.astype(np.int64)

    def crop(self, picture: Picture, box: Box, size_px: int, *, blank: bool = True) -> Rgb:
        step = np.arange(size_px) / size_px
        grid = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
        at = np.rint(box.to_picture(grid) * 32).astype(np.int64)
        (x, y), (right, below) = (at >> 5).T, (at & 31).T[..., None]
        mixed = (32 - below) * ((32 - right) * self._at(x, y, blank) + right * self._at(x + 1, y, blank))
        mixed += below * ((32 - right) * self._at(x, y + 1, blank) + right * self._at(x + 1, y + 1, blank))
        return ((mixed + 512) >> 10).astype(np.uint8).reshape(size_px, size_px, 3)

    def _at(self, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], blank: bool) -> npt.NDArray[np.int64]:
        height, width = self._whole.shape[:2]
        values = self._whole[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
        return np.where(blank & outside[:, None], 0, values)


def _seen(networks: FaceNetworks, upright: Upright, picture: Picture) -> list[tuple[Box, Face]]:
    boxes = networks.find(upright, picture)
    return [(box, face) for box in boxes if (face := networks.look(upright, picture, box)) is not None]


def _as_deep_as_the_oracle(face: Face, box: Box, upright: Upright) -> Face:
    """The oracle scales depth by the length that the crop's side has in shares of the picture, which makes a face
    deeper when it is tilted in a wide picture. We scale depth as everything else."""
    stretch = math.hypot(math.cos(box.turn), math.sin(box.turn) * upright.width_px / upright.height_px)
    return replace(face, points=face.points * [1, 1, stretch])


def _apart_px(face: Face, truth: Truth) -> Floats:
    return np.hypot(*(face.points[:, :2] - truth.points).T)


def _angle_deg(networks: FaceNetworks, face: Face, truth: Truth, upright: Upright) -> float:
    head = networks.canonical.head(face.points, upright.width_px, upright.height_px)
    assert head is not None
    return math.degrees(2 * math.asin(min(1.0, float(np.linalg.norm(head.rotation - truth.rotation)) / math.sqrt(8))))


def test_the_same_pixels_give_the_oracles_numbers(
    truths: dict[str, list[Truth]], networks: FaceNetworks, shared_media: Path
) -> None:
    compared = 0
    for name, rgb in golden_pictures(shared_media):
        if name.startswith("planes"):
            continue  # the conversion to RGB is another version's
        upright, picture = AsTheOracle(rgb), picture_of(planes_of(rgb))
        seen = _seen(networks, upright, picture)
        assert len(seen) == len(truths[name]), name
        for truth in truths[name]:
            box, face = min(seen, key=lambda one, truth=truth: float(_apart_px(one[1], truth).mean()))  # type: ignore[misc]
            assert _apart_px(face, truth).max() < 0.05, name
            assert np.abs(networks.expressions_of(face) - truth.expressions).max() < 0.003, name
            deep = _as_deep_as_the_oracle(face, box, upright)
            assert _angle_deg(networks, deep, truth, upright) < 0.05, name
            compared += 1
    assert compared == 51


@dataclass(frozen=True, slots=True)
class Apart:
    """How far apart the meter and the oracle are on one face."""

    mean: float
    """Of 478 points, share of the face's width."""
    most: float
    expressions: float
    """The largest difference of 52."""
    angle_deg: float


def _from_planes(
    networks: FaceNetworks, truths: dict[str, list[Truth]], pictures: Iterator[tuple[str, Planes, VideoFacts]]
) -> list[Apart]:
    found = []
    for name, planes, video in pictures:
        upright, picture = Upright(video), picture_of(planes)
        ((_, face),), (truth,) = _seen(networks, upright, picture), truths[name]
        apart = _apart_px(face, truth) / truth.width_px
        most = float(np.abs(networks.expressions_of(face) - truth.expressions).max())
        found.append(Apart(float(apart.mean()), float(apart.max()), most, _angle_deg(networks, face, truth, upright)))
    return found


def _check(found: list[Apart]) -> None:
    assert np.median([one.mean for one in found]) < 0.004
    assert max(one.mean for one in found) < 0.012
    assert np.median([one.most for one in found]) < 0.012
    assert max(one.most for one in found) < 0.05
    assert np.median([one.expressions for one in found]) < 0.08
    assert max(one.expressions for one in found) < 0.25
    assert np.median([one.angle_deg for one in found]) < 0.6
    assert max(one.angle_deg for one in found) < 2.5


def test_limited_range_420_gives_the_oracles_numbers_nearly(
    truths: dict[str, list[Truth]], networks: FaceNetworks, shared_media: Path
) -> None:
    video = video_of(960, 540, full_range=False, color_range="tv", chroma=Chroma.C420, pixel_format="yuv420p")
    woman = clip_pictures(shared_media, "face_turning_woman.gif")
    pictures = ((f"planes {n}", larger_planes(woman[n]), video) for n in range(1, len(woman), 4))
    _check(_from_planes(networks, truths, pictures))


def test_full_range_444_gives_the_oracles_numbers_nearly(
    truths: dict[str, list[Truth]], networks: FaceNetworks, shared_media: Path
) -> None:
    shown = ((name, rgb) for name, rgb in golden_pictures(shared_media) if name.split()[0] in ("turning", "smiling"))
    _check(_from_planes(networks, truths, ((name, planes_of(rgb), video_of(480, 270)) for name, rgb in shown)))
