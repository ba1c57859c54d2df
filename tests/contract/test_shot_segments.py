"""The shot meter started late agrees with one that saw everything, wherever it starts."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from sightline.media.picture import SMALL_HEIGHT_PX, SMALL_WIDTH_PX, Picture, PictureBatch
from sightline.meters.meter import Subject
from sightline.meters.shots import ShotMeter
from sightline.timeline.columns import Columns, joined

RATE = 25
TICKS = 40
LENGTH = 6 * RATE


def _pictures() -> list[Picture]:
    """Grain that moves, a cut, a dissolve, a wipe, a fade and a flash, 6 s."""
    random = np.random.default_rng(11)
    scenes = random.integers(30, 220, (4, 3, SMALL_HEIGHT_PX, 2 * SMALL_WIDTH_PX))
    shares = np.zeros((4, LENGTH))
    shares[0, :40], shares[1, 40:70], shares[1, 85:], shares[2, 70:] = 1, 1, 0, 1
    shares[1, 70:85] = np.linspace(1, 0, 15)
    shares[2, 70:85] = 1 - shares[1, 70:85]
    made = []
    for n in range(LENGTH):
        moved = np.roll(scenes, -(n // 2), axis=3)[..., :SMALL_WIDTH_PX]
        image = np.tensordot(shares[:, n], moved, 1)
        if n >= 100:
            edge = min(SMALL_WIDTH_PX, 6 * (n - 100))
            image[..., :edge] = moved[3][..., :edge]
        if n == 55:
            image[:] = 235
        if n > 130:
            image[0] = 16 + (image[0] - 16) * max(0, 1 - (n - 130) / 12)
        planes = tuple(image.clip(0, 255).astype(np.uint8))
        made.append(Picture(planes, pts=n * TICKS, duration=TICKS, time_base=_base()))
    return made


def _base() -> Fraction:
    return Fraction(1, RATE * TICKS)


def _measured(pictures: list[Picture]) -> Columns:
    meter = ShotMeter(cast(Subject, SimpleNamespace(video=SimpleNamespace(time_base=_base(), rate=None))))
    for at in range(0, len(pictures), 7):
        meter.measure(PictureBatch(tuple(pictures[at : at + 7])))
    return meter.columns()


@pytest.mark.parametrize("seam", [41, 56, 78, 93, 108, 135])
def test_a_segment_measured_with_its_lookback_continues_the_one_before(seam: int) -> None:
    pictures = _pictures()
    whole = _measured(pictures)
    needs = ShotMeter.needs
    back = max(int(needs.lookback_s * RATE), needs.lookback_pictures)
    early, late = _measured(pictures[:seam]), _measured(pictures[max(0, seam - back) :])
    both = joined([early, late.between(seam * TICKS, late.end)])
    np.testing.assert_array_equal(both.ticks, whole.ticks)
    for one, other in zip(whole.columns, both.columns, strict=True):
        np.testing.assert_array_equal(other.values, one.values, err_msg=one.name)


def test_the_clip_of_that_test_has_something_of_everything() -> None:
    whole = _measured(_pictures())
    assert np.nanmax(whole["unexplained"]) > 0.7
    assert whole["return_pictures"].max() == 1
    assert whole["dissolve"].max() > 14
    assert whole["wipe"].max() > 14
    assert whole["contrast"].min() < 8
