"""Pose and hands against MediaPipe Tasks on the same pictures of real clips (`tools.body_golden`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.bodies import body_shelf

import sightline.engine.plan
from sightline.engine.run import Request, measure
from sightline.errors import WeightsDenied
from sightline.media.decode import Decoder
from sightline.media.encode import VideoFile
from sightline.media.picture import Picture
from sightline.media.probe import probe
from sightline.meters.body.hand_networks import HandNetworks
from sightline.meters.body.pose_networks import PoseNetworks
from sightline.meters.crops import Upright
from sightline.meters.pose import POINTS
from sightline.timeline.columns import Columns
from sightline.weights import sessions
from sightline.weights.shelf import Shelf

GOLDEN = json.loads((Path(__file__).parent / "data" / "body.json").read_text())["pictures"]
POSE_TOLERANCE = 0.004
"""Mean distance of 33 points, as a share of the picture's width. Both sides read the same pixels, interpolated
differently: the oracle from RGB of the whole picture, we from its stored planes."""
HAND_TOLERANCE = 0.006


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return body_shelf()


@pytest.fixture(autouse=True)
def _unloaded() -> Iterator[None]:
    yield
    sessions.clear()


def _pictures(path: Path) -> Iterator[tuple[int, Picture]]:
    with Decoder(path, probe(path), pictures=True, sounds=(), packets=False) as decoder:
        yield from enumerate(item for item in decoder if isinstance(item, Picture))


@pytest.mark.parametrize("clip", ["signing_person.mkv", "face_smiling_man.gif"])
def test_points_of_the_body_are_where_mediapipe_sees_them(clip: str, shelf: Shelf, shared_media: Path) -> None:
    networks = PoseNetworks.load(shelf.file("pose_landmarker_lite"))
    video = probe(shared_media / clip).video
    assert video is not None
    upright = Upright(video)
    wanted = {entry["picture"]: entry for entry in GOLDEN if entry["clip"] == clip}
    compared = 0
    for number, picture in _pictures(shared_media / clip):
        if number in wanted:
            box = networks.find(upright, picture)
            assert box is not None
            body = networks.look(upright, picture, box)
            assert body is not None
            truth = np.array(wanted[number]["pose"])
            apart = np.abs(body.points - truth[:, :2] * [upright.width_px, upright.height_px]).mean()
            assert apart < POSE_TOLERANCE * upright.width_px, number
            clearly_seen = truth[:, 2] > 0.95
            assert (body.visibility[clearly_seen] > 0.5).all()
            compared += 1
    assert compared == len(wanted)


def test_nobody_in_a_street_is_nobody(shelf: Shelf, shared_media: Path) -> None:
    pose, hands = _measured(shared_media / "traffic.mp4", shelf)
    assert np.isnan(pose["score"]).mean() > 0.9
    assert (hands["hand"] == -1).mean() > 0.9


def test_points_of_hands_are_where_mediapipe_sees_them(shelf: Shelf, shared_media: Path) -> None:
    networks = HandNetworks.load(shelf.file("hand_landmarker"))
    video = probe(shared_media / "signing_person.mkv").video
    assert video is not None
    upright = Upright(video)
    wanted = {e["picture"]: e["hands"] for e in GOLDEN if e["clip"] == "signing_person.mkv" and e["hands"]}
    matched = total = 0
    for number, picture in _pictures(shared_media / "signing_person.mkv"):
        for truth in wanted.get(number, ()):
            total += 1
            matched += any(_same(hand, truth, upright) for hand in networks.find(upright, picture))
    # Hands that touch each other are at the edge of what the network tells from nothing.
    assert total >= 8
    assert matched >= total - 1


def _same(hand: Any, truth: Any, upright: Upright) -> bool:
    points = np.array(truth["points"]) * [upright.width_px, upright.height_px]
    near = np.abs(hand.points - points).mean() < HAND_TOLERANCE * upright.width_px
    return bool(near and hand.is_right == (truth["side"] == "Right"))


def _measured(path: Path, shelf: Shelf, workers: int = 1) -> tuple[Columns, Columns]:
    timeline = measure(Request(path, {"pose": {}, "hands": {}}, workers, shelf=shelf))
    assert not timeline.not_measured
    return timeline.columns["pose"], timeline.columns["hands"]


@pytest.fixture(scope="module")
def turned(shared_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """12 s of the signing person as it is, in a mirror, and upside down with the note to turn it back."""
    folder = tmp_path_factory.mktemp("turned")
    pictures = [(p.y.copy(), p.u.copy(), p.v.copy()) for _, p in _pictures(shared_media / "signing_person.mkv")
                if p.u is not None and p.v is not None]  # fmt: skip
    clips = {"plain": lambda plane: plane, "mirror": lambda plane: cv2.flip(plane, 1)}
    for name, change in clips.items():
        with VideoFile(
            folder / f"{name}.mkv", size_px=(640, 480), rate=Fraction(25), options={"g": "25", "crf": "10"}
        ) as file:
            for number in range(300):
                planes = pictures[abs((number + 108) % 216 - 108)]
                file.add_picture(*(np.ascontiguousarray(change(plane)) for plane in planes))
    return {name: folder / f"{name}.mkv" for name in clips}


def test_a_mirror_changes_sides(turned: dict[str, Path], shelf: Shelf) -> None:
    plain, _ = _measured(turned["plain"], shelf)
    mirror, _ = _measured(turned["mirror"], shelf)
    for name in ("shoulder", "ear", "hip"):
        left, right = plain[f"{name}_left_x"], mirror[f"{name}_right_x"]
        assert np.nanmedian(np.abs(1 - left - right)) < 0.02
    assert np.nanmedian(plain["shoulder_left_x"]) > np.nanmedian(plain["shoulder_right_x"])


def test_segments_joined_are_the_columns_of_one_run(
    turned: dict[str, Path], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _measured(turned["plain"], shelf)
    monkeypatch.setattr(sightline.engine.plan, "MIN_SEGMENT_S", Fraction(2))
    joined = _measured(turned["plain"], shelf, workers=4)
    for one, other in zip(whole, joined, strict=True):
        np.testing.assert_array_equal(one.ticks, other.ticks)
        for column in one.columns:
            np.testing.assert_array_equal(column.values, other[column.name], err_msg=column.name)


def test_five_pictures_a_second_are_looked_at(turned: dict[str, Path], shelf: Shelf) -> None:
    pose, hands = _measured(turned["plain"], shelf)
    assert len(pose) == 60
    assert set(POINTS) <= {column.name.removesuffix("_x") for column in pose.columns}
    assert len(np.unique(hands.ticks)) == 60
    assert pose.notes == hands.notes == {"width_px": 640, "height_px": 480}


def test_a_denied_or_missing_model_is_told_and_stops_nothing(turned: dict[str, Path]) -> None:
    timeline = measure(Request(turned["plain"], {"pose": {}, "hands": {}}, shelf=Shelf()))
    assert timeline.not_measured.keys() == {"pose", "hands"}
    assert "pose_landmarker_lite" in str(timeline.not_measured["pose"])
    denied = Shelf((Path("/nowhere"),), frozenset({"pose_landmarker_lite"}))
    with pytest.raises(WeightsDenied):
        denied.require("pose_landmarker_lite")
