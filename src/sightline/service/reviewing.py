"""Reviews of analyses: a person looks at the machine's scores, puts them right, or disputes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from sightline.desks.judgement import Score
from sightline.desks.review import (
    Action,
    Override,
    Review,
    ReviewState,
    Step,
    review_from_dict,
    review_to_dict,
    stepped,
)
from sightline.errors import Conflict, RequestInvalid
from sightline.library.actor import SYSTEM, Actor
from sightline.library.assessment_tables import ReviewRow
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.tables import AnalysisRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.bundles import Bundles
from sightline.service.review_list import ReviewPage, reviews_of

LONGEST_REASON = 5000


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody does about an analysis' scores."""

    action: Action
    text: str = ""
    """A note, or the reason."""
    score: str | None = None
    part: str | None = None
    value: float | None = None


class Reviews:
    def __init__(self, database: Database, bundles: Bundles) -> None:
        self._database, self._bundles = database, bundles

    def get(self, actor: Actor, analysis_id: str) -> Review:
        """Where it stands; open before anybody did anything."""
        with self._database.read(actor) as session:
            analysis = one(session, AnalysisRow, analysis_id)
        require(actor, Right.VIEW, analysis.workspace_id)
        # By the system: who has a share link sees its analysis, and its review with it.
        with self._database.read(SYSTEM) as session:
            return review_of(session, analysis_id)

    def list(
        self, actor: Actor, workspace_id: str, state: ReviewState, cursor: str | None = None, limit: int = 50
    ) -> ReviewPage:
        """Analyses of a workspace whose review stands so, the newest first, and how many there are in every state."""
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            return reviews_of(session, workspace_id, state, cursor, limit)

    def step(self, actor: Actor, analysis_id: str, told: Told) -> Review:
        """Does what is told. To contest takes no more than being allowed to look: who is shown a score may dispute it.

        Raises `Conflict` where it cannot follow or there is nothing to review, `RequestInvalid`.
        """
        with self._database.read(actor) as session:
            analysis = one(session, AnalysisRow, analysis_id)
        require(actor, Right.CONTEST if told.action is Action.CONTEST else Right.REVIEW, analysis.workspace_id)
        if analysis.revision == 0:
            raise Conflict("library.not_done", id=analysis_id, state=analysis.state)
        text = told.text.strip()[:LONGEST_REASON]
        if told.action is not Action.REVIEW and not text:
            raise RequestInvalid("consent.needs_reason")
        scores = self._bundles.scores(analysis_id, analysis.document)
        if not scores:
            raise Conflict("consent.nothing_to_review")
        at = now().isoformat(timespec="seconds")
        override = _override(told, text, scores, actor.name, at, analysis.revision)

        def work(session: Session) -> Review:
            # Locked first, so that two who act at once follow each other.
            there = session.get_one(AnalysisRow, analysis_id, with_for_update=True)
            if override is not None and there.revision != analysis.revision:
                raise Conflict("library.judged_meanwhile", id=analysis_id)
            after = stepped(review_of(session, analysis_id), Step(told.action, actor.name, at, text), override)
            row = session.get(ReviewRow, analysis_id) or ReviewRow(
                analysis_id=analysis_id, workspace_id=analysis.workspace_id
            )
            plain = review_to_dict(after)
            row.state, row.overrides, row.steps = plain["state"], plain["overrides"], plain["steps"]
            row.updated_at = now()
            session.add(row)
            audit.record(
                session, actor, f"review.{_PAST[told.action]}", f"analysis:{analysis_id}",
                workspace_id=analysis.workspace_id, score=told.score, value=told.value,
            )  # fmt: skip
            audit.changed(session, analysis.workspace_id, "review", analysis_id)
            return after

        return self._database.change(SYSTEM, work)


_PAST = {
    Action.REVIEW: "reviewed", Action.OVERRIDE: "overridden", Action.CONTEST: "contested", Action.RESOLVE: "resolved",
}  # fmt: skip


def review_of(session: Session, analysis_id: str) -> Review:
    row = session.get(ReviewRow, analysis_id)
    if row is None:
        return Review()
    return review_from_dict({"state": row.state, "overrides": row.overrides, "steps": row.steps})


def _override(told: Told, reason: str, scores: Sequence[Score], who: str, at: str, revision: int) -> Override | None:
    if told.score is None and told.value is None and told.action is not Action.OVERRIDE:
        return None
    if told.score is None or told.value is None or told.action not in (Action.OVERRIDE, Action.RESOLVE):
        raise RequestInvalid("consent.needs_score")
    found = next((one for one in scores if (one.id, one.part) == (told.score, told.part)), None)
    if found is None:
        raise RequestInvalid("consent.no_score", score=told.score, part=told.part or "–")
    if not 0 <= told.value <= found.most:
        raise RequestInvalid("consent.bad_score", score=told.score, most=found.most)
    return Override(told.score, told.part, told.value, reason, who, at, found.value, revision)
