"""Sound detectors: each finds its planted fault, says where, and keeps quiet about sound that is whole."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sightline.clock import Span
from sightline.detectors.detector import detectors
from sightline.detectors.loudness import integrated_lufs, loudness_range_lu, maximum, maximum_true_peak, programme
from sightline.facts import AudioFacts, MediaFacts
from sightline.media.picture import SoundBlock
from sightline.meters.meter import NotMeasurable, Subject, meters
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Provenance, Timeline

RATE_HZ = 48_000
SOUND_METERS = ("channels", "clicks", "dropouts", "hum", "loudness", "phase", "samples", "true_peak")
SOUND_DETECTORS = (
    "channel_imbalance", "click", "clipping", "dc_offset", "dropout", "dual_mono", "hum", "out_of_phase", "silence",
    "true_peak_over",
)  # fmt: skip
NAMES = {1: ("FC",), 2: ("FL", "FR"), 6: ("FL", "FR", "FC", "LFE", "SL", "SR")}
Sound = npt.NDArray[np.float32]


def _audio(channels: int, index: int = 1) -> AudioFacts:
    return AudioFacts(
        index=index, codec="pcm_s16le", profile=None, sample_rate_hz=RATE_HZ, channels=channels, layout="stereo",
        channel_names=NAMES.get(channels, ()), sample_format="s16", bit_depth=16, time_base=Fraction(1, RATE_HZ),
        start=Fraction(0), duration=None, bit_rate_bps=None,
    )  # fmt: skip


def _timeline(sound: Sound, only: tuple[str, ...] = SOUND_METERS) -> Timeline:
    audio = _audio(len(sound))
    media = MediaFacts("made", 0, None, "wav", None, None, None, audios=(audio,))
    columns: dict[str, Columns] = {}
    for name in only:
        try:
            meter = meters()[name](Subject(media, audio=audio))
        except NotMeasurable:
            continue
        meter.measure(SoundBlock(1, np.ascontiguousarray(sound, np.float32), 0, Fraction(0), RATE_HZ))
        columns[name] = meter.columns()
    return Timeline(media, columns, Provenance("test", "2026-01-01T00:00:00Z"))


def _found(sound: Sound, name: str, **thresholds: Any) -> tuple[Event, ...]:
    detector = detectors()[name](**thresholds)
    return detector.detect(_timeline(sound, detector.needs))


def _span(start: int, end: int) -> Span:
    return Span(Fraction(start, RATE_HZ), Fraction(end, RATE_HZ))


def _music(seconds: float, channels: int = 2) -> Sound:
    """Chords of decaying harmonics over quiet noise, drums on every half second, sides of their own."""
    random = np.random.default_rng(11)
    count = int(seconds * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    sound = random.normal(0, 0.0005, (channels, count))
    for channel in range(channels):
        for start in np.arange(0, seconds - 0.5, 0.5):
            place = slice(int(start * RATE_HZ), int((start + 0.5) * RATE_HZ))
            since = time_s[place] - start
            note = 110 * 2 ** (random.integers(0, 24) / 12)
            attack = np.minimum(1, since / 0.005)
            for harmonic in range(1, 7):
                sound[channel, place] += (
                    0.1 / harmonic * attack * np.exp(-3 * since) * np.sin(2 * np.pi * note * harmonic * since)
                )
            drum = (
                random.normal(0, 0.15, place.stop - place.start) * np.exp(-since / 0.03) * np.minimum(1, since / 5e-4)
            )
            sound[channel, place] += drum
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def music() -> Sound:
    return _music(24)


@pytest.mark.parametrize("name", SOUND_DETECTORS)
def test_music_that_is_whole_raises_no_alarm(name: str, music: Sound) -> None:
    assert _found(music, name) == ()


@pytest.mark.parametrize("name", SOUND_DETECTORS)
@pytest.mark.parametrize("seconds", [0.0, 0.0001, 0.05, 0.3, 1.0])
def test_a_detector_bears_streams_of_any_length(name: str, seconds: float, music: Sound) -> None:
    _found(music[:, : int(seconds * RATE_HZ)], name)


def test_silence_of_all_channels_is_found_to_the_sample(music: Sound) -> None:
    sound = music.copy()
    sound[:, [100_000, 150_007, -30_001]] = 0.1
    sound[:, 100_001:150_007] = 0
    sound[:, -30_000:] = 0.0009
    first, last = _found(sound, "silence")
    assert first.span == _span(100_001, 150_007)
    assert last.span == _span(24 * RATE_HZ - 30_000, 24 * RATE_HZ)
    assert first.evidence["channel"] == "all"
    assert first.evidence["stream"] == 1
    assert first.evidence["value"] == pytest.approx(50_006 / RATE_HZ, abs=1e-3)


def test_silence_of_one_channel_names_it_and_is_not_repeated_for_all(music: Sound) -> None:
    sound = music.copy()
    sound[1, 48_000:144_000] = 0
    sound[:, [47_999, 144_000]] = 0.1
    (event,) = _found(sound, "silence")
    assert (event.span, event.evidence["channel"]) == (_span(48_000, 144_000), "FR")


def test_silence_shorter_than_asked_is_no_event(music: Sound) -> None:
    sound = music.copy()
    sound[:, 50_000:73_999] = 0
    sound[:, [49_999, 73_999]] = 0.1
    assert not _found(sound, "silence")
    assert len(_found(sound, "silence", min_duration_s=0.499)) == 1


def test_a_stream_silent_from_end_to_end_is_labelled() -> None:
    (event,) = _found(np.zeros((2, 100_000), np.float32), "silence")
    assert event.labels == ("whole_stream",)
    assert event.span == _span(0, 100_000)


def test_clippings_close_together_are_one_event_with_the_longest_run(music: Sound) -> None:
    sound = music.copy()
    for start, length in ((200_000, 4), (210_000, 9), (600_000, 3), (700_000, 2)):
        sound[0, start : start + length] = 1
        sound[0, start + length] = 0
    first, second = _found(sound, "clipping")
    assert (first.span, first.evidence["value"], first.evidence["samples"]) == (_span(200_000, 210_009), 9, 13)
    assert (second.span, second.severity) == (_span(600_000, 600_003), Severity.WARNING)


def test_a_plateau_of_a_quarter_second_is_an_error(music: Sound) -> None:
    sound = music.copy()
    sound[1, 100_000:112_000] = -1
    (event,) = _found(sound, "clipping")
    assert (event.severity, event.evidence["channel"]) == (Severity.ERROR, "FR")


def test_an_inverted_side_is_out_of_phase(music: Sound) -> None:
    sound = music.copy()
    sound[1, 96_000:192_000] = -sound[0, 96_000:192_000]
    (event,) = _found(sound, "out_of_phase")
    assert event.span == _span(96_000, 192_000)
    assert event.evidence["value"] == -1
    assert event.evidence["channel"] == "FL+FR"


def test_the_same_sound_on_both_sides_throughout_is_dual_mono(music: Sound) -> None:
    sound = music.copy()
    sound[1] = sound[0]
    (event,) = _found(sound, "dual_mono")
    assert (event.severity, event.labels) == (Severity.WARNING, ("whole_stream",))
    sound[1, : 4 * RATE_HZ] *= 0.5
    (event,) = _found(sound, "dual_mono")
    assert (event.severity, event.labels, event.span.start) == (Severity.INFO, (), 4)


def test_a_side_7_db_louder_is_an_imbalance_and_5_db_is_none(music: Sound) -> None:
    louder = music * np.array([[1], [10 ** (-7 / 20)]], np.float32)
    (event,) = _found(louder, "channel_imbalance")
    assert event.evidence["value"] == pytest.approx(7, abs=1)
    assert event.evidence["louder"] == "FL"
    assert not _found(music * np.array([[1], [10 ** (-4 / 20)]], np.float32), "channel_imbalance")


def test_a_dead_side_is_an_imbalance_without_a_number(music: Sound) -> None:
    sound = music * np.array([[0], [1]], np.float32)
    (event,) = _found(sound, "channel_imbalance")
    assert event.labels == ("one_side_silent",)
    assert "value" not in event.evidence
    assert event.evidence["louder"] == "FR"


def test_an_offset_of_two_hundredths_is_found(music: Sound) -> None:
    sound = music.copy()
    sound[0] -= 0.02
    (event,) = _found(sound, "dc_offset")
    assert event.evidence["value"] == pytest.approx(-0.02, abs=0.003)
    assert event.span == _span(0, 24 * RATE_HZ)


def test_lost_samples_and_jumps_are_clicks_at_their_place(music: Sound) -> None:
    sound = _music(8) * np.float32(0.2)
    random = np.random.default_rng(8)
    for place in (110_000, 205_000):
        sound[0, place - 3000 : place + 3000] = random.normal(0, 0.0005, 6000)
        sound[0, place] += 0.2
    events = _found(sound, "click")
    assert [float(e.span.start) for e in events] == pytest.approx([110_000 / RATE_HZ, 205_000 / RATE_HZ], abs=0.001)
    assert {e.evidence["channel"] for e in events} == {"FL"}


def test_hum_under_noise_is_named_by_its_mains() -> None:
    random = np.random.default_rng(9)
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    sound = random.normal(0, 0.003, (2, len(time_s)))
    hum = sum(level * np.sin(2 * np.pi * line * time_s) for line, level in ((50, 0.004), (100, 0.002), (150, 0.003)))
    sound[0, 4 * RATE_HZ :] += hum[4 * RATE_HZ :]
    (event,) = _found(sound.astype(np.float32), "hum")
    assert event.evidence["mains_hz"] == 50
    assert event.evidence["lines_hz"] == "50 100 150"
    assert event.evidence["channel"] == "FL"
    assert event.evidence["value"] == pytest.approx(10 * np.log10(sum(v**2 for v in (4e-3, 2e-3, 3e-3))), abs=0.5)
    assert float(event.span.start) == pytest.approx(4, abs=1)
    assert event.span.end == 20


def test_a_bass_note_that_dies_away_is_no_hum() -> None:
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    random = np.random.default_rng(10)
    note = 0.3 * np.exp(-(time_s % 4)) * np.sin(2 * np.pi * 50 * time_s)
    sound = (note + random.normal(0, 0.001, (2, len(time_s)))).astype(np.float32)
    assert not _found(sound, "hum")


def test_a_gap_in_loud_sound_is_a_dropout_and_a_pause_is_none() -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    sound = np.tile(0.3 * np.sin(2 * np.pi * 220 * time_s), (2, 1))
    sound[0, 48_000:49_000] = 0
    fade = np.concatenate((np.linspace(1, 0, 4_800), np.zeros(4_800), np.linspace(0, 1, 4_800)))
    sound[:, 120_000:134_400] *= fade
    (event,) = _found(sound.astype(np.float32), "dropout")
    assert event.span.start == pytest.approx(1, abs=0.0001)
    assert event.evidence["value"] == pytest.approx(20.8, abs=0.1)
    assert event.evidence["digital_zero"] is True


def test_true_peaks_over_the_limit_next_to_each_other_are_one_event(music: Sound) -> None:
    sound = music * np.float32(0.3)
    for place in (100_000, 103_000, 500_000):
        sound[0, place] = 0.95
    first, second = _found(sound, "true_peak_over")
    assert first.span == _span(96_000, 105_600)
    assert second.span == _span(499_200, 504_000)
    assert first.evidence["value"] == pytest.approx(20 * np.log10(0.95), abs=0.3)


def _loudness(sound: Sound) -> Columns:
    return _timeline(sound, ("loudness",)).columns["loudness"]


def test_several_mono_streams_are_one_programme(music: Sound) -> None:
    together = _loudness(music)
    apart = programme([_loudness(music[:1]), _loudness(music[1:])], [1.0, 1.0])
    assert integrated_lufs(apart) == pytest.approx(integrated_lufs(together), abs=1e-4)
    assert loudness_range_lu(apart) == pytest.approx(loudness_range_lu(together), abs=1e-4)
    np.testing.assert_allclose(apart["short_term"], together["short_term"], atol=1e-4)
    with pytest.raises(ValueError, match="2 channels"):
        programme([together, together], [1, 1])


def test_loudness_of_next_to_nothing_is_none_and_of_silence_minus_infinity() -> None:
    short = _loudness(np.ones((2, 19_199), np.float32) * 0.1)
    assert integrated_lufs(short) is None
    assert loudness_range_lu(short) is None
    assert maximum(short) is None
    silent = _loudness(np.zeros((2, 200_000), np.float32))
    assert integrated_lufs(silent) == -np.inf
    assert loudness_range_lu(silent) is None
    highest = maximum(silent, "short_term")
    assert highest is not None
    assert highest.value == -np.inf


def test_the_loudest_moment_is_its_whole_window(music: Sound) -> None:
    sound = music * np.float32(0.01)
    sound[:, 240_000 : 240_000 + 19_200] = music[:, 240_000 : 240_000 + 19_200]
    highest = maximum(_loudness(sound))
    assert highest is not None
    assert highest.span == Span(Fraction(5), Fraction(27, 5))
    peak = maximum_true_peak(_timeline(sound, ("true_peak",)).columns["true_peak"])
    assert peak is not None
    assert Fraction(5) <= peak.span.start < Fraction(27, 5)


def test_repeating_a_programme_does_not_change_its_range() -> None:
    level = np.repeat([0.1, 0.03], 12 * RATE_HZ)
    sound = np.tile(level * np.sin(np.arange(len(level)) / 8), (2, 1)).astype(np.float32)
    once, twice = loudness_range_lu(_loudness(sound)), loudness_range_lu(_loudness(np.tile(sound, 2)))
    assert once == pytest.approx(10.46, abs=0.1)
    assert once == pytest.approx(twice, abs=0.1)


def test_events_carry_plain_finite_evidence(music: Sound) -> None:
    sound = music.copy()
    sound[0] = 1
    sound[1, ::2] = 0
    for name in SOUND_DETECTORS:
        for event in _found(sound, name):
            assert event.kind == name
            for value in event.evidence.values():
                assert isinstance(value, str | int | float | bool | None), (name, value)
                assert type(value).__module__ == "builtins"
                assert not isinstance(value, float) or np.isfinite(value)


def test_events_of_one_detector_come_in_order(music: Sound) -> None:
    sound = music.copy()
    sound[0, ::100_000] = 1
    events = _found(sound, "true_peak_over")
    assert all(a.span.end <= b.span.start for a, b in pairwise(events))
