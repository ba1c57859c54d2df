"""What was said, kept so that it can be searched: filled when an analysis is done, and made again from its bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from sightline.library.blobs import Blobs
from sightline.library.search_tables import TranscriptRow
from sightline.library.tables import AnalysisRow
from sightline.service.searching import normalised
from sightline.timeline.parquet import read_columns
from sightline.timeline.timeline import Timeline
from sightline.timeline.words import METER, Word, words_in, words_of

KEY = "transcript"
"""Of what an analysis' job gives."""
SNIPPET_CHARACTERS = 120
_BEFORE_HIT = 40
_WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})
"""Languages that write no spaces: what is looked for may run over what a recogniser takes for words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The first place where something was said."""

    text: str
    """At most `SNIPPET_CHARACTERS` around it, as it was spelt."""
    start_s: float
    count: int
    """How often it was said."""


def transcript_of(timeline: Timeline) -> dict[str, Any] | None:
    """As jobs hand it on, plain JSON: ``language``, ``words``, ``starts_s``; None where nothing was heard."""
    return _plain(words_of(timeline))


def transcript_in(blobs: Blobs, prefix: str) -> dict[str, Any] | None:
    """As `transcript_of`, from the bundle under ``prefix`` in the store. Raises `ValueError` for a damaged one, and
    what the store raises."""
    names = sorted(found.name for found in blobs.list(f"{prefix}/signals"))
    for name in names:
        meter = name.rpartition("/")[2].removesuffix(".parquet")
        if meter == METER or meter.startswith(f"{METER}@"):
            with tempfile.TemporaryDirectory(prefix="sightline-words-") as folder:
                path = Path(folder) / "words.parquet"
                path.write_bytes(blobs.read_bytes(name))
                plain = _plain(words_in(read_columns(path)))
            if plain is not None:
                return plain
    return None


def note_transcript(session: Session, row: AnalysisRow, plain: Mapping[str, Any] | None) -> None:
    """Writes what was heard into the row that searches read, in place of what stands there."""
    session.execute(delete(TranscriptRow).where(TranscriptRow.analysis_id == row.id))
    if plain is None:
        return
    words, gap = plain["words"], "" if plain["language"] in _WITHOUT_SPACES else " "
    session.add(
        TranscriptRow(
            analysis_id=row.id,
            workspace_id=row.workspace_id,
            video_id=row.video_id,
            language=plain["language"],
            search_text=gap.join(map(_one, words)),
            text=" ".join(words),
            starts_s=plain["starts_s"],
        )
    )


def heard(row: TranscriptRow, wanted: Sequence[str]) -> Heard | None:
    """Where these words were said, all of them together or else the first of them that was said; None where none was.

    ``wanted``: normalised.
    """
    for phrase in (" ".join(wanted), "".join(wanted), *wanted):
        at = row.search_text.find(phrase)
        if at >= 0:
            words = row.text.split(" ")
            number = min(_word_at(row, words, at), len(words) - 1)
            return Heard(_snippet(words, number), float(row.starts_s[number]), row.search_text.count(phrase))
    return None


def _word_at(row: TranscriptRow, words: Sequence[str], at: int) -> int:
    """The number of the word in which a place of ``search_text`` lies."""
    if row.language not in _WITHOUT_SPACES:
        return row.search_text.count(" ", 0, at)
    passed = 0
    for number, word in enumerate(words):
        passed += len(_one(word))
        if passed > at:
            return number
    return len(words) - 1


def _snippet(words: Sequence[str], number: int) -> str:
    """Words around one, which stands after some that lead to it."""
    first, length = number, 0
    while first > 0 and length + len(words[first - 1]) < _BEFORE_HIT:
        first -= 1
        length += len(words[first]) + 1
    # The signs of cut words at both ends.
    front = "… " if first else ""
    room, last, shown = SNIPPET_CHARACTERS - len(front) - 2, first, 0
    while last < len(words) and shown + len(words[last]) <= room:
        shown += len(words[last]) + 1
        last += 1
    text = " ".join(words[first : max(last, first + 1)])[:room]
    return f"{front}{text}{' …' if last < len(words) else ''}"


def _plain(words: Sequence[Word]) -> dict[str, Any] | None:
    spelt = [("".join(word.text.split()), word) for word in words]
    kept = [(text, word) for text, word in spelt if _one(text)]
    if not kept:
        return None
    languages = [word.language for _, word in kept]
    return {
        "language": max(sorted(set(languages)), key=languages.count),
        "words": [text for text, _ in kept],
        "starts_s": [round(float(word.span.start), 2) for _, word in kept],
    }


def _one(word: str) -> str:
    """A word as it is searched: normalising may put spaces into it."""
    return "".join(normalised(word).split())
