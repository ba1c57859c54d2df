"""The replica of EA IRIS against its published tables, and against a second implementation of its rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from benchmarks.accuracy.flashes import Clip, blind_spots, emulated, iris_clips, iris_rows, limits, measure, run

from flash_pictures import at_rate, columns_of, events_of, flat, media, shown
from sightline.detectors.flash_luminance import FlashLuminance
from sightline.detectors.flash_red import FlashRed
from sightline.meters.flash_iris import FlashIris
from sightline.meters.meter import NotMeasurable
from sightline.timeline.columns import Columns

CLIPS = {clip.name: clip for clip in (*iris_clips(), *blind_spots(), *limits())}

Runs = Sequence[tuple[int, int]]
PUBLISHED: dict[str, tuple[Runs, Runs]] = {
    "2Hz_5s": (
        [(0, 6), (1, 1), (2, 1), (3, 1), (4, 1), (5, 4), (4, 11)],
        [(0, 9), (1, 16)],
    ),
    "2Hz_6s": (
        [(0, 5), (1, 3), (2, 3), (3, 3), (4, 15), (5, 1), (4, 2), (5, 1), (4, 2), (5, 1), (4, 2), (5, 1), (4, 110)],
        [(0, 14), (1, 99), (2, 36)],
    ),
    "3Hz_6s": (
        [(0, 5), (1, 3), (2, 3), (3, 3), (4, 2), (5, 3), (6, 10), (7, 1), (6, 2), (7, 1), (6, 2), (7, 1), (6, 2),
         (7, 1), (6, 1), (7, 1), (6, 2), (7, 1), (6, 105)],
        [(0, 14), (1, 15), (3, 1), (1, 2), (3, 1), (1, 2), (3, 1), (1, 2), (3, 1), (1, 1), (3, 1), (1, 2), (3, 1),
         (1, 75), (2, 30)],
    ),
}  # fmt: skip
"""Runs of (value, rows): transitions and frame result of luminance in IRIS's expected logs."""
LAST_EXTENDED = {"2Hz_5s": 16, "2Hz_6s": 125, "3Hz_6s": 119}


def spread(runs: Runs) -> list[int]:
    return [value for value, count in runs for _ in range(count)]


def iris(clip: Clip) -> Columns:
    return measure(FlashIris, clip)


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_rows_are_those_of_the_published_table(name: str) -> None:
    columns, (transitions, results) = iris(CLIPS[name]), PUBLISHED[name]
    assert columns["lum_transitions"].tolist() == spread(transitions)
    assert columns["lum_result"].tolist() == spread(results)
    assert columns["lum_extended"][-1] == LAST_EXTENDED[name]
    assert columns["red_result"].max() == 0


@pytest.mark.parametrize("name", list(CLIPS))
def test_rows_are_those_of_a_second_implementation(name: str) -> None:
    clip = CLIPS[name]
    assert iris_rows(iris(clip)) == emulated(clip.images, round(clip.rate))


def test_coloured_noise_gives_the_same_rows_in_both_implementations() -> None:
    random = np.random.default_rng(7)
    images = tuple(
        np.kron(random.integers(0, 256, (9, 16, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(60)
    )
    reddish = tuple(np.where(n // 3 % 2, image // [1, 8, 8], image).astype(np.uint8) for n, image in enumerate(images))
    clip = Clip("noise", CLIPS["gray"].rate, reddish)
    assert iris_rows(iris(clip)) == emulated(clip.images, 25)


def test_bright_greys_and_slow_clips_pass_as_published() -> None:
    for name in ("gray", "extended_long", "intermittent", "gradual_red"):
        columns = iris(CLIPS[name])
        assert max(columns["lum_result"].max(), columns["red_result"].max()) == 0, name
    assert iris(CLIPS["gray"])["lum_transitions"].max() == 0
    assert iris(CLIPS["extended_long"])["lum_transitions"].max() == 3
    assert iris(CLIPS["gradual_red"])["red_transitions"].max() == 2
    assert iris(CLIPS["gradual_red"])["red_mean"].max() == pytest.approx(314, abs=4)  # a code of 8 bits is 2.5


def test_what_iris_cannot_see_is_seen_per_cell() -> None:
    outcome = run()
    assert outcome["iris_mismatches"] == 0
    assert outcome["rules_right"] == outcome["rules_of"]
    results = {name: outcome["iris"][name]["result"] for name in (clip.name for clip in blind_spots())}
    assert results == {
        "antiphase_halves": "pass", "60_cd_m2_on_30_percent": "pass", "20_percent_in_noise": "flash failure",
    }  # fmt: skip


def test_black_white_red_at_seven_pictures_a_second_are_four_and_three_transitions() -> None:
    images = [flat(0), flat(1), flat(1, 0, 0), flat(1), flat(1, 0, 0)]
    columns = columns_of(FlashIris, shown(images, at_rate(5, 7)), media(7))
    assert (columns["lum_transitions"][-1], columns["red_transitions"][-1]) == (4, 3)


def test_the_iris_profile_judges_its_rows() -> None:
    columns = iris(CLIPS["3Hz_6s"])
    found = events_of(FlashLuminance(profile="iris"), columns)
    assert {event.labels[0] for event in found} == {"flash", "extended"}
    assert sum(event.labels == ("flash",) for event in found) == 6
    assert events_of(FlashRed(profile="iris"), columns) == ()


def test_a_stream_without_a_rate_is_not_measured_by_counting_pictures() -> None:
    with pytest.raises(NotMeasurable):
        columns_of(FlashIris, [], media(average_rate=None, nominal_rate=None))
