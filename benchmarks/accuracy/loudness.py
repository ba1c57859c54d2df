"""Loudness against EBU Tech 3341 (1-6, 9-23) and Tech 3342 (1-4), ours and FFmpeg's.

The signals are made here from their published definitions; 7 and 8 of Tech 3341 and 5 and 6 of Tech 3342 are recorded
programmes and are left out.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from sightline.detectors.loudness import integrated_lufs, loudness_range_lu, maximum, maximum_true_peak
from sightline.facts import AudioFacts, MediaFacts
from sightline.media.picture import SoundBlock
from sightline.meters.loudness import LoudnessMeter
from sightline.meters.meter import Subject
from sightline.meters.seconds import SoundMeter
from sightline.meters.true_peak import TruePeakMeter
from sightline.timeline.columns import Columns

RATE_HZ = 48000
NAMES = {1: ("FC",), 2: ("FL", "FR"), 6: ("FL", "FR", "FC", "LFE", "SL", "SR")}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1(side)"}
Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of one test signal. Of several files or moments, the one furthest from what is expected."""

    test: str
    quantity: str
    expected: float
    below: float
    above: float
    ours: float
    ffmpeg: float | None

    @property
    def passes(self) -> bool:
        return self._holds(self.ours)

    @property
    def ffmpeg_passes(self) -> bool | None:
        return None if self.ffmpeg is None else self._holds(self.ffmpeg)

    def _holds(self, value: float) -> bool:
        return bool(self.expected - self.below <= round(value, 3) <= self.expected + self.above)


def run(quick: bool = False) -> dict[str, Any]:
    """Every reading with its tolerance, and how many hold; ``quick`` has the steady tones and nothing else."""
    readings = _steady(ffmpeg=True) if quick else [*tech_3341(ffmpeg=True), *tech_3342(ffmpeg=True)]
    rows = [{**asdict(r), "passes": r.passes, "ffmpeg_passes": r.ffmpeg_passes} for r in readings]
    return {
        "readings": [{k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
        "passed": sum(r.passes for r in readings),
        "passed_by_ffmpeg": sum(bool(r.ffmpeg_passes) for r in readings),
        "count": len(readings),
        "ffmpeg_version": imageio_ffmpeg.get_ffmpeg_version(),
    }


def tones(*parts: tuple[float, float], channels: int = 2, rate_hz: int = RATE_HZ, frequency_hz: float = 1000) -> Sound:
    """One sine after another with running phase, the same in each channel: seconds and peak dBFS, -inf for silence."""
    edges = np.round(np.cumsum([0.0, *(seconds for seconds, _ in parts)]) * rate_hz).astype(int)
    gain = np.concatenate(
        [np.full(b - a, 10 ** (level / 20)) for a, b, (_, level) in zip(edges[:-1], edges[1:], parts, strict=True)]
    )
    wave = gain * np.sin(2 * np.pi * frequency_hz / rate_hz * np.arange(edges[-1]))
    return np.tile(wave.astype(np.float32), (channels, 1))


def measured(meter: type[SoundMeter], sound: Sound, rate_hz: int = RATE_HZ) -> Columns:
    """The columns of a meter for a sound in memory."""
    channels = len(sound)
    names = NAMES.get(channels, ())
    layout = LAYOUTS.get(channels, f"{channels} channels")
    audio = AudioFacts(
        index=0, codec="pcm_f32le", profile=None, sample_rate_hz=rate_hz, channels=channels, layout=layout,
        channel_names=names, sample_format="flt", bit_depth=None, time_base=Fraction(1, rate_hz), start=Fraction(0),
        duration=Fraction(sound.shape[1], rate_hz), bit_rate_bps=None,
    )  # fmt: skip
    media = MediaFacts("made", 0, None, "wav", None, None, None, audios=(audio,))
    instance = meter(Subject(media, audio=audio))
    for start in range(0, sound.shape[1], rate_hz):
        block = np.ascontiguousarray(sound[:, start : start + rate_hz])
        instance.measure(SoundBlock(0, block, start, Fraction(0), rate_hz))
    return instance.columns()


@dataclass(frozen=True, slots=True)
class FfmpegLoudness:
    """What FFmpeg's ebur128 says: each value every 100 ms, and the summary."""

    momentary: npt.NDArray[np.float64]
    short_term: npt.NDArray[np.float64]
    integrated: float
    range_lu: float
    true_peak: float


def ffmpeg_loudness(sound: Sound, rate_hz: int = RATE_HZ) -> FfmpegLoudness:
    layout = LAYOUTS.get(len(sound), f"{len(sound)}c")
    source = ["-f", "f32le", "-ar", str(rate_hz), "-ch_layout", layout, "-i", "pipe:0"]
    graph = "ebur128=peak=true:metadata=1:framelog=quiet,ametadata=print:file=-"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostats", "-hide_banner", *source, "-af", graph, "-f", "null", "-"]
    done = subprocess.run(command, input=np.ascontiguousarray(sound.T).tobytes(), capture_output=True, check=True)
    printed = done.stdout.decode()

    def values(key: str) -> npt.NDArray[np.float64]:
        return np.array(re.findall(rf"lavfi\.r128\.{key}=(\S+)", printed), float)

    peak = float(re.findall(r"Peak:\s+(\S+) dBFS", done.stderr.decode())[-1])
    return FfmpegLoudness(values("M"), values("S"), float(values("I")[-1]), float(values("LRA")[-1]), peak)


def tech_3341(*, ffmpeg: bool = False) -> list[Reading]:
    """Table 1 of Tech 3341, in its order. FFmpeg prints true peaks with one decimal."""
    return [*_steady(ffmpeg), *_gated(ffmpeg), *_windows(ffmpeg), *_true_peaks(ffmpeg)]


def tech_3342(*, ffmpeg: bool = False) -> list[Reading]:
    """Table 1 of Tech 3342."""
    signals = {
        "1": (10, (-20, -30)),
        "2": (5, (-20, -15)),
        "3": (20, (-40, -20)),
        "4": (15, (-50, -35, -20, -35, -50)),
    }
    readings = []
    for test, (expected, levels) in signals.items():
        sound = tones(*((20.0, float(level)) for level in levels))
        ours = loudness_range_lu(measured(LoudnessMeter, sound))
        theirs = ffmpeg_loudness(sound).range_lu if ffmpeg else None
        readings.append(Reading(f"3342-{test}", "LRA", expected, 1, 1, _number(ours), theirs))
    return readings


def _steady(ffmpeg: bool) -> list[Reading]:
    readings = []
    for test, level in (("3341-1", -23.0), ("3341-2", -33.0)):
        sound = tones((20, level))
        columns = measured(LoudnessMeter, sound)
        readings += [
            Reading(test, "M", level, 0.1, 0.1, _furthest(columns["momentary"][100:], level), None),
            Reading(test, "S", level, 0.1, 0.1, _furthest(columns["short_term"][300:], level), None),
            Reading(test, "I", level, 0.1, 0.1, _number(integrated_lufs(columns)), None),
        ]
        if ffmpeg:
            other = ffmpeg_loudness(sound)
            theirs = _furthest(other.momentary[10:], level), _furthest(other.short_term[30:], level), other.integrated
            readings[-3:] = [replace(r, ffmpeg=value) for r, value in zip(readings[-3:], theirs, strict=True)]
    return readings


def _gated(ffmpeg: bool) -> list[Reading]:
    surround = np.zeros((6, 20 * RATE_HZ), np.float32)
    for channel, level in ((0, -28), (1, -28), (2, -24), (4, -30), (5, -30)):
        surround[channel] = tones((20, level), channels=1)
    signals = {
        "3341-3": tones((10, -36), (60, -23), (10, -36)),
        "3341-4": tones((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)),
        "3341-5": tones((20, -26), (20.1, -20), (20, -26)),
        "3341-6": surround,
    }
    readings = []
    for test, sound in signals.items():
        ours = integrated_lufs(measured(LoudnessMeter, sound))
        theirs = ffmpeg_loudness(sound).integrated if ffmpeg else None
        readings.append(Reading(test, "I", -23, 0.1, 0.1, _number(ours), theirs))
    return readings


def _windows(ffmpeg: bool) -> list[Reading]:
    quiet = -np.inf
    nine = tones(*((1.34, -20), (1.66, -30)) * 5)
    ten = [tones((i * 0.15, quiet), (3, -23), (1, quiet)) for i in range(20)]
    eleven = [((i * 0.15, quiet), (3, -38.0 + i), (3 - i * 0.15, quiet)) for i in range(20)]
    twelve = tones(*((0.18, -20), (0.22, -30)) * 25)
    thirteen = [tones((i * 0.02, quiet), (0.4, -23), (1, quiet)) for i in range(20)]
    fourteen = [((i * 0.02, quiet), (0.4, -38.0 + i), (0.4 - i * 0.02, quiet)) for i in range(20)]
    return [
        _constant("3341-9", nine, "short_term", 3, ffmpeg),
        _highest("3341-10", ten, "short_term", ffmpeg),
        _successive("3341-11", eleven, "short_term", 6.0, ffmpeg),
        _constant("3341-12", twelve, "momentary", 1, ffmpeg),
        _highest("3341-13", thirteen, "momentary", ffmpeg),
        _successive("3341-14", fourteen, "momentary", 0.8, ffmpeg),
    ]


def _constant(test: str, sound: Sound, column: str, after_s: int, ffmpeg: bool) -> Reading:
    ours = _furthest(measured(LoudnessMeter, sound)[column][after_s * 100 :], -23)
    theirs = _furthest(getattr(ffmpeg_loudness(sound), column)[after_s * 10 :], -23) if ffmpeg else None
    return Reading(test, _short(column), -23, 0.1, 0.1, ours, theirs)


def _highest(test: str, sounds: list[Sound], column: str, ffmpeg: bool) -> Reading:
    found = [maximum(measured(LoudnessMeter, sound), column) for sound in sounds]
    ours = _furthest([_number(h.value if h else None) for h in found], -23)
    theirs = _furthest([np.nanmax(getattr(ffmpeg_loudness(s), column)) for s in sounds], -23) if ffmpeg else None
    return Reading(test, f"max {_short(column)}", -23, 0.1, 0.1, ours, theirs)


def _successive(
    test: str, parts: Sequence[tuple[tuple[float, float], ...]], column: str, each_s: float, ffmpeg: bool
) -> Reading:
    """One file; the maximum in each of its stretches, less what it should be."""
    sound = tones(*(part for stretch in parts for part in stretch))

    def furthest(values: npt.NDArray[Any], per_second: int) -> float:
        rows = round(each_s * per_second)
        highest = [np.nanmax(values[i * rows : (i + 1) * rows]) - (-38 + i) for i in range(len(parts))]
        return _furthest(highest, 0)

    ours = furthest(measured(LoudnessMeter, sound)[column], 100)
    theirs = furthest(getattr(ffmpeg_loudness(sound), column), 10) if ffmpeg else None
    return Reading(test, f"max {_short(column)}, error", 0, 0.1, 0.1, ours, theirs)


def _true_peaks(ffmpeg: bool) -> list[Reading]:
    signals: dict[str, tuple[float, Callable[[], Sound]]] = {
        "3341-15": (-6, lambda: _faded(4, 0.5, 0.0)),
        "3341-16": (-6, lambda: _faded(4, 0.5, 45.0)),
        "3341-17": (-6, lambda: _faded(6, 0.5, 60.0)),
        "3341-18": (-6, lambda: _faded(8, 0.5, 67.5)),
        "3341-19": (3, lambda: _faded(4, 1.41, 45.0)),
        **{f"3341-{20 + offset}": (0, lambda offset=offset: _burst(offset)) for offset in range(4)},  # type: ignore[misc]
    }
    readings = []
    for test, (expected, make) in signals.items():
        sound = make()
        highest = maximum_true_peak(measured(TruePeakMeter, sound))
        theirs = ffmpeg_loudness(sound).true_peak if ffmpeg else None
        readings.append(
            Reading(test, "max TP", expected, 0.4, 0.2, _number(highest.value if highest else None), theirs)
        )
    return readings


def _faded(divisor: int, amplitude: float, phase_deg: float) -> Sound:
    """A second of a sine at rate/divisor with 10 ms fades."""
    count = RATE_HZ
    wave = amplitude * np.sin(2 * np.pi * np.arange(count) / divisor + np.radians(phase_deg))
    fade = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * RATE_HZ))
    return np.tile((wave * fade).astype(np.float32), (2, 1))


@cache
def _burst_at_four_times() -> npt.NDArray[np.float64]:
    """rate/6 at 0.5 with one period of rate/4 at 1.0, at four times the rate, limited to below half of it."""
    around = np.arange(RATE_HZ)
    # The period of rate/4 starts where the sine of rate/6 crosses zero upwards: whole periods of 24 samples before it.
    before = 0.5 * np.sin(2 * np.pi * around / 24)
    wave = np.concatenate((before, np.sin(2 * np.pi * np.arange(16) / 16), before))
    fade = np.minimum(1, np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / (0.04 * RATE_HZ))
    taps = np.arange(-256, 257)
    cutoff = 0.115  # of four times the rate: 22 kHz, just below half the rate
    low_pass = 2 * cutoff * np.sinc(2 * cutoff * taps) * np.kaiser(len(taps), 8)
    return np.convolve(wave * fade, low_pass / low_pass.sum(), "same")


def _burst(offset: int) -> Sound:
    return np.tile(_burst_at_four_times()[offset::4].astype(np.float32), (2, 1))


def _furthest(values: Any, expected: float) -> float:
    array = np.asarray(values, np.float64)
    return float(array[np.abs(array - expected).argmax()])


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _short(column: str) -> str:
    return {"momentary": "M", "short_term": "S"}[column]


if __name__ == "__main__":
    for row in run()["readings"]:
        print(*row.values(), sep="\t")
