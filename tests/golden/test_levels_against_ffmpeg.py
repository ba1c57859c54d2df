"""Black, freezes and levels beside FFmpeg's blackdetect, freezedetect and signalstats, on the same clips.

Where FFmpeg is known to be wrong the expected value is ours, worked out by hand, and the test says what FFmpeg gives:
blackdetect ends a run that is open at the end of the file one picture early; freezedetect gives such a run no end.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from sightline.detectors.black import Black
from sightline.detectors.freeze import Freeze
from sightline.engine.run import Request, measure
from sightline.media.encode import VideoFile
from sightline.timeline.timeline import Timeline

WIDTH, HEIGHT = 160, 96


def ffmpeg(path: Path, filters: str) -> str:
    """What FFmpeg prints while filtering."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-i", str(path), "-an", "-vf", filters]
    command += ["-fps_mode", "passthrough", "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stderr


def signalstats(path: Path) -> dict[str, npt.NDArray[np.float64]]:
    printed = ffmpeg(path, "signalstats=stat=brng,metadata=print")
    found: dict[str, list[float]] = {}
    for name, value in re.findall(r"lavfi\.signalstats\.(\w+)=(\S+)", printed):
        found.setdefault(name, []).append(float(value))
    return {name: np.array(values) for name, values in found.items()}


def measured(path: Path, *meters: str) -> Timeline:
    timeline = measure(Request(path, {meter: {} for meter in meters}, 1))
    assert not timeline.not_measured
    return timeline


def clip(path: Path, luma: list[npt.NDArray[np.uint8]], rate: Fraction, **settings: Any) -> Path:
    settings = {"codec": "ffv1"} | settings
    with VideoFile(path, size_px=(WIDTH, HEIGHT), rate=rate, **settings) as file:
        for y in luma:
            file.add_picture(y, *(np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8) for _ in "uv"))
    return path


def moving(n: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.asarray(120 + 80 * np.sin((x + 3 * n) / 9) * np.cos((y + n) / 7), np.uint8)


def black(n: int) -> npt.NDArray[np.uint8]:
    y = np.full((HEIGHT, WIDTH), 20, np.uint8)
    # One per cent is brighter: still black.
    y[0 : HEIGHT // 10, 0 : WIDTH // 10] = 120
    return y


def sequence(black_or_still: list[tuple[int, int]], pictures: int, kind: str) -> Iterator[npt.NDArray[np.uint8]]:
    for n in range(pictures):
        held = next((first for first, last in black_or_still if first <= n < last), None)
        yield moving(n) if held is None else black(n) if kind == "black" else moving(held)


RATES = [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)]
RUNS = [(0, 4), (20, 21), (40, 75), (100, 120)]


@pytest.mark.parametrize("rate", RATES)
def test_black_begins_and_ends_where_blackdetect_says_but_at_the_end_of_the_file(
    tmp_path: Path, rate: Fraction
) -> None:
    path = clip(tmp_path / "clip.mp4", list(sequence(RUNS, 120, "black")), rate, codec="libx264", options={"crf": "8"})
    theirs = [
        (float(start), float(end))
        for start, end in re.findall(r"black_start:(\S+) black_end:(\S+)", ffmpeg(path, "blackdetect=d=0"))
    ]
    ours = [event.span for event in Black().detect(measured(path, "levels"))]
    assert [(s.start * rate, s.end * rate) for s in ours] == [(Fraction(a), Fraction(b)) for a, b in RUNS]
    assert theirs[:-1] == [pytest.approx((float(s.start), float(s.end)), abs=1e-4) for s in ours[:-1]]
    assert theirs[-1] == pytest.approx((100 / rate, 119 / rate), abs=1e-4), "FFmpeg no longer ends one picture early"


@pytest.mark.parametrize("rate", RATES)
def test_freezes_begin_and_end_where_freezedetect_says(tmp_path: Path, rate: Fraction) -> None:
    runs = [(0, 20), (40, 75), (100, 120)]
    path = clip(tmp_path / "clip.mkv", list(sequence(runs, 120, "still")), rate)
    printed = ffmpeg(path, "freezedetect=n=0.001:d=0.5")
    starts = [float(found) for found in re.findall(r"freeze_start: (\S+)", printed)]
    ends = [float(found) for found in re.findall(r"freeze_end: (\S+)", printed)]
    ours = Freeze().detect(measured(path, "difference", "levels"))
    # Matroska rounds times to a millisecond.
    assert [event.span.start for event in ours] == [pytest.approx(first / rate, abs=6e-4) for first, _ in runs]
    assert [event.span.end for event in ours] == [pytest.approx(last / rate, abs=2e-3) for _, last in runs]
    assert starts == [pytest.approx(float(event.span.start), abs=1e-5) for event in ours]
    assert ends == [pytest.approx(float(event.span.end), abs=1e-5) for event in ours[:-1]], "FFmpeg now ends the last"
    assert ours[-1].evidence["at_end"]


def test_a_freeze_in_a_lossy_file_is_the_one_freezedetect_finds(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", list(sequence([(30, 75)], 100, "still")), Fraction(25), codec="libx264",
                options={"crf": "23", "g": "12"})  # fmt: skip
    printed = ffmpeg(path, "freezedetect=n=0.001:d=0.5")
    theirs = [tuple(map(float, re.findall(rf"freeze_{end}: (\S+)", printed))) for end in ("start", "end")]
    ours = Freeze().detect(measured(path, "difference", "levels"))
    assert theirs == [
        tuple(float(event.span.start) for event in ours), tuple(float(event.span.end) for event in ours),
    ]  # fmt: skip


def agree(timeline: Timeline, stats: dict[str, npt.NDArray[np.float64]], step: int) -> None:
    levels, difference = timeline.columns["levels"], timeline.columns["difference"]
    for plane in "yuv":
        upper = plane.upper()
        np.testing.assert_array_equal(levels[f"{plane}_min"], stats[f"{upper}MIN"])
        np.testing.assert_array_equal(levels[f"{plane}_max"], stats[f"{upper}MAX"])
        np.testing.assert_allclose(levels[f"{plane}_mean"], stats[f"{upper}AVG"], atol=1e-3 * step)
    np.testing.assert_allclose(levels["out_of_range_share"], stats["BRNG"], atol=1e-6)
    # signalstats keeps the planes apart; in 4:2:0 luma has four samples for one of either chroma.
    mafd = (4 * stats["YDIF"] + stats["UDIF"] + stats["VDIF"]) / 6 / (256 * step)
    # FFmpeg prints six digits of each.
    np.testing.assert_allclose(difference["mafd"][1:], mafd[1:], rtol=1e-5, atol=2e-7)
    # Percentiles come from sampled rows.
    for ours, theirs in (("y_p10", "YLOW"), ("y_p90", "YHIGH")):
        assert np.abs(levels[ours] - stats[theirs]).mean() <= 1 * step


def test_levels_of_a_real_clip_are_those_of_signalstats(shared_media: Path) -> None:
    path = shared_media / "traffic.mp4"
    timeline = measured(path, "levels", "difference")
    agree(timeline, signalstats(path), 1)


@pytest.mark.parametrize(("pixel_format", "bits"), [("yuv420p", 8), ("yuv420p10le", 10)])
def test_levels_of_noise_are_those_of_signalstats(tmp_path: Path, pixel_format: str, bits: int) -> None:
    random = np.random.default_rng(2)
    path = tmp_path / "noise.mkv"
    dtype = np.uint8 if bits == 8 else np.uint16
    with VideoFile(
        path, size_px=(WIDTH, HEIGHT), rate=Fraction(25), codec="ffv1", pixel_format=pixel_format
    ) as file:  # fmt: skip
        for n in range(8):
            # From nothing outside the range to a good deal of it.
            low, high = ((60 - 8 * n) << (bits - 8), (196 + 8 * n) << (bits - 8))
            shapes = [(HEIGHT, WIDTH), *((HEIGHT // 2, WIDTH // 2),) * 2]
            file.add_picture(*(random.integers(low, high, shape).astype(dtype) for shape in shapes))
    agree(measured(path, "levels", "difference"), signalstats(path), 1 << (bits - 8))
