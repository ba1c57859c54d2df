"""Detectors of levels on columns made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sightline.clock import Span
from sightline.detectors.black import Black
from sightline.detectors.duplicate_frames import DuplicateFrames
from sightline.detectors.freeze import Freeze
from sightline.detectors.out_of_gamut import OutOfGamut
from sightline.detectors.out_of_range import OutOfRange
from sightline.detectors.single_colour import SingleColour
from sightline.facts import MediaFacts
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Provenance, Timeline

RATE = Fraction(30000, 1001)
TIME_BASE = Fraction(1, 30000)
NOTES: dict[str, dict[str, str | int | float]] = {
    "levels": {"full_range": 0, "bit_depth": 8},
    "difference": {"noise": 0.001},
    "colour": {"tolerance": 0.105, "bit_depth": 8},
    "gamut": {},
}


def columns_of(meter: str, notes: Mapping[str, int], **values: Any) -> Columns:
    rows = len(next(iter(values.values())))
    ticks = np.arange(rows, dtype=np.int64) * 1001
    columns = tuple(Column(name, "share", np.asarray(v)) for name, v in values.items())
    return Columns(meter, TIME_BASE, ticks, rows * 1001, columns, NOTES[meter] | dict(notes))


def timeline_of(*columns: Columns) -> Timeline:
    media = MediaFacts("clip.mkv", 1, None, "matroska", None, None, None)
    return Timeline(media, {c.meter: c for c in columns}, Provenance("test", ""))


def levels(black_share: Any, *, full_range: bool = False, **values: Any) -> Columns:
    rows = len(black_share)
    constant = {
        "y_mean": 100.0, "y_min": 16, "y_max": 235, "reserved": 0,
        "out_of_range_share": 0.0, "y_out_share": 0.0, "c_out_share": 0.0,
    }  # fmt: skip
    filled = {name: np.full(rows, value) for name, value in constant.items()} | values
    return columns_of("levels", {"full_range": int(full_range)}, black_share=np.asarray(black_share, float), **filled)


def difference(mafd: npt.ArrayLike, anchored: npt.ArrayLike | None = None) -> Columns:
    return columns_of("difference", {}, mafd=np.asarray(mafd, float),
                      mafd_anchor=np.asarray(mafd if anchored is None else anchored, float))  # fmt: skip


def frames(*events: Event) -> list[tuple[int, int]]:
    edges = [(event.span.start * RATE, event.span.end * RATE) for event in events]
    assert all(edge.denominator == 1 for both in edges for edge in both)
    return [(int(start), int(end)) for start, end in edges]


def marked(rows: int, *ranges: tuple[int, int], value: float = 1.0, rest: float = 0.0) -> npt.NDArray[np.float64]:
    values = np.full(rows, rest)
    for first, last in ranges:
        values[first:last] = value
    return values


def test_black_is_found_at_the_start_as_one_picture_and_to_the_very_end() -> None:
    found = Black().detect(timeline_of(levels(marked(100, (0, 3), (50, 51), (90, 100)))))
    assert frames(*found) == [(0, 3), (50, 51), (90, 100)]
    assert [event.evidence["at_end"] for event in found] == [False, False, True]


def test_a_picture_just_short_of_the_share_is_not_black() -> None:
    assert Black().detect(timeline_of(levels([0.9799, 0.5]))) == ()
    (event,) = Black().detect(timeline_of(levels([0.98, 0.5])))
    assert event.confidence == pytest.approx(0.5)


def test_black_shorter_than_asked_for_is_left_out_and_as_long_is_kept() -> None:
    shares = marked(100, (10, 40), (60, 89))
    found = Black(min_duration_s=1.001).detect(timeline_of(levels(shares)))
    assert frames(*found) == [(10, 40)]


def test_a_freeze_begins_with_the_picture_that_is_repeated_and_ends_with_the_first_that_differs() -> None:
    mafd = marked(100, (20, 40), value=0.0, rest=0.05)
    mafd[0] = np.nan
    (event,) = Freeze().detect(timeline_of(difference(mafd), levels(marked(100))))
    assert frames(event) == [(19, 40)]
    assert event.evidence["pictures"] == 21
    assert event.evidence["black"] is False


def test_a_freeze_from_the_first_picture_to_the_last_covers_the_stream() -> None:
    mafd = marked(60)
    mafd[0] = np.nan
    (event,) = Freeze().detect(timeline_of(difference(mafd), levels(marked(60))))
    assert frames(event) == [(0, 60)]
    assert event.evidence["at_end"] is True


def test_two_stills_one_after_the_other_are_two_freezes() -> None:
    mafd = marked(60)
    mafd[[0, 30]] = np.nan, 0.2
    found = Freeze().detect(timeline_of(difference(mafd), levels(marked(60))))
    assert frames(*found) == [(0, 30), (30, 60)]


def test_half_a_second_of_still_is_a_freeze_and_less_is_not() -> None:
    mafd = marked(100, (11, 25), (60, 73), value=0.0, rest=0.05)
    found = Freeze().detect(timeline_of(difference(mafd), levels(marked(100))))
    assert frames(*found) == [(10, 25)]


def test_a_fifth_of_a_second_is_not_shorter_than_a_limit_of_0_2() -> None:
    share = marked(20, (5, 10))
    at_25 = Columns("levels", Fraction(1, 25), np.arange(20), 20, levels(share).columns)
    (event,) = Black(min_duration_s=0.2).detect(timeline_of(at_25))
    assert event.span == Span(Fraction(1, 5), Fraction(2, 5))


def test_a_freeze_of_black_says_so() -> None:
    (event,) = Freeze().detect(timeline_of(difference(marked(60)), levels(marked(60, (0, 60)))))
    assert event.labels == ("black",)
    assert event.evidence["black"] is True


def test_a_stricter_noise_than_the_meters_does_not_lend_a_freeze_a_picture_that_differs() -> None:
    # The run begins at 10; the pictures from 20 on stay within the meter's noise of it but not within ours.
    anchored = marked(60, (11, 20), value=0.0, rest=0.0008)
    anchored[:11] = 0.05
    found = Freeze(noise=0.0005, min_duration_s=0.1).detect(timeline_of(difference(anchored), levels(marked(60))))
    assert frames(*found) == [(10, 20)]


def colour(share: Any, y: Any, u: Any = None, v: Any = None) -> Columns:
    grey = np.full(len(share), 128)
    return columns_of("colour", {}, dominant_share=np.asarray(share, float), y=np.asarray(y),
                      u=grey if u is None else np.asarray(u), v=grey if v is None else np.asarray(v))  # fmt: skip


def test_one_picture_of_one_colour_is_found() -> None:
    meters = colour(marked(50, (20, 21), rest=0.3), np.full(50, 180)), levels(marked(50))
    (event,) = SingleColour().detect(timeline_of(*meters))
    assert frames(event) == [(20, 21)]
    assert (event.evidence["y"], event.evidence["u"], event.labels) == (180, 128, ())


def test_red_after_blue_are_two_events() -> None:
    u, v = marked(50, (0, 25), value=240, rest=100), marked(50, (0, 25), value=110, rest=240)
    meters = colour(np.ones(50), np.full(50, 80), u, v), levels(marked(50))
    assert frames(*SingleColour().detect(timeline_of(*meters))) == [(0, 25), (25, 50)]


def test_black_is_no_single_colour_and_the_fade_beside_it_is_labelled() -> None:
    meters = colour(marked(50, (10, 40), rest=0.3), np.full(50, 30)), levels(marked(50, (20, 40)))
    (event,) = SingleColour().detect(timeline_of(*meters))
    assert frames(event) == [(10, 20)]
    assert event.labels == ("beside_black",)


def test_the_range_is_exceeded_only_above_one_per_cent_and_short_gaps_are_bridged() -> None:
    share = marked(100, (10, 20), (25, 30), (60, 61), value=0.02, rest=0.01)
    share[27] = 0.3
    found = OutOfRange().detect(timeline_of(levels(marked(100), out_of_range_share=share)))
    assert frames(*found) == [(10, 30), (60, 61)]
    assert found[0].evidence["value"] == 0.3
    assert found[0].evidence["worst_s"] == pytest.approx(float(27 / RATE))
    assert found[0].evidence["pictures"] == 15


def test_full_range_has_only_reserved_codes() -> None:
    values = {"out_of_range_share": np.full(10, 0.5), "reserved": marked(10, (2, 4), value=7)}
    (event,) = OutOfRange().detect(timeline_of(levels(marked(10), full_range=True, **values)))
    assert frames(event) == [(2, 4)]
    assert event.labels == ("reserved_codes",)
    assert (event.evidence["value"], event.evidence["unit"]) == (7, "count")


def test_the_worst_channel_out_of_gamut_is_named() -> None:
    values = {name: marked(20, (5, 8), value=v) for name, v in
              {"out_share": 0.04, "r_out": 0.01, "g_out": 0.0, "b_out": 0.03, "y_out": 0.0}.items()}  # fmt: skip
    (event,) = OutOfGamut().detect(timeline_of(columns_of("gamut", {}, **values)))
    assert frames(event) == [(5, 8)]
    assert (event.evidence["channel"], event.evidence["b_out"]) == ("B", 0.03)


def held(*holds: int, times: int, motion: float = 0.02) -> npt.NDArray[np.float64]:
    """Differences of material whose new pictures are held for ``holds`` pictures, again and again."""
    unit = np.concatenate([[motion, *[0.0] * (hold - 1)] for hold in holds])
    return np.concatenate([[np.nan], np.tile(unit, times), [motion] * 3])


@pytest.mark.parametrize(
    ("holds", "cadence", "ratio"),
    [((2, 3), "2:3", 0.6), ((1, 1, 1, 2), "1:1:1:2", 0.2), ((2,), "2", 0.5), ((3,), "3", 2 / 3)],
)
def test_a_cadence_is_recognised(holds: tuple[int, ...], cadence: str, ratio: float) -> None:
    mafd = held(*holds, times=40)
    (event,) = DuplicateFrames().detect(timeline_of(difference(mafd)))
    assert event.evidence["cadence"] == cadence
    assert event.evidence["value"] == pytest.approx(ratio, abs=0.02)
    assert event.evidence["rate_hz"] == pytest.approx(float(RATE) * (1 - ratio), rel=1e-9)
    assert event.labels == ("cadence",)


def test_the_phase_of_a_cadence_is_the_picture_its_pattern_starts_at() -> None:
    (event,) = DuplicateFrames().detect(timeline_of(difference(held(1, 2, 1, 1, times=30))))
    # The passage starts at the first picture held twice; 1:1:1:2 starts two pictures later.
    assert event.evidence["cadence"] == "1:1:1:2"
    assert event.evidence["phase"] == 2


def test_one_repeated_picture_in_moving_material_is_found() -> None:
    mafd = np.full(100, 0.02)
    mafd[50] = 0.0
    (event,) = DuplicateFrames().detect(timeline_of(difference(mafd)))
    assert frames(event) == [(49, 51)]
    assert event.labels == ("single",)


def test_a_freeze_and_a_scene_that_hardly_moves_are_no_duplicates() -> None:
    freeze = marked(100, (30, 60), value=0.0, rest=0.02)
    slow = np.full(100, 0.002)
    slow[::5] = 0.0
    for mafd in (freeze, slow):
        assert DuplicateFrames().detect(timeline_of(difference(mafd))) == ()


def test_repeats_far_apart_are_passages_of_their_own() -> None:
    mafd = np.full(200, 0.02)
    mafd[[20, 25, 150]] = 0.0
    found = DuplicateFrames().detect(timeline_of(difference(mafd)))
    assert frames(*found) == [(19, 26), (149, 151)]


@pytest.mark.parametrize("detector", [Black, Freeze, SingleColour, OutOfRange, OutOfGamut, DuplicateFrames])
def test_a_stream_without_pictures_has_no_events(detector: Any) -> None:
    empty = np.empty(0)
    gamut = columns_of("gamut", {}, out_share=empty, r_out=empty, g_out=empty, b_out=empty, y_out=empty)
    timeline = timeline_of(levels(empty), difference(empty), colour(empty, empty), gamut)
    assert detector().detect(timeline) == ()


def test_spans_are_exact_at_29_97() -> None:
    (event,) = Black().detect(timeline_of(levels(marked(4, (1, 3)))))
    assert event.span == Span(Fraction(1001, 30000), Fraction(3003, 30000))
