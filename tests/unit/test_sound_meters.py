"""Sound meters: what they count, and that nothing depends on how the sound was cut into blocks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.facts import AudioFacts, MediaFacts
from sightline.media.picture import SoundBlock
from sightline.meters.k_weighting import k_weighting
from sightline.meters.layout import layout_weights, pairs
from sightline.meters.meter import NotMeasurable, Subject, meters
from sightline.meters.true_peak import STEP, TAPS, interpolator, oversampling
from sightline.timeline.columns import Columns

SOUND_METERS = ("channels", "clicks", "dropouts", "hum", "loudness", "phase", "samples", "true_peak")
NAMES = {1: ("FC",), 2: ("FL", "FR"), 6: ("FL", "FR", "FC", "LFE", "SL", "SR")}


def _subject(channels: int, rate_hz: int, depth: int | None) -> Subject:
    audio = AudioFacts(
        index=0, codec="pcm", profile=None, sample_rate_hz=rate_hz, channels=channels, layout=f"{channels} channels",
        channel_names=NAMES.get(channels, ()), sample_format="flt", bit_depth=depth, time_base=Fraction(1, rate_hz),
        start=Fraction(0), duration=None, bit_rate_bps=None,
    )  # fmt: skip
    return Subject(MediaFacts("made", 0, None, "wav", None, None, None, audios=(audio,)), audio=audio)


def measured(
    name: str,
    sound: npt.NDArray[np.float32],
    rate_hz: int = 48_000,
    *,
    blocks: tuple[int, ...] = (4096,),
    first_pts: Fraction = Fraction(0),
    depth: int | None = 16,
) -> Columns:
    """Columns of a sound handed over in blocks of these sizes, over and over."""
    meter = meters()[name](_subject(len(sound), rate_hz, depth))
    start = number = 0
    while start < sound.shape[1]:
        size = blocks[number % len(blocks)]
        block = np.ascontiguousarray(sound[:, start : start + size])
        block.flags.writeable = False
        meter.measure(SoundBlock(0, block, start, first_pts, rate_hz))
        start, number = start + size, number + 1
    return meter.columns()


def _eventful(rate_hz: int, channels: int, seconds: float) -> npt.NDArray[np.float32]:
    """Noise with a gap, a plateau at the rail, a click, and all of them across a second's edge."""
    random = np.random.default_rng(rate_hz)
    sound = random.normal(0, 0.1, (channels, 5 * rate_hz)).astype(np.float32)
    sound[:, rate_hz - rate_hz // 100 : rate_hz + rate_hz // 50] = 0
    sound[:, 2 * rate_hz - 40 : 2 * rate_hz + 60] = 1
    sound[:, rate_hz // 2 : rate_hz // 2 + rate_hz // 20] = 0
    sound[0, rate_hz // 2 + rate_hz // 40] = 0.5
    return sound[:, : int(rate_hz * seconds)]


@settings(max_examples=25)
@given(
    blocks=st.lists(st.integers(1, 20_000), min_size=1, max_size=6).map(tuple),
    rate_hz=st.sampled_from((8_000, 11_025, 22_050)),
    channels=st.sampled_from((1, 2, 6)),
    seconds=st.floats(0.005, 2.7),
)
@pytest.mark.parametrize("name", SOUND_METERS)
def test_blocks_of_any_size_give_the_same_columns(
    name: str, blocks: tuple[int, ...], rate_hz: int, channels: int, seconds: float
) -> None:
    if name == "phase" and channels == 1:
        return
    sound = _eventful(rate_hz, channels, seconds)
    blocks = tuple(max(size, 100) for size in blocks)
    whole = measured(name, sound, rate_hz, blocks=(10**9,))
    parts = measured(name, sound, rate_hz, blocks=blocks)
    np.testing.assert_array_equal(parts.ticks, whole.ticks)
    assert parts.end == whole.end == sound.shape[1]
    for one, other in zip(parts.columns, whole.columns, strict=True):
        np.testing.assert_array_equal(one.values, other.values, err_msg=one.name)


@pytest.mark.parametrize("name", SOUND_METERS)
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000, 192_000])
def test_rows_lie_on_the_clock_of_the_samples(name: str, rate_hz: int) -> None:
    columns = measured(name, _eventful(rate_hz, 2, 2.13), rate_hz, first_pts=Fraction(-21, 1000))
    assert columns.time_base == Fraction(1, rate_hz)
    assert columns.ticks[0] == round(-Fraction(21, 1000) * rate_hz)
    assert (np.diff(columns.ticks) > 0).all()
    assert columns.end - columns.ticks[0] == int(rate_hz * 2.13)


@pytest.mark.parametrize("name", SOUND_METERS)
def test_broken_samples_do_not_poison_what_follows(name: str) -> None:
    sound = _eventful(8_000, 2, 4.5)
    mended = sound.copy()
    for place, value in ((100, np.nan), (9_000, np.inf), (9_001, -np.inf), (20_000, 1e30)):
        sound[1, place] = value
        mended[1, place] = 0
    broken, clean = measured(name, sound, 8_000), measured(name, mended, 8_000)
    for one, other in zip(broken.columns, clean.columns, strict=True):
        if one.name == "broken_1":
            assert one.values.sum() == 4
        else:
            np.testing.assert_array_equal(one.values, other.values, err_msg=one.name)


@pytest.mark.parametrize("name", SOUND_METERS)
def test_a_stream_without_a_sample_has_no_rows(name: str) -> None:
    columns = measured(name, np.zeros((2, 0), np.float32))
    assert len(columns) == 0
    assert columns.columns


@pytest.mark.parametrize("name", SOUND_METERS)
def test_digital_silence_is_measured_without_a_warning(name: str) -> None:
    columns = measured(name, np.zeros((2, 4 * 8_000 + 5), np.float32), 8_000)
    for column in columns.columns:
        assert not (column.values == np.inf).any(), column.name


def test_loudness_of_silence_is_minus_infinity_once_the_sound_has_died_away() -> None:
    sound = np.zeros((2, 8 * 8_000), np.float32)
    sound[:, :8_000] = np.sin(np.arange(8_000) / 3)
    columns = measured("loudness", sound, 8_000)
    assert np.isnan(columns["momentary"][:39]).all()
    assert np.isnan(columns["short_term"][:299]).all()
    assert np.isneginf(columns["momentary"][-1])
    assert np.isneginf(columns["short_term"][-1])


@pytest.mark.parametrize("rate_hz", [22_050, 32_000, 44_100, 88_200, 96_000, 192_000])
def test_k_weighting_at_another_rate_has_the_response_of_48_khz(rate_hz: int) -> None:
    frequencies = np.geomspace(20, min(rate_hz, 48_000) * 0.4, 200)

    def response_db(rate: int) -> npt.NDArray[np.float64]:
        delay = np.exp(-2j * np.pi * frequencies / rate)
        gain = np.ones_like(delay)
        for b0, b1, b2, a0, a1, a2 in k_weighting(rate):
            gain *= (b0 + b1 * delay + b2 * delay**2) / (a0 + a1 * delay + a2 * delay**2)
        return np.asarray(20 * np.log10(np.abs(gain)))

    np.testing.assert_allclose(response_db(rate_hz), response_db(48_000), atol=0.035)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_full_scale_sine_of_997_hz_in_one_front_channel_reads_minus_3_lufs(channel: int) -> None:
    sound = np.zeros((6, 48_000), np.float32)
    sound[channel] = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    assert measured("loudness", sound)["momentary"][-1] == pytest.approx(-3.01, abs=0.01)


def test_weights_follow_the_places_of_the_channels() -> None:
    assert layout_weights(NAMES[6], 6, "5.1(side)") == ("5.1(side)", (1, 1, 1, 0, 1.41, 1.41))
    back = ("FL", "FR", "FC", "LFE", "BL", "BR")
    assert layout_weights(back, 6, "5.1")[1] == (1, 1, 1, 0, 1.41, 1.41)
    assert layout_weights((*back, "SL", "SR"), 8, "7.1")[1] == (1, 1, 1, 0, 1, 1, 1.41, 1.41)
    assert layout_weights(("BC", "TFL"), 2, "x")[1] == (1, 1)


def test_a_layout_that_is_not_named_is_assumed_and_says_so() -> None:
    assert layout_weights((), 6, "6 channels") == ("5.1 (assumed)", (1, 1, 1, 0, 1.41, 1.41))
    assert layout_weights(("UNK0", "UNK1"), 2, "2 channels") == ("stereo (assumed)", (1, 1))
    assert layout_weights((), 3, "3 channels") == ("unknown", (1, 1, 1))


def test_pairs_are_left_and_right_of_each_other() -> None:
    assert pairs(NAMES[6], 6) == ((0, 1), (4, 5))
    assert pairs((), 2) == ((0, 1),)
    assert pairs((), 4) == ((0, 1), (2, 3))
    assert pairs(("FC",), 1) == ()


@pytest.mark.parametrize(("rate_hz", "factor"), [(8_000, 4), (48_000, 4), (88_200, 2), (96_000, 2), (192_000, 1)])
def test_true_peaks_are_oversampled_to_192_khz_or_four_times(rate_hz: int, factor: int) -> None:
    assert oversampling(rate_hz) == factor


@pytest.mark.parametrize("factor", [2, 4])
def test_values_between_samples_have_the_level_of_the_sound_up_to_20_khz(factor: int) -> None:
    matrix = interpolator(factor).reshape(STEP + TAPS - 1, factor - 1, STEP)
    frequencies = np.arange(0, 20_000, 50) / 48_000
    turn = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(TAPS)))
    for phase in range(factor - 1):
        gain_db = 20 * np.log10(np.abs(turn @ matrix[:TAPS, phase, 0]))
        np.testing.assert_allclose(gain_db, 0, atol=0.02)


@pytest.mark.parametrize("place", [0, 5, 4_799, 4_800, 47_990, 47_999, 48_000, 50_000])
def test_a_true_peak_stands_in_the_row_of_its_sample(place: int) -> None:
    sound = np.zeros((1, 50_001), np.float32)
    sound[0, place] = 0.5
    peaks = measured("true_peak", sound)["peak_0"]
    assert peaks.argmax() == place // 4_800
    assert peaks.max() == pytest.approx(20 * np.log10(0.5), abs=1e-4)


def test_a_peak_between_the_last_samples_is_found() -> None:
    sound = np.zeros((1, 48_000 + 30), np.float32)
    sound[0, -2:] = 0.9
    assert measured("true_peak", sound)["peak_0"][-1] > 20 * np.log10(0.9) + 1


def test_a_run_at_the_rail_is_counted_across_rows_and_to_the_last_sample() -> None:
    sound = np.zeros((2, 48_000), np.float32)
    rail = 32767 / 32768
    sound[0, 4_700:9_700] = rail
    sound[0, 20_000:20_002] = rail
    sound[0, 30_000:30_003] = -1
    sound[0, 30_003:30_007] = rail
    sound[1, -5:] = rail
    columns = measured("samples", sound)
    rows = np.flatnonzero(columns["clip_run_0"])
    assert rows.tolist() == [2, 6]
    assert columns["clip_run_0"][rows].tolist() == [5_000, 4]
    assert columns["clip_samples_0"][rows].tolist() == [5_000, 7]
    assert (columns.ticks + columns["clip_first_0"])[rows].tolist() == [4_700, 30_000]
    assert (columns.ticks + columns["clip_last_0"])[rows].tolist() == [9_700, 30_007]
    assert (columns.ticks + columns["clip_last_1"])[9] == 48_000
    assert columns["clip_run_1"].tolist() == [0] * 9 + [5]


def test_phase_and_mono_loss_know_same_unrelated_and_opposed_sides() -> None:
    random = np.random.default_rng(2)
    sound = np.tile(random.normal(0, 0.1, 4 * 48_000).astype(np.float32), (2, 1))
    sound[1, 48_000:96_000] = random.normal(0, 0.1, 48_000)
    sound[1, 96_000:144_000] *= -1
    sound[:, 144_000:] = 0
    columns = measured("phase", sound)
    phase, loss = columns["phase_0_1"], columns["mono_loss_0_1"]
    assert phase[:25] == pytest.approx(1)
    assert loss[:25] == pytest.approx(0, abs=1e-6)
    assert phase[25:50].mean() == pytest.approx(0, abs=0.02)
    assert loss[25:50].mean() == pytest.approx(-3, abs=0.1)
    assert phase[50:75] == pytest.approx(-1)
    assert (loss[50:75] < -100).all()
    assert np.isnan(phase[75:]).all()
    assert np.isnan(loss[75:]).all()


def test_mono_sound_has_no_phase_and_says_why() -> None:
    with pytest.raises(NotMeasurable, match="one channel"):
        meters()["phase"](_subject(1, 48_000, 16))


def test_loudness_below_4_khz_is_not_measured() -> None:
    with pytest.raises(NotMeasurable, match="2000 Hz"):
        meters()["loudness"](_subject(1, 2_000, 16))


def test_copies_differ_by_minus_infinity_and_a_rounding_by_much_less_than_60_db() -> None:
    sound = np.tile(np.random.default_rng(3).normal(0, 0.1, 96_000).astype(np.float32), (2, 1))
    sound[1, 48_000:] = np.round(sound[0, 48_000:] * 32768) / 32768
    columns = measured("channels", sound)
    assert np.isneginf(columns["difference_0_1"][0])
    assert columns["difference_0_1"][1] < -75
    assert columns["correlation_0_1"] == pytest.approx(1)


def test_a_lone_sample_is_a_strong_click_and_a_burst_is_not() -> None:
    sound = np.random.default_rng(4).normal(0, 0.001, (1, 96_000)).astype(np.float32)
    sound[0, 30_000] = 0.3
    sound[0, 60_000:72_000] += np.random.default_rng(5).normal(0, 0.2, 12_000).astype(np.float32)
    columns = measured("clicks", sound)
    strength = columns["strength_0"]
    assert strength[6] > 30
    assert columns.ticks[6] + columns["at_0"][6] == 30_000
    assert np.nanmax(np.delete(strength, 6)) < 15


def test_a_gap_is_measured_to_the_sample_across_a_second() -> None:
    sound = (0.3 * np.sin(np.arange(96_000) / 7)).astype(np.float32)[None] + np.float32(0.001)
    sound[0, 47_900:48_500] = 0
    columns = measured("dropouts", sound)
    rows = np.flatnonzero(columns["length_0"])
    assert rows.tolist() == [10]
    assert columns["length_0"][10] == 600
    assert columns.ticks[10] + columns["at_0"][10] == 47_900
    assert columns["before_0"][10] == pytest.approx(20 * np.log10(0.3), abs=0.1)
    assert np.isneginf(columns["inside_0"][10])


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
def test_a_line_of_hum_has_its_level_and_stands_out(rate_hz: int) -> None:
    random = np.random.default_rng(6)
    time_s = np.arange(6 * rate_hz) / rate_hz
    sound = random.normal(0, 0.01, (1, len(time_s))) + 0.01 * np.sin(2 * np.pi * 100 * time_s)
    columns = measured("hum", sound.astype(np.float32), rate_hz)
    assert np.isnan(columns["level_100_0"][0])
    assert columns["level_100_0"][1:] == pytest.approx(-40, abs=0.5)
    assert (columns["prominence_100_0"][1:] > 20).all()
    assert np.median(columns["prominence_60_0"][1:]) < 12
