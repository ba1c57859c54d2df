"""What feedback may be made of: facts, words and answers, as plain data of insight's own.

Whoever has a judgement turns it into a `Dossier`; nothing else reaches a writer. So what is not in a dossier cannot be
said, and what a dossier holds can be shown beside the feedback.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from sightline.clock import Span
from sightline.insight.lexicon import lexicon
from sightline.text import Language

ENOUGH = 0.6
"""Coverage below which a fact is not spoken of, as below it no score is given (docs/feedback.md). [H]"""
BELOW, WITHIN, ABOVE = "below", "within", "above"
"""Where a value lies against its reference range."""
CUES = "cues"
"""Group of facts that are shown in the report and never spoken of: a second face is a cue with its moment, no more."""
JUDGED_BY_OTHERS = ("hiring", "education")
"""Policies under which somebody else decides about the person."""


LONGEST_WORD = Fraction(30)
"""Seconds; a recogniser hears at most so much at once."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One measured number with what is needed to speak of it."""

    id: str
    """The metric's id in the judgement: ``blink_rate_speaking``."""
    title: str
    """Its name in the dossier's language."""
    value_text: str
    """The value as it is shown, with its unit: ``62 %``, ``4.2 syllables/s``."""
    unit: str
    """As the metric has it: ``share``, ``hz``."""
    value: float | None
    """None: not evaluated."""
    coverage: float
    """Share, 0 to 1, of the time it speaks of that could be measured."""
    place: str | None = None
    """``below``, ``within`` or ``above`` its reference range; None: it has none."""
    spans: tuple[Span, ...] = ()
    """Where to look. None given: it is of the whole answer, or of the whole media."""
    part: str | None = None
    """The answer it is of; None: the whole."""
    group: str = ""
    """``gaze``, ``speech``, ``picture``, ``cues``: as the metric has it."""
    low: float | None = None
    high: float | None = None
    """The reference range, in the unit of ``value``."""
    reference_text: str = ""
    """The range as it is shown: ``10.5–32.5 /min``."""
    source: str = ""
    """Who published the range, or that it is a heuristic."""
    n: int = 0
    """Observations it is made of."""

    @property
    def is_citable(self) -> bool:
        """Whether it was measured on enough of the media to be spoken of."""
        return self.value is not None and self.coverage >= ENOUGH


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word and when it was said."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Passage:
    """The answer to a question."""

    id: str
    title: str
    """The question; free text of a user."""
    span: Span


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a model may be shown, where that is allowed."""

    moment: Fraction
    """Seconds."""
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything a writer is told about one recording.

    Raises `ValueError` for two facts of one name, for a fact or a span of an answer that is not there, and for spans
    that lie outside the media.
    """

    language: Language
    """What the feedback is written in."""
    policy: str
    """``self_practice``, ``hiring``, ``education``, ``research``, ``medical``."""
    facts: tuple[Fact, ...]
    duration: Fraction
    """Of the media, in seconds."""
    words: tuple[Word, ...] = ()
    """By when they begin; empty: nothing was recognised, or nobody asked for it."""
    parts: tuple[Passage, ...] = ()
    not_evaluated: tuple[str, ...] = ()
    """Sentences, in ``language``, on what could not be measured and why."""
    forbidden: frozenset[str] = frozenset()
    """Topics of `sightline.insight.lexicon` that may not be spoken of, beside those the policy always forbids."""
    pictures_allowed: bool = False
    pictures: tuple[Picture, ...] = ()
    """Never sent unless ``pictures_allowed``."""
    spoken: str | None = None
    """Language of the words, ``ko``; None: not known."""

    def __post_init__(self) -> None:
        names = [(fact.id, fact.part) for fact in self.facts]
        if len(set(names)) < len(names):
            raise ValueError(f"two facts of one name: {sorted({str(n) for n in names if names.count(n) > 1})}")
        known = {part.id for part in self.parts}
        if strangers := {fact.part for fact in self.facts if fact.part is not None} - known:
            raise ValueError(f"facts of answers that are not there: {sorted(map(str, strangers))}")
        spans = [
            *(p.span for p in self.parts),
            *(s for f in self.facts for s in f.spans),
            *(w.span for w in self.words),
        ]
        if outside := [span for span in spans if not self.whole.covers(span)]:
            raise ValueError(f"spans outside the media ({float(self.duration)} s): {outside[:3]}")

    @property
    def whole(self) -> Span:
        return Span(Fraction(0), self.duration)

    @property
    def citable(self) -> tuple[Fact, ...]:
        """Facts that may be spoken of, in the order given: measured on enough of the media, and no cues.

        Where others judge the person, what is measured of emotion is left out even if somebody put it in, and so is
        everything whose very name may not be written.
        """
        silent = {CUES, "emotion"} if self.policy in JUDGED_BY_OTHERS else {CUES}
        topics = lexicon().topics(self.policy, self.forbidden)
        return tuple(
            fact
            for fact in self.facts
            if fact.is_citable and fact.group not in silent and not _is_forbidden(fact.title, topics)
        )

    def span_of(self, part: str | None) -> Span:
        """Of an answer, or of the whole media. Raises `KeyError` for an answer that is not there."""
        return self.whole if part is None else self.passage(part).span

    def passage(self, part: str) -> Passage:
        """Raises `KeyError`."""
        for passage in self.parts:
            if passage.id == part:
                return passage
        raise KeyError(part)

    def words_in(self, spans: Iterable[Span]) -> tuple[Word, ...]:
        """Words of which at least a part was said within one of ``spans``, in their order."""
        wanted: set[int] = set()
        for span in spans:
            index = bisect_left(self.words, span.end, key=_start)
            while index and self.words[index - 1].span.start > span.start - LONGEST_WORD:
                index -= 1
                if self.words[index].span.end > span.start:
                    wanted.add(index)
        return tuple(self.words[index] for index in sorted(wanted))

    def canonical(self) -> str:
        """JSON that is the same for the same dossier, in any process: what cached answers are named by."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _start(word: Word) -> Fraction:
    return word.span.start


@cache
def _is_forbidden(title: str, topics: frozenset[str]) -> bool:
    return bool(lexicon().hits(title, topics))


def _plain(dossier: Dossier) -> dict[str, Any]:
    return {
        "language": str(dossier.language),
        "policy": dossier.policy,
        "facts": [{name: _value(getattr(fact, name)) for name in Fact.__dataclass_fields__} for fact in dossier.facts],
        "duration": str(dossier.duration),
        "words": [[word.text, *_value(word.span)] for word in dossier.words],
        "parts": [[part.id, part.title, *_value(part.span)] for part in dossier.parts],
        "not_evaluated": list(dossier.not_evaluated),
        "forbidden": sorted(dossier.forbidden),
        "pictures": [
            [str(picture.moment), base64.b64encode(picture.jpeg).decode()] for picture in shown_pictures(dossier)
        ],
        "spoken": dossier.spoken,
    }


def shown_pictures(dossier: Dossier) -> tuple[Picture, ...]:
    """Pictures that go to a model: none unless they are allowed, and never where people are judged by others."""
    allowed = dossier.pictures_allowed and dossier.policy not in JUDGED_BY_OTHERS
    return dossier.pictures if allowed else ()


def _value(value: object) -> Any:
    if isinstance(value, Span):
        return [str(value.start), str(value.end)]
    return [_value(item) for item in value] if isinstance(value, tuple) else value
