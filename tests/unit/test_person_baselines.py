"""What is usual for a person, and how well a face was seen."""

from __future__ import annotations

import numpy as np
import pytest
from tests.people import Take

from sightline.detectors.person.baselines import rest_of, speaking_at, usual_direction
from sightline.detectors.person.face_quality import quality_of
from sightline.detectors.person.face_tracks import Track, Tracks, tracks_of


def seen(take: Take) -> tuple[Tracks, Track]:
    tracks = tracks_of(take.timeline())
    assert tracks.main is not None
    return tracks, tracks.main


def test_rest_is_that_of_the_first_half_minute_that_could_be_measured() -> None:
    take = Take.of(120)
    take.person(noise=0).leave(0, 20).add(lambda t: np.where(t > 50, 10.0, 0.0), "roll")
    _, main = seen(take)
    # 20 to 50 s are 30 s of it; the median of the whole would be 11.
    assert rest_of(main.clock, main["roll"]) == pytest.approx(1)
    assert np.isnan(rest_of(main.clock, np.full(len(main.clock), np.nan)))


def test_a_short_recording_is_its_own_rest() -> None:
    take = Take.of(4)
    take.person(noise=0)
    _, main = seen(take)
    assert rest_of(main.clock, main["roll"]) == pytest.approx(1)


@pytest.mark.parametrize("rate_hz", [5, 15, 30])
def test_speech_is_told_at_the_time_of_the_pictures(rate_hz: float) -> None:
    take = Take.of(30, rate_hz, jitter=0.5)
    take.person()
    take.with_(take.voice([(5, 12), (20, 21)]))
    timeline = take.timeline()
    clock = tracks_of(timeline).clock
    speaking = speaking_at(timeline, clock)
    assert speaking is not None
    assert (clock.dt_s[speaking]).sum() == pytest.approx(8, abs=2.1 / rate_hz)
    assert speaking[np.searchsorted(clock.times_s, 7)]
    assert not speaking[np.searchsorted(clock.times_s, 15)]


def test_without_a_voice_measured_nobody_is_called_silent() -> None:
    take = Take.of(5)
    take.person()
    timeline = take.timeline()
    assert speaking_at(timeline, tracks_of(timeline).clock) is None


def test_the_usual_direction_is_where_most_time_goes_not_the_mean() -> None:
    random = np.random.default_rng(2)
    yaw = np.concatenate([random.normal(5, 1, 600), random.normal(-30, 1, 400)])
    pitch = np.concatenate([random.normal(-8, 1, 600), random.normal(10, 1, 400)])
    assert usual_direction(yaw, pitch, np.ones(1000)) == pytest.approx((5, -8), abs=0.3)
    # The others last three times as long each.
    seconds = np.repeat([1.0, 3.0], [600, 400])
    assert usual_direction(yaw, pitch, seconds) == pytest.approx((-30, 10), abs=0.3)


def test_no_direction_is_none() -> None:
    assert np.isnan(usual_direction(np.full(5, np.nan), np.zeros(5), np.ones(5))).all()
    assert np.isnan(usual_direction(np.zeros(0), np.zeros(0), np.zeros(0))).all()


@pytest.mark.parametrize(
    ("signal", "value", "part"),
    [("width", 0.03, "size"), ("yaw", 50.0, "pose"), ("luma", 0.05, "light"), ("luma", 0.99, "light"),
     ("sharpness", 0.8, "sharpness")],
)  # fmt: skip
def test_each_fault_lowers_its_own_quality_and_the_whole(signal: str, value: float, part: str) -> None:
    take = Take.of(4)
    body = take.person(noise=0)
    if signal == "width":
        body.width, body.height = value, 0.07
    else:
        body.rest[signal] = value
    quality = quality_of(*seen(take))
    parts = {name: float(np.median(getattr(quality, name))) for name in ("size", "pose", "light", "sharpness")}
    assert parts.pop(part) < 0.4
    assert set(parts.values()) == {1.0}
    assert np.median(quality.overall) < 0.4


def test_quality_is_unknown_where_the_face_is_not() -> None:
    take = Take.of(10)
    take.person().leave(2, 4)
    tracks, main = seen(take)
    quality = quality_of(tracks, main)
    assert np.array_equal(np.isnan(quality.overall), ~main.present)
    assert not quality.turned.any()
