"""The clips of people that other tests are made with are as awkward as they say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from tests import people_clips
from tests.media_clips import pictures_of

from sightline.errors import MediaUnreadable
from sightline.media.probe import probe


@pytest.mark.parametrize("coding", [people_clips.WEBM_VP8, people_clips.WEBM_VP9])
def test_the_browsers_recording_has_no_duration_and_no_steady_rate(
    tmp_path: Path, shared_media: Path, coding: people_clips.Coding
) -> None:
    path = people_clips.browser_webm(tmp_path, shared_media, coding, length_s=4)
    facts = probe(path)
    assert facts.duration is None
    assert [audio.codec for audio in facts.audios] == ["opus"]
    # EBML: the segment's size is unknown.
    assert b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" in path.read_bytes()[:100]
    ticks = [tick for tick, *_ in pictures_of(path, facts)]
    assert len(ticks) == 51, "the last comes 5 ms early"
    assert len({b - a for a, b in pairwise(ticks)}) > 3


def test_the_phones_recording_is_stored_on_its_side(tmp_path: Path, shared_media: Path) -> None:
    video = probe(people_clips.phone_mp4(tmp_path, shared_media)).video
    assert video is not None
    assert (video.width, video.height, video.rotation_deg) == (480, 270, 90)


def test_some_lack_pictures_or_sound_and_one_everything(tmp_path: Path, shared_media: Path) -> None:
    assert probe(people_clips.voice_only(tmp_path, shared_media)).video is None
    assert not probe(people_clips.no_sound(tmp_path, shared_media)).audios
    with pytest.raises(MediaUnreadable):
        probe(people_clips.zero_seconds(tmp_path))


def test_a_long_recording_says_three_hours(tmp_path: Path, shared_media: Path) -> None:
    assert probe(people_clips.long_recording(tmp_path, shared_media)).duration == 3 * 3600


def test_two_languages_are_spoken_in_turn(tmp_path: Path, shared_media: Path) -> None:
    facts = probe(people_clips.two_languages(tmp_path, shared_media))
    assert facts.duration is not None
    assert 8 < facts.duration < 30
