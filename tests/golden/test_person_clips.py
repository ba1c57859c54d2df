"""What is true of the real clips, as seen by looking at their pictures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from tests import people_clips

from sightline.detectors.detector import person_detectors
from sightline.detectors.person.face_tracks import tracks_of
from sightline.engine.run import Request, measure
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline
from sightline.weights.shelf import Shelf


def watched(path: Path, models: Path, **parameters: bool) -> Timeline:
    return measure(Request(path, {"faces": parameters}, 1, shelf=Shelf((models,))))


def found(timeline: Timeline, *kinds: str) -> list[Event]:
    events: list[Event] = []
    for detector in person_detectors().values():
        if set(kinds) & set(detector.kinds) and all(meter in timeline for meter in detector.needs):
            events += [event for event in detector().detect(timeline) if event.kind in kinds]
    return events


@pytest.fixture(scope="module")
def man(shared_media: Path, shared_models: Path) -> Timeline:
    """5.2 s at 12 pictures a second. He grins into the lens, with brows raised at first and in the middle; in the last
    two pictures his eyes are shut and the grin is gone."""
    return watched(shared_media / "face_smiling_man.gif", shared_models)


@pytest.fixture(scope="module")
def woman(shared_media: Path, shared_models: Path) -> Timeline:
    """1.9 s at 12 pictures a second. She looks to the left, turns her head to the right through the middle and half-way
    back, with open eyes and a still mouth."""
    return watched(shared_media / "face_turning_woman.gif", shared_models)


def test_the_smiling_man_smiles_nearly_throughout(man: Timeline) -> None:
    (smile,) = found(man, "smile")
    start, end = smile.span.seconds
    assert start == 0
    assert 4.9 < end < 5.16


def test_his_eyes_shut_once_at_the_end_and_were_not_seen_to_open(man: Timeline) -> None:
    (closure,) = found(man, "blink", "eyes_closed")
    assert closure.span.seconds == pytest.approx((4.95, 5.16), abs=0.05)
    assert "cut_off" in closure.labels


def test_his_brows_are_raised_at_the_beginning(man: Timeline) -> None:
    raises = found(man, "brow_raise")
    assert raises[0].span.start == 0
    assert all(raised.span.end < 3.1 for raised in raises)
    assert not found(man, "brow_lower")


def test_he_looks_into_the_lens_with_a_still_head(man: Timeline) -> None:
    assert not found(man, "gaze_away", "nod", "head_shake", "lean", "reading_like", "face_missing", "second_face")
    assert tracks_of(man).main_coverage == pytest.approx(1)


def test_his_face_is_small_and_high_in_the_picture(man: Timeline) -> None:
    (framing,) = found(man, "framing")
    assert set(framing.labels) == {"face_small", "eyes_high"}


def test_turning_invents_no_blink(woman: Timeline) -> None:
    assert not found(woman, "blink", "eyes_closed")


def test_her_first_look_goes_to_the_left(woman: Timeline) -> None:
    look = found(woman, "gaze_away")[0]
    start, end = look.span.seconds
    assert start == 0
    assert 0.4 < end < 0.75
    assert (look.evidence["direction"], look.evidence["zone"]) == ("left", "off_screen")


def test_turning_is_no_other_behaviour_either(woman: Timeline) -> None:
    assert not found(woman, "smile", "brow_raise", "brow_lower", "nod", "head_shake", "lean", "reading_like")


def test_a_head_that_turns_to_and_fro_for_long_does_not_blink(
    tmp_path: Path, shared_media: Path, shared_models: Path
) -> None:
    """Her eyes are open in every picture, although coding blurs them while the head moves."""
    turning = watched(people_clips.turning_head(tmp_path, shared_media), shared_models)
    assert not found(turning, "blink", "eyes_closed", "nod", "head_shake", "smile", "brow_raise", "reading_like")
    looks = found(turning, "gaze_away")
    assert {look.evidence["direction"] for look in looks} == {"left"}
    assert len(looks) == 3


def test_the_mans_closure_is_a_blink_when_he_is_seen_to_open_his_eyes(
    tmp_path: Path, shared_media: Path, shared_models: Path
) -> None:
    """The clip runs forwards and back: his eyes are shut in the middle, for two pictures each way (4.8 to 5.04 s); for
    one more on either side the lids are about half-way down."""
    steady = watched(people_clips.steady_mp4(tmp_path, shared_media), shared_models)
    (blink,) = found(steady, "blink", "eyes_closed")
    assert blink.kind == "blink"
    assert blink.labels == ()
    start, end = blink.span.seconds
    assert 4.7 < start < 4.85
    assert 5.0 < end < 5.25
    assert len(found(steady, "smile")) == 1


def test_a_slow_camera_counts_no_blinks_and_says_why(tmp_path: Path, shared_media: Path, shared_models: Path) -> None:
    slow = watched(people_clips.slow_camera(tmp_path, shared_media), shared_models)
    assert not found(slow, "blink", "eyes_closed")
    assert person_detectors()["blink"]().refusal(slow).key == "person.refused.rate"  # type: ignore[attr-defined]
    assert len(found(slow, "smile")) == 1


def test_the_people_of_a_pair_are_told_apart(tmp_path: Path, shared_media: Path, shared_models: Path) -> None:
    pair = watched(people_clips.two_people(tmp_path, shared_media), shared_models, small_faces=True)
    tracks = tracks_of(pair).tracks
    assert len(tracks) == 2
    assert all(track.coverage > 0.95 for track in tracks)
    # The man, who smiles and is larger, on one side; the woman, who turns, on the other.
    man, woman = tracks
    assert man["mouthSmileLeft"][man.measured].mean() > 0.5
    assert abs(woman["yaw"][woman.measured]).max() > 35
    assert abs(man["yaw"][man.measured]).max() < 15
    (several,) = found(pair, "second_face")
    assert several.evidence["people"] == 2


@pytest.mark.parametrize("make", [people_clips.no_face, people_clips.dark_room])
def test_nobody_in_sight_is_one_event_and_nothing_else(
    make: Callable[[Path, Path], Path], tmp_path: Path, shared_media: Path, shared_models: Path
) -> None:
    empty = watched(make(tmp_path, shared_media), shared_models)
    kinds = [kind for detector in person_detectors().values() for kind in detector.kinds]
    (missing,) = found(empty, *kinds)
    assert missing.kind == "face_missing"
    assert missing.labels == ("throughout",)


def test_four_in_a_classroom_are_several_and_too_small_to_judge(shared_media: Path, shared_models: Path) -> None:
    """Faces of 20 px: they are found, but nothing of what their eyes do is claimed."""
    room = watched(shared_media / "classroom.gif", shared_models, small_faces=True)
    (several,) = found(room, "second_face")
    assert several.evidence["people"] == 4
    assert "throughout" in several.labels
    assert not found(room, "blink", "gaze_away", "nod", "head_shake", "smile", "brow_raise", "reading_like")
    for name in ("blink", "gaze_away", "nod", "smile", "brow", "reading_like"):
        assert person_detectors()[name]().refusal(room).key == "person.refused.small"  # type: ignore[attr-defined]
    tracks = tracks_of(room).tracks
    assert len(tracks) == 4


def test_somebody_who_signs_blinks_gestures_and_ends_with_a_smile(shared_media: Path, shared_models: Path) -> None:
    """3.7 s at 30 pictures a second. Her lids come down at 0.73 s and are up again, half-way at first, by 1 s; the
    hands rise at 0.2 s, are held before the chin until 3 s and sink; from 3.1 s on she smiles."""
    signing = watched(shared_media / "signing_person.mkv", shared_models, small_faces=True)
    blink = found(signing, "blink")[0]
    assert Fraction(3, 4) in blink.span
    assert blink.span.end < 1.1
    (smile,) = found(signing, "smile")
    assert Fraction(7, 2) in smile.span
    assert smile.span.start > 2.4
    assert not found(signing, "head_shake", "second_face", "face_missing", "reading_like")


def test_her_hands_are_seen_where_the_weights_are(shared_media: Path, shared_models: Path) -> None:
    shelf = Shelf((shared_models,))
    missing = [model for model in ("pose_landmarker_lite", "hand_landmarker") if not shelf.has(model)]
    if missing:
        pytest.skip(f"no weights beside this checkout: {', '.join(missing)}")
    meters: dict[str, dict[str, bool]] = {"faces": {"small_faces": True}, "pose": {}, "hands": {}}
    signing = measure(Request(shared_media / "signing_person.mkv", meters, 1, shelf=shelf))
    (gesture,) = found(signing, "gesture")
    assert gesture.span.seconds == pytest.approx((0.2, 3.4), abs=0.3)
    assert gesture.evidence["hand"] == "both"
    (touch,) = found(signing, "self_touch")
    assert touch.span.seconds == pytest.approx((0.6, 3.0), abs=0.3)
    assert not found(signing, "slouch", "shoulder_tilt", "lean")
