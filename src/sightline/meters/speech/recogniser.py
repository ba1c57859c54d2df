"""What a recogniser of words is, and the one there is: Whisper by faster-whisper, on CTranslate2."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sightline.meters.seconds import Samples
from sightline.meters.speech.listening import RATE_HZ
from sightline.weights.onnx import keep_silent

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_log = logging.getLogger(__name__)

MOST_THREADS = 8
"""Beyond, the decoder of a model waits for memory."""
PROMPTS = {
    "en": "Um, so, uh, I, I mean, er, you know, hmm, like, well, ah, okay.",
    "ko": "음, 어, 그, 저기, 그러니까, 뭐, 이제, 약간, 막, 아, 네.",
}
"""What is to be taken as said before. Whisper was trained on subtitles, which leave fillers out, and goes on in the
style it is given. It makes them likelier, not certain: acoustic fillers are looked for besides."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word as recognised; seconds from the chunk's start."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words recognised as one."""

    words: tuple[Said, ...]
    compression: float
    """How many times smaller the text gets when it is packed; loops of a recogniser pack well."""


class Recogniser(Protocol):
    """Turns up to 30 s of one channel at 16 kHz into phrases. Equal sound gives equal phrases."""

    device: str
    """What it runs on and with which numbers: ``cpu int8``."""

    def language(self, sound: Samples) -> tuple[str, float]:
        """Likeliest language (ISO 639-1) and its probability."""
        ...

    def phrases(self, sound: Samples, language: str, *, careful: bool) -> tuple[Phrase, ...]:
        """What was said, in order. ``careful``: without a prompt and without repeating three words in a row, for sound
        on which it fell into a loop."""
        ...


class Whisper:
    """A Whisper model of any size in CTranslate2's layout."""

    def __init__(self, model: WhisperModel, device: str) -> None:
        self._model, self.device = model, device

    def language(self, sound: Samples) -> tuple[str, float]:
        if not self._model.model.is_multilingual:
            return "en", 1.0
        language, probability, _ = self._model.detect_language(sound)
        return language, float(probability)

    def phrases(self, sound: Samples, language: str, *, careful: bool) -> tuple[Phrase, ...]:
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            initial_prompt=None if careful else PROMPTS.get(language),
            no_repeat_ngram_size=3 if careful else 0,
            # Higher temperatures draw lots; equal sound would not give equal words.
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        return tuple(
            Phrase(
                tuple(Said(w.word.strip(), w.start, w.end, float(w.probability)) for w in segment.words or ()),
                float(segment.compression_ratio),
            )
            for segment in segments
        )


def languages() -> frozenset[str]:
    """ISO 639 codes of what Whisper knows."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    return frozenset(_LANGUAGE_CODES)


def variant() -> tuple[str, str]:
    """Device and number format: the GPU with half floats where there is one, else the processor with 8-bit integers."""
    import ctranslate2

    if ctranslate2.get_cuda_device_count() and "float16" in ctranslate2.get_supported_compute_types("cuda"):
        return "cuda", "float16"
    return "cpu", "int8"


def load(folder: Path) -> Recogniser:
    """The model in a folder. Raises what CTranslate2 raises for a folder that holds none."""
    device, numbers = variant()
    if device == "cuda":
        try:
            return _loaded(folder, device, numbers)
        except RuntimeError as error:
            # A driver without the libraries CTranslate2 opens late.
            _log.warning("speech is recognised on the processor: the GPU cannot be used", extra={"error": str(error)})
    return _loaded(folder, "cpu", "int8")


def _loaded(folder: Path, device: str, numbers: str) -> Recogniser:
    keep_silent()
    from faster_whisper import WhisperModel
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.feature_extractor import FeatureExtractor

    threads = min(MOST_THREADS, os.cpu_count() or 1)
    model = WhisperModel(str(folder), device=device, compute_type=numbers, cpu_threads=threads)
    if len(model.feature_extractor.mel_filters) != model.model.n_mels:
        # The large ones hear 128 bands; a folder without preprocessor_config.json does not say so.
        model.feature_extractor = FeatureExtractor(feature_size=model.model.n_mels)
    if device == "cuda":
        # The libraries a GPU needs are opened with the first sound.
        model.encode(pad_or_trim(model.feature_extractor(np.zeros(RATE_HZ, np.float32))))
    return Whisper(model, f"{device} {numbers}")
