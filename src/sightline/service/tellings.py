"""What an analysis found, in the order a viewer follows it: shots, and words with who says them. Reading only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sightline.errors import NotFound
from sightline.library.actor import Actor
from sightline.library.tables import AnalysisRow
from sightline.service.bundles import Bundles, withheld_from
from sightline.service.evidence import Evidence
from sightline.text import Message
from sightline.timeline.columns import Columns
from sightline.timeline.words import METER as WORDS
from sightline.timeline.words import words_in

SHOTS = "shots"
END = "end"
"""What the last shot ends with."""


@dataclass(frozen=True, slots=True)
class Shot:
    start_s: float
    end_s: float
    start: str
    """Exact seconds, ``n/d``."""
    end: str
    start_frame: int | None
    end_frame: int | None
    ends_with: str
    """``cut``, ``dissolve``, ``fade``, ``wipe``, or ``end``."""


@dataclass(frozen=True, slots=True)
class Shots:
    items: tuple[Shot, ...]
    reason: Message | None
    """Why they were not measured."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word."""

    text: str
    start_s: float
    end_s: float
    speaker: str | None
    """``0`` is the main person; None where nobody is known to speak."""
    probability: float | None
    is_filler: bool


@dataclass(frozen=True, slots=True)
class Speech:
    language: str | None
    """ISO 639-1."""
    items: tuple[Said, ...]
    reason: Message | None
    """Why nothing was listened to."""


class Tellings:
    def __init__(self, evidence: Evidence, bundles: Bundles) -> None:
        self._evidence, self._bundles = evidence, bundles

    def shots(self, actor: Actor, analysis_id: str) -> Shots:
        """In order of time; what lies between two of them is a transition that takes time."""
        row = self._evidence.done(actor, analysis_id)
        found = [event for event in self._evidence.found(row) if event["kind"] == "shot"]
        if not found and self._columns(row, SHOTS) is None:
            return Shots((), self._why_not(row, SHOTS))
        return Shots(tuple(map(_shot, found)), None)

    def speech(self, actor: Actor, analysis_id: str) -> Speech:
        """The words of the first sound in which some were heard."""
        row = self._evidence.done(actor, analysis_id)
        listened = [columns for meter in self._streams(row) if (columns := self._columns(row, meter)) is not None]
        if not listened:
            return Speech(None, (), self._why_not(row, WORDS))
        columns = next((each for each in listened if len(each)), listened[0])
        events = self._evidence.found(row)
        turns = _Stretches([event for event in events if event["kind"] == "speaker_turn"])
        fillers = _Stretches([event for event in events if event["kind"] == "filler"])
        items = []
        for word in words_in(columns):
            start_s, end_s = word.span.seconds
            turn, filler = (stretches.at((start_s + end_s) / 2) for stretches in (turns, fillers))
            speaker = None if turn is None else turn["evidence"].get("speaker")
            items.append(
                Said(
                    word.text, start_s, end_s, None if speaker is None else str(speaker),
                    round(word.probability, 4), filler is not None and filler["evidence"].get("by") == "word",
                )
            )  # fmt: skip
        return Speech(str(columns.notes.get("language") or "") or None, tuple(items), None)

    def _streams(self, row: AnalysisRow) -> Sequence[str]:
        """Meters that heard words, one for each sound of the media."""
        if WORDS in withheld_from(row.desk, row.options):
            return ()
        return sorted(path.stem for path in (self._bundles.folder(row.id) / "signals").glob(f"{WORDS}*.parquet")
                      if path.stem == WORDS or path.stem.startswith(f"{WORDS}@"))  # fmt: skip

    def _columns(self, row: AnalysisRow, meter: str) -> Columns | None:
        try:
            return self._bundles.columns(row.id, meter)
        except NotFound:
            return None

    def _why_not(self, row: AnalysisRow, meter: str) -> Message:
        return self._bundles.why_not(row.id, meter) or Message.of("library.not_measured", desk=row.desk)


class _Stretches:
    """Events of a kind by the moment they lie at; they do not overlap."""

    def __init__(self, events: Sequence[Mapping[str, Any]]) -> None:
        self._events = sorted(events, key=lambda event: (event["start_s"], event["end_s"]))
        self._starts = [event["start_s"] for event in self._events]

    def at(self, moment_s: float) -> Mapping[str, Any] | None:
        place = bisect_right(self._starts, moment_s)
        return self._events[place - 1] if place and moment_s < self._events[place - 1]["end_s"] else None


def _shot(event: Mapping[str, Any]) -> Shot:
    ends_with = str(event["evidence"].get("ends_with"))
    return Shot(
        event["start_s"], event["end_s"], event["start"], event["end"], event["start_frame"], event["end_frame"],
        ends_with if ends_with in ("cut", "dissolve", "fade", "wipe") else END,
    )  # fmt: skip
