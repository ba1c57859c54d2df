"""Levels, difference, colour and gamut against plain NumPy, for every layout of planes a decoder may give."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sightline.facts import Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.colour import Colour
from sightline.meters.difference import Difference
from sightline.meters.gamut import Gamut
from sightline.meters.levels import Levels
from sightline.meters.meter import NotMeasurable, Subject
from sightline.timeline.columns import Columns

Plane = npt.NDArray[Any]
RATE = Fraction(25)
SUBSAMPLING = {Chroma.C420: (2, 2), Chroma.C422: (2, 1), Chroma.C444: (1, 1), Chroma.C411: (4, 1), Chroma.C410: (4, 4)}
EVERY_CHROMA = [*SUBSAMPLING, Chroma.GREY]
SIZES = [(96, 64), (97, 63), (7, 5), (2, 2), (1, 1)]


def subject_of(
    chroma: Chroma = Chroma.C420,
    *,
    size: tuple[int, int] = (96, 64),
    bit_depth: int = 8,
    full_range: bool = False,
    matrix: str | None = "bt709",
    is_rgb: bool = False,
) -> Subject:
    video = VideoFacts(
        index=0, codec="ffv1", profile=None, level=None, width=size[0], height=size[1], pixel_format="",
        bit_depth=bit_depth, chroma=chroma, is_rgb=is_rgb, sample_aspect=Fraction(1), rotation_deg=0,
        time_base=1 / RATE, average_rate=RATE, nominal_rate=RATE, frame_count=None, start=None, duration=None,
        bit_rate_bps=None, field_order=FieldOrder.PROGRESSIVE, full_range=full_range, color_range=None,
        color_primaries=None, color_transfer=None, color_matrix=matrix,
    )  # fmt: skip
    media = MediaFacts("clip.mkv", 1, None, "matroska", None, None, None, (video,))
    return Subject(media, video=video)


def picture_of(planes: list[Plane], n: int = 0, bit_depth: int = 8) -> Picture:
    """With rows further apart than they are long, as decoders have them, and rubbish between."""
    padded = []
    for plane in planes:
        whole = np.full((plane.shape[0], plane.shape[1] + 32), 77, plane.dtype)
        whole[:, : plane.shape[1]] = plane
        padded.append(whole[:, : plane.shape[1]])
    y, u, v = (*padded, None, None)[:3]
    assert y is not None
    return Picture((y, u, v), pts=n, duration=1, time_base=1 / RATE, bit_depth=bit_depth)


def random_planes(
    chroma: Chroma, size: tuple[int, int], bit_depth: int, seed: int = 1, extent: tuple[float, float] = (0, 1)
) -> list[Plane]:
    random = np.random.default_rng(seed)
    dtype = np.uint8 if bit_depth == 8 else np.uint16
    low, high = (int(share * ((1 << bit_depth) - 1)) for share in extent)
    shapes = [(size[1], size[0])]
    if chroma is not Chroma.GREY:
        across, down = SUBSAMPLING[chroma]
        shapes += [(-(-size[1] // down), -(-size[0] // across))] * 2
    return [random.integers(low, high + 1, shape).astype(dtype) for shape in shapes]


def measured(meter: Any, *pictures: Picture) -> Columns:
    for picture in pictures:
        meter.measure(PictureBatch((picture,)))
    columns = meter.columns()
    assert isinstance(columns, Columns)
    return columns


def laid_over_luma(mask: Plane, y: Plane, chroma: Chroma) -> Plane:
    across, down = SUBSAMPLING[chroma]
    return np.kron(mask, np.ones((down, across), np.bool_)).astype(bool)[: y.shape[0], : y.shape[1]]


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("bit_depth", [8, 10, 12])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chroma", EVERY_CHROMA)
def test_levels_are_those_of_numpy(chroma: Chroma, size: tuple[int, int], bit_depth: int, full_range: bool) -> None:
    planes = random_planes(chroma, size, bit_depth)
    subject = subject_of(chroma, size=size, bit_depth=bit_depth, full_range=full_range)
    row = measured(Levels(subject), picture_of(planes, bit_depth=bit_depth))
    y, step = planes[0], 1 << (bit_depth - 8)
    top = (1 << bit_depth) - 1
    black = int(0.1 * top) if full_range else int(16 * step + 0.1 * 219 * step)
    expected = {
        "y_min": y.min(), "y_max": y.max(), "y_mean": y.mean(),
        "black_share": (y <= black).mean(),
        "reserved": sum(int(((p < step) | (p > top - step)).sum()) for p in planes),
        "used_bits": np.bitwise_or.reduce(y.ravel()),
    }  # fmt: skip
    y_out = (y < 16 * step) | (y > 235 * step)
    either, c_out = y_out, np.zeros(1, np.bool_)
    for name, plane in zip("uv", planes[1:], strict=False):
        expected |= {f"{name}_min": plane.min(), f"{name}_max": plane.max(), f"{name}_mean": plane.mean()}
    if len(planes) == 3:
        c_out = np.logical_or.reduce([(p < 16 * step) | (p > 240 * step) for p in planes[1:]])
        either = y_out | laid_over_luma(c_out, y, chroma)
    else:
        assert np.isnan(row["u_mean"][0])
        assert np.isnan(row["v_max"][0])
    for name, mask in (("out_of_range_share", either), ("y_out_share", y_out), ("c_out_share", c_out)):
        expected[name] = 0.0 if full_range else mask.mean()
    for name, value in expected.items():
        assert row[name][0] == pytest.approx(value, rel=1e-6), name
    flat = np.sort(y.ravel())
    for name, share in (("y_p001", 0.001), ("y_p10", 0.1), ("y_p90", 0.9), ("y_p999", 0.999)):
        assert row[name][0] == flat[max(0, round(share * flat.size) - 1)] or round(share * flat.size) == 0, name


def test_a_picture_in_range_has_nothing_outside_and_nothing_reserved() -> None:
    row = measured(Levels(subject_of()), picture_of(random_planes(Chroma.C420, (96, 64), 8, extent=(0.07, 0.9))))
    assert row["out_of_range_share"][0] == row["y_out_share"][0] == row["c_out_share"][0] == row["reserved"][0] == 0


@pytest.mark.parametrize(("code", "black"), [(37, 1.0), (38, 0.0)])
def test_a_pixel_is_black_up_to_ten_per_cent_of_the_range(code: int, black: float) -> None:
    planes = [np.full((64, 96), code, np.uint8), *(np.full((32, 48), 128, np.uint8) for _ in "uv")]
    assert measured(Levels(subject_of()), picture_of(planes))["black_share"][0] == black


def test_percentiles_of_a_large_picture_are_near_those_of_all_rows() -> None:
    ramp = np.broadcast_to(np.linspace(16, 235, 1280), (720, 1280)).astype(np.uint8)
    row = measured(Levels(subject_of(Chroma.GREY, size=(1280, 720))), picture_of([ramp]))
    assert [int(row[name][0]) for name in ("y_p001", "y_p10", "y_p90", "y_p999")] == [
        int(np.quantile(ramp, q, method="inverted_cdf")) for q in (0.001, 0.1, 0.9, 0.999)
    ]


def test_ten_bits_made_from_eight_show_in_the_used_bits() -> None:
    planes = [plane << 2 for plane in random_planes(Chroma.C420, (96, 64), 10, extent=(0, 0.249))]
    row = measured(Levels(subject_of(bit_depth=10)), picture_of(planes, bit_depth=10))
    assert row["used_bits"][0] & 3 == 0
    assert row["used_bits"][0] & 1020


@pytest.mark.parametrize("bit_depth", [8, 10])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chroma", EVERY_CHROMA)
def test_the_difference_is_that_of_numpy(chroma: Chroma, size: tuple[int, int], bit_depth: int) -> None:
    one, other = (random_planes(chroma, size, bit_depth, seed) for seed in (1, 2))
    meter = Difference(subject_of(chroma, size=size, bit_depth=bit_depth))
    rows = measured(meter, picture_of(one, 0, bit_depth), picture_of(other, 1, bit_depth))
    total = sum(int(np.abs(a.astype(int) - b.astype(int)).sum()) for a, b in zip(one, other, strict=True))
    expected = total / sum(p.size for p in one) / (1 << bit_depth)
    assert np.isnan(rows["mafd"][0])
    assert np.isnan(rows["mafd_anchor"][0])
    assert rows["mafd"][1] == rows["mafd_anchor"][1] == pytest.approx(expected, rel=1e-12)


def grey_steps(*codes: float) -> list[Picture]:
    """Flat grey pictures of 100x100 whose mean is ``codes``, to a hundredth of a code."""
    pictures = []
    for n, code in enumerate(codes):
        y = np.full(10_000, int(code), np.uint8)
        y[: round((code - int(code)) * 10_000)] += 1
        pictures.append(picture_of([y.reshape(100, 100)], n))
    return pictures


def test_a_slow_drift_is_held_against_the_first_picture_of_the_run() -> None:
    # 0.1 code a picture is 0.0004 of full scale: never above the noise from one picture to the next.
    rows = measured(Difference(subject_of(Chroma.GREY)), *grey_steps(*(100 + 0.1 * n for n in range(7))))
    assert (rows["mafd"][1:] < 0.0005).all()
    np.testing.assert_allclose(
        rows["mafd_anchor"][1:] * 256, [0.1, 0.2, 0.3, 0.1, 0.2, 0.3], atol=1e-9
    )  # fmt: skip


def test_a_seam_changes_the_anchored_difference_by_no_more_than_the_noise() -> None:
    random = np.random.default_rng(5)
    pictures = grey_steps(*(100 + np.cumsum(random.normal(0, 0.1, 400))))
    whole = measured(Difference(subject_of(Chroma.GREY)), *pictures)
    for seam in range(1, 400, 7):
        part = measured(Difference(subject_of(Chroma.GREY)), *pictures[seam - 1 :])
        np.testing.assert_array_equal(part["mafd"][1:], whole["mafd"][seam:])
        apart = np.abs(part["mafd_anchor"][1:] - whole["mafd_anchor"][seam:])
        assert apart.max() <= 0.001 + 1e-12


def test_a_picture_of_another_shape_starts_anew() -> None:
    small, large = (np.full((8, width), 100, np.uint8) for width in (8, 16))
    rows = measured(
        Difference(subject_of(Chroma.GREY)), picture_of([small]), picture_of([large], 1), picture_of([large], 2)
    )
    assert np.isnan(rows["mafd"][1])
    assert rows["mafd"][2] == rows["mafd_anchor"][2] == 0


def coloured(
    y: Plane, u: int, v: int, patch_share: float = 0.0, patch: tuple[int, int, int] = (0, 0, 0), n: int = 0
) -> Picture:
    """4:2:0 of one chroma, with a rectangle of about ``patch_share`` of the area in another colour."""
    height, width = y.shape
    planes = [y.copy(), *(np.full((height // 2, width // 2), c, np.uint8) for c in (u, v))]
    side = 2 * round((patch_share * height * width) ** 0.5 / 2)
    for plane, code, scale in zip(planes, patch, (1, 2, 2), strict=True):
        plane[10 // scale * 2 : 10 // scale * 2 + side // scale, 10 // scale * 2 : 10 // scale * 2 + side // scale] = (
            code
        )
    return picture_of(planes, n)


@pytest.mark.parametrize(("share", "dominates"), [(0.05, True), (0.20, False)])
def test_the_dominant_colour_covers_what_is_not_the_patch(share: float, dominates: bool) -> None:
    picture = coloured(np.full((216, 384), 80, np.uint8), 90, 200, share, (200, 60, 60))
    row = measured(Colour(subject_of(size=(384, 216))), picture)
    assert (row["y"][0], row["u"][0], row["v"][0]) == (80, 90, 200)
    assert row["dominant_share"][0] == pytest.approx(1 - share, abs=0.012)
    assert bool(row["dominant_share"][0] >= 0.9) is dominates


def test_a_colour_within_the_tolerance_is_the_same_colour_and_one_beyond_is_not() -> None:
    for step, same in ((11, True), (12, False)):
        y = np.full((108, 192), 100, np.uint8)
        y[:, :60] = 100 + step
        row = measured(Colour(subject_of(size=(192, 108))), coloured(y, 128, 128))
        assert bool(row["dominant_share"][0] > 0.95) is same


def test_the_dominant_colour_of_ten_bits_is_in_codes_of_ten_bits() -> None:
    planes = [np.full((64, 96), 400, np.uint16), *(np.full((32, 48), c, np.uint16) for c in (480, 720))]
    row = measured(Colour(subject_of(bit_depth=10)), picture_of(planes, bit_depth=10))
    assert (row["y"][0], row["u"][0], row["v"][0], row["dominant_share"][0]) == (400, 480, 720, 1.0)


WEIGHTS = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}


def gamut_by_hand(planes: list[Plane], chroma: Chroma, matrix: str, bit_depth: int, full: bool) -> list[Plane]:
    """R, G, B and Y of every block, in limited codes of 8 bits, unrounded."""
    across, down = SUBSAMPLING[chroma]
    wide, high = max(2, across), max(2, down)
    rows, columns = planes[0].shape[0] // high, planes[0].shape[1] // wide

    def means(plane: Plane, a: int, b: int) -> Plane:
        part = plane[: rows * b, : columns * a].astype(np.float64)
        return np.asarray(part.reshape(rows, b, columns, a).mean(axis=(1, 3)))

    y = means(planes[0], wide, high)
    u, v = (means(p, wide // across, high // down) for p in planes[1:])
    top, step = (1 << bit_depth) - 1, 1 << (bit_depth - 8)
    luma = y / top if full else (y / step - 16) / 219
    cb, cr = ((c - 128 * step) / top if full else (c / step - 128) / 224 for c in (u, v))
    kr, kb = WEIGHTS[matrix]
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return [16 + 219 * c for c in (red, green, blue, luma)]


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("bit_depth", [8, 10])
@pytest.mark.parametrize("matrix", list(WEIGHTS))
@pytest.mark.parametrize("chroma", list(SUBSAMPLING))
def test_gamut_is_that_of_the_formula(chroma: Chroma, matrix: str, bit_depth: int, full_range: bool) -> None:
    size = (194, 130)
    smooth = [
        np.kron(plane, np.ones((4, 4), plane.dtype))[: plane.shape[0], : plane.shape[1]]
        for plane in random_planes(chroma, size, bit_depth, extent=(0.2, 0.8))
    ]
    subject = subject_of(chroma, size=size, bit_depth=bit_depth, full_range=full_range, matrix=matrix)
    row = measured(Gamut(subject), picture_of(smooth, bit_depth=bit_depth))
    parts = gamut_by_hand(smooth, chroma, matrix, bit_depth, full_range)
    # What lies within the rounding of the limits may fall on either side.
    off = 1.5 / (1 << (bit_depth - 8)) + 0.05
    for name, codes in zip(("r_out", "g_out", "b_out", "y_out"), parts, strict=True):
        sure, maybe = (float(((codes < 5 - d) | (codes > 246 + d)).mean()) for d in (off, -off))
        assert sure - 1e-9 <= row[name][0] <= maybe + 1e-9, name
    sure, maybe = (
        float(np.logical_or.reduce([(c < 5 - d) | (c > 246 + d) for c in parts]).mean()) for d in (off, -off)
    )
    assert sure - 1e-9 <= row["out_share"][0] <= maybe + 1e-9


@pytest.mark.parametrize("size", [(384, 216), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize(("share", "found"), [(0.02, True), (0.005, False)])
def test_a_patch_of_two_per_cent_is_out_of_gamut_and_half_a_per_cent_is_not(
    size: tuple[int, int], share: float, found: bool
) -> None:
    grey = np.full((size[1], size[0]), 120, np.uint8)
    row = measured(Gamut(subject_of(size=size)), coloured(grey, 128, 128, share, (200, 128, 230)))
    assert row["out_share"][0] == pytest.approx(share, rel=0.08)
    assert bool(row["out_share"][0] > 0.01) is found
    assert row["out_share"][0] == row["r_out"][0]


@pytest.mark.parametrize("rows", [12, 14, 22, 44])
def test_a_thin_bar_across_a_large_picture_is_counted_exactly(rows: int) -> None:
    for top in range(0, 12, 2):
        planes = [np.full((1080, 1920), 120, np.uint8), *(np.full((540, 960), 128, np.uint8) for _ in "uv")]
        planes[0][top : top + rows] = 255
        row = measured(Gamut(subject_of(size=(1920, 1080))), picture_of(planes))
        assert row["out_share"][0] == pytest.approx(rows / 1080)


def test_an_rgb_file_cannot_leave_its_own_gamut() -> None:
    # Pure red in full-range BT.709 YUV, as RGB files come to meters.
    planes = [np.full((64, 96), 54, np.uint8), np.full((64, 96), 99, np.uint8), np.full((64, 96), 255, np.uint8)]
    row = measured(Gamut(subject_of(Chroma.C444, is_rgb=True, matrix="rgb")), picture_of(planes))
    assert row["out_share"][0] == 0


def test_a_matrix_without_red_green_and_blue_is_refused_with_a_reason() -> None:
    with pytest.raises(NotMeasurable, match="ycgco"):
        Gamut(subject_of(matrix="ycgco"))


@pytest.mark.parametrize(("height", "red_is_out"), [(576, False), (720, True)])
def test_without_a_tag_the_height_decides_the_matrix(height: int, red_is_out: bool) -> None:
    # R = 100 + 1.402 (or 1.5748) * 219 / 224 * 104: 242.5 by BT.601, 260.1 by BT.709.
    planes = [np.full((64, 96), 100, np.uint8), np.full((32, 48), 128, np.uint8), np.full((32, 48), 232, np.uint8)]
    row = measured(Gamut(subject_of(size=(96, height), matrix=None)), picture_of(planes))
    assert bool(row["r_out"][0] > 0) is red_is_out


@pytest.mark.parametrize(("rate", "end"), [(RATE, 7), (None, 9)])
def test_without_durations_the_last_picture_lasts_by_the_rate_or_else_as_the_one_before(
    rate: Fraction | None, end: int
) -> None:
    subject = subject_of(Chroma.GREY)
    assert subject.video is not None
    meter = Levels(replace(subject, video=replace(subject.video, nominal_rate=rate, average_rate=rate)))
    for n in (0, 3, 6):
        picture = Picture((np.zeros((4, 4), np.uint8), None, None), pts=n, duration=0, time_base=1 / RATE)
        meter.measure(PictureBatch((picture,)))
    assert meter.columns().end == end
