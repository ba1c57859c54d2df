"""What was said, when, and by whom, put together from voice, words and turns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sightline.desks.interview.intervals import Intervals
from sightline.desks.interview.reading import Unmeasured
from sightline.text import Message
from sightline.timeline.timeline import Timeline

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
TOO_WEAK = {"ko": ("speech_whisper_tiny", "speech_whisper_base")}
"""Models whose words in a language are not good enough to count: their Korean character error rates are 26 to 34 and 19
to 23 % on KsponSpeech (Phonetics and Speech Sciences 15(3), 2023, table 4)."""


@dataclass(frozen=True, eq=False)
class Words:
    """Recognised words in order of time; all arrays have a row per word."""

    starts: Floats
    ends: Floats
    texts: tuple[str, ...]
    probabilities: Floats

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def middles(self) -> Floats:
        return (self.starts + self.ends) / 2

    def between(self, start: float, end: float) -> Words:
        """Those whose middle lies in a stretch; the words have to be in order of their middles."""
        first, last = (int(row) for row in np.searchsorted(self.middles, [start, end]))
        cut = slice(first, last)
        return Words(self.starts[cut], self.ends[cut], self.texts[cut], self.probabilities[cut])

    def only(self, keep: Mask) -> Words:
        texts = tuple(text for text, kept in zip(self.texts, keep.tolist(), strict=True) if kept)
        return Words(self.starts[keep], self.ends[keep], texts, self.probabilities[keep])


@dataclass(frozen=True, eq=False)
class Spoken:
    timeline: Timeline
    asked_language: str | None

    @cached_property
    def language(self) -> str | None:
        """``ko``, ``en``, or what else was recognised; None: nobody knows."""
        if self.asked_language is not None:
            return self.asked_language
        columns = self.timeline.columns.get("words")
        return str(columns.notes["language"]) if columns is not None and columns.notes.get("language") else None

    def require_voice(self) -> None:
        """Raises `Unmeasured` where speech was not measured."""
        columns = self.timeline.columns.get("voice")
        if columns is None or not len(columns):
            raise Unmeasured(self._why("voice"), absent=True)

    @cached_property
    def voiced(self) -> Intervals:
        """Anybody's voice."""
        return Intervals.of_spans(event.span for event in self.timeline.events_of("speech"))

    @cached_property
    def told_by(self) -> str | None:
        """How voices were told apart, as `SpeakerTurnDetector` says it: ``voice`` where they were not, and all that is
        heard is taken to be the person's. None: nobody spoke."""
        return next((str(turn.evidence["by"]) for turn in self.timeline.events_of("speaker_turn")), None)

    @cached_property
    def own_turns(self) -> Intervals:
        return self._turns(own=True)

    @cached_property
    def others_turns(self) -> Intervals:
        return self._turns(own=False)

    @cached_property
    def own_speech(self) -> Intervals:
        return self.voiced.inside(self.own_turns)

    @cached_property
    def others_speech(self) -> Intervals:
        return self.voiced.inside(self.others_turns)

    @cached_property
    def words(self) -> Words:
        """Everybody's words. Raises `Unmeasured`, also where the model is too weak for the language."""
        columns = self.timeline.columns.get("words")
        if columns is None:
            raise Unmeasured(self._why("words"), absent=True)
        model = str(columns.notes.get("model", ""))
        if model in TOO_WEAK.get(self.language or "", ()):
            raise Unmeasured("interview.model_too_weak", model=model, language=self.language or "")
        base = float(columns.time_base)
        texts = tuple(str(text).strip() for text in columns["text"].tolist())
        starts, ends = (np.asarray(ticks * base, np.float64) for ticks in (columns.ticks, columns["until"]))
        words = Words(starts, ends, texts, columns["probability"].astype(np.float64))
        order = np.argsort(words.middles, kind="stable")
        return Words(starts[order], ends[order], tuple(texts[row] for row in order), words.probabilities[order])

    @cached_property
    def own_words(self) -> Words:
        """The person's words: those whose middle lies in a turn of theirs."""
        return self.words.only(self.own_turns.hold(self.words.middles))

    def _turns(self, *, own: bool) -> Intervals:
        turns = self.timeline.events_of("speaker_turn")
        return Intervals.of_spans(turn.span for turn in turns if bool(turn.evidence.get("own")) is own)

    def _why(self, meter: str) -> Message:
        return self.timeline.not_measured.get(meter) or Message.of("interview.not_measured", meter=meter)
