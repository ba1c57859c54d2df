"""Words read from the columns of the meter, and through a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sightline.clock import Span
from sightline.facts import AudioFacts, MediaFacts
from sightline.timeline.columns import Column, Columns
from sightline.timeline.parquet import read_columns, write_columns
from sightline.timeline.timeline import Provenance, Timeline
from sightline.timeline.words import Word, words_in, words_of, words_of_each_audio

TICK = Fraction(1, 16_000)


def word_columns(*words: tuple[int, int, str, float, str, int], meter: str = "words") -> Columns:
    def texts(column: int) -> np.ndarray:
        values = np.empty(len(words), object)
        values[:] = [word[column] for word in words]
        return values

    return Columns(
        meter,
        TICK,
        np.array([word[0] for word in words], np.int64),
        160_000,
        (
            Column("until", "ticks", np.array([word[1] for word in words], np.int64)),
            Column("text", "text", texts(2)),
            Column("probability", "share", np.array([word[3] for word in words], np.float32)),
            Column("language", "text", texts(4)),
            Column("segment", "index", np.array([word[5] for word in words], np.int32)),
        ),
    )


def _timeline(**columns: Columns) -> Timeline:
    audios = tuple(
        AudioFacts(
            index=index, codec="pcm", profile=None, sample_rate_hz=16_000, channels=1, layout="mono",
            channel_names=("FC",), sample_format="flt", bit_depth=16, time_base=TICK, start=Fraction(0),
            duration=None, bit_rate_bps=None,
        )
        for index in (0, 1)
    )  # fmt: skip
    media = MediaFacts("made", 0, None, "wav", None, None, None, audios=audios)
    return Timeline(media, {name.replace("_at_", "@"): c for name, c in columns.items()}, Provenance("test", ""))


SAID = ((1_600, 8_000, "안녕", 0.75, "ko", 0), (8_000, 8_000, "well,", 0.5, "en", 1))


@pytest.mark.parametrize("rows", [SAID, ()])
def test_words_come_back_from_a_file(tmp_path: Path, rows: tuple[tuple[int, int, str, float, str, int], ...]) -> None:
    write_columns(word_columns(*rows), tmp_path / "words.parquet")
    words = words_in(read_columns(tmp_path / "words.parquet"))
    expected = (
        Word("안녕", Span(Fraction(1, 10), Fraction(1, 2)), 0.75, "ko", 0),
        Word("well,", Span(Fraction(1, 2), Fraction(1, 2)), 0.5, "en", 1),
    )
    assert words == expected[: len(rows)]


def test_a_word_that_ends_before_it_starts_is_a_point() -> None:
    (word,) = words_in(word_columns((800, 400, "eh", 0.1, "en", 0)))
    assert word.span == Span(Fraction(1, 20), Fraction(1, 20))


def test_the_first_stream_with_words_is_read() -> None:
    empty, second = word_columns(), word_columns(*SAID, meter="words@1")
    timeline = _timeline(words=empty, words_at_1=second)
    assert [word.text for word in words_of(timeline)] == ["안녕", "well,"]
    assert [(audio.index, len(words)) for audio, words in words_of_each_audio(timeline)] == [(0, 0), (1, 2)]
    assert words_of(_timeline()) == ()
