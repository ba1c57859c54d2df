"""Numbers in a sentence, held against the numbers of the facts it cites.

A number written with so many decimals is right when a number of the evidence, rounded to so many decimals, is the same.
So 62 stands for 0.618 as a share in per cent and 4.2 for 4.23, but 60 stands for neither.

Not every number of the evidence may stand for every other. The ends of a range, and how much was counted, may only be
repeated beside the value itself (or as advice, where a range is something to aim for): alone they would read as the
value. Seconds of a moment have to be called seconds. Numbers written out in words are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sightline.clock import Span
from sightline.insight.facts import Dossier, Fact
from sightline.insight.lexicon import visible

_CLOCK = re.compile(r"(?<![\d:.])(?:(\d{1,2}):)?(\d{1,2}):(\d{2}(?:\.\d+)?)(?![\d:])")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_MINUTES = re.compile(r"(\d+)\s*(?:minutes?|min|분)\s*(?:and\s*)?(\d+(?:\.\d+)?)\s*(?:seconds?|sec|s|초)")
_SECONDS = re.compile(r"\s*(?:초?\s*(?:to|and|until|–|-|~|부터|에서)\s*\d+(?:\.\d+)?\s*)?(?:s(?![a-z])|sec|초)")
_SHARES = frozenset({"share", "ratio", "%", "percent"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a sentence has it."""

    text: str
    value: Decimal
    decimals: int
    is_seconds: bool
    """Whether it is called seconds, or begins a stretch that is."""


def figures(sentence: str) -> tuple[Figure, ...]:
    """Every number written in digits, times of the clock left out."""
    rest = _MINUTES.sub(" ", _CLOCK.sub(" ", visible(sentence)))
    return tuple(
        _figure(match.group(0), is_seconds=_SECONDS.match(rest, match.end()) is not None)
        for match in _NUMBER.finditer(rest)
    )


def moments(sentence: str) -> tuple[tuple[str, Fraction], ...]:
    """Every time of the clock, ``1:02`` or ``1분 2초``, as it is written and in seconds."""
    plain = visible(sentence)
    found = [(m.group(0), 3600 * int(m[1] or 0) + 60 * int(m[2]) + Fraction(m[3])) for m in _CLOCK.finditer(plain)]
    return (*found, *((m.group(0), 60 * int(m[1]) + Fraction(m[2])) for m in _MINUTES.finditer(plain)))


def strange_figures(
    sentence: str, facts: Sequence[Fact], spans: Sequence[Span], texts: Iterable[str] = (), *, is_advice: bool = False
) -> list[str]:
    """Numbers of ``sentence`` that are neither of ``facts``, nor of ``spans``, nor written in one of ``texts``."""
    found = figures(sentence)
    right = {number for text in texts for number in _written(text)}
    numbers: list[Decimal] = []
    for fact in facts:
        values = [*_scaled(fact, fact.value), *_written(fact.value_text)]
        numbers += [*values, *_written(fact.title)]
        if is_advice or any(_is(figure, number) for figure in found for number in values):
            ends = (*_scaled(fact, fact.low), *_scaled(fact, fact.high), *_written(fact.reference_text))
            numbers += [*ends, Decimal(fact.n)]
    edges = [second for span in spans for second in (span.start, span.end, span.duration)]
    times = [Decimal(repr(float(second))) for second in edges]

    def is_right(figure: Figure) -> bool:
        return figure.value in right or any(_is(figure, n) for n in (*numbers, *(times if figure.is_seconds else ())))

    strange = [figure.text for figure in found if not is_right(figure)]
    return strange + [text for text, at in moments(sentence) if not any(abs(at - edge) <= 1 for edge in edges)]


def texts_beside(dossier: Dossier, part: str | None) -> list[str]:
    """Texts whose numbers may be repeated: the question something is about, and which one it is."""
    if part is None:
        return []
    passage = dossier.passage(part)
    return [passage.title, passage.id, *(str(i) for i, p in enumerate(dossier.parts, 1) if p.id == part)]


def _written(text: str) -> list[Decimal]:
    return [figure.value for figure in figures(text)]


def _scaled(fact: Fact, number: float | None) -> list[Decimal]:
    """A number as it may be written: a share also in per cent."""
    if number is None:
        return []
    plain = abs(Decimal(repr(float(number))))
    return [plain, plain * 100] if fact.unit in _SHARES else [plain]


def _is(figure: Figure, number: Decimal) -> bool:
    """Half of the last digit written, either way: how a half is rounded is nobody's mistake."""
    return abs(number - figure.value) <= Decimal(5).scaleb(-figure.decimals - 1)


def _figure(text: str, *, is_seconds: bool) -> Figure:
    plain = text.replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {text!r}") from error
    return Figure(text, value, len(plain.partition(".")[2]), is_seconds)
