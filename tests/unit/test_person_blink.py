"""Blinks of known truth: counted at any rate that allows it, never made by lowered eyes or a turning head."""

from __future__ import annotations

import numpy as np
import pytest
from tests.people import Body, Take, pulse

from sightline.detectors.person.blink import BlinkDetector
from sightline.timeline.event import Event

AT_S = tuple(2.0 + 2.7 * i + 0.13 * (i % 5) for i in range(20))


def found(take: Take, kind: str = "blink") -> list[Event]:
    return [e for e in BlinkDetector().detect(take.timeline()) if e.kind == kind]


def middles(events: list[Event]) -> list[float]:
    return [float(e.span.middle) for e in events]


def taken(rate_hz: float, jitter: float = 0.0, closed_s: float = 0.15) -> tuple[Take, Body]:
    take = Take.of(60, rate_hz, jitter=jitter)
    return take, take.person().blink(*AT_S, closed_s=closed_s)


@pytest.mark.parametrize("jitter", [0.0, 0.7])
@pytest.mark.parametrize("rate_hz", [15, 24, 30, 60])
@pytest.mark.parametrize("closed_s", [0.15, 0.3])
def test_every_blink_is_found_where_it_is(rate_hz: float, jitter: float, closed_s: float) -> None:
    take, _ = taken(rate_hz, jitter, closed_s)
    assert middles(found(take)) == pytest.approx(AT_S, abs=0.07)
    assert not found(take, "eyes_closed")


def test_of_the_shortest_blinks_15_pictures_a_second_miss_some_and_30_none() -> None:
    """Lids that are half down for 100 ms are nearly down for half of that."""
    slow, quick = (len(found(taken(rate_hz, 0.5, closed_s=0.1)[0])) for rate_hz in (15, 30))
    assert 0.6 * len(AT_S) <= slow < len(AT_S)
    assert quick == len(AT_S)


@pytest.mark.parametrize("closed_s", [0.12, 0.2, 0.35])
def test_at_30_pictures_a_second_durations_are_measured(closed_s: float) -> None:
    take, _ = taken(30, 0.3, closed_s)
    lengths = [float(e.evidence["value"]) for e in found(take)]  # type: ignore[arg-type]
    assert np.median(lengths) == pytest.approx(closed_s, abs=0.02)
    assert all(e.evidence["timed"] for e in found(take))


def test_at_15_pictures_a_second_a_duration_is_told_to_be_an_estimate() -> None:
    take, _ = taken(15)
    assert not any(e.evidence["timed"] for e in found(take))


@pytest.mark.parametrize("rate_hz", [1, 5, 10])
def test_a_slow_camera_counts_nothing_and_says_why(rate_hz: float) -> None:
    take, _ = taken(rate_hz)
    assert found(take) == []
    why = BlinkDetector().refusal(take.timeline())
    assert why is not None
    assert why.key == "person.refused.rate"
    assert dict(why.fields)["seen"] == pytest.approx(rate_hz, abs=0.1)


def test_counts_depend_on_the_ticks_alone() -> None:
    """The same pictures told in another time base give the same blinks."""
    take, _ = taken(15, 0.5)
    slow, _ = taken(15, 0.5)
    slow.time_base *= 2
    assert middles(found(slow)) == pytest.approx(middles(found(take)), abs=1e-3)


def test_a_long_closure_is_no_blink() -> None:
    take = Take.of(30)
    take.person().blink(5, 9).blink(15, closed_s=1.5)
    assert middles(found(take)) == pytest.approx([5, 9], abs=0.07)
    (closed,) = found(take, "eyes_closed")
    assert closed.evidence["value"] == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("length_s", [0.25, 0.4, 2.0, 6.0])
def test_lowered_eyes_are_no_blink(length_s: float) -> None:
    take = Take.of(60)
    body = take.person().blink(3, 50)
    for start in (10, 20, 30, 40):
        body.look_down(start, start + length_s)
    assert middles(found(take)) == pytest.approx([3, 50], abs=0.07)
    assert not found(take, "eyes_closed")


@pytest.mark.parametrize("ramp_s", [0.15, 0.6, 1.5])
@pytest.mark.parametrize("yaw", [-44, -25, 25, 31])
def test_turning_the_head_makes_no_blink(yaw: float, ramp_s: float) -> None:
    take = Take.of(60)
    body = take.person()
    for start in range(5, 55, 6):
        body.turn(start, start + 2, yaw, ramp_s)
    assert found(take) == []
    assert not found(take, "eyes_closed")


def test_a_turn_does_not_hide_a_blink() -> None:
    take = Take.of(30)
    take.person().turn(5, 12, 25).blink(3, 8, 20)
    assert middles(found(take)) == pytest.approx([3, 8, 20], abs=0.07)


def test_somebody_who_does_not_blink_has_none() -> None:
    take = Take.of(120, 30)
    take.person()
    assert found(take) == []


def test_half_open_eyes_and_weak_signals_are_taken_as_they_are() -> None:
    """A person with narrow eyes whose eyeBlink rests at 0.3 and rises to 0.62."""
    take = Take.of(60)
    body = take.person().blink(*AT_S, depth=0.32)
    body.rest |= {"eyeBlinkLeft": 0.3, "eyeBlinkRight": 0.3, "eye_left": 0.17, "eye_right": 0.17}
    body.changes["eye_left"] = body.changes["eye_right"] = [pulse(t - 0.075, t + 0.075, -0.12, 0.08) for t in AT_S]
    assert len(found(take)) == len(AT_S)


def test_whether_somebody_speaks_is_told() -> None:
    take, _ = taken(15)
    take.with_(take.voice([(0, 30)]))
    events = found(take)
    assert [e.evidence["speaking"] for e in events] == [float(e.span.start) < 30 for e in events]
    quiet, _ = taken(15)
    assert all(e.evidence["speaking"] is None for e in found(quiet))


def test_the_eyes_of_the_main_person_are_counted() -> None:
    take = Take.of(60)
    take.person(x=0.3).blink(*AT_S)
    take.person(x=0.8, width=0.1, height=0.2).blink(*(t + 1 for t in AT_S))
    assert middles(found(take)) == pytest.approx(AT_S, abs=0.07)


def test_nobody_has_no_blinks_and_the_reason_is_told() -> None:
    why = BlinkDetector().refusal(Take.of(10).timeline())
    assert why is not None
    assert why.key == "person.refused.no_face"
    assert BlinkDetector().detect(Take.of(10).timeline()) == ()


def test_a_face_that_comes_back_does_not_blink_by_that() -> None:
    take = Take.of(60)
    body = take.person()
    for start in range(5, 55, 5):
        body.leave(start, start + 1.3)
    assert found(take) == []
