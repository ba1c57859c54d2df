"""Recordings as they really come in: each has a true answer, and nothing in it is invented."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests import people_clips

from sightline.desks.judgement import Metric, Standing
from sightline.errors import InputError, MediaUnreadable
from sightline.service.analysis import Analysis, analyze
from sightline.service.settings import Settings

Maker = Callable[[Path, Path], Path]


@pytest.fixture(scope="module")
def look(shared_media: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Analysis]:
    """Analyses what a maker makes, each once a session."""
    folder = tmp_path_factory.mktemp("people")
    kept: dict[str, Analysis] = {}
    settings = Settings(cache_dir=folder / "cache", data_dir=folder / "data", models=shared_models)

    def analysed(maker: Maker, options: Mapping[str, Any] | None = None) -> Analysis:
        name = f"{maker.__name__}{options or ''}"
        if name not in kept:
            place = folder / str(len(kept))
            place.mkdir()
            path = maker(place, shared_media)
            kept[name] = analyze(path, desk="interview", options=options, settings=settings)
        return kept[name]

    return analysed


def _metric(analysis: Analysis, name: str) -> Metric:
    return analysis.judgement.metric(name)


def _is_silent_about(analysis: Analysis, *names: str) -> None:
    """Each has no value, and says why."""
    for name in names:
        metric = _metric(analysis, name)
        assert metric.value is None, name
        assert str(metric.reason), name


def _has_no_score(analysis: Analysis, *names: str) -> None:
    for name in names:
        score = analysis.judgement.score(name)
        assert score.standing is not Standing.SCORED, name
        assert score.value is None, name
        assert score.band is None, name
        assert str(score.reason), name


GAZE = ("on_camera_share", "glances_per_min", "gaze_sd")
FACE = ("smile_share", "blink_rate")


def test_a_browsers_recording_without_a_length_is_measured_to_its_end(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.browser_webm)
    assert analysis.media.duration is None or analysis.media.duration > 0
    assert 9 < float(analysis.timeline.span.duration) < 12
    assert _metric(analysis, "on_camera_share").coverage > 0.9
    assert analysis.judgement.score("gaze").standing is Standing.SCORED


def test_nobody_in_the_picture_gives_no_score_for_a_face(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.no_face)
    _is_silent_about(analysis, *GAZE, *FACE)
    _has_no_score(analysis, "visible_expression", "gaze", "presence")
    assert analysis.events("face_missing")


def test_a_drawn_face_gives_no_score(look: Callable[..., Analysis]) -> None:
    """What the networks make of a drawing is theirs; a score needs evidence for most of the time."""
    analysis = look(people_clips.cartoon)
    score = analysis.judgement.score("gaze")
    if score.standing is Standing.SCORED:
        assert _metric(analysis, "face_coverage").value is not None
        assert float(_metric(analysis, "face_coverage").value or 0) >= 0.6
    else:
        _has_no_score(analysis, "gaze")


def test_an_animated_film_gives_no_score(look: Callable[..., Analysis]) -> None:
    _has_no_score(look(people_clips.animated_film), "gaze", "visible_expression")


def test_many_small_faces_are_told_as_several_people(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.many_faces)
    assert analysis.events("second_face")
    assert int(analysis.timeline.columns["faces"]["count"].max()) >= 3


def test_a_masked_mouth_says_nothing_of_smiles_it_did_not_see(look: Callable[..., Analysis]) -> None:
    """The networks draw a mouth under a mask. Whatever is told must not be a smile."""
    analysis = look(people_clips.masked_face)
    value = _metric(analysis, "smile_share").value
    assert value is None or value < 0.5


def test_a_dark_room_is_told_as_dark(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.dark_room)
    light = _metric(analysis, "face_light")
    assert light.value is None or light.value < 0.2
    if light.value is None:
        _has_no_score(analysis, "gaze")


def test_a_phones_turned_recording_is_looked_at_upright(look: Callable[..., Analysis]) -> None:
    straight, turned = look(people_clips.steady_mp4), look(people_clips.phone_mp4)
    assert turned.media.video is not None
    assert turned.media.video.rotation_deg in (90, 270)
    for name in ("smile_share", "on_camera_share"):
        assert _metric(turned, name).value == pytest.approx(_metric(straight, name).value, abs=0.1), name
    assert _metric(turned, "face_coverage").value == pytest.approx(1, abs=0.02)


def test_sound_alone_is_judged_as_sound(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.voice_only)
    _is_silent_about(analysis, *GAZE, *FACE)
    _has_no_score(analysis, "gaze", "visible_expression", "presence")
    assert float(_metric(analysis, "snr").value or 0) > 0
    assert float(_metric(analysis, "speaking_share").value or 0) > 0.3
    assert analysis.events("speech")


def test_a_silent_recording_has_nobody_speaking(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.silent_sound)
    _has_no_score(analysis, "delivery")
    assert not analysis.events("speech", "filler", "pause")
    _is_silent_about(analysis, "acoustic_syllable_rate", "pitch_sd")
    assert analysis.judgement.score("gaze").standing is Standing.SCORED


def test_no_sound_at_all_is_told(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.no_sound)
    _has_no_score(analysis, "delivery")
    _is_silent_about(analysis, "acoustic_syllable_rate", "pitch_sd", "speaking_share", "snr")


def test_a_single_picture_is_no_behaviour(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.one_picture)
    _has_no_score(analysis, "delivery", "presence")
    assert not analysis.events("smile", "blink", "gaze_away", "nod")


def test_a_recording_of_no_length_is_refused(tmp_path: Path, shared_models: Path) -> None:
    path = people_clips.zero_seconds(tmp_path)
    with pytest.raises(InputError) as refused:
        analyze(path, desk="interview", settings=Settings(cache_dir=tmp_path / "c", models=shared_models))
    assert isinstance(refused.value, MediaUnreadable | InputError)
    assert path.name in str(refused.value)


def test_a_slow_camera_cannot_tell_blinks(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.slow_camera)
    _is_silent_about(analysis, "blink_rate")
    assert not analysis.events("blink")


def test_two_people_side_by_side_are_two(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.two_people)
    assert analysis.events("second_face")
    assert (analysis.timeline.columns["faces"]["count"] >= 2).mean() > 0.5


@pytest.mark.skipif(
    os.environ.get("SIGHTLINE_REQUIRE_SERVICES") != "1",
    reason="three hours of sound take minutes: the checks look at them",
)
def test_three_hours_are_measured_to_their_end(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.long_recording)
    assert float(analysis.timeline.span.duration) > 3 * 3600 - 60
    _is_silent_about(analysis, "blink_rate")


def test_a_turning_head_is_measured_and_makes_no_blinks(look: Callable[..., Analysis]) -> None:
    analysis = look(people_clips.turning_head)
    assert _metric(analysis, "face_coverage").value == pytest.approx(1, abs=0.05)
    assert len(analysis.events("blink")) <= 1
