"""The engine over real files: one decode, the cache, progress, cancel, and meters that break."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.broken_meter import Broken

import sightline.engine.lane
from sightline.engine.cache import MeasurementCache
from sightline.engine.child import measure_in_child
from sightline.engine.lane import Channel
from sightline.engine.progress import Cancel, Progress
from sightline.engine.run import Request, measure
from sightline.errors import Cancelled, MeasuringFailed, MediaNotFound, MediaUnreadable
from sightline.media.decode import Decoder
from sightline.media.encode import VideoFile
from sightline.meters import meter as registry
from sightline.meters.meter import meters
from sightline.weights.shelf import Shelf

PICTURES = 60


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "clip.mp4"
    random = np.random.default_rng(1)
    with VideoFile(path, size_px=(128, 72), rate=Fraction(25), sound_rate_hz=48_000, options={"g": "12"}) as file:
        for n in range(PICTURES):
            file.add_picture(*(random.integers(60, 180, s).astype(np.uint8) for s in ((72, 128), (36, 64), (36, 64))))
            file.add_sound((0.1 * np.sin(np.arange(1920)[None] * (n + 1) / 50)).repeat(2, 0).astype(np.float32))
    return path


@pytest.fixture
def decoders(monkeypatch: pytest.MonkeyPatch) -> list[Decoder]:
    """Every decoder opened while the test runs."""
    opened: list[Decoder] = []

    class Counted(Decoder):
        def __enter__(self) -> Counted:
            opened.append(self)
            return super().__enter__()

    monkeypatch.setattr(sightline.engine.lane, "Decoder", Counted)
    return opened


SHELF = Shelf((Path(__file__).parents[3] / "shared" / "models",))
"""Real weights beside the checkout, where they are."""


def measurable() -> list[str]:
    """Meters whose weights are here, and those that need none."""
    models = {name: getattr(meter, "models", tuple)() for name, meter in meters().items()}
    return [name for name, needed in models.items() if all(map(SHELF.has, needed))]


def some_sets() -> list[tuple[str, ...]]:
    """Pairs of meters, and all of them together."""
    return [*list(combinations(measurable(), 2))[::17], tuple(measurable())]


@pytest.mark.parametrize("names", some_sets(), ids="+".join)
def test_any_set_of_meters_takes_exactly_one_decode(
    names: tuple[str, ...], clip: Path, decoders: list[Decoder]
) -> None:
    timeline = measure(Request(clip, {name: {} for name in names}, 1, shelf=SHELF))
    assert len(decoders) == 1
    assert timeline.provenance.decodes == 1
    assert timeline.provenance.pictures_decoded == PICTURES
    assert set(names) <= set(timeline.columns)


def test_a_second_run_takes_everything_from_the_cache(clip: Path, tmp_path: Path, decoders: list[Decoder]) -> None:
    cache = MeasurementCache(tmp_path)
    request = Request(clip, {name: {} for name in measurable()}, 1, shelf=SHELF)
    first = measure(request, cache=cache)
    again = measure(request, cache=cache)
    assert len(decoders) == 1
    assert again.provenance.decodes == 0
    assert set(again.columns) == set(first.columns)
    for name, columns in first.columns.items():
        for one, other in zip(columns.columns, again.columns[name].columns, strict=True):
            np.testing.assert_array_equal(one.values, other.values)


def test_a_meter_asked_for_later_is_the_only_one_measured(clip: Path, tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    measure(Request(clip, {"levels": {}}, 1), cache=cache)
    timeline = measure(Request(clip, {"levels": {}, "loudness": {}}, 1), cache=cache)
    assert timeline.provenance.from_cache == ("levels", "pictures")
    assert timeline.provenance.pictures_decoded == 0, "sound alone needs no picture decoded"


def test_faults_of_pictures_stay_known_when_later_only_sound_is_measured(clip: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mp4"
    content = bytearray(clip.read_bytes())
    # Packets that cannot be read at all: with frame threads FFmpeg may forget to mark one damaged picture.
    for eighth in (1, 3, 5):
        first = eighth * len(content) // 8
        content[first : first + 3000] = bytes(3000)
    damaged.write_bytes(content)
    cache = MeasurementCache(tmp_path / "cache")
    video = measure(Request(damaged, {"levels": {}}, 1), cache=cache)
    faults = [str(text) for text in video.columns["faults"]["text"]]
    assert faults
    both = measure(Request(damaged, {"levels": {}, "samples": {}}, 1), cache=cache)
    assert both.provenance.from_cache == ("levels", "pictures")
    assert set(faults) <= {str(text) for text in both.columns["faults"]["text"]}
    again = measure(Request(damaged, {"levels": {}, "samples": {}}, 1), cache=cache)
    assert again.provenance.decodes == 0
    assert again.columns["faults"]["text"].tolist() == both.columns["faults"]["text"].tolist()


def test_a_damaged_cache_entry_is_measured_again(clip: Path, tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    measure(Request(clip, {"levels": {}}, 1), cache=cache)
    for entry in tmp_path.rglob("levels-*.parquet"):
        entry.write_bytes(b"PAR1 nonsense")
    timeline = measure(Request(clip, {"levels": {}}, 1), cache=cache)
    assert "levels" in timeline.columns
    assert timeline.provenance.decodes == 1


def test_a_cache_that_cannot_be_written_only_warns(
    clip: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file where the folder should be"
    blocked.write_text("")
    timeline = measure(Request(clip, {"levels": {}}, 1), cache=MeasurementCache(blocked))
    assert "levels" in timeline.columns
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING and "cannot be written" in r.getMessage()]
    assert len(warnings) == 1


def test_progress_rises_to_the_whole_length(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.engine.progress.Reporter.INTERVAL_S", 0.0)
    steps: list[Progress] = []
    measure(Request(clip, {"levels": {}}, 1), progress=steps.append)
    done = [step.done_s for step in steps if step.stage == "measuring"]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(PICTURES / 25, abs=0.1)
    assert steps[-1].speed > 0


def test_cancelling_stops_the_run_and_keeps_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline.engine.progress.Reporter.INTERVAL_S", 0.0)
    cancel = Cancel()
    with pytest.raises(Cancelled):
        measure(
            Request(clip, {"levels": {}}, 1), cache=MeasurementCache(tmp_path), cancel=cancel,
            progress=lambda _: cancel.cancel(),
        )  # fmt: skip
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.expects_errors
def test_a_meter_that_breaks_is_named_and_stops_no_other(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_broken = {**registry.meters(), "broken": Broken}
    monkeypatch.setattr("sightline.engine.plan.meters", lambda: with_broken)
    timeline = measure(Request(clip, {"broken": {}, "levels": {}}, 1))
    assert "broken" not in timeline.columns
    assert "ZeroDivisionError: a bug" in str(timeline.not_measured["broken"])
    assert len(timeline.columns["levels"]) == PICTURES


def test_sound_without_pictures_names_what_was_not_measured(tmp_path: Path) -> None:
    import wave

    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((np.sin(np.arange(96_000) / 8) * 9000).astype("<i2").tobytes())
    timeline = measure(Request(path, {"levels": {}, "loudness": {}}, 1))
    assert "loudness" in timeline.columns
    assert str(timeline.not_measured["levels"]) == "the file has no picture"


def test_in_a_child_process_the_same_is_measured(clip: Path, tmp_path: Path) -> None:
    request = Request(clip, {"levels": {}, "loudness": {}, "thumbs": {}}, 1)
    here, there = measure(request), measure_in_child(request, cache=MeasurementCache(tmp_path))
    assert there.media == here.media
    for name, columns in here.columns.items():
        for one, other in zip(columns.columns, there.columns[name].columns, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
    assert list(tmp_path.rglob("levels-*.parquet")), "the child keeps its measurements"


def test_errors_of_a_child_process_come_back_typed(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="nothing\\.mp4"):
        measure_in_child(Request(tmp_path / "nothing.mp4", {}))
    (tmp_path / "text.mp4").write_text("not a video")
    with pytest.raises(MediaUnreadable):
        measure_in_child(Request(tmp_path / "text.mp4", {}))


def test_a_child_whose_parent_asked_for_nothing_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """The parent was stopped between starting the child and writing to it."""
    command = [sys.executable, "-m", "sightline.engine.child"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
    assert capfd.readouterr() == ("", "")


def test_a_child_that_crashes_is_an_error_not_the_end(
    clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The child is made to die by SIGSEGV, as it does when a codec crashes."""
    crash = tmp_path / "sitecustomize.py"
    crash.write_text(
        "import sys, os, signal\n"
        "if 'sightline.engine.child' in ' '.join(sys.orig_argv): os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MeasuringFailed, match="SIGSEGV"):
        measure_in_child(Request(clip, {"levels": {}}))


def test_a_child_is_stopped_within_two_seconds(clip: Path) -> None:
    cancel = Cancel()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        measure_in_child(Request(clip, {name: {} for name in meters()}), cancel=cancel)
    timer.join()
    assert time.monotonic() - started < 2.2


def test_a_child_that_takes_too_long_is_stopped(clip: Path) -> None:
    with pytest.raises(MeasuringFailed, match=r"0\.1 s"):
        measure_in_child(Request(clip, {"levels": {}}), timeout_s=0.1)


def test_a_channel_whose_reader_is_gone_does_not_block_its_writer() -> None:
    channel = Channel[int](2)
    assert channel.put(1)
    assert channel.put(2)
    dropping = threading.Timer(0.05, channel.drop)
    dropping.start()
    assert channel.put(3) is False
    dropping.join()


def test_a_closed_channel_still_gives_what_is_inside() -> None:
    channel = Channel[int](8)
    for n in range(3):
        channel.put(n)
    channel.close()
    assert list(channel) == [0, 1, 2]
    assert channel.put(4) is False


@pytest.mark.parametrize("run", [measure, measure_in_child])
def test_a_known_hash_is_taken_and_not_counted_again(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("the file was read to hash it")

    monkeypatch.setattr("sightline.engine.run.sha256_of", never)
    cache = MeasurementCache(tmp_path)
    request = Request(clip, {"levels": {}}, sha256="ab" * 32)
    assert run(request, cache=cache).media.sha256 == "ab" * 32
    assert run(request, cache=cache).provenance.decodes == 0
