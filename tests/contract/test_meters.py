"""What every meter keeps to. A new file in ``meters/`` is tested by itself."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import sightline.engine.plan
from sightline.engine.plan import Segment
from sightline.engine.run import Request, measure
from sightline.media.encode import VideoFile
from sightline.meters.meter import Meter, PictureNeeds, SoundNeeds, meters
from sightline.timeline.columns import Columns
from sightline.timeline.parquet import read_columns, write_columns
from sightline.weights.shelf import Shelf

SHELF = Shelf((Path(__file__).parents[3] / "shared" / "models",))
"""Real weights beside the checkout, where they are."""
RATE = Fraction(25)
PICTURES = 300

TOLERANCE: dict[str, float] = {
    # The still run's first picture may be another one across a seam; both lie within the still threshold of each other.
    "difference.mafd_anchor": 0.001,
}
"""Largest difference between segments joined and one run, by signal. All others are equal to the last bit."""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s with motion, cuts, a fade, a freeze, flashes and sound, a keyframe every 25 pictures."""
    path = tmp_path_factory.mktemp("contract") / "clip.mkv"
    random = np.random.default_rng(3)
    scenes = [(random.random((20, 30)) * 200 + 20).astype(np.float32) for _ in range(4)]
    with VideoFile(
        path, size_px=(160, 96), rate=RATE, options={"g": "25", "crf": "18", "bf": "2"}, sound_rate_hz=48_000
    ) as file:  # fmt: skip
        for n in range(PICTURES):
            scene = np.kron(scenes[n * 4 // PICTURES], np.ones((10, 10), np.float32))
            still = 160 if 160 <= n < 190 else n
            y = scene[still % 90 : still % 90 + 96, (2 * still) % 120 : (2 * still) % 120 + 160]
            gain = abs(n - 225) / 25 if 200 <= n < 250 else 1.0
            y = np.clip(16 + (y - 16) * gain + (60 if 100 <= n < 140 and n % 4 < 2 else 0), 0, 255)
            file.add_picture(y.astype(np.uint8), *(np.full((48, 80), 128 + d, np.uint8) for d in (10, -20)))
            time = (np.arange(1920) + n * 1920) / 48_000
            tone = 0.3 * np.sin(2 * np.pi * 440 * time) * (0.0 if 50 <= n < 80 else 1.0)
            file.add_sound(np.stack([tone, 0.8 * tone]).astype(np.float32))
    return path


def _missing(meter: str) -> list[str]:
    """Models a meter needs that are not here."""
    models = getattr(meters()[meter], "models", None)
    return [model for model in models() if not SHELF.has(model)] if models is not None else []


def _measured(path: Path, meter: str, workers: int) -> dict[str, Columns]:
    if missing := _missing(meter):
        pytest.skip(f"its weights are not beside this checkout: {', '.join(missing)}")
    timeline = measure(Request(path, {meter: {}}, workers, shelf=SHELF))
    assert meter in timeline.columns, timeline.not_measured
    return dict(timeline.columns)


@pytest.mark.parametrize("name", list(meters()))
def test_segments_joined_are_the_columns_of_one_run(name: str, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _measured(clip, name, 1)[name]
    monkeypatch.setattr(sightline.engine.plan, "MIN_SEGMENT_S", Fraction(2))
    joined = _measured(clip, name, 5)[name]
    np.testing.assert_array_equal(joined.ticks, whole.ticks)
    assert (joined.end, joined.time_base, joined.notes) == (whole.end, whole.time_base, whole.notes)
    for one, other in zip(whole.columns, joined.columns, strict=True):
        assert (one.name, one.unit, one.values.dtype) == (other.name, other.unit, other.values.dtype)
        tolerance = TOLERANCE.get(f"{name}.{one.name}")
        if tolerance is None:
            np.testing.assert_array_equal(other.values, one.values, err_msg=one.name)
        else:
            np.testing.assert_allclose(other.values, one.values, rtol=0, atol=tolerance, err_msg=one.name)


def test_the_segments_of_that_test_are_really_several(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[tuple[Segment, ...]] = []
    real = sightline.engine.plan.segments
    monkeypatch.setattr(sightline.engine.plan, "MIN_SEGMENT_S", Fraction(2))
    monkeypatch.setattr("sightline.engine.lanes.segments", lambda *a: cut.append(real(*a)) or cut[-1])  # type: ignore[func-returns-value]
    _measured(clip, "levels", 5)
    assert len(cut[0]) == 5


@pytest.mark.parametrize("name", list(meters()))
def test_a_meter_says_what_it_is(name: str) -> None:
    meter = meters()[name]
    assert isinstance(meter, type)
    assert issubclass(meter, object)
    assert meter.id == name
    assert meter.version >= 1
    assert isinstance(meter.needs, PictureNeeds | SoundNeeds) or name == "packets"
    assert meter.__doc__


@pytest.mark.parametrize("name", list(meters()))
def test_columns_survive_the_disk(name: str, clip: Path, tmp_path: Path) -> None:
    columns = _measured(clip, name, 1)[name]
    write_columns(columns, tmp_path / "columns.parquet")
    back = read_columns(tmp_path / "columns.parquet")
    assert (back.meter, back.time_base, back.end, back.notes) == (
        columns.meter, columns.time_base, columns.end, columns.notes,
    )  # fmt: skip
    for one, other in zip(columns.columns, back.columns, strict=True):
        assert (one.name, one.unit) == (other.name, other.unit)
        np.testing.assert_array_equal(one.values, other.values)


@pytest.mark.parametrize(
    "name", [n for n, m in meters().items() if m.needs == PictureNeeds or isinstance(m.needs, PictureNeeds)]
)
def test_a_picture_meter_has_a_row_for_every_picture_it_was_given(name: str, clip: Path) -> None:
    meter: type[Meter] = meters()[name]
    columns = _measured(clip, name, 1)[name]
    assert isinstance(meter.needs, PictureNeeds)
    if name in ("thumbs", "active_area"):
        assert 0 < len(columns) <= PICTURES
    elif meter.needs.rate_hz is None:
        assert len(columns) == PICTURES
    else:
        assert len(columns) == int(12 * meter.needs.rate_hz)
    assert (np.diff(columns.ticks) > 0).all()
    assert columns.end > columns.ticks[-1]


@pytest.mark.parametrize("ending", ["mkv", "avi", "h264"])
def test_every_picture_meter_ends_where_the_last_picture_does(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"clip.{ending}"
    with VideoFile(path, size_px=(160, 96), rate=RATE, options={"bf": "0"}) as file:
        for n in range(29):
            file.add_picture(*(np.full(size, 60 + n, np.uint8) for size in ((96, 160), (48, 80), (48, 80))))
    names = [n for n, meter in meters().items() if isinstance(meter.needs, PictureNeeds) and not _missing(n)]
    measured = measure(Request(path, {name: {} for name in names}, 1, shelf=SHELF)).columns
    assert {name: measured[name].start_of(len(measured[name])) for name in names} == dict.fromkeys(
        names, measured["pictures"].start_of(28) + 1 / RATE
    )
