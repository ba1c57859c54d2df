"""Pitch of sounds whose pitch is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.speech_sound import RATE_HZ, Sound, harmonics, measured, noise

from sightline.engine.run import Request, measure


def pitch(sound: Sound) -> np.ndarray:
    return np.asarray(measured("pitch", sound)["f0"])


def semitones_off(found: np.ndarray, truth: float | np.ndarray) -> float:
    """The largest error; NaN where a row has no pitch."""
    return float(np.abs(12 * np.log2(found / truth)).max())


@settings(max_examples=40)
@given(st.floats(66, 398), st.floats(0.3, 2.5))
def test_a_steady_voice_has_its_pitch(hz: float, tilt: float) -> None:
    assert semitones_off(pitch(harmonics(hz, 0.6, tilt=tilt))[5:-5], hz) < 0.1


@pytest.mark.parametrize(("start", "stop"), [(80, 320), (320, 80), (200, 100), (70, 140)])
def test_a_glide_is_followed_without_a_jump(start: float, stop: float) -> None:
    hz = start * (stop / start) ** np.linspace(0, 1, 2 * RATE_HZ)
    truth = hz[80::160]
    assert semitones_off(pitch(harmonics(hz, 2))[5:-5], truth[5:-5]) < 0.15


def _sum(parts: dict[float, float], seconds: float = 1) -> Sound:
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(sum(a * np.sin(2 * np.pi * hz * time + hz) for hz, a in parts.items()), np.float32)


@pytest.mark.parametrize(
    ("parts", "hz"),
    [
        ({100: 0.2, 200: 1, 300: 0.3, 400: 0.1}, 100),  # the second harmonic is the strongest
        ({300: 0.3, 400: 0.5, 500: 0.5, 600: 0.3}, 100),  # no fundamental at all, as on a telephone
        ({110: 1}, 110),  # repeats after two and three periods as well as after one
        ({220: 1, 440: 0.5, 660: 0.3}, 220),
        ({90: 0.1, 180: 0.3, 270: 0.5, 720: 1, 810: 0.8}, 90),  # a strong formant
    ],
)
def test_octave_traps(parts: dict[float, float], hz: float) -> None:
    assert semitones_off(pitch(_sum(parts))[5:-5], hz) < 0.2


def test_one_period_that_differs_is_no_jump() -> None:
    sound = harmonics(120, 2)
    period = RATE_HZ // 120
    sound[RATE_HZ : RATE_HZ + period] *= 0.3  # a creak
    assert semitones_off(pitch(sound)[5:-5], 120) < 0.5


@pytest.mark.parametrize("hz", [450.0, 520.0, 590.0])
def test_a_sound_above_the_range_is_not_taken_for_one_an_octave_below(hz: float) -> None:
    assert np.isnan(pitch(harmonics(hz, 1))[5:-5]).all()


def test_noise_and_silence_have_no_pitch() -> None:
    assert np.isnan(pitch(noise(10))).all()
    columns = measured("pitch", np.zeros(RATE_HZ, np.float32))
    assert np.isnan(columns["f0"]).all()
    assert (columns["strength"] == 0).all()


@pytest.mark.parametrize("ratio_db", [20, 10, 5])
def test_a_voice_in_noise_keeps_its_pitch(ratio_db: float) -> None:
    voice = harmonics(150, 3)
    level = float(np.sqrt((voice**2).mean())) * 10 ** (-ratio_db / 20)
    found = pitch(voice + noise(3, level))[5:-5]
    assert np.isfinite(found).mean() > 0.95
    assert np.nanmedian(np.abs(12 * np.log2(found / 150))) < 0.1
    assert (np.abs(12 * np.log2(found[np.isfinite(found)] / 150)) < 1).mean() > 0.99


def test_what_is_much_quieter_than_the_loudest_is_background() -> None:
    hum, voice = harmonics(100, 2, level=0.001), harmonics(180, 2, level=0.2)
    found = pitch(np.concatenate((hum, voice, hum)))
    assert np.isnan(found[:190]).all()
    assert semitones_off(found[210:390], 180) < 0.1
    assert np.isnan(found[410:]).all()


def test_rows_are_10_ms_and_lie_where_the_sound_is() -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    columns = measured("pitch", np.concatenate((silence, harmonics(200, 1), silence)), first_pts=Fraction(5))
    voiced = np.flatnonzero(np.isfinite(columns["f0"]))
    assert abs(voiced[0] - 100) <= 2
    assert abs(voiced[-1] - 199) <= 2
    assert columns.ticks[0] == 5 * RATE_HZ
    assert set(np.diff(columns.ticks)) == {160}
    assert columns.end == 8 * RATE_HZ


@settings(max_examples=15)
@given(
    size=st.integers(0, 40_000),
    blocks=st.lists(st.integers(1, 20_000), min_size=1, max_size=4),
)
def test_nothing_depends_on_the_blocks_and_every_10_ms_has_a_row(size: int, blocks: list[int]) -> None:
    sound = np.concatenate((harmonics(130, 1), noise(0.5), harmonics(250, 1)))[:size]
    once, again = measured("pitch", sound, blocks=(40_000,)), measured("pitch", sound, blocks=blocks)
    assert len(once) == -(-size // 160)
    np.testing.assert_array_equal(once["f0"], again["f0"])
    np.testing.assert_array_equal(once["strength"], again["strength"])


def test_real_speech_has_the_pitch_that_praat_finds(shared_media: Path) -> None:
    """Praat 6.4 (autocorrelation, 65 to 400 Hz): median 240.3 Hz, 52 % of the frames voiced."""
    columns = measure(Request(shared_media / "speech_en_jfk.flac", {"pitch": {}})).columns["pitch"]
    assert np.nanmedian(columns["f0"]) == pytest.approx(240.3, rel=0.02)
    assert np.isfinite(columns["f0"]).mean() == pytest.approx(0.52, abs=0.05)
