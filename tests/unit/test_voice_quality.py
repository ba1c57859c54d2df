"""Recordings of known quality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.speech_sound import RATE_HZ, Sound, measured, noise, speech_like

from sightline.engine.run import Request, measure
from sightline.meters.voice_mos import MODEL, RATINGS, WINDOW, VoiceMosMeter
from sightline.meters.voice_quality import clipped_share
from sightline.weights import sessions
from sightline.weights.shelf import Shelf


def band_limited(seconds: float, hz: float, rate_hz: int, level: float = 0.1) -> Sound:
    """Noise with nothing above a frequency."""
    size = int(seconds * rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(4).normal(0, 1, size))
    spectrum[np.fft.rfftfreq(size, 1 / rate_hz) > hz] = 0
    sound = np.fft.irfft(spectrum, size)
    return np.asarray(level * sound / sound.std(), np.float32)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("hz", [3_400.0, 7_000.0, 16_000.0])
def test_bandwidth_is_where_the_sound_ends(rate_hz: int, hz: float) -> None:
    band = measured("voice_quality", band_limited(3, hz, rate_hz), rate_hz=rate_hz)["bandwidth"]
    assert np.abs(band[1:-1] - min(hz, rate_hz / 2)).max() <= 500


def test_the_floor_is_the_noise_in_the_pauses_and_the_level_the_voice() -> None:
    hiss = noise(12, 10 ** (-55 / 20))
    voice = np.zeros(12 * RATE_HZ, np.float32)
    for start in (0, 4, 8):
        voice[start * RATE_HZ : (start + 3) * RATE_HZ] = speech_like(15, 5)
    columns = measured("voice_quality", voice + hiss)
    assert len(columns) == 24
    assert columns["floor"] == pytest.approx(np.full(24, -55), abs=1)
    assert np.median(columns["level"][columns["level"] > -40]) == pytest.approx(
        20 * np.log10(np.sqrt((voice[: 3 * RATE_HZ] ** 2).mean())), abs=1
    )


def test_clipping_is_counted_in_the_loudest_channel_at_the_own_rate() -> None:
    time = np.arange(96_000) / 48_000
    loud = np.clip(1.5 * np.sin(2 * np.pi * 200 * time), -1, 32_767 / 32_768).astype(np.float32)
    columns = measured("voice_quality", np.stack((0.1 * loud, loud)), rate_hz=48_000)
    assert columns["clipped"] == pytest.approx(np.full(4, 2 * np.arccos(1 / 1.5) / np.pi), abs=0.01)
    assert columns["peak"] == pytest.approx(np.zeros(4), abs=0.001)
    assert (measured("voice_quality", 0.5 * loud, rate_hz=48_000)["clipped"] == 0).all()


def test_two_samples_at_the_rail_are_no_clipping() -> None:
    assert clipped_share(np.array([0, 1, 1, 0, -1, -1, 0, 0], np.float32), np.float32(1)) == 0
    assert clipped_share(np.array([1, 1, 1, 0, -1, -1, -1, -1], np.float32), np.float32(1)) == 7 / 8


def test_silence_has_no_bandwidth_and_says_so() -> None:
    columns = measured("voice_quality", np.zeros(RATE_HZ, np.float32))
    assert np.isnan(columns["bandwidth"]).all()
    assert np.isneginf(columns["level"]).all()
    assert np.isneginf(columns["floor"]).all()
    assert (columns["clipped"] == 0).all()
    assert len(measured("voice_quality", np.empty(0, np.float32))) == 0


@pytest.fixture
def _toy_ratings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _no_threads_left: None) -> Iterator[None]:
    """A model that rates every window 1, 2 and 3."""
    sound = helper.make_tensor_value_info("input_1", TensorProto.FLOAT, ["N", WINDOW])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3])
    value = helper.make_tensor("value", TensorProto.FLOAT, [1, 3], [1, 2, 3])
    nodes = [helper.make_node("Constant", [], ["out"], value=value)]
    graph = helper.make_graph(nodes, "ratings", [sound], [out])
    path = tmp_path / "ratings.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(path))
    monkeypatch.setattr(Shelf, "identity", lambda *_: "toy")
    monkeypatch.setattr(Shelf, "path", lambda *_: path)
    monkeypatch.setattr(Shelf, "find", lambda *_: ())
    yield
    sessions.clear()


@pytest.mark.usefixtures("_toy_ratings")
@pytest.mark.parametrize(("seconds", "rows"), [(0, 0), (2, 1), (9, 1), (9.01, 1), (12, 1), (12.01, 2), (27.5, 7)])
def test_a_rating_every_3_s_of_the_nine_that_follow(seconds: float, rows: int) -> None:
    columns = measured("voice_mos", noise(seconds), blocks=(7777,))
    assert columns.ticks.tolist() == [48_000 * row for row in range(rows)]
    assert columns.end == int(seconds * RATE_HZ)
    for raw, (name, polynomial) in enumerate(RATINGS.items(), 1):
        assert columns[name] == pytest.approx(np.full(rows, np.polyval(polynomial, raw)), abs=1e-6)


def test_silence_is_not_rated_and_opens_no_model() -> None:
    assert np.isnan(measured("voice_mos", np.zeros(10 * RATE_HZ, np.float32))["ovr"]).all()
    assert VoiceMosMeter.models() == (MODEL,)


@pytest.fixture
def _no_sessions_left(_no_threads_left: None) -> Iterator[None]:
    yield
    sessions.clear()


@pytest.mark.usefixtures("_no_sessions_left")
def test_real_speech_is_rated_as_by_microsofts_program(shared_media: Path, shared_models: Path) -> None:
    """Expected values by speechmos 0.0.1.1 over this clip at 16 kHz: the mean of its two windows."""
    shelf = Shelf((shared_models,))
    if not shelf.has(MODEL):
        pytest.skip(f"the weights of {MODEL} are not beside this checkout")
    ratings = measure(Request(shared_media / "speech_en_jfk.flac", {"voice_mos": {"hop_s": 1}}, shelf=shelf)).columns[
        "voice_mos"
    ]
    found = {name: float(ratings[name].mean()) for name in RATINGS}
    assert found == pytest.approx({"sig": 3.476, "bak": 2.989, "ovr": 2.715}, abs=0.01)
