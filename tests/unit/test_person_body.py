"""Hands, posture, nearness and framing of known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.people import JOINTS, Change, Take, pulse

from sightline.detectors.person.body import body_of
from sightline.detectors.person.framing import FramingDetector
from sightline.detectors.person.gesture import GestureDetector
from sightline.detectors.person.lean import LeanDetector
from sightline.detectors.person.posture import PostureDetector
from sightline.detectors.person.self_touch import SelfTouchDetector
from sightline.timeline.event import Event

FACE_LEFT, FACE_TOP, FACE_WIDTH, FACE_HEIGHT = 0.39, 0.19, 0.22, 0.52
"""Of the person a take makes."""


def found(detector: Any, take: Take, kind: str) -> list[Event]:
    return [event for event in detector.detect(take.timeline()) if event.kind == kind]


def spans(events: list[Event]) -> np.ndarray[Any, Any]:
    return np.array([event.span.seconds for event in events]).reshape(-1, 2)


def seated(duration_s: float = 60, **changes: Change) -> Take:
    take = Take.of(duration_s)
    take.person()
    return take.with_(take.pose(**changes))


def test_a_hand_at_the_chin_is_told() -> None:
    take = Take.of(30)
    take.person()
    take.with_(take.hands([(5, 8, 0.5, 0.68), (20, 20.6, 0.42, 0.3)]))
    events = found(SelfTouchDetector(), take, "self_touch")
    assert spans(events) == pytest.approx(np.array([(5, 8), (20, 20.6)]), abs=0.21)
    assert events[0].evidence["value"] == pytest.approx(3, abs=0.21)


def test_a_hand_that_hides_the_face_touches_it() -> None:
    take = Take.of(30)
    take.person().leave(10, 10.9)
    take.with_(take.hands([(9.8, 10.8, 0.5, 0.5)]))
    assert spans(found(SelfTouchDetector(), take, "self_touch")) == pytest.approx(np.array([(9.8, 10.8)]), abs=0.21)


@pytest.mark.parametrize(
    ("x", "y", "touches"),
    [
        (FACE_LEFT - 0.1 * FACE_WIDTH, 0.5, True),
        (FACE_LEFT - 0.35 * FACE_WIDTH, 0.5, False),
        (0.5, FACE_TOP + 1.10 * FACE_HEIGHT, True),
        (0.5, FACE_TOP + 1.25 * FACE_HEIGHT, False),
    ],
)
def test_the_face_is_grown_by_a_seventh(x: float, y: float, touches: bool) -> None:
    take = Take.of(10)
    take.person(noise=0)
    take.with_(take.hands([(4, 6, x, y)]))
    assert bool(SelfTouchDetector().detect(take.timeline())) is touches


def test_hands_that_pass_by_or_are_of_no_face_touch_nothing() -> None:
    take = Take.of(30)
    take.person().leave(15, 30)
    take.with_(take.hands([(5, 5.2, 0.5, 0.5), (8, 12, 0.8, 0.9), (20, 25, 0.5, 0.5)]))
    assert SelfTouchDetector().detect(take.timeline()) == ()


def test_gestures_are_told_with_the_hand() -> None:
    def waves(start: float, end: float) -> Change:
        return lambda t: np.where((t >= start) & (t < end), -0.12 * (1 - np.cos(2 * np.pi * 0.7 * (t - start))), 0.0)

    take = seated(wrist_left_y=waves(10, 13), wrist_right_y=waves(30, 32))
    take.with_(take.voice([(0, 20)]))
    events = found(GestureDetector(), take, "gesture")
    assert spans(events) == pytest.approx(np.array([(10, 13), (30, 32)]), abs=0.45)
    assert [event.evidence["hand"] for event in events] == ["left", "right"]
    assert [event.evidence["speaking"] for event in events] == [True, False]
    assert all(0.5 < event.evidence["value"] < 3 for event in events)  # type: ignore[operator]


def test_who_sways_with_arms_at_rest_makes_no_gesture() -> None:
    def sway(t: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray(0.1 * np.sin(2 * np.pi * 0.4 * t))

    take = seated(**{f"{joint}_x": sway for joint in JOINTS})
    assert GestureDetector().detect(take.timeline()) == ()


def test_hands_out_of_the_picture_are_not_judged() -> None:
    take = Take.of(30)
    pose = take.pose(wrist_left_y=lambda t: np.full_like(t, 0.4), wrist_right_y=lambda t: np.full_like(t, 0.4))
    hidden = {f"wrist_{side}_visibility": np.full(len(pose), 0.1, np.float32) for side in ("left", "right")}
    columns = tuple(type(c)(c.name, c.unit, hidden.get(c.name, c.values)) for c in pose.columns)
    take.with_(type(pose)(pose.meter, pose.time_base, pose.ticks, pose.end, columns, pose.notes))
    why = GestureDetector().refusal(take.timeline())
    assert why is not None
    assert why.key == "person.refused.no_hands"
    assert GestureDetector().detect(take.timeline()) == ()


def test_slouching_is_told_against_the_first_half_minute() -> None:
    # The ears come down from 0.38 of the height over the shoulders to 0.30: by a fifth.
    sinks = {f"ear_{side}_y": pulse(40, 50, 0.08, ramp_s=1.0) for side in ("left", "right")}
    (event,) = found(PostureDetector(), seated(**sinks), "slouch")
    assert spans([event]) == pytest.approx(np.array([(40, 50)]), abs=0.6)
    assert event.evidence["value"] == pytest.approx(0.08 / 0.38, abs=0.02)


@pytest.mark.parametrize(("depth", "length_s"), [(0.03, 10), (0.10, 1.5)])
def test_a_little_or_a_moment_is_no_slouch(depth: float, length_s: float) -> None:
    sinks = {f"ear_{side}_y": pulse(40, 40 + length_s, depth, ramp_s=0.2) for side in ("left", "right")}
    assert PostureDetector().detect(seated(**sinks).timeline()) == ()


def test_coming_nearer_is_no_slouch() -> None:
    """Everything grows by a third around the middle of the picture."""
    rest = seated().others[0]
    grows = {
        f"{joint}_{axis}": lambda t, at=float(rest[f"{joint}_{axis}"][0]): pulse(40, 50, (at - 0.5) / 3, 1.0)(t)  # type: ignore[misc]
        for joint in JOINTS
        for axis in "xy"
    }
    assert PostureDetector().detect(seated(**grows).timeline()) == ()


def test_tilted_shoulders_are_told_in_true_degrees() -> None:
    # 0.36 of 1280 px apart and 0.16 of 720 px lower: atan(115 / 461) is 14 degrees.
    (event,) = found(PostureDetector(), seated(shoulder_left_y=pulse(40, 48, 0.16, 0.5)), "shoulder_tilt")
    assert event.evidence["value"] == pytest.approx(14.0, abs=0.5)
    assert spans([event]) == pytest.approx(np.array([(40, 48)]), abs=0.6)


def test_a_crooked_camera_tilts_nobody() -> None:
    take = seated(shoulder_left_y=lambda t: np.full_like(t, 0.2))
    assert found(PostureDetector(), take, "shoulder_tilt") == []
    body = body_of(take.timeline())
    assert body is not None
    assert np.median(body.tilt_deg) == pytest.approx(17.4, abs=0.3)


@pytest.mark.parametrize(("share", "way"), [(0.25, "forward"), (-0.25, "back")])
def test_leaning_is_told_with_its_way(share: float, way: str) -> None:
    take = Take.of(60)
    take.person().add(pulse(40, 46, 46 / (1 + share) - 46, 0.5), "z_cm")
    (event,) = found(LeanDetector(), take, "lean")
    assert event.labels == (way,)
    assert event.evidence["value"] == pytest.approx(share, abs=0.02)
    assert spans([event]) == pytest.approx(np.array([(40, 46)]), abs=0.4)


def test_shoulders_that_stay_contradict_a_lean() -> None:
    take = Take.of(60)
    take.person().add(pulse(40, 46, -10, 0.5), "z_cm")
    take.with_(take.pose())
    assert LeanDetector().detect(take.timeline()) == ()


def test_good_framing_is_no_event() -> None:
    take = Take.of(20)
    take.person()
    assert FramingDetector().detect(take.timeline()) == ()


@pytest.mark.parametrize(
    ("about", "label"),
    [
        ({"width": 0.08, "height": 0.19}, "face_small"),
        ({"width": 0.45, "height": 0.95, "y": 0.55}, "face_large"),
        ({"y": 0.75}, "eyes_low"),
        ({"y": 0.32}, "eyes_high"),
        ({"y": 0.27}, "headroom_little"),
        ({"x": 0.85}, "off_centre"),
    ],
)
def test_each_fault_of_framing_has_a_label(about: dict[str, float], label: str) -> None:
    take = Take.of(20)
    take.person(**about)
    (event,) = FramingDetector().detect(take.timeline())
    assert label in event.labels
    assert event.span.seconds == (0, 20)


def test_a_moment_out_of_frame_is_not_told() -> None:
    take = Take.of(20)
    take.person().add(pulse(5, 6.5, 0.3, 0.2), "x")
    assert FramingDetector().detect(take.timeline()) == ()


def test_whoever_else_the_pose_is_of_is_not_the_person() -> None:
    """``pose`` goes to somebody who bends down at the edge of the picture, and comes back."""
    there = pulse(20, 40, 1.0, 0.01)

    def moved(by: float) -> Change:
        return lambda t: by * there(t)

    take = Take.of(60)
    take.person()
    take.person(x=0.85, width=0.12, height=0.3).leave(0, 15)
    changes = {f"{joint}_x": moved(0.35) for joint in JOINTS}
    changes |= {f"shoulder_{side}_y": moved(-0.25) for side in ("left", "right")}
    timeline = take.with_(take.pose(**changes)).timeline()
    assert PostureDetector().detect(timeline) == ()
    body = body_of(timeline)
    assert body is not None
    away = (body.clock.times_s > 20.1) & (body.clock.times_s < 39.9)
    assert np.isnan(body.shoulder_width[away]).all()
    assert np.isfinite(body.shoulder_width[(body.clock.times_s < 19.9) | (body.clock.times_s > 40.1)]).all()
    alone = Take.of(60)
    alone.person()
    assert PostureDetector().detect(alone.with_(alone.pose(**changes)).timeline()) != ()
