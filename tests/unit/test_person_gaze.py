"""Looks of known direction and length, against the person's own axis."""

from __future__ import annotations

import numpy as np
import pytest
from tests.people import Body, Take

from sightline.detectors.person.face_tracks import Track, tracks_of
from sightline.detectors.person.gaze import AxisFrom, Gaze, GazeLimits, Zone, gaze_of
from sightline.detectors.person.gaze_away import GazeAwayDetector, direction
from sightline.timeline.event import Event, Severity

GLANCES = ((10.05, 11.05), (20.05, 20.65), (30.05, 34.05), (45.05, 47.05))


def found(take: Take, **limits: float) -> list[Event]:
    return list(GazeAwayDetector(limits=GazeLimits(**limits)).detect(take.timeline()))


def gaze(take: Take, **limits: float) -> tuple[Track, Gaze]:
    timeline = take.timeline()
    main = tracks_of(timeline).main
    assert main is not None
    return main, gaze_of(timeline, main, GazeLimits(**limits))


def spans(events: list[Event]) -> list[tuple[float, float]]:
    return [e.span.seconds for e in events]


@pytest.mark.parametrize("rate_hz", [5, 15, 30])
@pytest.mark.parametrize("jitter", [0.0, 0.6])
def test_every_glance_is_found_where_it_is(rate_hz: float, jitter: float) -> None:
    take = Take.of(60, rate_hz, jitter=jitter)
    body = take.person()
    for start, end in GLANCES:
        body.glance(start, end, yaw=28)
    events = found(take)
    assert np.array(spans(events)) == pytest.approx(np.array(GLANCES), abs=1.7 / rate_hz)
    assert {e.evidence["direction"] for e in events} == {"right"}
    assert {e.evidence["zone"] for e in events} == {"off_screen"}


@pytest.mark.parametrize("rate_hz", [5, 15, 30])
def test_perfect_gaze_is_a_full_share_and_no_event(rate_hz: float) -> None:
    take = Take.of(60, rate_hz, jitter=0.5)
    take.person().blink(*range(3, 57, 3))
    assert found(take) == []
    main, looked = gaze(take)
    assert main.share_of_time(looked.on_camera, looked.known) == pytest.approx(1.0)
    assert main.share_of_time(looked.known) > 0.8


def test_the_axis_is_the_persons_own() -> None:
    """A camera to the side and far below the eyes; MediaPipe says the lids look down all the time."""
    take = Take.of(60)
    body = take.person().glance(20, 23, yaw=-25)
    body.rest |= {"yaw": 14.0, "pitch": 11.0, "gaze_h": 5.0, "gaze_v": -20.0}
    (event,) = found(take)
    assert event.evidence["direction"] == "left"
    assert event.evidence["axis_yaw"] == pytest.approx(19, abs=0.7)
    assert event.evidence["axis_pitch"] == pytest.approx(-9, abs=0.7)


def test_the_head_may_turn_while_the_eyes_stay() -> None:
    take = Take.of(60)
    take.person().turn(20, 24, 25).glance(20, 24, yaw=-25)
    assert all(e.evidence["mean"] < 15 for e in found(take))  # type: ignore[operator]
    away = Take.of(60)
    away.person().turn(20, 24, 25)
    (event,) = found(away)
    assert event.evidence["direction"] == "right"


def test_the_axis_is_taken_while_speaking_when_there_is_a_voice() -> None:
    """Most of the time is spent listening, to a screen on the left; speech goes to the camera."""
    take = Take.of(100)
    take.person().glance(20, 90, yaw=-16)
    (whole,) = {e.evidence["axis_from"] for e in found(take)}
    assert whole == "whole"
    take.with_(take.voice([(1, 20), (90, 100)]))
    (event,) = found(take)
    assert event.span.seconds == pytest.approx((20, 90), abs=0.2)
    assert (event.evidence["axis_from"], event.evidence["zone"], event.evidence["direction"]) == (
        "speaking", "screen", "left",
    )  # fmt: skip


def test_a_calibration_stretch_is_believed() -> None:
    """Somebody who looks to the left of the camera throughout, but into the lens for four seconds when asked."""
    take = Take.of(60)
    take.person().glance(4, 60, yaw=-25)
    _, looked = gaze(take, calibration_start_s=0.5, calibration_end_s=3.5)
    assert looked.axis_from is AxisFrom.CALIBRATION
    assert looked.axis_yaw == pytest.approx(2, abs=0.7)
    (event,) = found(take, calibration_start_s=0.5, calibration_end_s=3.5)
    assert event.span.seconds == pytest.approx((4, 60), abs=0.2)
    assert event.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("yaw", "pitch", "way"),
    [
        (20, 0, "right"),
        (-20, 3, "left"),
        (2, 20, "up"),
        (0, -20, "down"),
        (15, 15, "up_right"),
        (-15, -14, "down_left"),
    ],
)
def test_directions_have_words(yaw: float, pitch: float, way: str) -> None:
    assert direction(yaw, pitch) == way
    take = Take.of(30)
    take.person().glance(10, 12, yaw=yaw * 1.5, pitch=pitch * 1.5)
    (event,) = found(take)
    assert event.evidence["direction"] == way
    assert way in event.labels


def test_zones_lie_around_the_axis() -> None:
    take = Take.of(60)
    take.person().glance(10, 20, pitch=-15).glance(30, 40, pitch=-28)
    main, looked = gaze(take)
    second = main.clock.times_s
    assert set(looked.zone[(second > 11) & (second < 19)]) == {Zone.SCREEN}
    assert set(looked.zone[(second > 31) & (second < 39)]) == {Zone.OFF_SCREEN}
    assert set(looked.zone[(second > 21) & (second < 29)]) == {Zone.CAMERA}
    assert [e.evidence["zone"] for e in found(take)] == ["screen", "off_screen"]


def test_at_the_edge_of_the_zone_gaze_does_not_flicker() -> None:
    take = Take.of(60)
    take.person(noise=0.2).glance(20, 40, yaw=10.7)
    assert found(take) == []


@pytest.mark.parametrize("length_s", [0.05, 0.15, 0.2])
def test_saccades_are_no_looks(length_s: float) -> None:
    take = Take.of(60, 30)
    body = take.person()
    for start in range(5, 55, 3):
        body.glance(start, start + length_s, yaw=25)
    assert found(take) == []


def test_a_blink_does_not_split_a_look() -> None:
    take = Take.of(40)
    take.person().glance(10, 16, yaw=25).blink(12, 14)
    assert len(found(take)) == 1


def test_one_picture_a_second_is_too_slow() -> None:
    take = Take.of(60, 1)
    take.person().glance(10, 20, yaw=25)
    assert found(take) == []
    why = GazeAwayDetector().refusal(take.timeline())
    assert why is not None
    assert why.key == "person.refused.rate"


def test_tiny_faces_are_not_judged() -> None:
    take = Take.of(30)
    take.person(width=0.02, height=0.05).glance(10, 12, yaw=25)
    assert found(take) == []
    why = GazeAwayDetector().refusal(take.timeline())
    assert why is not None
    assert why.key == "person.refused.small"


def test_gaze_is_unknown_where_the_face_is_away() -> None:
    take = Take.of(30)
    take.person().leave(10, 15)
    main, looked = gaze(take)
    assert not looked.known[~main.present].any()
    assert found(take) == []


def test_each_of_two_people_has_an_axis_of_their_own() -> None:
    take = Take.of(40)
    left: Body = take.person(x=0.3, width=0.22)
    right: Body = take.person(x=0.75, width=0.2, height=0.45)
    left.rest |= {"yaw": 22.0}
    right.rest |= {"yaw": -24.0}
    timeline = take.timeline()
    axes = [gaze_of(timeline, track).axis_yaw for track in tracks_of(timeline).tracks]
    assert axes == pytest.approx([22, -24], abs=0.7)
