"""What is said, word by word."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, ClassVar

import numpy as np

from sightline.meters.meter import NotMeasurable, Parameter, Subject
from sightline.meters.seconds import Samples
from sightline.meters.speech.chunks import Chunk, Chunker
from sightline.meters.speech.guards import believed, is_loop
from sightline.meters.speech.listening import RATE_HZ, SpeechMeter
from sightline.meters.speech.recogniser import PROMPTS, Phrase, Recogniser, Said, languages, load, variant
from sightline.meters.speech.voice_activity import model_file
from sightline.timeline.columns import Column, Columns
from sightline.weights.sessions import Lease, lease

MODEL = "speech_whisper_turbo"
AUTO = "auto"
SURE = 0.5
"""A language less likely than this is not believed where another was heard before."""


class WordsMeter(SpeechMeter):
    """A row is a word: ``until``, the tick at which it ends, ``text`` with its punctuation, ``probability``,
    ``language`` (ISO 639-1) and ``segment``, the number of the phrase it belongs to. Words may share ticks.

    Parameters: ``model``, a Whisper of the registry; ``language``, ``auto`` or the language that is spoken. With
    ``auto`` it is told for every stretch of speech between pauses of 2 s, at least 5 s long, so two languages may be
    mixed. Words nobody is heard to say are left out, ``left_out`` in the notes counts them.
    """

    id: ClassVar[str] = "words"
    version: ClassVar[int] = 1

    def __init__(self, subject: Subject, *, model: str = MODEL, language: str = AUTO, **parameters: Parameter) -> None:
        super().__init__(subject, **parameters)
        # Those it is usually asked for are known without loading what knows the rest.
        if language not in (AUTO, *PROMPTS) and language not in languages():
            raise NotMeasurable("speech.no_language", language=language)
        model_file()
        self._model, self._language, self._shelf = model, language, subject.shelf
        self._lease: Lease[Recogniser] | None = None
        self._before: str | None = None
        """Language of the chunk before."""
        self._languages: list[tuple[str, float, int]] = []
        """Of each chunk: language, its probability, words."""
        self._rows: list[tuple[int, int, str, float, str, int]] = []
        self._segments = self._left_out = 0

    @staticmethod
    def models(*, model: str = MODEL, **_: Parameter) -> tuple[str, ...]:
        return (model,)

    def begin(self) -> None:
        self._chunker = Chunker(split=self._language == AUTO)

    def hear(self, samples: Samples) -> None:
        for chunk in self._chunker.heard(samples):
            self._recognise(chunk)

    def finish(self) -> Columns:
        for chunk in self._chunker.rest():
            self._recognise(chunk)
        device = self._lease.session.device if self._lease is not None else ""
        if self._lease is not None:
            self._lease.close()
        self._rows.sort(key=lambda row: row[0])
        rows = zip(*self._rows, strict=True) if self._rows else [()] * 6
        ticks, until, texts, probabilities, languages, segments = rows
        language, sure = self._main_language()
        notes = self.notes(
            model=self._model, device=device, language=language, language_probability=sure, left_out=self._left_out
        )
        columns = (
            Column("until", "ticks", np.array(until, np.int64)),
            Column("text", "text", _texts(texts)),
            Column("probability", "share", np.array(probabilities, np.float32)),
            Column("language", "text", _texts(languages)),
            Column("segment", "index", np.array(segments, np.int32)),
        )
        return Columns(self.id, self.time_base, np.array(ticks, np.int64), self.end, columns, notes)

    def _recognise(self, chunk: Chunk) -> None:
        if self._lease is None:
            self._lease = lease(self._shelf, self._model, load, shared=True, variant=" ".join(variant()))
        recogniser = self._lease.session
        language, sure = self._spoken(recogniser, chunk)
        phrases = recogniser.phrases(chunk.sound, language, careful=False)
        written = _count(phrases)
        if is_loop(phrases):
            phrases = recogniser.phrases(chunk.sound, language, careful=True)
        kept = believed(phrases, chunk, language)
        words = sum(map(len, kept))
        self._left_out += max(0, written - words)
        self._languages.append((language, sure, words))
        for phrase in kept:
            self._add(phrase, chunk, language)

    def _spoken(self, recogniser: Recogniser, chunk: Chunk) -> tuple[str, float]:
        if self._language != AUTO:
            return self._language, 1.0
        language, sure = recogniser.language(chunk.sound)
        if sure < SURE and self._before is not None:
            return self._before, sure
        self._before = language
        return language, sure

    def _add(self, words: tuple[Said, ...], chunk: Chunk, language: str) -> None:
        for word in words:
            start = chunk.sample_at(round(word.start_s * RATE_HZ))
            end = max(start, chunk.sample_at(round(word.end_s * RATE_HZ), end=True))
            # The last window of the stream is filled up with silence.
            start, end = (min(moment, self.count + self._filled) + self.first_tick for moment in (start, end))
            self._rows.append((start, end, word.text, word.probability, language, self._segments))
        self._segments += 1

    def _main_language(self) -> tuple[str, float]:
        """The language most words are of, and how sure it was on average; empty and 0 without words."""
        words: Counter[str] = Counter()
        sure: defaultdict[str, float] = defaultdict(float)
        for language, probability, count in self._languages:
            words[language] += count
            sure[language] += probability * count
        ((language, count),) = words.most_common(1) or [("", 0)]
        return (language, round(sure[language] / count, 4)) if count else ("", 0.0)


def _count(phrases: tuple[Phrase, ...]) -> int:
    return sum(len(phrase.words) for phrase in phrases)


def _texts(values: tuple[Any, ...]) -> np.ndarray:
    column = np.empty(len(values), object)
    column[:] = values
    return column


METER = WordsMeter
