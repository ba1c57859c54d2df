"""What an analysis found and measured: events, signals, pictures, reports. Reading only."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from html import escape
from typing import Any

from sightline.errors import Conflict, NotFound, RequestInvalid
from sightline.library.actor import Actor
from sightline.library.cache import ResultCache
from sightline.library.tables import AnalysisRow
from sightline.report.report import formats, renderer
from sightline.report.thumbs import THUMBS_METER, Thumbs
from sightline.service.analyses import Analyses
from sightline.service.bundles import Bundles
from sightline.service.reviewing import Reviews
from sightline.text import Language
from sightline.timeline.timeline import Timeline

MOST_EVENTS = 1000
KEPT_S = 24 * 3600
MEDIA_MARK = "the-media-of-this-report"
"""Stands in kept pages where the video's address goes."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report."""

    content: bytes
    suffix: str


class Evidence:
    def __init__(self, analyses: Analyses, bundles: Bundles, cache: ResultCache, reviews: Reviews) -> None:
        self._analyses, self._bundles, self._cache, self._reviews = analyses, bundles, cache, reviews

    def conclusion(self, actor: Actor, analysis_id: str) -> Mapping[str, Any]:
        """``judgement`` and ``claims`` as plain JSON. Raises `Conflict` while there is no judgement."""
        row = self.done(actor, analysis_id)

        def make() -> bytes:
            judged = self._bundles.judged(row.id, row.document)
            return dump({name: judged[name] for name in ("judgement", "claims")})

        found: Mapping[str, Any] = json.loads(self.kept(row, ("conclusion",), make))
        return found

    def events(
        self,
        actor: Actor,
        analysis_id: str,
        kinds: Sequence[str] = (),
        start_s: float | None = None,
        end_s: float | None = None,
        offset: int = 0,
        limit: int = MOST_EVENTS,
    ) -> tuple[Sequence[Mapping[str, Any]], int]:
        """Events of these kinds that touch ``[start_s, end_s)``, in order of time, and how many there are in all."""
        row = self.done(actor, analysis_id)
        wanted = [
            event
            for event in self.found(row)
            if (not kinds or event["kind"] in kinds)
            and (start_s is None or event["end_s"] > start_s or event["start_s"] >= start_s)
            and (end_s is None or event["start_s"] < end_s)
        ]
        return wanted[offset : offset + max(1, min(MOST_EVENTS, limit))], len(wanted)

    def picture(self, actor: Actor, analysis_id: str, at_s: float) -> bytes:
        """The kept JPEG nearest to a moment. Raises `NotFound` where no pictures were kept."""
        row = self.pictured(actor, analysis_id)
        if not math.isfinite(at_s):
            raise RequestInvalid("library.bad_moment")

        def make() -> bytes:
            thumb = self._thumbs(row.id).nearest(Fraction(at_s).limit_denominator(1000))
            if thumb is None:
                raise NotFound("library.not_found", what="picture", id=row.id)
            return thumb.jpeg

        return self._cache.get_or_make(("picture", row.id, measured(row), f"{at_s:.3f}"), make, KEPT_S)

    def report(
        self,
        actor: Actor,
        analysis_id: str,
        to: str,
        language: Language,
        media_link: Callable[[str], str] | None = None,
    ) -> Rendered:
        """The report in one of the formats. ``media_link``: gives the address a page finds a video by, relative to
        itself, for the video's id. Raises `NotFound` for a format there is not, `ReportImpossible`.
        """
        row = self.done(actor, analysis_id)
        if to not in formats():
            raise NotFound("library.no_format", format=to, known=", ".join(formats()))

        # Only pages about a person play the video; a link counts as looking at it.
        plays = to == "html" and "scores" in row.summary
        link = media_link(row.video_id) if media_link is not None and plays else ""

        def make() -> bytes:
            analysis = self._bundles.analysis(row.id, row.document)
            return analysis.report(to, language=language, media_href=MEDIA_MARK if link else None, review=review)

        # Reports show pictures; made anew they show those that are left.
        shows = "" if self._analyses.has_media(actor, row) else "without pictures"
        review = self._reviews.get(actor, row.id) if row.summary.get("scores") else None
        reviewed = "" if review is None or not review.steps else str(len(review.steps))
        made = self.kept(row, ("report", to, language, reviewed, "with video" if link else "", shows), make)
        # Links end after a while, reports are kept.
        made = made.replace(MEDIA_MARK.encode(), escape(link).encode()) if link else made
        return Rendered(made, renderer(to).suffix)

    def found(self, row: AnalysisRow) -> Sequence[Mapping[str, Any]]:
        """Every event of an analysis that is done, in order of time."""
        made = self.kept(row, ("events",), lambda: dump(self._bundles.judged(row.id, row.document)["events"]))
        events: Sequence[Mapping[str, Any]] = json.loads(made)
        return events

    def done(self, actor: Actor, analysis_id: str) -> AnalysisRow:
        """An analysis somebody may look at. Raises `NotFound`, `Conflict` while there is nothing to see."""
        row = self._analyses.get(actor, analysis_id)
        if row.revision == 0:
            raise Conflict("library.not_done", id=analysis_id, state=row.state)
        return row

    def pictured(self, actor: Actor, analysis_id: str) -> AnalysisRow:
        """As `done`; raises `NotFound` as well once the video's file was removed: another process may keep pictures."""
        row = self.done(actor, analysis_id)
        if not self._analyses.has_media(actor, row):
            raise NotFound("library.not_found", what="picture", id=analysis_id)
        return row

    def kept(self, row: AnalysisRow, what: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """Of this judgement: another judgement has another name."""
        key = ("analysis", row.id, measured(row), str(row.revision), row.document, *what)
        return self._cache.get_or_make(key, make, KEPT_S)

    def _thumbs(self, analysis_id: str) -> Thumbs:
        columns = self._bundles.columns(analysis_id, THUMBS_METER)
        whole: Timeline = self._bundles.timeline(analysis_id)
        return Thumbs(replace(whole, columns={THUMBS_METER: columns}))


def measured(row: AnalysisRow) -> str:
    """Names one making of the measurements."""
    return "" if row.finished_at is None else row.finished_at.isoformat()


def dump(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
