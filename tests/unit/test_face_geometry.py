"""The head behind points of a picture, from a canonical face made up for the test."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.errors import WeightsRefused
from sightline.meters.face.geometry import CANONICAL_POINTS, NEAR_CM, VERTICAL_FOV_DEG, Canonical
from sightline.meters.face.networks import FaceNetworks
from sightline.meters.face.signs import EYE_LEFT, EYE_RIGHT, IRIS_LEFT, IRIS_RIGHT, signs

WIDTH_PX, HEIGHT_PX = 640, 360
BASIS = range(0, CANONICAL_POINTS, 9)

Floats = npt.NDArray[np.float64]


def _mesh() -> Floats:
    """A bulging oval, 14 cm wide; the eyes 6 cm apart and 3 cm wide, open by a third of that."""
    random = np.random.default_rng(5)
    x, y = random.uniform(-7, 7, CANONICAL_POINTS), random.uniform(-8, 8, CANONICAL_POINTS)
    mesh = np.column_stack([x, y, 6 - x**2 / 12 - y**2 / 20]).astype(np.float32).astype(np.float64)
    for eye, side in ((EYE_LEFT, 1), (EYE_RIGHT, -1)):
        outer, upper_out, upper_in, inner, lower_in, lower_out = eye
        for number, across, up in (
            (outer, 4.5, 0), (upper_out, 3.5, 0.5), (upper_in, 2.5, 0.5), (inner, 1.5, 0), (lower_in, 2.5, -0.5),
            (lower_out, 3.5, -0.5),
        ):  # fmt: skip
            mesh[number] = (side * across, 3 + up, 3.5)
    return mesh


MESH = _mesh()


def _message(mesh: Floats, basis: range) -> bytes:
    """As the bundle has it: unpacked floats, and a field nobody knows."""
    vertices = b"".join(b"\x1d" + struct.pack("<f", value) for row in mesh for value in (*row, 0.0, 0.0))
    content = b"\x0a" + _varint(len(vertices)) + vertices + b"\x18\x01" + b"\x21" + bytes(8)
    for number in basis:
        entry = b"\x08" + _varint(number) + b"\x15" + struct.pack("<f", 0.5)
        content += b"\x12" + _varint(len(entry)) + entry
    return content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


CANONICAL = Canonical.parse(_message(MESH, BASIS))


def _rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Nose to the right, up, and clockwise, seen by a camera that has x to the right and y up."""
    a, b, c = np.radians([yaw, -pitch, -roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z)


def _seen(rotation: Floats, place: Floats, look: Floats) -> Floats:
    """``(478, 3)`` as the mesh network gives them: depth in pixels, from nowhere in particular."""
    points = np.vstack([MESH, np.zeros((10, 3))])
    for eye, iris in ((EYE_LEFT, IRIS_LEFT), (EYE_RIGHT, IRIS_RIGHT)):
        points[iris] = (MESH[eye[0]] + MESH[eye[3]]) / 2 - [0, 0, 0.7] + look
    metric = points @ rotation.T + place
    depth = -metric[:, 2]
    per_px = 2 * NEAR_CM * np.tan(np.radians(VERTICAL_FOV_DEG / 2)) / HEIGHT_PX
    x = metric[:, 0] / depth / per_px + WIDTH_PX / 2
    y = -metric[:, 1] / depth / per_px + HEIGHT_PX / 2
    return np.column_stack([x, y, (depth - depth[:CANONICAL_POINTS].mean()) / depth.mean() / per_px])


@given(yaw=st.floats(-50, 50), pitch=st.floats(-30, 30), roll=st.floats(-40, 40), x=st.floats(-12, 12))
def test_the_head_that_was_drawn_is_found(yaw: float, pitch: float, roll: float, x: float) -> None:
    straight = np.array([0.0, 0.0, 1.0])
    head = CANONICAL.head(_seen(_rotation(yaw, pitch, roll), np.array([x, 3, -50]), straight), WIDTH_PX, HEIGHT_PX)
    assert head is not None
    found = signs(head)
    assert (found.yaw, found.pitch, found.roll) == pytest.approx((yaw, pitch, roll), abs=1.5)
    assert (found.x_cm, found.y_cm, found.z_cm) == pytest.approx((x, -3, 50), abs=1.5)
    assert (found.gaze_h, found.gaze_v) == pytest.approx((0, 0), abs=4)
    assert found.eye_left == pytest.approx(1 / 3, rel=0.05)
    assert found.eye_right == pytest.approx(1 / 3, rel=0.05)


@pytest.mark.parametrize(("right", "up"), [(20, 0), (-20, 0), (0, 15), (0, -15)])
def test_eyes_that_look_away_are_seen_to(right: float, up: float) -> None:
    look = _rotation(right, up, 0)[:, 2]
    head = CANONICAL.head(_seen(np.eye(3), np.array([0, 0, -50.0]), look), WIDTH_PX, HEIGHT_PX)
    assert head is not None
    found = signs(head)
    assert (found.gaze_h, found.gaze_v) == pytest.approx((right, up), abs=3)
    assert (found.gaze_yaw, found.gaze_pitch) == pytest.approx((right, up), abs=3)


def test_points_on_one_spot_are_no_head() -> None:
    assert CANONICAL.head(np.full((478, 3), 100.0), WIDTH_PX, HEIGHT_PX) is None
    assert CANONICAL.head(np.full((478, 3), np.nan), WIDTH_PX, HEIGHT_PX) is None


@pytest.mark.parametrize("content", [b"", b"\x0a", b"\x0a\xff", b"\x0b", _message(MESH[:-1], BASIS), b"\xff" * 40])
def test_what_is_no_canonical_face_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"vertices|cut off|kind"):
        Canonical.parse(content)


def test_a_bundle_without_its_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"not a bundle")
    with pytest.raises(WeightsRefused):
        FaceNetworks.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("face_detector.tflite", b"not a network")
    with pytest.raises(WeightsRefused):
        FaceNetworks.load(path)
