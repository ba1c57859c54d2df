from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.clock import (
    Span,
    Timecode,
    clock_text,
    exact_seconds,
    seconds_from_text,
    seconds_from_ticks,
    ticks_from_seconds,
)
from sightline.media.clockwork import Timekeeper, nominal_duration

NTSC = Fraction(30000, 1001)
SECONDS = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=100_000)
BASES = st.sampled_from(
    [Fraction(1, 25), Fraction(1, 1000), Fraction(1, 12800), Fraction(1001, 30000), Fraction(1, 90000)]
)


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Span(Fraction(2), Fraction(1))


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(Fraction(1), Fraction(2))
    assert Fraction(1) in span
    assert Fraction(2) not in span
    assert span.overlap(Span(Fraction(2), Fraction(3))) == 0
    assert span.middle == Fraction(3, 2)


@given(SECONDS, SECONDS, SECONDS, SECONDS)
def test_overlap_is_the_same_from_both_sides_and_never_longer(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction
) -> None:
    one, other = Span(min(a, b), max(a, b)), Span(min(c, d), max(c, d))
    assert one.overlap(other) == other.overlap(one) <= min(one.duration, other.duration)
    assert not one.covers(other) or one.overlap(other) == other.duration


@given(SECONDS, BASES)
def test_ticks_are_the_last_at_or_before_a_moment(seconds: Fraction, base: Fraction) -> None:
    tick = ticks_from_seconds(seconds, base)
    assert seconds_from_ticks(tick, base) <= seconds < seconds_from_ticks(tick + 1, base)


@given(st.integers(-(10**9), 10**9), BASES)
def test_ticks_survive_the_way_to_seconds_and_back(tick: int, base: Fraction) -> None:
    assert ticks_from_seconds(seconds_from_ticks(tick, base), base) == tick


@given(st.integers(0, 24 * 3600 * 1000))
def test_clock_text_reads_back(milliseconds: int) -> None:
    seconds = Fraction(milliseconds, 1000)
    assert seconds_from_text(clock_text(seconds)) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("12.5", "12.5"), ("1:02.5", "62.5"), ("1:02:03.25", "3723.25")])
def test_times_are_written_in_three_ways(text: str, seconds: str) -> None:
    assert seconds_from_text(text) == Fraction(seconds)


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-1", "1e3", "nan"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        seconds_from_text(text)


# SMPTE ST 12-1: drop-frame leaves out labels 00 and 01 of every minute but each tenth.
@pytest.mark.parametrize(
    ("label", "frames"),
    [
        ("00:00:59;29", 1799), ("00:01:00;02", 1800), ("00:02:00;02", 3598), ("00:09:59;29", 17981),
        ("00:10:00;00", 17982), ("01:00:00;00", 107892), ("23:59:59;29", 2589407),
    ],
)  # fmt: skip
def test_drop_frame_labels_and_frame_counts(label: str, frames: int) -> None:
    assert Timecode.parse(label, NTSC).frames == frames
    assert str(Timecode(frames, NTSC, drop=True)) == label


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), NTSC, Fraction(50), Fraction(60000, 1001), Fraction(120)])
@given(frames=st.integers(0, 10_000_000), drop=st.booleans())
def test_timecode_reads_back(rate: Fraction, frames: int, drop: bool) -> None:
    drop = drop and rate.denominator == 1001
    code = Timecode(frames, rate, drop)
    back = Timecode.parse(str(code), rate)
    assert str(back) == str(code)
    assert str(back + 1) == str(code + 1)


@pytest.mark.parametrize(
    "label", ["00:01:00;00", "00:01:00;01", "00:60:00:00", "00:00:00:30", "1:00:00:00", "00:00:00"]
)
def test_labels_that_do_not_exist_are_refused(label: str) -> None:
    with pytest.raises(ValueError, match=r"no label|not a timecode"):
        Timecode.parse(label, NTSC)


def test_drop_frame_exists_at_two_rates_only() -> None:
    with pytest.raises(ValueError, match="drop-frame"):
        Timecode(0, Fraction(25), drop=True)


# Times of pictures.


@given(st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6)), min_size=1, max_size=60), st.integers(1, 5000))
def test_pictures_always_rise_whatever_the_file_says(times: list[int | None], nominal: int) -> None:
    clock = Timekeeper(nominal)
    ticks = [clock.tick(time, 0)[0] for time in times]
    assert all(b > a for a, b in itertools.pairwise(ticks))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60))
def test_rising_times_are_kept_as_they_are(steps: list[int]) -> None:
    clock, time = Timekeeper(40), 0
    for step in steps:
        time += step
        assert clock.tick(time, 0) == (time, None)


def test_a_picture_without_a_time_follows_by_the_length_of_the_one_before() -> None:
    clock = Timekeeper(40)
    assert clock.tick(100, 33) == (100, None)
    assert clock.tick(None, 0) == (133, None)
    assert clock.tick(None, 0) == (173, None)


def test_times_that_start_anew_are_moved_to_follow() -> None:
    clock = Timekeeper(40)
    assert clock.tick(100_000, 40)[0] == 100_000
    assert clock.tick(0, 40) == (100_040, "time: times start anew")
    assert clock.tick(40, 40) == (100_080, None)


def test_a_repeated_time_moves_by_a_tick_and_is_a_fault() -> None:
    clock = Timekeeper(40)
    clock.tick(100, 40)
    assert clock.tick(100, 40) == (101, "time: picture no later than the one before")
    assert clock.tick(140, 40) == (140, None)


def test_nominal_length_of_a_picture() -> None:
    assert nominal_duration(Fraction(25), Fraction(1, 12800)) == 512
    assert nominal_duration(NTSC, Fraction(1, 1000)) == 33
    assert nominal_duration(Fraction(1000), Fraction(1, 25)) == 1


def test_seconds_of_a_template_are_the_decimal_that_was_written() -> None:
    assert exact_seconds(0.2) == Fraction(1, 5)
    assert exact_seconds(0.1) + exact_seconds(0.2) == exact_seconds(0.3)
