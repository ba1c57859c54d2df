"""Why a search found a video: in its name, its tags, what was found in it, or what is said in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from sightline.library.search_tables import TranscriptRow
from sightline.library.tables import AnalysisRow, FindingRow, VideoRow
from sightline.service.searching import kinds_named, pattern, search_text, words_of
from sightline.service.transcripts import heard

MOST_MATCHES = 5


class Where(StrEnum):
    NAME = "name"
    TAG = "tag"
    EVENT = "event"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Match:
    """One reason."""

    where: Where
    text: str
    """The name, the tag, the kind of event, or what was said around it."""
    kind: str | None = None
    """Of event."""
    analysis_id: str | None = None
    start_s: float | None = None
    """When it first is there."""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A query, read."""

    words: tuple[str, ...]
    """All of them must be found."""
    kinds: tuple[str, ...]
    """Kinds of events it names as a whole."""

    @classmethod
    def at(cls, query: str) -> Looked:
        return cls(words_of(query), kinds_named(query))


def found_by(looked: Looked) -> ColumnElement[bool]:
    """Of a video: all words in its name and tags, or all of them in what is said, or an event of a kind."""
    ways = [and_(*(VideoRow.search_text.like(pattern(word), escape="\\") for word in looked.words))]
    said = and_(*(TranscriptRow.search_text.like(pattern(word), escape="\\") for word in looked.words))
    ways.append(VideoRow.id.in_(select(TranscriptRow.video_id).where(said)))
    if looked.kinds:
        ways.append(
            VideoRow.id.in_(
                select(AnalysisRow.video_id)
                .join(FindingRow, FindingRow.analysis_id == AnalysisRow.id)
                .where(FindingRow.kind.in_(looked.kinds))
            )
        )
    return or_(*ways)


def matches(
    session: Session, looked: Looked, videos: Sequence[VideoRow], tags: Mapping[str, Sequence[str]],
    latest: Mapping[str, Sequence[AnalysisRow]],
) -> Mapping[str, tuple[Match, ...]]:  # fmt: skip
    """By the video's id, at most `MOST_MATCHES` each. ``latest``: analyses whose findings count."""
    if not looked.words:
        return {}
    events, spoken = _events(session, looked, latest), _spoken(session, looked, [video.id for video in videos])
    found = {}
    for video in videos:
        why = []
        if any(word in search_text(video.name, ()) for word in looked.words):
            why.append(Match(Where.NAME, video.name))
        why += [
            Match(Where.TAG, tag)
            for tag in tags.get(video.id, ())
            if any(word in search_text(tag, ()) for word in looked.words)
        ]
        # Of each kind of reason the first before the second of any.
        more = [spoken.get(video.id, []), events.get(video.id, [])]
        why = why[: MOST_MATCHES - sum(1 for each in more if each)]
        why += [match for each in more for match in each[:1]] + [match for each in more for match in each[1:]]
        found[video.id] = tuple(why[:MOST_MATCHES])
    return found


def _events(
    session: Session, looked: Looked, latest: Mapping[str, Sequence[AnalysisRow]]
) -> Mapping[str, Sequence[Match]]:
    if not looked.kinds:
        return {}
    of = {analysis.id: video_id for video_id, analyses in latest.items() for analysis in analyses}
    asked = select(FindingRow).where(FindingRow.analysis_id.in_(of), FindingRow.kind.in_(looked.kinds))
    found: dict[str, list[Match]] = {}
    for row in session.scalars(asked.order_by(FindingRow.first_s)):
        match = Match(Where.EVENT, row.kind, row.kind, row.analysis_id, row.first_s, row.count)
        found.setdefault(of[row.analysis_id], []).append(match)
    return found


def _spoken(session: Session, looked: Looked, videos: Sequence[str]) -> Mapping[str, Sequence[Match]]:
    """Of the latest analysis that heard it."""
    asked = select(TranscriptRow).where(TranscriptRow.video_id.in_(videos))
    for word in looked.words:
        asked = asked.where(TranscriptRow.search_text.like(pattern(word), escape="\\"))
    found: dict[str, list[Match]] = {}
    for row in session.scalars(asked.order_by(TranscriptRow.analysis_id.desc())):
        place = heard(row, looked.words)
        if place is not None and row.video_id not in found:
            match = Match(Where.SPEECH, place.text, None, row.analysis_id, place.start_s, place.count)
            found[row.video_id] = [match]
    return found
