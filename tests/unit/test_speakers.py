"""Who speaks: features as Kaldi makes them, groups of vectors, and rows of sound with a toy model of voices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from tests.speech_sound import RATE_HZ, Sound, measured, noise, speech_like, subject

from sightline.meters.meter import Meter
from sightline.meters.speakers import SpeakersMeter
from sightline.meters.speech import clusters
from sightline.meters.speech.clusters import certainties, clustered
from sightline.meters.speech.filterbank import filterbank
from sightline.weights import sessions
from sightline.weights.shelf import Shelf


def test_the_filterbank_is_kaldis() -> None:
    """Expected values by kaldi-native-fbank 1.23.0: 80 bins from 20 Hz, no dither, no energy floor."""
    time = np.arange(8000) / RATE_HZ
    tones = (0.2, 200 + 900 * time), (0.01, 5100), (0.001, 7300)
    sound = np.asarray(sum(a * np.sin(2 * np.pi * hz * time) for a, hz in tones), np.float32)
    features = filterbank(sound)
    assert features.shape == (48, 80)
    expected = {
        (0, 0): -6.9835, (0, 6): 0.1752, (0, 79): -15.8987, (17, 10): -8.5791,
        (17, 65): -10.6743, (30, 40): -15.9424, (47, 25): -5.0981, (47, 72): -15.9424,
    }  # fmt: skip
    assert {place: float(features[place]) for place in expected} == pytest.approx(expected, abs=2e-3)
    assert filterbank(sound[:399]).shape == (0, 80)
    assert np.isfinite(filterbank(np.zeros(800, np.float32))).all()


def voices(*sizes: int, spread: float = 0.1, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Vectors about as many middles, and which they belong to, shuffled."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    random.shuffle(truth)
    middles = np.linalg.qr(random.normal(size=(32, 32)))[0][: len(sizes)]
    return (middles[truth] + random.normal(0, spread, (len(truth), 32))).astype(np.float32), truth


def in_order(truth: np.ndarray) -> list[int]:
    seen: dict[int, int] = {}
    return [seen.setdefault(int(one), len(seen)) for one in truth]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 99))
def test_groups_are_found_and_numbered_as_they_appear(sizes: list[int], seed: int) -> None:
    vectors, truth = voices(*sizes, seed=seed)
    assert clustered(vectors, 0.6).tolist() == in_order(truth)


def test_many_are_put_together_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, truth = voices(300, 200, 20)
    monkeypatch.setattr(clusters, "BLOCK", 50)
    assert clustered(vectors, 0.6).tolist() == in_order(truth)
    unlike = np.eye(200, dtype=np.float32)
    assert clustered(unlike, 0.5).tolist() == list(range(200))


def test_a_clear_voice_is_more_certain_than_one_between_two() -> None:
    vectors = np.array([[1, 0], [1, 0.05], [0, 1], [0.05, 1], [0.72, 0.7]], np.float32)
    labels = np.array([0, 0, 1, 1, 0])
    certain = certainties(vectors, labels, 0.5)
    assert certain[:4].min() > 0.7, certain
    assert certain[4] < 0.6, certain
    assert certainties(vectors[:2], labels[:2], 0.5).min() > 0.9
    assert clustered(np.empty((0, 1), np.float32), 0.5).tolist() == []


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose vector is how much each band moves: it tells a muffled voice from a bright one."""
    feats = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", 80])
    voice = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 80])
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    across = helper.make_tensor("across", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Abs", ["x"], ["abs"]),
        helper.make_node("ReduceMean", ["abs", "axes"], ["mean"], keepdims=0),
        helper.make_node("ReduceMean", ["mean", "across"], ["level"], keepdims=1),
        helper.make_node("Sub", ["mean", "level"], ["embedding"]),
    ]
    graph = helper.make_graph(nodes, "voices", [feats], [voice], [axes, across])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    path = tmp_path_factory.mktemp("voices") / "voices.onnx"
    onnx.save(model, str(path))
    return path


@pytest.fixture
def _on_the_shelf(toy: Path, monkeypatch: pytest.MonkeyPatch, _no_threads_left: None) -> Iterator[None]:
    monkeypatch.setattr(Shelf, "identity", lambda *_: "toy")
    monkeypatch.setattr(Shelf, "path", lambda *_: toy)
    monkeypatch.setattr(Shelf, "find", lambda *_: ())
    yield
    sessions.clear()


def muffled(sound: Sound) -> Sound:
    """The same with nothing above 1.5 kHz."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE_HZ) > 1500] = 0
    return np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)


ONE, OTHER = speech_like(30, 5, 110), muffled(speech_like(30, 5, 210, seed=8))
SILENCE = np.zeros(3 * RATE_HZ, np.float32)


@pytest.mark.usefixtures("_on_the_shelf")
def test_two_voices_are_told_apart_and_silence_is_nobodys() -> None:
    talk = np.concatenate((ONE, SILENCE, OTHER, SILENCE, ONE)) + noise(24, 1e-3)
    columns = measured("speakers", talk, blocks=(5000, 9000), threshold=0.3)
    speaker = columns["speaker"]
    assert len(speaker) == -(-len(talk) // 12_000)
    assert columns.ticks.tolist() == (np.arange(len(speaker)) * 12_000).tolist()
    middles = (np.arange(len(speaker)) + 0.5) * 0.75
    edges = np.cumsum([6, 3, 6, 3, 6])
    part = np.searchsorted(edges, middles)
    inner = np.abs(middles[:, None] - edges).min(axis=1) > 0.8
    one, silence, other, again, last = (set(speaker[(part == number) & inner].tolist()) for number in range(5))
    assert one == last == {0}
    assert silence == again == {-1}
    assert len(other) == 1
    assert other.isdisjoint({0, -1})
    assert np.isnan(columns["confidence"][speaker < 0]).all()
    assert (columns["confidence"][speaker >= 0] >= 0).all()
    assert columns.notes["speakers"] == speaker.max() + 1
    assert {c.name for c in columns.columns} == {"speaker", "confidence"}  # no vectors
    once = measured("speakers", talk, blocks=(100_000,), threshold=0.3)
    np.testing.assert_array_equal(once["speaker"], speaker)


def test_nobody_speaks_and_no_model_is_opened() -> None:
    meter = SpeakersMeter(subject())
    assert isinstance(meter, Meter)
    assert SpeakersMeter.models() == ("speaker_embedding",)
    for sound in (SILENCE, np.empty(0, np.float32), SILENCE[:100]):
        columns = measured("speakers", sound)
        assert (columns["speaker"] == -1).all()
        assert columns.notes["speakers"] == 0
