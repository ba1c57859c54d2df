"""The flash meter and its detectors: rules, areas, rates, memory."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from flash_pictures import (
    HEIGHT_PX,
    TICKS_PER_S,
    WIDTH_PX,
    Image,
    at_rate,
    code_of,
    columns_of,
    events_of,
    flat,
    lit,
    media,
    part,
    planes,
    shown,
)
from sightline.detectors.flash_luminance import EXTENDED, FLASH, FlashLuminance
from sightline.detectors.flash_red import FlashRed
from sightline.errors import TemplateInvalid
from sightline.media.decode import Decoder
from sightline.media.picture import Picture, PictureBatch
from sightline.media.probe import probe
from sightline.meters.display import display_of, luminance_cd_m2
from sightline.meters.flash import Flash
from sightline.meters.meter import Subject
from sightline.timeline.columns import Columns, joined

SHARED = Path(__file__).parents[2].parent / "shared"
BLACK, WHITE, RED = flat(0), flat(1), flat(1, 0, 0)


def measure(images: Sequence[Image], rate: Fraction | int = 25, ticks: Sequence[int] | None = None) -> Columns:
    return columns_of(Flash, shown(images, ticks or at_rate(len(images), rate)), media(rate))


def in_turn(count: int, half_period: int, *states: Image) -> list[Image]:
    return [states[n // half_period % len(states)] for n in range(count)]


def labels(columns: Columns, **rules: object) -> list[str]:
    return [event.labels[0] for event in events_of(FlashLuminance(**rules), columns)]  # type: ignore[arg-type]


def total_changes(columns: Columns, what: str = "lum") -> int:
    return int(np.count_nonzero(columns[f"{what}_now"] > 0.99))


# Luminance on the reference screen


def test_ten_bit_code_400_is_at_the_anchor_quoted_from_bt1702() -> None:
    video = media(bit_depth=10).video
    assert video is not None
    assert display_of(video, 10).luminance[400] == pytest.approx(20.1, abs=0.06)


def test_pq_and_hlg_are_absolute() -> None:
    signal = np.array([0.5081, 0.5807, 0.7518, 1.0])
    np.testing.assert_allclose(luminance_cd_m2(signal, "pq"), [100, 203, 1000, 10_000], rtol=5e-3)
    np.testing.assert_allclose(luminance_cd_m2(np.array([0.75, 1.0]), "hlg"), [203, 1000], rtol=5e-3)


# What is a change


@pytest.mark.parametrize(
    ("dark_cd_m2", "bright_cd_m2", "counts"),
    [(0, 19, 0), (0, 21, 1), (100, 119, 0), (100, 121.5, 1), (170, 190, 0), (170, 195, 1)],
)
def test_a_change_is_twenty_cd_m2_or_an_eighth_of_the_darker_state(
    dark_cd_m2: float, bright_cd_m2: float, counts: int
) -> None:
    columns = measure([lit(dark_cd_m2)] * 5 + [lit(bright_cd_m2)] * 5)
    assert total_changes(columns) == counts


def test_a_ramp_is_one_change_however_many_pictures_it_takes() -> None:
    up = [lit(cd_m2) for cd_m2 in np.linspace(0, 150, 25)]
    columns = measure([BLACK] * 3 + up + [lit(150)] * 3 + up[::-1])
    assert columns["lum_now"].sum() == pytest.approx(2, abs=0.01)


def test_a_slow_drift_is_no_change() -> None:
    columns = measure([lit(cd_m2) for cd_m2 in np.linspace(10, 70, 250)])
    assert columns["lum_now"].max() == 0


def test_black_white_red_white_red_are_four_luminance_and_three_red_changes() -> None:
    columns = measure([BLACK, WHITE, RED, WHITE, RED], rate=7)
    assert (total_changes(columns), total_changes(columns, "red")) == (4, 3)


def test_red_from_black_and_back_counts_as_red() -> None:
    columns = measure([BLACK] * 4 + [RED] * 4 + [BLACK] * 4)
    assert total_changes(columns, "red") == 2


def test_noise_near_black_is_no_red() -> None:
    rng = np.random.default_rng(1)
    noisy = []
    for n, tick in enumerate(at_rate(50, 25)[:-1]):
        y = rng.integers(15, 19, (HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
        u, v = rng.integers(124, 134, (2, HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
        noisy.append(Picture((y, u, v), pts=tick, duration=3600, time_base=Fraction(1, TICKS_PER_S)))
        assert n < 50
    assert columns_of(Flash, noisy)["red_now"].max() == 0


def test_pink_to_red_is_too_near_to_count() -> None:
    # u'v' of a red with half of its light in green and blue lies 0.16 from the primary.
    columns = measure(in_turn(50, 2, flat(1, 0.5, 0.5), RED))
    assert columns["red_now"].max() == 0


def test_a_still_white_turning_red_counts_at_any_time() -> None:
    for still in range(20, 60, 7):
        fading = [flat(1, g, g) for g in (0.75, 0.5, 0.25)]
        columns = measure([WHITE] * still + fading + [RED] * 5)
        assert total_changes(columns, "red") == 1, still


# How often, over how much


def test_three_flashes_a_second_pass_and_more_fail() -> None:
    # At 24 Hz a half period of 4 pictures is 3 flashes a second, of 3 pictures 4.
    assert labels(measure(in_turn(96, 4, BLACK, WHITE), 24), extended_window_s=0) == []
    assert labels(measure(in_turn(96, 3, BLACK, WHITE), 24)) == [FLASH]


@pytest.mark.parametrize(("rate", "pictures"), [(25, 9), (50, 18), (Fraction(30_000, 1001), 10), (60, 20)])
def test_leading_edges_as_far_apart_as_allowed_pass(rate: Fraction | int, pictures: int) -> None:
    images = [WHITE if n % pictures < pictures // 2 else BLACK for n in range(8 * pictures)]
    columns = measure(images, rate)
    assert columns["lum_over"].max() == 0
    closer = [WHITE if n % (pictures - 2) < pictures // 2 - 1 else BLACK for n in range(8 * pictures)]
    assert measure(closer, rate)["lum_over"].max() == 1


def test_windows_are_in_time_not_in_pictures() -> None:
    # The same light, once at 25 Hz, once with a picture only where it changes.
    images = in_turn(75, 3, BLACK, WHITE)
    ticks = at_rate(75, 25)
    sparse = measure(images[::3], ticks=ticks[::3])
    full = measure(images)
    assert full["lum_changes"][::3].tolist() == sparse["lum_changes"].tolist()
    (one,), (other,) = events_of(FlashLuminance(), full), events_of(FlashLuminance(), sparse)
    assert one.span.start == other.span.start


def test_a_quarter_of_the_screen_is_allowed_and_more_is_not() -> None:
    for share, expected in ((0.25, []), (0.30, [FLASH])):
        images = in_turn(75, 2, part(WHITE, share, BLACK), BLACK)
        assert labels(measure(images)) == expected


def test_half_screens_in_antiphase_fail() -> None:
    images = in_turn(75, 2, part(WHITE, 0.5, BLACK), part(BLACK, 0.5, WHITE))
    assert labels(measure(images)) == [FLASH]


def test_sixty_cd_m2_on_thirty_percent_of_the_screen_fail() -> None:
    images = in_turn(75, 2, part(lit(4), 0.3, lit(4)), part(lit(60), 0.3, lit(4)))
    assert labels(measure(images)) == [FLASH]


def test_a_fifth_of_the_screen_flashing_in_noise_passes() -> None:
    rng = np.random.default_rng(2)
    images = [
        np.clip(part(WHITE if n % 4 < 2 else BLACK, 0.2, lit(40)) + rng.normal(0, 0.02, (HEIGHT_PX, WIDTH_PX, 1)), 0, 1)
        for n in range(75)
    ]
    columns = measure(images)
    assert labels(columns) == []
    assert columns["lum_over"].max() == pytest.approx(0.2, abs=0.01)


def test_three_cuts_a_second_between_unlike_shots_pass() -> None:
    rng = np.random.default_rng(3)
    shots = [np.kron(rng.random((9, 16, 1)), np.ones((12, 12, 3))) for _ in range(15)]
    images = [shots[n // 8] for n in range(120)]
    assert labels(measure(images, 24)) == []


def test_a_uniform_pan_over_a_natural_slope_passes() -> None:
    rng = np.random.default_rng(4)
    world = np.kron(rng.random((9, 64, 1)), np.ones((12, 12, 3)))
    images = [world[:, 2 * n : 2 * n + WIDTH_PX] for n in range(75)]
    assert labels(measure(images)) == []


def test_wcag_looks_at_a_third_of_the_screen() -> None:
    # A twentieth of the screen, but half of the window in the corner.
    corner = BLACK.copy()
    corner[: HEIGHT_PX // 4, : WIDTH_PX // 4] = 1
    columns = measure(in_turn(75, 2, corner, BLACK))
    assert labels(columns) == []
    assert labels(columns, profile="wcag") == [FLASH]
    assert columns["wcag_over"].max() == pytest.approx(9 / 16, abs=0.02)


def test_wcag_ignores_changes_between_bright_states() -> None:
    bright = flat(0.92)  # relative luminance 0.83
    columns = measure(in_turn(75, 2, bright, WHITE))
    assert columns["wcag_over"].max() == 0
    assert measure(in_turn(75, 2, flat(0.85), WHITE))["wcag_over"].max() == 1


def test_red_flashes_that_hardly_change_in_luminance_fail_as_red_only() -> None:
    grey = flat(0.2126)
    columns = measure(in_turn(75, 2, grey, RED))
    assert labels(columns) == []
    (event,) = events_of(FlashRed(), columns)
    assert (event.kind, event.labels, event.evidence["profile"]) == ("flash_red", (FLASH,), "bt1702")


# Spans, extended flashing, evidence


def test_an_event_covers_the_flashing_itself() -> None:
    images = [BLACK] * 50 + in_turn(26, 2, WHITE, BLACK) + [BLACK] * 50
    (event,) = events_of(FlashLuminance(), measure(images))
    # The last white pictures are 74 and 75.
    assert (event.span.start, event.span.end) == (Fraction(50, 25), Fraction(76, 25))
    assert event.evidence["value"] == 1.0
    assert event.evidence["threshold"] == 0.25
    assert event.evidence["changes"] == 13


def test_a_cut_amid_flashes_of_a_part_does_not_shorten_the_event() -> None:
    flashes = in_turn(50, 2, part(WHITE, 0.3, lit(30)), lit(30))
    images = [lit(30)] * 25 + flashes[:24] + [part(i, 0.3, lit(120)) for i in flashes[24:]] + [lit(120)] * 25
    (event,) = events_of(FlashLuminance(), measure(images))
    assert event.span.start == 1
    assert event.span.end > 2


def test_flashing_near_the_limit_for_most_of_five_seconds_is_extended() -> None:
    two_hz = [WHITE if n % 25 in (5, 6, 7, 11, 12, 13) else BLACK for n in range(175)]
    columns = measure(two_hz)
    (event,) = events_of(FlashLuminance(), columns)
    assert event.labels == (EXTENDED,)
    assert event.evidence["value"] == 1.0
    assert labels(measure(two_hz[:100])) == []
    assert labels(columns, extended_window_s=0) == []
    assert labels(columns, profile="wcag") == []


def test_pauses_keep_flashing_from_being_extended() -> None:
    second_on_second_off = [WHITE if n % 50 < 25 and n % 25 in (5, 6, 7, 11, 12, 13) else BLACK for n in range(300)]
    assert labels(measure(second_on_second_off)) == []


def test_the_iris_profile_refuses_to_judge_what_was_not_measured() -> None:
    columns = measure([BLACK] * 3)
    with pytest.raises(TemplateInvalid):
        events_of(FlashLuminance(profile="iris"), columns)
    with pytest.raises(TemplateInvalid):
        events_of(FlashRed(profile="nobody"), columns)


def test_an_edited_film_passes() -> None:
    path = SHARED / "media" / "big_buck_bunny_60s.mp4"
    if not path.exists():
        pytest.skip("no real clip beside the checkout")
    about = probe(path)
    meter = Flash(Subject(about, video=about.video))
    with Decoder(path, about, sounds=(), packets=False) as decoder:
        for item in decoder:
            if isinstance(item, Picture):
                meter.measure(PictureBatch((item,)))
    columns = meter.columns()
    assert events_of(FlashLuminance(), columns) == ()
    assert events_of(FlashRed(), columns) == ()
    assert columns["lum_now"].max() > 0.5  # its cuts are seen


# Pictures of other kinds


def test_ten_bits_count_like_eight() -> None:
    images = in_turn(75, 3, lit(10), lit(90))
    eight = measure(images)
    ten = columns_of(Flash, shown(images, at_rate(75, 25), 10), media(bit_depth=10))
    assert ten["lum_changes"].tolist() == eight["lum_changes"].tolist()


def test_grey_pictures_and_upright_pictures_are_measured() -> None:
    pictures = [
        Picture((np.full((480, 270), 16 if n % 4 < 2 else 235, np.uint8), None, None), pts=n * 3600, duration=3600,
                time_base=Fraction(1, TICKS_PER_S))
        for n in range(50)
    ]  # fmt: skip
    columns = columns_of(Flash, pictures)
    assert columns["lum_over"].max() == 1
    assert columns.notes["cells_across"] < columns.notes["cells_down"]


def test_hdr_flashes_are_judged_in_absolute_light() -> None:
    # 8-bit pictures of a PQ stream: 0.58 of the signal is 203 cd/m².
    about = media(color_transfer="smpte2084", color_primaries="bt2020", color_matrix="bt2020nc")
    images = in_turn(50, 2, flat(0.58), flat(0.61))
    pictures = shown(images, at_rate(50, 25))
    assert columns_of(Flash, pictures, about)["lum_over"].max() == 1
    assert columns_of(Flash, pictures)["lum_over"].max() == 0


# Segments


def test_a_run_that_starts_four_seconds_earlier_gives_the_same_rows() -> None:
    rng = np.random.default_rng(5)
    low = np.zeros((300, 9, 16, 3))
    for n in range(1, 300):
        jump = rng.random((9, 16, 1)) < 0.2
        low[n] = np.clip(np.where(jump, rng.random((9, 16, 3)), low[n - 1] + rng.normal(0, 0.02, (9, 16, 3))), 0, 1)
    pictures = shown([np.kron(each, np.ones((12, 12, 1))) for each in low], at_rate(300, 25))
    whole = columns_of(Flash, pictures)
    seam = pictures[180].pts
    first = columns_of(Flash, pictures[:180])
    second = columns_of(Flash, pictures[80:]).between(seam, whole.end)
    again = joined([first, second])
    assert whole["lum_near"].max() > 0.2
    assert whole["red_now"].max() > 0
    for column in whole.columns:
        np.testing.assert_array_equal(again[column.name], column.values, err_msg=column.name)


def test_codes_of_the_tests_are_what_they_say() -> None:
    y = planes(lit(60))[0]
    assert y.min() == y.max() == code_of(60)
