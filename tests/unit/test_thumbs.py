"""Thumbnails: the right moments, the right colours, upright and small."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from moving_pictures import Luma, facts, grey, measured, panned, pictures, texture
from sightline.facts import VideoFacts
from sightline.meters.moments import Moments, Reason
from sightline.meters.thumbs import ThumbsMeter, bgr_matrix, thumb_size
from sightline.timeline.columns import Columns

WIDTH, HEIGHT = 320, 180
SCENES = [texture(WIDTH, HEIGHT, seed=seed, low=30 + 20 * seed, high=150 + 20 * seed) for seed in range(5)]


def _scene(number: int, count: int) -> list[Luma]:
    return list(panned(SCENES[number], WIDTH, HEIGHT, range(count), step_px=1))


def _thumbs(lumas: list[Luma], **parameters: Any) -> Columns:
    media = facts(WIDTH, HEIGHT, pictures=len(lumas))
    return measured(ThumbsMeter, media, pictures(map(grey, lumas)), **parameters)


def _video(**changes: Any) -> VideoFacts:
    video = facts(**{"width": 1920, "height": 1080} | changes).video
    assert video is not None
    return video


def _decoded(jpeg: bytes) -> Luma:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))


def test_there_is_one_every_half_second() -> None:
    thumbs = _thumbs(_scene(0, 100))
    assert thumbs.ticks.tolist() == [0, 13, 25, 38, 50, 63, 75, 88]
    assert set(thumbs["reason"].tolist()) == {Reason.PERIOD}
    assert thumbs.end == 100


def test_a_long_media_has_them_further_apart() -> None:
    media = facts(WIDTH, HEIGHT, pictures=25 * 3600)
    thumbs = measured(ThumbsMeter, media, pictures(map(grey, _scene(0, 100))))
    assert thumbs.notes["period_s"] == 3
    assert thumbs.ticks.tolist() == [0, 75]


def test_every_cut_black_and_flash_frame_has_its_first_picture() -> None:
    lumas = [*_scene(0, 30), *_scene(1, 30), *[np.full((HEIGHT, WIDTH), 16, np.uint8)] * 20, *_scene(2, 31)]
    lumas[97] = np.full((HEIGHT, WIDTH), 235, np.uint8)
    thumbs = _thumbs(lumas)
    changes = thumbs.ticks[thumbs["reason"] == Reason.CHANGE]
    assert set(changes.tolist()) >= {30, 60, 80, 97}


def test_a_pan_makes_no_changes() -> None:
    thumbs = _thumbs(list(panned(SCENES[1], WIDTH, HEIGHT, range(35), step_px=9)))
    assert set(thumbs["reason"].tolist()) == {Reason.PERIOD}


def test_a_storm_of_changes_is_limited_in_every_second() -> None:
    lumas = [luma for n in range(30) for luma in _scene(n % 5, 3)]
    thumbs = _thumbs(lumas)
    seconds = (thumbs.ticks[thumbs["reason"] == Reason.CHANGE] // 25).tolist()
    assert max(seconds.count(second) for second in set(seconds)) <= 4


def test_what_is_chosen_does_not_depend_on_where_measuring_began() -> None:
    lumas = [luma for n in range(40) for luma in _scene(n % 5, 4)]
    chosen = {}
    for start in (0, 43, 61):
        moments = Moments(Fraction(1, 2), 4)
        shown = pictures(map(grey, lumas[start:]), first=start)
        chosen[start] = [(p.pts, moments.choose(p)) for p in shown]
    whole = dict(chosen[0])
    for start in (43, 61):
        for pts, reason in chosen[start]:
            if pts >= start + 53:
                assert reason == whole[pts]


def test_a_thumb_is_small_in_bytes() -> None:
    jpegs = _thumbs(_scene(3, 50))["jpeg"]
    assert max(map(len, jpegs)) < 10_000


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, (320, 180)),
        ({"width": 720, "height": 576, "sample_aspect": Fraction(64, 45)}, (320, 180)),
        ({"width": 720, "height": 576, "sample_aspect": Fraction(16, 15)}, (320, 240)),
        ({"width": 1080, "height": 1920}, (180, 320)),
        ({"width": 4096, "height": 1716}, (320, 134)),
        ({"width": 101, "height": 51}, (100, 52)),
    ],
)
def test_the_longer_side_is_320_with_square_pixels(changes: dict[str, Any], size: tuple[int, int]) -> None:
    assert thumb_size(_video(**changes)) == size


def test_a_turned_picture_stands_upright() -> None:
    luma = np.full((HEIGHT, WIDTH), 16, np.uint8)
    luma[:, : WIDTH // 4] = 235
    media = facts(WIDTH, HEIGHT, rotation_deg=90)
    (jpeg,) = measured(ThumbsMeter, media, pictures([grey(luma)]))["jpeg"]
    shown = _decoded(jpeg)
    assert shown.shape[:2] == (320, 180)
    assert shown[:60].mean() > 240
    assert shown[100:].mean() < 15


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"color_matrix": "bt709"}, (63, 102, 240)),
        ({"color_matrix": None, "width": 720, "height": 576}, (81, 90, 240)),
        ({"color_matrix": "smpte170m"}, (81, 90, 240)),
        ({"color_matrix": "bt2020nc"}, (74, 97, 240)),
        ({"is_rgb": True}, (54, 99, 256)),
    ],
)
def test_pure_red_is_red_in_every_matrix(changes: dict[str, Any], codes: tuple[int, int, int]) -> None:
    blue, green, red = bgr_matrix(_video(**changes)) @ np.array([*codes, 1], np.float32)
    assert (blue, green, red) == pytest.approx((0, 0, 255), abs=3)


def test_ten_bits_look_like_eight() -> None:
    luma = _scene(2, 1)[0]
    eight = _decoded(_thumbs([luma])["jpeg"][0]).astype(int)
    media = facts(WIDTH, HEIGHT, bit_depth=10)
    deep = measured(ThumbsMeter, media, pictures([grey(luma.astype(np.uint16) * 4)], bit_depth=10))
    assert np.abs(_decoded(deep["jpeg"][0]).astype(int) - eight).max() <= 3
