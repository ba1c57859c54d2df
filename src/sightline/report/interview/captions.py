"""The interview desk's WebVTT: what was said as captions, and events at the top of the picture.

Blinks, speech and turns are left out of the events: a line that flashes up twenty times a minute, or that says nothing
the captions do not say, hinders reading. The CSV has all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sightline.clock import Span
from sightline.report.interview.lanes import KINDS
from sightline.report.interview.showing import event_text, kind_title, voice_title
from sightline.report.interview.transcript import Line, Token, transcript_of
from sightline.report.report import Report
from sightline.text import Language

SILENT = frozenset({"blink", "speech", "speaker_turn"})
MOST_WORDS = 12
"""In one caption: two lines of subtitles. A longer sentence is shown in pieces, each at its own time."""
_TOP = "line:0 position:0% align:start"


@dataclass(frozen=True, slots=True)
class Cue:
    """``span`` is never empty."""

    id: str
    span: Span
    text: str
    voice: str = ""
    settings: str = ""


def interview_cues(report: Report) -> tuple[Cue, ...]:
    """In order of time, as players want them."""
    found = [*_captions(report), *_events(report)]
    return tuple(sorted(found, key=lambda cue: (cue.span.start, cue.span.end)))


def _captions(report: Report) -> Iterator[Cue]:
    number = 0
    # Every word: only pages are bounded.
    for line in transcript_of(report.timeline, most_words=10**9).lines:
        for tokens in _pieces(line):
            span = Span(tokens[0].span.start, max(token.span.end for token in tokens))
            if span.duration > 0:
                number += 1
                text = " ".join(token.text for token in tokens)
                yield Cue(f"said-{number}", span, text, voice_title(line.voice)[report.language] if line.voice else "")


def _pieces(line: Line) -> Iterator[tuple[Token, ...]]:
    spoken = tuple(token for token in line.tokens if token.text)
    for first in range(0, len(spoken), MOST_WORDS):
        yield spoken[first : first + MOST_WORDS]


def _events(report: Report) -> Iterator[Cue]:
    language: Language = report.language
    events = [e for e in report.timeline.events if e.kind in KINDS - SILENT and e.span.duration > 0]
    for number, event in enumerate(events, start=1):
        if event.kind == "pause" and "long" not in event.labels:
            continue
        text = event_text(event)[language]
        title = kind_title(event.kind)[language]
        yield Cue(f"{event.kind}-{number}", event.span, f"{title}: {text}" if text else title, settings=_TOP)
