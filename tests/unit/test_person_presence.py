"""Nobody in the picture, and more than one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.people import Take
from tests.talk import found_in

from sightline.detectors.person.face_missing import FaceMissingDetector
from sightline.detectors.person.second_face import SecondFaceDetector
from sightline.timeline.event import Event, Severity


def spans(events: tuple[Event, ...]) -> np.ndarray[Any, Any]:
    return np.array([event.span.seconds for event in events]).reshape(-1, 2)


@pytest.mark.parametrize("rate_hz", [1, 5, 15, 30])
def test_an_absence_is_told_where_it_is(rate_hz: float) -> None:
    take = Take.of(60, rate_hz)
    take.person().leave(20, 25).leave(40, 40.6)
    events = FaceMissingDetector().detect(take.timeline())
    assert spans(events)[0] == pytest.approx((20, 25), abs=1 / rate_hz)
    assert len(events) == 1
    assert events[0].labels == ()
    assert events[0].severity is Severity.WARNING


def test_a_recording_without_a_face_says_so_once() -> None:
    (event,) = FaceMissingDetector().detect(Take.of(30).timeline())
    assert event.span.seconds == (0, 30)
    assert event.labels == ("throughout",)


def test_while_anybody_is_there_no_face_is_missing() -> None:
    take = Take.of(30)
    take.person(x=0.3).leave(10, 20)
    take.person(x=0.8, width=0.1, height=0.2).leave(0, 9)
    assert FaceMissingDetector().detect(take.timeline()) == ()


@pytest.mark.parametrize("rate_hz", [5, 15])
def test_a_visitor_is_told(rate_hz: float) -> None:
    take = Take.of(60, rate_hz)
    take.person()
    take.person(x=0.85, width=0.1, height=0.2).leave(0, 30).leave(32, 32.4).leave(36, 60)
    (event,) = SecondFaceDetector().detect(take.timeline())
    assert event.span.seconds == pytest.approx((30, 36), abs=1 / rate_hz)
    assert event.evidence["people"] == 2
    assert event.severity is Severity.WARNING


def test_two_who_talk_are_two_throughout() -> None:
    take = Take.of(60)
    take.person(x=0.3)
    take.person(x=0.7, width=0.2, height=0.45).leave(10, 10.3)
    (event,) = SecondFaceDetector().detect(take.timeline())
    assert event.labels == ("throughout",)
    assert event.severity is Severity.INFO


def test_half_a_second_of_somebody_else_is_nothing() -> None:
    take = Take.of(60)
    take.person()
    take.person(x=0.85, width=0.1, height=0.2).leave(0, 30).leave(30.5, 60)
    assert SecondFaceDetector().detect(take.timeline()) == ()


def test_what_happened_while_the_camera_gave_no_pictures_is_not_known() -> None:
    """The picture before stands for 20 s: what was seen in it speaks for half a second, and not for all of them."""
    take = Take.of(60.0)
    take.person().glance(19.5, 40.4, yaw=30).smile(19.0, 40.4).brows_down(19.0, 40.5)
    timeline = found_in(take.without(20.0, 40.0))
    for kind in ("gaze_away", "smile", "brow_lower"):
        events = timeline.events_of(kind)
        assert events, kind
        assert all(event.span.duration < 1.6 for event in events), kind
        assert not any(event.span.start < 30 < event.span.end for event in events), kind


def test_eyes_that_shut_as_the_pictures_stop_did_not_stay_shut() -> None:
    take = Take.of(60.0, 30.0)
    take.person().blink(*range(3, 18, 3), 19.95, *range(42, 60, 3), closed_s=0.2)
    timeline = found_in(take.without(20.0, 40.0))
    (cut,) = (blink for blink in timeline.events_of("blink", "eyes_closed") if 19 < blink.span.start < 40)
    assert "cut_off" in cut.labels
    assert cut.span.duration < 1
    assert len(timeline.events_of("blink", "eyes_closed")) == 12
