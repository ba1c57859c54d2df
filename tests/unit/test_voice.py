"""When somebody speaks, and where syllables are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.speech_sound import RATE_HZ, harmonics, measured, noise, speech_like, subject

from sightline.engine.run import Request, measure
from sightline.meters.meter import NotMeasurable
from sightline.meters.speech import voice_activity
from sightline.meters.syllables import nuclei, peaks
from sightline.meters.voice import VoiceMeter


@pytest.mark.parametrize("size", [48_000, 512 * 90, 512 * 90 + 17])
def test_voice_is_what_faster_whisper_hears(size: int) -> None:
    from faster_whisper.vad import get_vad_model

    sound = np.concatenate((speech_like(12, 4), noise(1, 0.01), harmonics(200, 1)))[:size]
    # Its padding: silence to a full window, a whole window of it where the sound fills the last.
    expected = get_vad_model()(np.pad(sound, (0, 512 - size % 512)))
    found = measured("voice", sound)["speech"]
    assert len(found) == -(-size // 512)
    np.testing.assert_allclose(found, expected.reshape(-1)[: len(found)], atol=1e-5)


@settings(max_examples=10)
@given(blocks=st.lists(st.integers(1, 20_000), min_size=1, max_size=4), size=st.integers(0, 30_000))
def test_voice_does_not_depend_on_the_blocks(blocks: list[int], size: int) -> None:
    sound = speech_like(8, 4)[:size]
    once, again = (measured("voice", sound, blocks=b) for b in ((30_000,), blocks))
    np.testing.assert_allclose(once["speech"], again["speech"], atol=1e-6)
    np.testing.assert_array_equal(once.ticks, np.arange(len(once)) * 512)


def test_the_model_is_the_one_this_version_was_checked_with() -> None:
    checksum = hashlib.sha256(voice_activity.model_file().read_bytes()).hexdigest()
    assert checksum == "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"


def test_without_the_model_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_activity, "FILE", "gone.onnx")
    with pytest.raises(NotMeasurable, match=r"gone\.onnx"):
        VoiceMeter(subject())


@pytest.mark.parametrize("sound", [noise(3, 0.1), noise(3, 0.001), np.zeros(48_000, np.float32), harmonics(1000, 3)])
def test_noise_silence_and_a_whistle_are_no_speech(sound: np.ndarray) -> None:
    assert (measured("voice", sound)["speech"] < 0.5).mean() > 0.95
    assert len(measured("syllables", sound)) == 0


def test_peaks_are_parted_by_dips() -> None:
    levels = np.array([0, 5, 4, 6, 1, 3.5, 3, 9, 7.5, 9.5, 0], np.float32)
    assert peaks(levels, 2.0) == [3, 9]
    assert peaks(levels, 0.4) == [1, 3, 5, 7, 9]
    assert peaks(np.array([1, 2, 3, 9], np.float32), 2.0) == [3]
    assert peaks(np.zeros(5, np.float32), 2.0) == []


def test_a_nucleus_is_loud_voiced_and_in_speech() -> None:
    levels = np.full(80, -60, np.float32)
    levels[[10, 20, 30, 40, 50]] = (-20, -20, -20, -50, -20)
    voiced, speech = np.ones(80, bool), np.ones(80, bool)
    voiced[20] = speech[30] = False
    assert nuclei(levels, voiced, speech).tolist() == [10, 50]
    assert nuclei(levels, voiced, np.zeros(80, bool)).tolist() == []


# Slower, and the voice detector does not take this synthetic sound for speech.
@pytest.mark.parametrize("per_second", [5.0, 7.0])
@pytest.mark.parametrize("pitch_hz", [100.0, 210.0])
def test_syllables_are_counted_where_the_mouth_opens(per_second: float, pitch_hz: float) -> None:
    said = speech_like(30, per_second, pitch_hz)
    assert (measured("voice", said)["speech"] >= 0.5).mean() > 0.9
    columns = measured("syllables", said)
    assert len(columns) == pytest.approx(30, abs=2)
    middles = (np.arange(30) + 0.5) / per_second
    found = (columns.ticks + 80) / RATE_HZ
    assert np.abs(found[:, None] - middles).min(axis=1).max() < 0.06


def test_real_speech_of_28_syllables(shared_media: Path) -> None:
    """ "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country",
    in a hall that fills the dips. How far off such counts are is in docs/model-cards/syllables.md."""
    columns = measure(Request(shared_media / "speech_en_jfk.flac", {"syllables": {}, "voice": {}})).columns
    assert 0.75 * 28 <= len(columns["syllables"]) <= 1.1 * 28
    times = columns["syllables"].ticks / RATE_HZ
    assert not ((times > 4.8) & (times < 5.3)).any()
    speech = columns["voice"]["speech"]
    assert (speech[int(4.85 * 31.25) : int(5.2 * 31.25)] < 0.5).all()
    assert 0.5 < (speech >= 0.5).mean() < 0.75
