"""A run that is killed and started again measures only what is missing, and comes to the same numbers."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.broken_meter import Broken

import sightline.engine.plan
from sightline.engine.cache import MeasurementCache
from sightline.engine.child import measure_in_child
from sightline.engine.progress import Progress, ProgressCallback
from sightline.engine.run import Request, measure
from sightline.errors import Cancelled, MediaUnreadable
from sightline.media.encode import VideoFile
from sightline.meters import meter as registry
from sightline.meters.meter import meters
from sightline.timeline.columns import Columns
from sightline.timeline.timeline import Timeline

RATE = Fraction(25)
PICTURES = 300
CHECKPOINT_S = 2.0
METERS = {name: {} for name in ("levels", "shots", "thumbs", "loudness", "packets")}


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s, a keyframe every second, with packets in three places that cannot be read."""
    path = tmp_path_factory.mktemp("checkpoints") / "clip.mp4"
    random = np.random.default_rng(5)
    with VideoFile(path, size_px=(128, 72), rate=RATE, sound_rate_hz=48_000, options={"g": "25", "bf": "2"}) as file:
        for n in range(PICTURES):
            file.add_picture(*(random.integers(60, 180, s).astype(np.uint8) for s in ((72, 128), (36, 64), (36, 64))))
            file.add_sound((0.1 * np.sin(np.arange(1920)[None] * (n + 1) / 50)).repeat(2, 0).astype(np.float32))
    content = bytearray(path.read_bytes())
    for eighth in (1, 3, 5):
        first = eighth * len(content) // 8
        content[first : first + 3000] = bytes(3000)
    path.write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightline.engine.plan, "MIN_SEGMENT_S", Fraction(2))
    monkeypatch.setattr("sightline.engine.progress.Reporter.INTERVAL_S", 0.0)


@pytest.fixture(scope="session")
def whole(clip: Path) -> Timeline:
    timeline = measure(Request(clip, METERS, 1))
    assert len(timeline.columns["faults"]) >= 3, "the clip is damaged"
    return timeline


def killed_after(seconds: float) -> ProgressCallback:
    def stop(progress: Progress) -> None:
        if progress.done_s > seconds:
            raise Cancelled("engine.cancelled")

    return stop


def request(clip: Path, *names: str, workers: int = 1) -> Request:
    return Request(clip, {name: METERS[name] for name in names or METERS}, workers, CHECKPOINT_S)


def assert_same(one: Timeline, other: Timeline) -> None:
    assert set(one.columns) == set(other.columns)
    assert one.not_measured == other.not_measured
    for name, columns in one.columns.items():
        assert_same_columns(columns, other.columns[name])


def assert_same_columns(one: Columns, other: Columns) -> None:
    np.testing.assert_array_equal(other.ticks, one.ticks, err_msg=one.meter)
    about = (other.meter, other.end, other.time_base, dict(other.notes))
    assert about == (one.meter, one.end, one.time_base, dict(one.notes))
    for column, same in zip(one.columns, other.columns, strict=True):
        assert (same.name, same.unit, same.values.dtype) == (column.name, column.unit, column.values.dtype)
        np.testing.assert_array_equal(same.values, column.values, err_msg=f"{one.meter}.{column.name}")


def parts(cache: MeasurementCache) -> list[Path]:
    return sorted(cache.folder.rglob("*@*"))


def test_with_checkpoints_the_numbers_are_those_of_one_run_and_no_part_stays(
    clip: Path, tmp_path: Path, whole: Timeline
) -> None:
    cache = MeasurementCache(tmp_path)
    assert_same(whole, measure(request(clip), cache=cache))
    assert parts(cache) == []
    again = measure(request(clip), cache=cache)
    assert again.provenance.decodes == 0
    assert_same(whole, again)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_killed_run_goes_on_where_it_stood(clip: Path, tmp_path: Path, whole: Timeline, workers: int) -> None:
    cache = MeasurementCache(tmp_path)
    with pytest.raises(Cancelled):
        measure(request(clip, workers=workers), cache=cache, progress=killed_after(8))
    assert parts(cache)
    steps: list[Progress] = []
    timeline = measure(request(clip, workers=workers), cache=cache, progress=steps.append)
    assert_same(whole, timeline)
    assert timeline.provenance.decodes == 1
    from_nothing = measure(request(clip, workers=workers), cache=MeasurementCache(tmp_path / "other"))
    assert timeline.provenance.pictures_decoded < from_nothing.provenance.pictures_decoded - 2 * CHECKPOINT_S * RATE
    assert max(step.known_s for step in steps) >= CHECKPOINT_S
    assert parts(cache) == []


def test_progress_goes_on_from_where_it_stood_and_ends_at_the_whole_length(clip: Path, tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    with pytest.raises(Cancelled):
        measure(request(clip), cache=cache, progress=killed_after(7))
    steps: list[Progress] = []
    measure(request(clip), cache=cache, progress=steps.append)
    done = [step.done_s for step in steps]
    assert done == sorted(done)
    assert next(step.done_s for step in steps if step.speed > 0) >= 6
    assert done[-1] == pytest.approx(PICTURES / 25, abs=0.1)


@pytest.mark.parametrize("checkpoint_s", [None, CHECKPOINT_S])
def test_segments_side_by_side_never_have_done_more_than_there_is(
    clip: Path, tmp_path: Path, checkpoint_s: float | None
) -> None:
    steps: list[Progress] = []
    asked = Request(clip, METERS, 3, checkpoint_s)
    measure(asked, cache=MeasurementCache(tmp_path), progress=steps.append)
    assert max(step.done_s for step in steps) <= PICTURES / 25 + 0.1


def test_a_process_that_is_shot_loses_nothing_it_had_kept(clip: Path, tmp_path: Path, whole: Timeline) -> None:
    cache = MeasurementCache(tmp_path / "cache")
    script = tmp_path / "measure.py"
    script.write_text(
        "import sys, time\n"
        "from fractions import Fraction\n"
        "from pathlib import Path\n"
        "import sightline.engine.plan\n"
        "from sightline.engine.cache import MeasurementCache\n"
        "from sightline.engine.run import Request, measure\n"
        "sightline.engine.plan.MIN_SEGMENT_S = Fraction(2)\n"
        "sightline.engine.progress.Reporter.INTERVAL_S = 0.0\n"
        f"request = Request(Path(sys.argv[1]), {METERS!r}, 1, {CHECKPOINT_S})\n"
        "cache = MeasurementCache(Path(sys.argv[2]))\n"
        "measure(request, cache=cache, progress=lambda p: time.sleep(60 * (p.done_s > 8)))\n"
    )
    process = subprocess.Popen([sys.executable, str(script), str(clip), str(cache.folder)])
    try:
        deadline = time.monotonic() + 60
        while any(len(list(cache.folder.rglob(f"{name}-*@*.parquet"))) < 3 for name in ("levels", "shots", "thumbs")):
            assert process.poll() is None, "it was done before it could be shot"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    timeline = measure(request(clip), cache=cache)
    assert_same(whole, timeline)
    from_nothing = measure(request(clip), cache=MeasurementCache(tmp_path / "other"))
    assert timeline.provenance.pictures_decoded < from_nothing.provenance.pictures_decoded - 2 * CHECKPOINT_S * RATE


def test_sound_is_kept_as_soon_as_it_is_measured(clip: Path, tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    stop = killed_after(11)

    def stop_once_sound_is_done(progress: Progress) -> None:
        deadline = time.monotonic() + 30
        while progress.done_s > 11 and not any(cache.folder.rglob("packets-*@*.parquet")):
            assert time.monotonic() < deadline, "sound was not kept"
            time.sleep(0.01)
        stop(progress)

    with pytest.raises(Cancelled):
        measure(request(clip), cache=cache, progress=stop_once_sound_is_done)
    kept = {path.name.split("-")[0] for path in parts(cache)}
    assert {"loudness", "packets", "levels", "faults", "keyframes"} <= kept


def test_a_damaged_part_is_measured_again(clip: Path, tmp_path: Path, whole: Timeline) -> None:
    cache = MeasurementCache(tmp_path)
    with pytest.raises(Cancelled):
        measure(request(clip), cache=cache, progress=killed_after(9))
    for part in cache.folder.rglob("levels-*@..*"):
        part.write_bytes(b"PAR1 nonsense")
    parts(cache)[-1].unlink()
    next(cache.folder.rglob("faults-*@[0-9]*")).unlink()
    assert_same(whole, measure(request(clip), cache=cache))


def test_a_run_with_other_meters_takes_what_it_can_use(clip: Path, tmp_path: Path, whole: Timeline) -> None:
    cache = MeasurementCache(tmp_path)
    with pytest.raises(Cancelled):
        measure(request(clip, "levels", "loudness"), cache=cache, progress=killed_after(11))
    fewer = measure(request(clip, "levels"), cache=cache)
    assert fewer.provenance.pictures_decoded < 0.6 * PICTURES
    assert_same_columns(whole.columns["levels"], fewer.columns["levels"])
    with pytest.raises(Cancelled):
        measure(request(clip, "levels", "shots"), cache=cache, progress=killed_after(8))
    assert_same(whole, measure(request(clip), cache=cache))


def test_a_part_of_a_file_that_was_written_to_meanwhile_is_not_kept(clip: Path, tmp_path: Path) -> None:
    changing = tmp_path / "changing.mp4"
    changing.write_bytes(clip.read_bytes())
    cache = MeasurementCache(tmp_path / "cache")

    def write(progress: Progress) -> None:
        if 1 < progress.done_s < 2:
            with changing.open("ab") as file:
                file.write(b"more")

    with pytest.raises(MediaUnreadable, match="changed"):
        measure(request(changing, "levels"), cache=cache, progress=write)
    assert not [part for part in parts(cache) if not part.name.startswith("keyframes")]


def test_all_meters_with_checkpoints_in_a_child_process(clip: Path, tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    everything = Request(clip, {name: {} for name in meters()}, 1, 20.0)
    assert_same(measure(everything), measure_in_child(everything, cache=cache))


@pytest.mark.expects_errors
def test_a_meter_that_breaks_is_tried_in_one_segment_and_stops_no_other(
    clip: Path, tmp_path: Path, whole: Timeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_broken = {**registry.meters(), "broken": Broken}
    monkeypatch.setattr("sightline.engine.plan.meters", lambda: with_broken)
    asked = Request(clip, METERS | {"broken": {}}, 1, CHECKPOINT_S)
    timeline = measure(asked, cache=MeasurementCache(tmp_path))
    assert "ZeroDivisionError: a bug" in str(timeline.not_measured["broken"])
    assert_same(whole, replace(timeline, not_measured={}))
    assert len([record for record in caplog.records if "broke off" in record.getMessage()]) == 1


@pytest.mark.parametrize("checkpoint_s", [0.0, -1.0, float("nan")])
def test_a_checkpoint_has_a_length(clip: Path, checkpoint_s: float) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        Request(clip, {}, 1, checkpoint_s)


def test_a_media_shorter_than_two_checkpoints_is_measured_in_one_piece(clip: Path, tmp_path: Path) -> None:
    timeline = measure(Request(clip, {"levels": {}}, 1, 7.0), cache=MeasurementCache(tmp_path))
    assert timeline.provenance.pictures_decoded <= PICTURES
