"""Sound measured by us and by FFmpeg's filters."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest
from benchmarks.accuracy.loudness import ffmpeg_loudness, measured

from sightline.detectors.detector import detectors
from sightline.detectors.loudness import integrated_lufs, loudness_range_lu, maximum, maximum_true_peak
from sightline.detectors.silence import silent_spans
from sightline.engine.run import Request, measure
from sightline.meters.loudness import LoudnessMeter
from sightline.meters.phase import PhaseMeter
from sightline.meters.samples import SamplesMeter
from sightline.meters.true_peak import TruePeakMeter

Sound = npt.NDArray[np.float32]


def _programme(rate_hz: int, channels: int, seconds: float = 24) -> Sound:
    """Coloured noise whose level moves between -45 and -10 dBFS, each channel its own."""
    random = np.random.default_rng(rate_hz + channels)
    count = int(rate_hz * seconds)
    noise = np.cumsum(random.normal(0, 1, (channels, count)), axis=1)
    noise = noise[:, 40:] - noise[:, :-40]
    noise /= np.abs(noise).max()
    level_db = np.interp(np.arange(count - 40) / rate_hz, np.arange(0, 30, 3), random.uniform(-35, 0, 10))
    return (noise * 10 ** (level_db / 20)).astype(np.float32)


def _filtered(sound: Sound, rate_hz: int, graph: str) -> str:
    source = ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(len(sound)), "-i", "pipe:0"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-hide_banner", *source, "-af", graph, "-f", "null", "-"]
    done = subprocess.run(command, input=np.ascontiguousarray(sound.T).tobytes(), capture_output=True, check=True)
    return done.stdout.decode() + done.stderr.decode()


def _ffmpeg_excess_db(rate_hz: int) -> float:
    """How much louder ebur128 is than the standard's filter at 48 kHz.

    It keeps the numerator of the high-pass, 1 -2 1, at every rate, so that its gain changes with the rate.
    """

    def gain_db(rate: int) -> float:
        corner = np.tan(np.pi * 38.13547 / rate)
        return float(20 * np.log10(1 + corner / 0.5003270 + corner**2))

    return gain_db(rate_hz) - gain_db(48_000)


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(48_000, 2), (48_000, 1), (48_000, 6), (44_100, 2), (22_050, 2), (8_000, 1), (96_000, 2)]
)
def test_loudness_is_that_of_ebur128(rate_hz: int, channels: int) -> None:
    sound = _programme(rate_hz, channels)
    columns = measured(LoudnessMeter, sound, rate_hz)
    theirs = ffmpeg_loudness(sound, rate_hz)
    integrated = integrated_lufs(columns)
    loudness_range = loudness_range_lu(columns, padding_hops=0)
    highest = maximum_true_peak(measured(TruePeakMeter, sound, rate_hz))
    assert integrated is not None
    assert loudness_range is not None
    assert highest is not None
    excess = _ffmpeg_excess_db(rate_hz)
    assert integrated + excess == pytest.approx(theirs.integrated, abs=0.02)
    # FFmpeg rounds to another index at the percentiles, which in so short a programme is a step of up to 0.4 LU.
    assert loudness_range == pytest.approx(theirs.range_lu, abs=0.45)
    assert highest.value == pytest.approx(theirs.true_peak, abs=0.1)
    # Where both evaluate at the same moments, they agree; ours looks more often and so may find a higher maximum.
    np.testing.assert_allclose(columns["momentary"][39::10][:100] + excess, theirs.momentary[3:103], atol=0.02)
    np.testing.assert_allclose(columns["short_term"][299::10][:100] + excess, theirs.short_term[29:129], atol=0.02)
    short = maximum(columns, "short_term")
    assert short is not None
    assert short.value + excess >= theirs.short_term.max() - 0.02


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 22_050, 11_025])
def test_silence_is_that_of_silencedetect_to_the_sample(rate_hz: int) -> None:
    random = np.random.default_rng(5)
    count = 12 * rate_hz
    sound = (0.2 * np.sin(np.arange(count) / 9) * np.array([[1], [0.8]])).astype(np.float32) + np.float32(0.01)
    gaps = [(0, 0.61), (1.2345, 2.0), (3.1, 3.6499), (4, 6.777), (8.00001, 8.52), (11.21, 12)]
    for start, end in gaps:
        place = slice(round(start * rate_hz), round(end * rate_hz))
        sound[:, place] = random.uniform(-0.00099, 0.00099, (2, place.stop - place.start))
    sound[1, 9 * rate_hz + 7 : 10 * rate_hz + 3] = 0
    printed = _filtered(sound, rate_hz, "silencedetect=n=0.001:d=0.5:mono=0,ametadata=print:file=-")
    columns = measured(SamplesMeter, sound, rate_hz)
    ours = [(a / rate_hz, b / rate_hz) for a, b in silent_spans(columns, "all", rate_hz // 2)]
    starts = [float(v) for v in re.findall(r"silence_start: (\S+)", printed)]
    ends = [float(v) for v in re.findall(r"silence_end: (\S+)", printed)]
    assert len(ours) == len(starts) == len(gaps)
    # FFmpeg prints microseconds.
    np.testing.assert_allclose(ours, list(zip(starts, ends, strict=True)), atol=2e-6)
    assert (9 * rate_hz + 7, 10 * rate_hz + 3) in silent_spans(columns, "1", rate_hz // 2)


def test_levels_are_those_of_astats() -> None:
    sound = _programme(48_000, 2, 5) + np.float32(0.02)
    printed = _filtered(sound, 48_000, "astats")
    columns = measured(SamplesMeter, sound)
    size = np.diff(np.append(columns.ticks, columns.end))
    sections = printed.split("Channel: ")[1:]
    for channel, section in enumerate(sections):
        peak, rms, offset = (
            float(re.search(rf"{name}: (\S+)", section)[1])  # type: ignore[index]
            for name in ("Peak level dB", "RMS level dB", "DC offset")
        )
        assert columns[f"peak_{channel}"].max() == pytest.approx(peak, abs=1e-4)
        power = np.average(10 ** (columns[f"rms_{channel}"].astype(float) / 10), weights=size)
        assert 10 * np.log10(power) == pytest.approx(rms, abs=1e-3)
        assert np.average(columns[f"dc_{channel}"], weights=size) == pytest.approx(offset, abs=2e-6)


def test_phase_is_that_of_aphasemeter() -> None:
    sound = _programme(48_000, 2, 4)
    sound[1, 48_000:96_000] = -sound[0, 48_000:96_000]
    sound[1, 96_000:144_000] += sound[0, 96_000:144_000]
    printed = _filtered(sound, 48_000, "asetnsamples=1920,aphasemeter=video=0,ametadata=print:file=-")
    theirs = np.array(re.findall(r"aphasemeter\.phase=(\S+)", printed), float)
    ours = measured(PhaseMeter, sound)["phase_0_1"]
    np.testing.assert_allclose(ours[: len(theirs) - 1], theirs[:-1], atol=2e-3)


@pytest.mark.parametrize(
    ("clip", "loudness", "peak"), [("speech_en_jfk.flac", -12.5, -2.1), ("big_buck_bunny_60s.mp4", -25.9, -4.2)]
)
def test_a_real_recording_reads_as_in_ffmpeg(shared_media: Path, clip: str, loudness: float, peak: float) -> None:
    """The numbers are those FFmpeg's ebur128 prints for these files."""
    columns = measure(Request(shared_media / clip, {"loudness": {}, "true_peak": {}}, 1)).columns
    integrated = integrated_lufs(columns["loudness"])
    highest = maximum_true_peak(columns["true_peak"])
    assert integrated == pytest.approx(loudness, abs=0.06)
    assert highest is not None
    assert highest.value == pytest.approx(peak, abs=0.06)


@pytest.mark.parametrize("clip", ["speech_en_jfk.flac", "big_buck_bunny_60s.mp4"])
def test_real_speech_and_film_sound_raise_no_false_alarm(shared_media: Path, clip: str) -> None:
    names = ("click", "clipping", "dc_offset", "dropout", "hum", "out_of_phase", "channel_imbalance")
    wanted = {meter: {} for name in names for meter in detectors()[name].needs}
    timeline = measure(Request(shared_media / clip, wanted, 1))
    found = [event for name in names for event in detectors()[name]().detect(timeline)]
    assert found == []
