"""Whether somebody speaks: the Silero voice activity detector that comes with faster-whisper, run as sound arrives."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np

from sightline.meters.meter import NotMeasurable
from sightline.meters.seconds import Samples
from sightline.weights.onnx import OnnxSession, onnx_session

WINDOW = 512
"""Samples a probability is for: 32 ms."""
CONTEXT = 64
"""Samples before the window that the model is shown as well."""
FILE = "silero_vad_v6.onnx"
SPEECH = 0.5
"""Probability from which a window is speech: the threshold that comes with the model."""


class VoiceActivity:
    """Probabilities of speech for one channel at 16 kHz, with the model's memory of what came before."""

    def __init__(self) -> None:
        self._memory = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
        self._waiting = np.zeros(CONTEXT, np.float32)
        """The context and what has not filled a window yet."""

    def heard(self, samples: Samples) -> Samples:
        """A probability for each window that is full with these samples ``(n,)``."""
        sound = np.concatenate((self._waiting, samples))
        count = (len(sound) - CONTEXT) // WINDOW
        self._waiting = sound[count * WINDOW :].copy()
        if not count:
            return np.empty(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, CONTEXT + WINDOW)[::WINDOW][:count]
        inputs = {"input": np.ascontiguousarray(windows), "h": self._memory, "c": self._cell}
        found, self._memory, self._cell = model().run(None, inputs)
        return np.asarray(found, np.float32).reshape(-1)

    def rest(self) -> Samples:
        """The probability of the window that has not been filled, with silence after it; none if nothing is left."""
        left = len(self._waiting) - CONTEXT
        return self.heard(np.zeros(WINDOW - left, np.float32)) if left else np.empty(0, np.float32)


@cache
def model() -> OnnxSession:
    """The model; 1 MB that stays. Raises `NotMeasurable` where the file is missing."""
    return onnx_session(model_file())


def model_file() -> Path:
    """Where the model lies, found without importing what it comes with. Raises `NotMeasurable`."""
    package = importlib.util.find_spec("faster_whisper")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        path = Path(folder) / "assets" / FILE
        if path.is_file():
            return path
    raise NotMeasurable("speech.no_voice_model", file=FILE)
