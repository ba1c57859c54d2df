"""Tracks: who is in front of the camera and when, from columns of known truth."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.people import Take

from sightline.detectors.person.eyes import EyeLimits, eyes_of
from sightline.detectors.person.face_tracks import tracks_of
from sightline.detectors.person.gaze import gaze_of
from sightline.timeline.columns import Column, Columns


def test_one_person_is_one_track_with_full_coverage() -> None:
    take = Take.of(20)
    take.person()
    tracks = tracks_of(take.timeline())
    assert len(tracks.tracks) == 1
    assert tracks.main is not None
    assert tracks.main.coverage == pytest.approx(1)
    assert tracks.main.frame_rate_seen == pytest.approx(15, abs=0.1)
    assert tracks.main_coverage == tracks.main.coverage
    assert (tracks.width_px, tracks.height_px) == (1280, 720)


def test_nobody_gives_no_track() -> None:
    tracks = tracks_of(Take.of(5).timeline())
    assert tracks.main is None
    assert tracks.main_coverage == 0
    assert len(tracks.clock) == 75
    assert tracks.count_at(2) == 0


def test_no_columns_give_no_track() -> None:
    take = Take.of(5)
    take.person()
    tracks = tracks_of(replace(take.timeline(), columns={}))
    assert tracks.main is None
    assert len(tracks.clock) == 0
    assert tracks.clock.duration_s == 0
    assert tracks.count_at(0) == 0


@pytest.mark.parametrize("rate_hz", [5, 12.5, 15, 30, 60])
def test_the_rate_seen_is_told_by_the_ticks(rate_hz: float) -> None:
    take = Take.of(30, rate_hz, jitter=0.6)
    take.person()
    main = tracks_of(take.timeline()).main
    assert main is not None
    assert main.frame_rate_seen == pytest.approx(rate_hz, rel=0.02)


def test_two_people_who_move_keep_their_tracks() -> None:
    take = Take.of(30, jitter=0.5)
    near = take.person(x=0.3, width=0.2, height=0.4)
    far = take.person(x=0.7, width=0.19, height=0.38)
    # The order by size changes all the time, as heads lean in turn.
    near.add(lambda t: 0.03 * np.sin(t), "width")
    far.add(lambda t: -0.03 * np.sin(t), "width")
    near.add(lambda t: np.full_like(t, 5.0), "yaw")
    far.add(lambda t: np.full_like(t, -25.0), "yaw")
    tracks = tracks_of(take.timeline())
    assert len(tracks.tracks) == 2
    assert np.all(tracks.tracks[0]["yaw"] > 0)
    assert np.all(tracks.tracks[1]["yaw"] < -15)
    assert tracks.count_at(12.0) == 2
    assert len(tracks.people_at(10)) == 2


def test_the_main_person_is_the_one_longest_in_sight_and_largest() -> None:
    take = Take.of(60)
    take.person(x=0.25, width=0.30, height=0.6).leave(6, 60)
    take.person(x=0.75, width=0.15, height=0.3)
    tracks = tracks_of(take.timeline())
    assert [round(track.seconds) for track in tracks.tracks] == [60, 6]


def test_who_comes_back_to_the_same_seat_is_the_same_track() -> None:
    take = Take.of(40)
    take.person().leave(10, 20)
    tracks = tracks_of(take.timeline())
    assert len(tracks.tracks) == 1
    main = tracks.tracks[0]
    assert main.coverage == pytest.approx(0.75, abs=0.01)
    assert np.array_equal(main.present, main.measured)
    assert np.all(np.isnan(main["yaw"][~main.present]))


def test_a_gap_in_the_pictures_is_not_counted_as_seen() -> None:
    take = Take.of(30).without(10, 25)
    take.person()
    tracks = tracks_of(take.timeline())
    assert tracks.clock.duration_s == pytest.approx(30)
    assert tracks.main_coverage == pytest.approx(0.5, abs=0.03)
    assert tracks.clock.rate_hz == pytest.approx(15, rel=0.05)


def test_a_face_without_landmarks_is_present_but_not_measured() -> None:
    take = Take.of(10)
    take.person()
    faces = take.faces()
    blind = {"yaw", "pitch", "roll", "eye_left", "eye_right", "gaze_yaw", "gaze_pitch"}
    half = np.arange(len(faces)) >= 75
    columns = tuple(
        Column(c.name, c.unit, np.where(half, np.nan, c.values)) if c.name in blind else c for c in faces.columns
    )
    timeline = take.timeline()
    main = tracks_of(replace(timeline, columns={"faces": replace(faces, columns=columns)})).main
    assert main is not None
    assert main.seconds == pytest.approx(10)
    assert main.coverage == pytest.approx(0.5)


def test_runs_are_told_in_time_and_breaks_may_be_bridged() -> None:
    take = Take.of(10, 10)
    clock = tracks_of(take.timeline()).clock
    mask = np.zeros(len(clock), bool)
    mask[10:15] = mask[16:20] = mask[50:52] = True
    assert clock.runs_lasting(mask, 0.3) == [(10, 15), (16, 20)]
    assert clock.runs_lasting(mask, 0.3, bridge_s=0.1) == [(10, 20)]
    assert clock.runs_lasting(mask, 0.2) == [(10, 15), (16, 20), (50, 52)]
    assert clock.span(10, 20).start == 1
    assert clock.span(95, 100).end == 10
    assert clock.span_of_seconds(9.9999999, 12).end == 10
    assert clock.span_of_seconds(-3, -2).start == 0


def test_flicker_of_many_small_faces_is_dealt_with() -> None:
    """Thirty seats, each found in a third of the pictures."""
    rng = np.random.default_rng(3)
    ticks, left, top = [], [], []
    for picture in range(600):
        for seat in np.flatnonzero(rng.random(30) < 0.33):
            ticks.append(picture)
            left.append(0.05 + 0.09 * (seat % 10) + rng.normal(0, 0.001))
            top.append(0.1 + 0.25 * (seat // 10) + rng.normal(0, 0.001))
    n = len(ticks)
    values = {
        "face": np.zeros(n), "count": np.full(n, 10), "left": np.array(left), "top": np.array(top),
        "width": np.full(n, 0.03), "height": np.full(n, 0.06), "yaw": np.full(n, np.nan),
    }  # fmt: skip
    columns = tuple(Column(name, "share", each) for name, each in values.items())
    faces = Columns("faces", Fraction(1, 15), np.array(ticks), 600, columns, {"width_px": 1280, "height_px": 720})
    tracks = tracks_of(replace(Take.of(1).timeline(), columns={"faces": faces}))
    assert len(tracks.tracks) == 30
    assert sum(len(np.flatnonzero(track.present)) for track in tracks.tracks) == n


def test_three_hours_take_no_time_and_come_out_the_same_twice() -> None:
    take = Take.of(3 * 3600)
    take.person(x=0.3).leave(500, 800)
    take.person(x=0.7, width=0.15, height=0.3).leave(1000, 4000)
    timeline = take.timeline()
    began = time.process_time()
    tracks, again = tracks_of(timeline), tracks_of(timeline)
    # Measured 0.15 s each; only to notice when it becomes minutes.
    assert time.process_time() - began < 20
    assert len(tracks.tracks) == 2
    for one, other in zip(tracks.tracks, again.tracks, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)


def test_faces_are_followed_once_however_many_ask() -> None:
    take = Take.of(10.0)
    take.person()
    timeline = take.timeline()
    tracks = tracks_of(timeline)
    assert tracks_of(timeline.with_events(())) is tracks
    assert tracks.main is not None
    assert eyes_of(tracks.main) is eyes_of(tracks.main, EyeLimits())
    assert eyes_of(tracks.main, EyeLimits(onset=0.4)) is not eyes_of(tracks.main)
    assert gaze_of(timeline, tracks.main) is gaze_of(timeline.with_events(()), tracks.main)


def test_what_was_worked_out_of_other_columns_is_not_kept() -> None:
    take = Take.of(10.0)
    take.person()
    timeline, empty = take.timeline(), Take.of(10.0).timeline()
    assert tracks_of(timeline).main is not None
    assert tracks_of(replace(timeline, columns=empty.columns)).main is None
    main = tracks_of(timeline).main
    assert main is not None
    spoken = replace(timeline, columns={**timeline.columns, "voice": take.voice([(0.0, 10.0)])})
    assert (gaze_of(timeline, main).axis_from, gaze_of(spoken, main).axis_from) == ("whole", "speaking")
