"""The emotion meter with a network of known weights: the signature is the real one's, the answers are made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sightline.engine.run import Request, measure
from sightline.meters.emotion import CLASSES, DEVIATION, MEAN, MODEL, EmotionNetwork
from sightline.weights import sessions
from sightline.weights.shelf import Shelf


@pytest.fixture(autouse=True)
def _unloaded() -> Iterator[None]:
    yield
    sessions.clear()


@pytest.fixture
def network_file(tmp_path: Path) -> Path:
    """Logits: the means of red, green and blue as normalised, times a matrix."""
    weights = np.arange(24, dtype=np.float32).reshape(3, 8) / 10
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["output"]),
        ],
        "toy",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 224, 224])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 8])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "enet_b0_8_best_vgaf.onnx"
    onnx.save(model, path)
    return path


def test_pixels_are_normalised_and_answers_are_probabilities(network_file: Path) -> None:
    face = np.full((224, 224, 3), (200, 100, 50), np.uint8)
    found = EmotionNetwork(network_file).probabilities(face)
    means = (np.array([200, 100, 50]) / 255 - MEAN) / DEVIATION
    logits = means @ (np.arange(24).reshape(3, 8) / 10)
    np.testing.assert_allclose(found, np.exp(logits) / np.exp(logits).sum(), rtol=1e-4)
    assert found.sum() == pytest.approx(1)


@dataclass(frozen=True, slots=True)
class ToyShelf(Shelf):
    """The toy network under the real one's name; everything else as it is."""

    def _verified(self, model: str) -> Mapping[str, Path]:
        if model == MODEL and model not in self.denied:
            found = self.find(model)
            assert found is not None
            return {each.file.name: each.path for each in found}
        return Shelf._verified(self, model)


def test_the_largest_face_is_looked_at_three_times_a_second(
    network_file: Path, shared_media: Path, shared_models: Path
) -> None:
    shelf = ToyShelf((network_file.parent, shared_models))
    clip = shared_media / "face_smiling_man.gif"
    timeline = measure(Request(clip, {"emotion": {}}, shelf=shelf))
    assert not timeline.not_measured
    columns = timeline.columns["emotion"]
    duration_s = float(timeline.span.duration)
    assert abs(len(columns) - 3 * duration_s) <= 1
    every = np.stack([columns[name] for name in CLASSES])
    np.testing.assert_allclose(every.sum(axis=0), 1, atol=1e-5)


def test_without_a_face_nothing_is_said(network_file: Path, shared_media: Path, shared_models: Path) -> None:
    shelf = ToyShelf((network_file.parent, shared_models))
    timeline = measure(Request(shared_media / "traffic.mp4", {"emotion": {}}, shelf=shelf))
    assert np.isnan(timeline.columns["emotion"]["anger"]).all()


def test_a_denied_network_is_never_opened(
    network_file: Path, shared_media: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: opened.append(self.name) or real(self, *a, **k))  # type: ignore[func-returns-value]
    shelf = ToyShelf((network_file.parent, shared_models), frozenset({MODEL}))
    timeline = measure(Request(shared_media / "face_smiling_man.gif", {"emotion": {}}, shelf=shelf))
    assert set(timeline.not_measured) == {"emotion"}
    assert network_file.name not in opened
    assert MODEL not in {each.model for each in sessions.loaded()}
