"""Analyses of a workspace: ask for one, list, judge again, stop, remove."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sightline.desks.desk import Assignment, Brief
from sightline.desks.judgement import Judgement
from sightline.errors import Conflict
from sightline.jobs import queue
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, FindingRow, JobRow, VideoRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.analysis import Analysis, judged, still_resting
from sightline.service.asked import asked_to_dict
from sightline.service.bundles import Bundles
from sightline.service.consent import policy_that_needs_consent, refuse_other_purpose, refuse_without
from sightline.service.consents import valid
from sightline.service.older import older_of
from sightline.service.settings import Settings
from sightline.service.templates import QC, Chosen, Templates

_log = logging.getLogger(__name__)
KIND = "analysis"
UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class AnalysisFilter:
    """What a list of analyses is narrowed to; None: not by this."""

    workspace_id: str | None = None
    video_id: str | None = None
    desk: str | None = None
    state: str | None = None
    verdict: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An analysis that somebody wants."""

    video_id: str
    desk: str = QC
    brief: Brief = field(default_factory=Brief)
    priority: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    """Of the analysis to be; asked for again under the same id it is the one that is there."""


class Analyses:
    """``wake`` is called when a job was queued or is to stop; ``freed`` with the id of an analysis whose row is gone,
    so that its files may go."""

    def __init__(
        self,
        database: Database,
        templates: Templates,
        bundles: Bundles,
        settings: Settings,
        wake: Callable[[], None],
        freed: Callable[[str], None],
    ) -> None:
        self._database, self._templates, self._bundles = database, templates, bundles
        self._settings, self._wake, self._freed = settings, wake, freed

    def create(self, actor: Actor, asked: Asked) -> AnalysisRow:
        """Queues an analysis. Raises `NotFound`, `TemplateInvalid`, `RequestInvalid`, `Conflict`, `LimitExceeded`."""
        return self.create_all(actor, [asked])[0]

    def create_all(self, actor: Actor, wanted: Sequence[Asked]) -> Sequence[AnalysisRow]:
        """Queues several analyses, all of them or none. Raises as `create`."""
        with self._database.read(actor) as session:
            at = [one(session, VideoRow, asked.video_id).workspace_id for asked in wanted]
        chosen = []
        for asked, workspace_id in zip(wanted, at, strict=True):
            require(actor, Right.EDIT, workspace_id)
            chosen.append(self._templates.choose(actor, workspace_id, asked.desk, asked.brief))

        def work(session: Session) -> Sequence[AnalysisRow]:
            return [self._created(session, actor, asked, by) for asked, by in zip(wanted, chosen, strict=True)]

        rows = self._database.change(actor, work)
        self._wake()
        return rows

    def _created(self, session: Session, actor: Actor, asked: Asked, chosen: Chosen) -> AnalysisRow:
        there = session.get(AnalysisRow, asked.id) if asked.id is not None else None
        if there is not None:
            return there
        video = one(session, VideoRow, asked.video_id)
        if video.media_removed_at is not None:
            raise Conflict("library.media_removed", id=video.id)
        row = AnalysisRow(
            id=asked.id or new_id(),
            workspace_id=video.workspace_id,
            video_id=video.id,
            desk=asked.desk,
            **asked_to_dict(chosen.brief),
            consent_id=consent_needed(session, video.workspace_id, chosen.by, chosen.brief),
            extra=dict(asked.extra),
            created_by=actor.user_id,
        )
        session.add(row)
        self._enqueue(session, actor, row, video, asked.priority)
        audit.record(
            session, actor, "analysis.created", f"analysis:{row.id}", workspace_id=row.workspace_id, video=video.id,
            desk=row.desk,
        )  # fmt: skip
        audit.changed(session, row.workspace_id, "analysis", row.id, "created")
        return row

    def enqueue(self, session: Session, actor: Actor, row: AnalysisRow, video: VideoRow) -> None:
        """The analysis' job, in somebody else's transaction; `wake` is the caller's to call."""
        session.add(row)
        self._enqueue(session, actor, row, video, 0)
        audit.changed(session, row.workspace_id, "analysis", row.id, "created")

    def list(
        self, actor: Actor, wanted: AnalysisFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[AnalysisRow]:
        require(actor, Right.LIST, wanted.workspace_id)
        statement = select(AnalysisRow)
        for name in ("workspace_id", "video_id", "desk", "state", "verdict"):
            value = getattr(wanted, name)
            if value is not None:
                statement = statement.where(getattr(AnalysisRow, name) == value)
        if wanted.created_from is not None:
            statement = statement.where(AnalysisRow.created_at >= wanted.created_from)
        if wanted.created_before is not None:
            statement = statement.where(AnalysisRow.created_at < wanted.created_before)
        with self._database.read(actor) as session:
            return page(session, statement, Order(AnalysisRow.created_at, AnalysisRow.id), cursor, limit)

    def get(self, actor: Actor, analysis_id: str) -> AnalysisRow:
        with self._database.read(actor) as session:
            row = one(session, AnalysisRow, analysis_id)
        require(actor, Right.VIEW, row.workspace_id)
        return row

    def has_media(self, actor: Actor, row: AnalysisRow) -> bool:
        """Whether its video's file was not removed on purpose, and the pictures of it with it."""
        with self._database.read(actor) as session:
            return one(session, VideoRow, row.video_id).media_removed_at is None

    def job(self, actor: Actor, analysis_id: str) -> JobRow | None:
        """The latest job that makes it."""
        row = self.get(actor, analysis_id)
        with self._database.read(actor) as session:
            return session.scalar(select(JobRow).where(JobRow.subject_id == row.id).order_by(JobRow.id.desc()).limit(1))

    def judge(
        self,
        actor: Actor,
        analysis_id: str,
        template: str | None = None,
        template_source: str | None = None,
        waivers: Sequence[Mapping[str, Any]] | None = None,
        options: Mapping[str, Any] | None = None,
        keep: bool = True,
    ) -> tuple[AnalysisRow, Analysis]:
        """Judges the measurements again, by another template, with other waivers or options; what is None stays as it
        was.

        With ``keep`` the analysis is changed, else the answer is only shown. Raises `Conflict` while it is not done,
        for another policy, or when somebody else judged it meanwhile, `TemplateInvalid`, `NotFound`.
        """
        row = self.get(actor, analysis_id)
        # Whoever is only shown it does not say what must be left out for the person.
        require(actor, Right.EDIT if keep or options is not None else Right.VIEW, row.workspace_id)
        if row.revision == 0:
            raise Conflict("library.not_done", id=analysis_id, state=row.state)
        brief = brief_of(row)
        if template is not None or template_source is not None:
            brief = replace(brief, template=template or row.template, source=template_source)
        if waivers is not None:
            brief = replace(brief, waivers=tuple(waivers))
        if options is not None:
            brief = replace(brief, options=dict(options))
        refuse_other_purpose(row.options, brief.options)
        chosen = self._templates.choose(actor, row.workspace_id, row.desk, brief)
        # By the system: who may only look sees no consents.
        with self._database.read(SYSTEM) as session:
            _rested_on(session, row, chosen)
        made = judged(self._bundles.timeline(analysis_id), chosen.by)
        feedback, before = self._bundles.said_and_judged(analysis_id, row.document)
        said = still_resting(feedback, before, made.judgement)
        made = replace(made, brief=chosen.brief, feedback=said)
        if not keep:
            return row, made
        revision = row.revision + 1
        columns = asked_to_dict(chosen.brief)

        def work(session: Session) -> AnalysisRow:
            now_there = session.get(AnalysisRow, analysis_id, with_for_update=True)
            if now_there is None or now_there.revision != row.revision:
                raise Conflict("library.judged_meanwhile", id=analysis_id)
            for name, value in columns.items():
                setattr(now_there, name, value)
            # It may have been withdrawn meanwhile.
            now_there.consent_id = _rested_on(session, now_there, chosen)
            now_there.revision, now_there.document = revision, document
            note_summary(session, now_there, summary_of(made))
            audit.record(
                session, actor, "analysis.judged", f"analysis:{analysis_id}", workspace_id=row.workspace_id,
                template=chosen.brief.template, verdict=made.verdict, revision=revision,
            )  # fmt: skip
            audit.changed(session, row.workspace_id, "analysis", analysis_id)
            return now_there

        document = self._bundles.put_judgement(analysis_id, revision, made, columns)
        try:
            return self._database.change(actor, work), made
        except BaseException:
            self._bundles.remove_judgement(analysis_id, document)
            raise

    def cancel(self, actor: Actor, analysis_id: str) -> AnalysisRow:
        """Stops its job. Raises `Conflict` when it has ended already."""
        with self._database.write(actor) as session:
            row = one(session, AnalysisRow, analysis_id)
            require(actor, Right.EDIT, row.workspace_id)
            if row.state not in UNFINISHED:
                raise Conflict("library.has_ended", id=analysis_id, state=row.state)
            for job in session.scalars(select(JobRow).where(JobRow.subject_id == row.id, JobRow.state.in_(UNFINISHED))):
                queue.cancel(session, job.id)
                if job.state == "cancelled":
                    row.state, row.finished_at = "cancelled", now()
            audit.record(session, actor, "analysis.cancelled", f"analysis:{row.id}", workspace_id=row.workspace_id)
            audit.changed(session, row.workspace_id, "analysis", row.id)
        self._wake()
        return row

    def remove(self, actor: Actor, analysis_id: str) -> None:
        """The analysis and its bundle; a job that makes it is stopped."""
        with self._database.write(actor) as session:
            row = one(session, AnalysisRow, analysis_id)
            require(actor, Right.EDIT, row.workspace_id)
            for job in session.scalars(select(JobRow).where(JobRow.subject_id == row.id, JobRow.state.in_(UNFINISHED))):
                queue.cancel(session, job.id)
            audit.record(session, actor, "analysis.removed", f"analysis:{row.id}", workspace_id=row.workspace_id)
            audit.changed(session, row.workspace_id, "analysis", row.id, "removed")
            session.delete(row)
        self._wake()
        self._freed(analysis_id)

    def _enqueue(self, session: Session, actor: Actor, row: AnalysisRow, video: VideoRow, priority: int) -> None:
        session.flush()
        queue.enqueue(
            session,
            kind=KIND,
            workspace_id=row.workspace_id,
            created_by=actor.user_id,
            subject_id=row.id,
            same=f"{video.sha256}:{row.desk}",
            priority=priority,
            timeout_s=self._settings.job_timeout_s,
            most_attempts=self._settings.job_attempts,
            most_queued=self._settings.max_queued_per_user,
        )


def summary_of(analysis: Analysis) -> dict[str, Any]:
    """What rows keep of an analysis, as plain JSON: verdict, checks by state, scores, findings by
    kind."""
    found: dict[str, list[Any]] = {}
    for event in analysis.timeline.events:
        entry = found.setdefault(event.kind, [0, round(float(event.span.start), 3)])
        entry[0] += 1
    return conclusion_of(analysis.judgement) | {"findings": found}


def conclusion_of(judgement: Judgement) -> dict[str, Any]:
    """What rows keep of a judgement."""
    kept = {
        "verdict": None if judgement.verdict is None else str(judgement.verdict),
        "checks": dict(Counter(str(check.state) for check in judgement.checks)),
        "not_evaluated": judgement.not_evaluated,
        "template_sha256": judgement.template_sha256,
    }
    if not judgement.metrics:
        return kept
    scores = [
        {
            "id": score.id,
            "standing": str(score.standing),
            "value": score.value,
            "most": score.most,
            "band": score.band,
            "coverage": score.coverage,
        }
        for score in judgement.scores
        if score.part is None
    ]
    return kept | {"scores": scores, "older": older_of(judgement)}


def note_summary(session: Session, row: AnalysisRow, summary: Mapping[str, Any]) -> None:
    """Writes a summary into the rows that lists and searches read."""
    row.verdict = summary["verdict"]
    row.summary = {name: value for name, value in summary.items() if name != "findings"} | {
        "findings": {kind: count for kind, (count, _) in summary["findings"].items()}
    }
    session.execute(delete(FindingRow).where(FindingRow.analysis_id == row.id))
    for kind, (count, first_s) in summary["findings"].items():
        session.add(
            FindingRow(workspace_id=row.workspace_id, analysis_id=row.id, kind=kind, count=count, first_s=first_s)
        )


def consent_needed(session: Session, workspace_id: str, by: Assignment, brief: Brief) -> str | None:
    """The consent an analysis rests on; None where none is needed or named. Raises `RequestInvalid` for a policy that
    needs one, and for one that does not hold."""
    named = brief.options.get("consent")
    consent = valid(session, workspace_id, str(named)) if named else None
    refuse_without(policy_that_needs_consent(by, brief.options), consent)
    return str(named) if consent is not None else None


def _rested_on(session: Session, row: AnalysisRow, chosen: Chosen) -> str | None:
    """As `consent_needed`, for another judgement: the consent it was measured with must hold as well."""
    if row.consent_id is not None:
        valid(session, row.workspace_id, row.consent_id)
    return consent_needed(session, row.workspace_id, chosen.by, chosen.brief)


def brief_of(row: AnalysisRow) -> Brief:
    """What was asked of the desk."""
    return Brief(row.template, row.template_source, tuple(row.waivers), options=dict(row.options))
