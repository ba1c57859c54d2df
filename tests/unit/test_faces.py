"""The meter of faces on real pictures, and on what can be made of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.face_pictures import SMILING, TURNING, Rgb, clip_pictures
from tests.faces import faces_shelf, measured, measured_rgb, picture_of, planes_of, video_of

import sightline.engine.plan
from sightline.engine.run import Request, measure
from sightline.media.decode import Decoder
from sightline.media.encode import VideoFile
from sightline.media.picture import Picture
from sightline.media.probe import probe
from sightline.meters.face.finder import FoundBy
from sightline.meters.face.networks import EXPRESSIONS, POINTS
from sightline.meters.faces import FaceMeter
from sightline.timeline.columns import Columns
from sightline.weights.shelf import Shelf

SIGNS = ("yaw", "pitch", "roll", "gaze_h", "gaze_v", "gaze_yaw", "gaze_pitch")
BLINKING = 0.2
"""A frame whose ``eyeBlink`` of either eye is this much above the person's median is left out of the sweep."""


@pytest.fixture(scope="module")
def shelf(shared_models: Path) -> Shelf:
    return faces_shelf(shared_models)


@pytest.fixture(scope="module")
def woman(shared_media: Path) -> list[Rgb]:
    return clip_pictures(shared_media, TURNING)


@pytest.fixture(scope="module")
def man(shared_media: Path) -> list[Rgb]:
    return clip_pictures(shared_media, SMILING)


def _close(one: Columns, other: Columns, allowed: float, *names: str) -> None:
    for name in names:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=allowed, err_msg=name)


def test_a_mirror_turns_the_signs_of_everything_sideways(woman: list[Rgb], shelf: Shelf) -> None:
    plain, mirrored = measured_rgb(woman, shelf), measured_rgb([rgb[:, ::-1] for rgb in woman], shelf)
    assert np.median(np.abs(plain["yaw"] + mirrored["yaw"])) < 3
    assert np.median(np.abs(plain["roll"] + mirrored["roll"])) < 1.5
    for name in ("yaw", "gaze_h"):
        # In the first seven the far eye is hidden by the nose.
        assert np.corrcoef(plain[name][7:], mirrored[name][7:])[0, 1] < -0.95, name
    assert np.median(np.abs(plain["pitch"] - mirrored["pitch"])) < 3
    assert np.median(np.abs(plain["eye_left"] - mirrored["eye_right"])) < 0.03
    np.testing.assert_allclose(mirrored["left"], 1 - plain["left"] - plain["width"], atol=0.02)


def test_the_nose_to_the_right_is_positive_and_the_eyes_stay_on_the_camera(woman: list[Rgb], shelf: Shelf) -> None:
    columns = measured_rgb(woman, shelf)
    assert columns["yaw"].min() == pytest.approx(-44, abs=3)
    assert columns["yaw"].max() == pytest.approx(31, abs=3)
    # From frame 7 she looks at the camera while her head turns: the eyes turn the other way in the head.
    yaw, inside, outside = (columns[name][7:] for name in ("yaw", "gaze_h", "gaze_yaw"))
    assert np.corrcoef(yaw, inside)[0, 1] < -0.95
    assert outside.std() < yaw.std() / 3


def test_a_picture_turned_in_its_plane_rolls_the_head_by_as_much(man: list[Rgb], shelf: Shelf) -> None:
    for degrees in (-20.0, -8.0, 8.0, 20.0):
        turn = cv2.getRotationMatrix2D((240, 110), -degrees, 1.0)
        turned = [cv2.warpAffine(rgb, turn, (480, 270), borderMode=cv2.BORDER_REPLICATE) for rgb in man[::12]]
        plain, rolled = measured_rgb(man[::12], shelf), measured_rgb(turned, shelf)  # type: ignore[arg-type]
        assert np.median(rolled["roll"] - plain["roll"]) == pytest.approx(degrees, abs=1.5)
        assert np.median(rolled["eye_left"] - plain["eye_left"]) == pytest.approx(0, abs=0.03)


def test_an_open_eye_is_as_open_when_the_head_is_turned(woman: list[Rgb], shelf: Shelf) -> None:
    columns = measured_rgb(woman, shelf)
    openness = (columns["eye_left"] + columns["eye_right"]) / 2
    blink = np.maximum(columns["eyeBlinkLeft"], columns["eyeBlinkRight"])
    open_eyes = blink < np.median(blink) + BLINKING
    assert open_eyes.sum() > 18
    frontal = np.median(openness[open_eyes & (np.abs(columns["yaw"]) < 10)])
    np.testing.assert_allclose(openness[open_eyes] / frontal, 1, rtol=0, atol=0.15)


def test_nobody_is_one_row_without_numbers(shelf: Shelf) -> None:
    columns = measured_rgb([np.full((90, 160, 3), level, np.uint8) for level in (0, 90, 255)], shelf, landmarks=True)
    assert columns["face"].tolist() == [-1, -1, -1]
    assert columns["count"].tolist() == columns["found_by"].tolist() == [0, 0, 0]
    assert all(np.isnan(columns[name]).all() for name in ("score", "left", *SIGNS, *EXPRESSIONS))
    assert columns["points"].tolist() == [b"", b"", b""]


def test_grey_deep_and_limited_pictures_give_the_same_face(man: list[Rgb], shelf: Shelf) -> None:
    y, u, v = planes_of(man[0])
    plain = measured([picture_of((y, u, v))], video_of(480, 270), shelf)
    deep = tuple(plane.astype(np.uint16) * 4 for plane in (y, u, v))
    ten = measured([picture_of(deep, depth=10)], video_of(480, 270, bit_depth=10), shelf)  # type: ignore[arg-type]
    grey = measured([picture_of((y, None, None))], video_of(480, 270), shelf)
    narrow = tuple(np.rint(16 + y * (219 / 255)).astype(np.uint8) if plane is y
                   else np.rint(128 + (plane.astype(float) - 128) * (224 / 255)).astype(np.uint8)
                   for plane in (y, u, v))  # fmt: skip
    limited = measured([picture_of(narrow)], video_of(480, 270, full_range=False), shelf)  # type: ignore[arg-type]
    for other, degrees, share in ((ten, 1.0, 0.003), (limited, 1.5, 0.004), (grey, 4.0, 0.02)):
        _close(plain, other, share, "left", "top", "width", "height")
        _close(plain, other, degrees, "yaw", "pitch", "roll")
        _close(plain, other, 0.02, "luma")
    assert plain["luma"][0] == pytest.approx(0.47, abs=0.05)


@pytest.mark.parametrize(("degrees", "stored"), [(90, 1), (180, 2), (270, 3)])
def test_a_phones_picture_is_measured_as_displayed(degrees: int, stored: int, man: list[Rgb], shelf: Shelf) -> None:
    """``np.rot90`` turns the other way round than the note in the file asks a player to."""
    plain = measured_rgb([man[0]], shelf)
    turned = [np.ascontiguousarray(np.rot90(plane, stored)) for plane in planes_of(man[0])]
    size = (480, 270) if degrees == 180 else (270, 480)
    columns = measured([picture_of(tuple(turned))], video_of(*size, rotation_deg=degrees), shelf)  # type: ignore[arg-type]
    _close(plain, columns, 1e-4, "left", "top", "width", "height")
    _close(plain, columns, 0.1, *SIGNS)
    assert (columns.notes["width_px"], columns.notes["height_px"]) == (480, 270)


def test_pixels_that_are_not_square_are_measured_as_displayed(man: list[Rgb], shelf: Shelf) -> None:
    plain = measured_rgb([man[0]], shelf)
    narrow = [cv2.resize(plane, (360, 270), interpolation=cv2.INTER_AREA) for plane in planes_of(man[0])]
    video = video_of(360, 270, sample_aspect=Fraction(4, 3))
    columns = measured([picture_of(tuple(narrow))], video, shelf)  # type: ignore[arg-type]
    _close(plain, columns, 0.01, "left", "top", "width", "height")
    _close(plain, columns, 3, "yaw", "pitch", "roll")


def test_odd_sizes_with_chroma_of_half_the_size(man: list[Rgb], shelf: Shelf) -> None:
    y, u, v = planes_of(man[0][:269, :479])
    halves = (y, *(cv2.resize(plane, (240, 135), interpolation=cv2.INTER_AREA) for plane in (u, v)))
    plain = measured([picture_of((y, u, v))], video_of(479, 269), shelf)
    columns = measured([picture_of(halves)], video_of(479, 269), shelf)  # type: ignore[arg-type]
    _close(plain, columns, 0.006, "left", "top", "width", "height")
    _close(plain, columns, 2, "yaw", "pitch", "roll")


def test_small_faces_are_found_by_yunet_and_the_largest_comes_first(shared_media: Path, shelf: Shelf) -> None:
    pictures = clip_pictures(shared_media, "classroom.gif")[:8]
    without = measured_rgb(pictures, shelf)
    assert (without["face"] == -1).all()
    columns = measured_rgb(pictures, shelf, small_faces=True)
    assert (columns["found_by"] == FoundBy.YUNET).all()
    for tick in range(8):
        rows = columns.ticks == tick
        sizes = (columns["width"] * columns["height"])[rows]
        assert columns["face"][rows].tolist() == list(range(rows.sum()))
        assert (np.diff(sizes) <= 0).all()
        assert columns["count"][rows].min() >= 3
    assert len(columns) >= 2 * 8
    one = measured_rgb(pictures, shelf, small_faces=True, max_faces=1)
    assert len(one) == 8
    assert one["count"].max() >= 3


def test_a_face_that_the_short_range_detector_frames_badly_is_found_all_the_same(
    shared_media: Path, shelf: Shelf
) -> None:
    pictures = clip_pictures(shared_media, "signing_person.mkv")[::12]
    assert (measured_rgb(pictures, shelf)["face"] == -1).all()
    columns = measured_rgb(pictures, shelf, small_faces=True)
    assert (columns["face"] == 0).mean() > 0.9


def test_points_are_kept_when_asked_for(man: list[Rgb], shelf: Shelf) -> None:
    columns = measured_rgb(man[:2], shelf, landmarks=True)
    for row in columns["points"]:
        points = np.frombuffer(row, np.float16).reshape(POINTS, 3)
        assert points[:468, :2].min() == 0
        assert points[:468, :2].max() == 1
        assert 0.3 < points[1, 0] < 0.7  # the tip of the nose


def test_weights_are_asked_for_as_they_are_needed(man: list[Rgb], shelf: Shelf, tmp_path: Path) -> None:
    assert FaceMeter.models() == ("face_landmarker",)
    assert FaceMeter.models(small_faces=True) == ("face_landmarker", "yunet")
    path = tmp_path / "clip.mkv"
    with VideoFile(path, size_px=(160, 96), rate=Fraction(25)) as file:
        for _ in range(10):
            file.add_picture(*(np.full(size, 90, np.uint8) for size in ((96, 160), (48, 80), (48, 80))))
    timeline = measure(Request(path, {"faces": {"small_faces": True}}, 1, shelf=shelf.denying(["yunet"])))
    assert timeline.not_measured["faces"].key == "weights.denied"


def test_segments_joined_are_one_run_where_there_are_faces(
    shared_media: Path, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large and small faces: what YuNet found is followed for half a second, and a segment may start in the middle."""
    path = tmp_path / "clip.mkv"
    room, man = clip_pictures(shared_media, "classroom.gif"), clip_pictures(shared_media, SMILING)
    rate = Fraction(24)
    with VideoFile(path, size_px=(480, 270), rate=rate, options={"g": "17", "crf": "16"}) as file:
        for number in range(240):
            rgb = (room if number // 60 % 2 else man)[number * 25 // 48 % 44]
            y, u, v = planes_of(rgb)
            file.add_picture(y, *(cv2.resize(plane, (240, 135), interpolation=cv2.INTER_AREA) for plane in (u, v)))
    request = Request(path, {"faces": {"small_faces": True}}, 1, shelf=shelf)
    whole = measure(request).columns["faces"]
    monkeypatch.setattr(sightline.engine.plan, "MIN_SEGMENT_S", Fraction(2))
    joined = measure(replace(request, workers=4)).columns["faces"]
    assert set(whole["found_by"].tolist()) == {FoundBy.SHORT_RANGE, FoundBy.YUNET}
    np.testing.assert_array_equal(joined.ticks, whole.ticks)
    assert len(set(whole.ticks.tolist())) == 150
    for one, other in zip(whole.columns, joined.columns, strict=True):
        np.testing.assert_array_equal(other.values, one.values, err_msg=one.name)


def test_a_dark_face_says_how_dark_it_is_and_a_black_one_is_nobody(man: list[Rgb], shelf: Shelf) -> None:
    levels = (1.0, 0.5, 0.12, 0.02)
    columns = measured_rgb([np.rint(man[0] * level).astype(np.uint8) for level in levels], shelf)
    assert columns["face"].tolist() == [0, 0, 0, -1]
    np.testing.assert_allclose(columns["luma"][:3] / columns["luma"][0], levels[:3], rtol=0.03)
    assert np.isnan(columns["luma"][3])


def test_animals_of_a_cartoon_are_hardly_ever_people(shared_media: Path, shelf: Shelf) -> None:
    """Two a second of a film without a human being. That it is never more than a few is all that can be asked."""
    path = shared_media / "big_buck_bunny_60s.mp4"
    video = probe(path).video
    assert video is not None
    with Decoder(path, probe(path), packets=False) as decoder:
        pictures = [item for item in decoder if isinstance(item, Picture)][::12]
    columns = measured(pictures, video, shelf, small_faces=True)
    assert len(pictures) > 100
    assert (columns["face"] >= 0).mean() < 0.1
