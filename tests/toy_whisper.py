"""A Whisper model in the layout of real ones that says five made-up words over and over, whatever it hears.

What it says is written into the encodings of positions: at each the nearest token is the one to be said. So it goes the
way of real weights through loading, language, decoding and alignment, and says the same on every processor.
"""

from __future__ import annotations

from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, HEADS, LAYERS = 32, 2, 1
TEXT_TOKENS = 50_257
WORDS = 5
"""How many it says before it ends."""
LANGUAGE = "ko"
VOCABULARY = {"BBB", "BBC", "BBD", "BBE", "BBF"}


def special_tokens() -> list[str]:
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    names = ["endoftext", "startoftranscript", *_LANGUAGE_CODES[:100], *tasks]
    return [f"<|{name}|>" for name in names] + [f"<|{number * 0.02:.2f}|>" for number in range(1501)]


def make_toy_whisper(folder: Path, bands: int = 80, seed: int = 5) -> Path:
    """A folder with ``config.json``, ``model.bin``, ``tokenizer.json`` and ``vocabulary.json``, 5 MB."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    syllables = [f"Ġ{a}{b}{c}" for a in letters[33:90] for b in letters[33:90] for c in letters[33:90]]
    # The empty one tells CTranslate2 that the model knows more languages than English.
    vocabulary = [*[*letters, *syllables][: TEXT_TOKENS - 1], ""]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(vocabulary)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special_tokens()])
    said = [*range(len(letters), len(letters) + WORDS), TEXT_TOKENS]
    first = TEXT_TOKENS + special_tokens().index(f"<|{LANGUAGE}|>")
    tokens = [first, *(said[position % len(said)] for position in range(1, 448))]
    spec = _spec(len(vocabulary) + len(special_tokens()), tokens, bands, np.random.default_rng(seed))
    spec.register_vocabulary([*vocabulary, *special_tokens()])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [220, TEXT_TOKENS]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.config.lang_ids = list(range(TEXT_TOKENS + 2, TEXT_TOKENS + 2 + 100))
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _spec(size: int, said: list[int], bands: int, random: np.random.Generator) -> ctranslate2.specs.WhisperSpec:
    spec = ctranslate2.specs.WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)

    def drawn(*shape: int) -> np.ndarray:
        return random.normal(0, 0.05, shape).astype(np.float32)

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)  # type: ignore[attr-defined]

    def linear(layer: object, outputs: int, inputs: int = WIDTH) -> None:
        layer.weight, layer.bias = drawn(outputs, inputs), drawn(outputs)  # type: ignore[attr-defined]

    def attention(layer: object, *outputs: int) -> None:
        norm(layer.layer_norm)  # type: ignore[attr-defined]
        for part, size in zip(layer.linear, outputs, strict=True):  # type: ignore[attr-defined]
            linear(part, size)

    def feed_forward(layer: object) -> None:
        norm(layer.layer_norm)  # type: ignore[attr-defined]
        linear(layer.linear_0, 4 * WIDTH)  # type: ignore[attr-defined]
        linear(layer.linear_1, WIDTH, 4 * WIDTH)  # type: ignore[attr-defined]

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = drawn(WIDTH, bands, 3), drawn(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = drawn(WIDTH, WIDTH, 3), drawn(WIDTH)
    encoder.position_encodings.encodings = drawn(1500, WIDTH)
    tokens = random.normal(size=(size, WIDTH)).astype(np.float32)
    tokens -= tokens.mean(axis=1, keepdims=True)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    decoder.embeddings.weight = decoder.projection.weight = tokens
    decoder.position_encodings.encodings = 20 * tokens[said]
    decoder.scale_embeddings = False
    for stack in (encoder, decoder):
        norm(stack.layer_norm)
        for layer in stack.layer:
            attention(layer.self_attention, 3 * WIDTH, WIDTH)
            feed_forward(layer.ffn)
    for layer in decoder.layer:
        attention(layer.attention, WIDTH, 2 * WIDTH, WIDTH)
    # Sure enough that its words outweigh all the marks of time together.
    decoder.layer_norm.gamma = np.full(WIDTH, 10, np.float32)
    return spec
