"""What was said, as it is read: lines of words with the fillers and long pauses among them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sightline.clock import Span
from sightline.report.interview.showing import voice_of
from sightline.timeline.event import Event
from sightline.timeline.timeline import Timeline
from sightline.timeline.words import Word, words_of

LONG_PAUSE_S = 2
"""Pauses longer than this are listed one by one."""
MOST_WORDS = 20_000
"""Shown on a page; the rest is counted, and stands in the captions (WebVTT)."""
UNSURE = 0.5
"""Below this probability a word is marked as heard uncertainly."""
LONGEST_LINE = 60
"""Words; a recogniser that marks no sentences must not make one line of an hour."""


class Mark(StrEnum):
    WORD = "word"
    FILLER = "filler"
    """A word that is a filler."""
    SOUND = "sound"
    """A filler the recogniser wrote no word for."""
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Token:
    mark: Mark
    span: Span
    text: str
    """Empty for sounds and pauses."""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    span: Span
    tokens: tuple[Token, ...]
    voice: str
    """As `voice_of` has it; empty where nobody told voices apart."""

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens if token.text)


@dataclass(frozen=True, slots=True)
class Transcript:
    lines: tuple[Line, ...]
    hidden: int
    """Words left out."""


def transcript_of(timeline: Timeline, most_words: int = MOST_WORDS) -> Transcript:
    """The transcript; without lines where no word was recognised."""
    words = words_of(timeline)
    kept = words[:most_words]
    if not kept:
        return Transcript((), 0)
    until = kept[-1].span.end if len(kept) < len(words) else None
    others = [event for event in timeline.events_of("pause", "filler") if until is None or event.span.start < until]
    tokens = [(token, segment) for token, segment in _tokens(kept, others) if _lies_in(token.span, timeline.span)]
    return Transcript(tuple(_lines(tokens, timeline.events_of("speaker_turn"))), len(words) - len(kept))


def _lies_in(span: Span, whole: Span) -> bool:
    return whole.start <= span.start <= whole.end


def _tokens(words: Sequence[Word], events: Iterable[Event]) -> list[tuple[Token, int]]:
    """Tokens in order of time, each with the number of its segment."""
    fillers = [event.span for event in events if event.kind == "filler"]
    spoken = [word.span for word in words]
    heard = {i for span in fillers if (i := _nearest(spoken, span)) is not None}
    found = [
        (Token(Mark.FILLER if i in heard else Mark.WORD, word.span, word.text, word.probability < UNSURE), word.segment)
        for i, word in enumerate(words)
    ]
    starts = [span.start for span in spoken]
    for event in events:
        long = event.kind == "pause" and event.span.duration > LONG_PAUSE_S
        unheard = event.kind == "filler" and _nearest(spoken, event.span) is None
        if long or unheard:
            after = max(0, bisect_left(starts, event.span.start) - 1)
            found.append((Token(Mark.PAUSE if long else Mark.SOUND, event.span, ""), words[after].segment))
    return sorted(found, key=lambda pair: (pair[0].span.start, pair[0].span.end))


def _nearest(spoken: Sequence[Span], span: Span) -> int | None:
    """The word a filler was said as: the one its middle lies in, or whose middle lies in it."""
    at = bisect_left(spoken, span.middle, key=lambda word: word.start)
    for i in (at - 1, at):
        if 0 <= i < len(spoken) and (span.middle in spoken[i] or spoken[i].middle in span):
            return i
    return None


def _lines(tokens: Sequence[tuple[Token, int]], turns: Sequence[Event]) -> Iterator[Line]:
    inside: list[Token] = []
    segment, speaker = -1, ""
    for token, number in tokens:
        voice = _voice_at(turns, token.span.middle)
        other = number != segment or voice != speaker or len(inside) >= LONGEST_LINE
        # A pause belongs to the line it follows.
        if inside and other and token.mark is not Mark.PAUSE:
            yield Line(Span(inside[0].span.start, max(t.span.end for t in inside)), tuple(inside), speaker)
            inside = []
        if not inside or token.mark is not Mark.PAUSE:
            segment, speaker = number, voice
        inside.append(token)
    if inside:
        yield Line(Span(inside[0].span.start, max(t.span.end for t in inside)), tuple(inside), speaker)


def _voice_at(turns: Sequence[Event], moment: Fraction) -> str:
    at = bisect_left(turns, moment, key=lambda turn: turn.span.start)
    return next((voice_of(turns[i]) for i in (at, at - 1) if 0 <= i < len(turns) and moment in turns[i].span), "")
