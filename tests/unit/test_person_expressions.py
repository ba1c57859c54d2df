"""Nods, shakes, smiles and brows of known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.people import Take

from sightline.detectors.person.brow import BrowDetector
from sightline.detectors.person.nod import NodDetector
from sightline.detectors.person.smile import SmileDetector
from sightline.detectors.person.smoothing import band_passed, held, jitter_of, turning_points
from sightline.timeline.event import Event


def found(detector: Any, take: Take, kind: str) -> list[Event]:
    return [event for event in detector.detect(take.timeline()) if event.kind == kind]


def starts(events: list[Event]) -> list[float]:
    return [float(event.span.start) for event in events]


def ends(events: list[Event]) -> list[float]:
    return [float(event.span.end) for event in events]


@pytest.mark.parametrize("hz", [0.8, 1.5, 2.5])
@pytest.mark.parametrize("rate_hz", [12.5, 15, 30])
def test_nods_and_shakes_are_found_with_their_swing_and_pace(hz: float, rate_hz: float) -> None:
    take = Take.of(60, rate_hz, jitter=0.3)
    body = take.person()
    for at in (10, 20, 30):
        body.nod(at, cycles=3, hz=hz, amplitude=7)
    for at in (15, 25):
        body.shake(at, cycles=3, hz=hz, amplitude=10)
    nods, shakes = (found(NodDetector(), take, kind) for kind in ("nod", "head_shake"))
    assert starts(nods) == pytest.approx([10, 20, 30], abs=0.25)
    assert ends(nods) == pytest.approx([at + 3 / hz for at in (10, 20, 30)], abs=0.35)
    assert starts(shakes) == pytest.approx([15, 25], abs=0.25)
    assert all(e.evidence["frequency_hz"] == pytest.approx(hz, rel=0.15) for e in (*nods, *shakes))
    if hz < rate_hz / 8:
        assert all(e.evidence["value"] == pytest.approx(7, abs=1.2) for e in nods)


def test_a_head_that_looks_around_neither_nods_nor_shakes() -> None:
    take = Take.of(60)
    body = take.person()
    for at in range(4, 56, 4):
        body.turn(at, at + 1, 30 if at % 8 else -30, ramp_s=0.4)
    assert NodDetector().detect(take.timeline()) == ()


def test_a_look_to_the_table_is_no_nod() -> None:
    take = Take.of(60)
    body = take.person()
    for at in range(4, 56, 5):
        body.add(lambda t, at=at: -18 * np.clip(np.minimum(t - at, at + 1.2 - t) / 0.2, 0, 1), "pitch")  # type: ignore[misc]
    assert NodDetector().detect(take.timeline()) == ()


def test_slow_swaying_and_trembling_are_no_nods() -> None:
    take = Take.of(60, 30)
    take.person().nod(5, cycles=10, hz=0.25, amplitude=8).nod(50, cycles=30, hz=7, amplitude=2)
    assert NodDetector().detect(take.timeline()) == ()


def test_noise_makes_no_nods() -> None:
    """Angles of a tiny face jump by degrees from picture to picture."""
    take = Take.of(60)
    take.person(noise=10)
    assert NodDetector().detect(take.timeline()) == ()


def test_five_pictures_a_second_show_no_nods_and_that_is_said() -> None:
    take = Take.of(30, 5)
    take.person().nod(10, cycles=4)
    assert NodDetector().detect(take.timeline()) == ()
    why = NodDetector().refusal(take.timeline())
    assert why is not None
    assert dict(why.fields) == {"seen": 5.0, "needed": 10.0}


@pytest.mark.parametrize("rate_hz", [5, 15, 30])
def test_smiles_are_found_with_their_strength(rate_hz: float) -> None:
    take = Take.of(60, rate_hz, jitter=0.4)
    take.person().smile(10, 14, 0.8).smile(30, 31, 0.4).blink(12)
    events = found(SmileDetector(), take, "smile")
    assert starts(events) == pytest.approx([10, 30], abs=0.12 + 1 / rate_hz)
    assert ends(events) == pytest.approx([14, 31], abs=0.12 + 1 / rate_hz)
    assert [e.evidence["value"] for e in events] == pytest.approx([0.8, 0.4], abs=0.06)


@pytest.mark.parametrize("rate_hz", [1, 3, 5, 15])
def test_one_happy_picture_is_no_smile(rate_hz: float) -> None:
    """The old system gave 59 of 60 points for it."""
    take = Take.of(100, rate_hz)
    middle = 50.0
    take.person().smile(middle - 0.4 / rate_hz, middle + 0.4 / rate_hz, 0.95)
    assert SmileDetector().detect(take.timeline()) == ()


def test_who_smiles_throughout_smiles() -> None:
    take = Take.of(30)
    take.person().smile(-1, 31, 0.9)
    (event,) = found(SmileDetector(), take, "smile")
    assert event.span.seconds == (0, 30)


def test_a_mouth_that_rests_in_a_smile_is_not_one() -> None:
    take = Take.of(30)
    body = take.person().smile(20, 23, 0.5)
    body.rest |= {"mouthSmileLeft": 0.14, "mouthSmileRight": 0.14}
    assert starts(found(SmileDetector(), take, "smile")) == pytest.approx([20], abs=0.15)


def test_brows_are_told_against_their_rest() -> None:
    take = Take.of(60)
    body = take.person().brows_up(10, 11).brows_up(20, 20.4).brows_down(40, 42)
    body.rest |= {"browInnerUp": 0.3, "browOuterUpLeft": 0.25, "browOuterUpRight": 0.25, "browDownLeft": 0.2}
    assert starts(found(BrowDetector(), take, "brow_raise")) == pytest.approx([10, 20], abs=0.12)
    assert starts(found(BrowDetector(), take, "brow_lower")) == pytest.approx([40], abs=0.12)


def test_outer_brows_that_drift_with_the_head_are_not_raised() -> None:
    take = Take.of(60)
    body = take.person()
    body.both(lambda t: 0.5 * ((t > 20) & (t < 25)), "browOuterUp")
    assert BrowDetector().detect(take.timeline()) == ()


def test_one_picture_with_raised_brows_is_nothing() -> None:
    take = Take.of(60, 15)
    take.person().brows_up(20, 20.05, 0.9)
    assert BrowDetector().detect(take.timeline()) == ()


@pytest.mark.parametrize("jitter", [0.0, 0.6])
def test_a_band_is_passed_without_delay_at_any_clock(jitter: float) -> None:
    times = Take.of(40, 15, jitter=jitter).times_s
    wanted = 4 * np.sin(2 * np.pi * 1.5 * times)
    values = wanted + 20 + 0.5 * times + 6 * np.sin(2 * np.pi * 0.05 * times)
    kept = band_passed(times, values, 0.5, 4.0)
    assert np.abs(kept - wanted)[15:-15].max() < 0.8


def test_a_band_is_not_passed_across_a_gap() -> None:
    times = np.arange(600) / 15
    values = np.where(times < 20, 0.0, 40.0)
    values[295:310] = np.nan
    kept = band_passed(times, values, 0.5, 4.0)
    assert np.array_equal(np.isnan(kept), np.isnan(values))
    assert np.nanmax(np.abs(kept)) < 0.01


def test_too_few_rows_are_no_signal() -> None:
    assert np.isnan(band_passed(np.arange(3.0), np.ones(3), 0.5, 4)).all()
    assert np.isnan(band_passed(np.arange(9.0), np.full(9, np.nan), 0.5, 4)).all()
    assert band_passed(np.zeros(0), np.zeros(0), 0.5, 4).shape == (0,)


def test_hysteresis_holds_what_was_once_reached() -> None:
    values = np.array([0, 0.4, 0.6, 0.4, 0.2, 0.4, 0.4, np.nan, 0.4, 0.9, 0.4])
    assert held(values, 0.5, 0.3).tolist() == [0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1]
    assert held(np.zeros(0), 0.5, 0.3).tolist() == []


def test_turns_are_where_a_signal_goes_back() -> None:
    values = np.array([0, 1, 5, 4.5, 5.2, 1, 0, 3, 4, 3.9, 0.5])
    assert turning_points(values, 2) == [4, 6, 8]
    assert turning_points(values, 6) == []


def test_jitter_is_that_of_the_noise_alone() -> None:
    times = np.arange(3000) / 15
    noise = np.random.default_rng(1).normal(0, 0.7, len(times))
    assert jitter_of(10 * np.sin(times) + noise) == pytest.approx(0.7, rel=0.1)
    assert jitter_of(np.zeros(2)) == 0
