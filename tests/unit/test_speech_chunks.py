"""Speech in pieces: nothing said is lost or given twice, silence is left out, little is held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.meters.seconds import Samples
from sightline.meters.speech import chunks
from sightline.meters.speech.chunks import PAD_WINDOWS, Chunk, Chunker

RATE_HZ, WINDOW = 16_000, 512


class LoudIsSpeech:
    """In place of the model: how loud a window is, is how likely speech is."""

    def __init__(self) -> None:
        self._waiting = np.empty(0, np.float32)

    def heard(self, samples: Samples) -> Samples:
        sound = np.concatenate((self._waiting, samples))
        count = len(sound) // WINDOW
        self._waiting = sound[count * WINDOW :]
        return np.asarray(np.abs(sound[: count * WINDOW]).reshape(count, WINDOW).max(axis=1), np.float32)

    def rest(self) -> Samples:
        return self.heard(np.zeros(WINDOW - len(self._waiting), np.float32)) if len(self._waiting) else self._waiting


@pytest.fixture(autouse=True)
def _loud_is_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "VoiceActivity", LoudIsSpeech)


def sound(*parts: tuple[float, float]) -> Samples:
    """Seconds at a level each, every sample another, so that it tells where it lies."""
    levels = np.concatenate([np.full(int(seconds * RATE_HZ), level) for seconds, level in parts])
    return np.asarray(levels * (1 - 1e-3 * np.random.default_rng(0).random(len(levels))), np.float32)


def cut(samples: Samples, *, split: bool, sizes: Sequence[int] = (RATE_HZ,)) -> list[Chunk]:
    chunker, found, start, number = Chunker(split=split), [], 0, 0
    while start < len(samples):
        size = sizes[number % len(sizes)]
        found += chunker.heard(samples[start : start + size])
        start, number = start + size, number + 1
    return [*found, *chunker.rest()]


PARTS = st.lists(st.tuples(st.floats(0.02, 40), st.sampled_from((0.9, 0.9, 0.4, 0.01))), min_size=1, max_size=8)


@settings(max_examples=60)
@given(parts=PARTS, split=st.booleans(), sizes=st.lists(st.integers(500, 30_000), min_size=1, max_size=3))
def test_all_speech_is_in_one_chunk_each_and_time_is_kept(
    parts: list[tuple[float, float]], split: bool, sizes: list[int]
) -> None:
    samples = sound(*parts)
    made = cut(samples, split=split, sizes=sizes)
    padded = np.concatenate((samples, np.zeros(-len(samples) % WINDOW, np.float32)))
    numbers = np.concatenate([chunk.windows for chunk in made]) if made else np.empty(0, np.int64)
    assert (np.diff(numbers) > 0).all()
    loud = np.flatnonzero(np.abs(padded).reshape(-1, WINDOW).max(axis=1) >= 0.5)
    assert np.isin(loud, numbers).all()
    for chunk in made:
        assert len(chunk.sound) <= 30 * RATE_HZ
        assert (chunk.speech >= 0.5).any() or (chunk.speech >= 0.35).any()
        for offset in (0, 511, len(chunk.sound) // 2, len(chunk.sound) - 1):
            at = chunk.sample_at(offset)
            assert chunk.sound[offset] == padded[at]
            assert chunk.sample_at(offset + 1, end=True) == at + 1
    again = cut(samples, split=split)
    assert [c.windows.tolist() for c in again] == [c.windows.tolist() for c in made]


def test_silence_gives_nothing() -> None:
    assert cut(sound((60, 0.01)), split=True) == []
    assert cut(np.empty(0, np.float32), split=False) == []


def test_long_silence_is_left_out_and_short_silence_is_kept() -> None:
    (one,) = cut(sound((3, 0.9), (1.5, 0.01), (3, 0.9), (60, 0.01), (3, 0.9)), split=False)
    assert len(one.sound) / RATE_HZ == pytest.approx(3 + 1.5 + 3 + 2 * PAD_WINDOWS * 0.032 + 3, abs=0.1)


def test_a_pause_ends_a_chunk_where_languages_are_told() -> None:
    talk = sound((6, 0.9), (2.5, 0.01), (1, 0.9), (2.5, 0.01), (6, 0.9))
    spans = [(c.sample_at(0) / RATE_HZ, c.sample_at(len(c.sound), end=True) / RATE_HZ) for c in cut(talk, split=True)]
    assert len(spans) == 2  # one second is not enough to tell a language
    assert spans[0] == pytest.approx((0, 6.4), abs=0.1)
    assert spans[1] == pytest.approx((8.1, 18), abs=0.1)
    assert len(cut(talk, split=False)) == 1


def test_a_full_chunk_is_cut_in_its_longest_silence() -> None:
    made = cut(sound((16, 0.9), (0.3, 0.01), (4, 0.9), (1, 0.01), (20, 0.9)), split=False)
    ends = [chunk.sample_at(len(chunk.sound), end=True) / RATE_HZ for chunk in made]
    assert ends[0] == pytest.approx(20.8, abs=0.1)


def test_speech_without_any_silence_is_cut_where_it_is_least_likely() -> None:
    made = cut(sound((20, 0.9), (0.1, 0.45), (20, 0.9)), split=False)
    assert made[0].sample_at(len(made[0].sound), end=True) / RATE_HZ == pytest.approx(20, abs=0.1)


def test_hours_are_not_held() -> None:
    chunker = Chunker(split=False)
    talk = sound((11, 0.9), (1, 0.01), (14, 0.9), (9, 0.01))
    most = 0
    for _ in range(100):  # an hour
        for start in range(0, len(talk), RATE_HZ):
            list(chunker.heard(talk[start : start + RATE_HZ]))
            most = max(most, len(chunker._chunk) + len(chunker._silence))
    assert most * WINDOW < 33 * RATE_HZ
