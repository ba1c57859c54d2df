"""Analyses of a workspace: ask for one, list, judge again, stop, remove."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sightline.desks.qc.waivers import WaiverEntry, waivers_from
from sightline.errors import Conflict, InputError, RequestInvalid, SightlineError
from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, FindingRow, JobRow, VideoRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.analysis import DEFAULT_TEMPLATE, DESKS, Analysis, judged
from sightline.service.bundles import Bundles
from sightline.service.settings import Settings
from sightline.service.templates import Templates, resolved

_log = logging.getLogger(__name__)
KIND = "analysis"
UNFINISHED = ("queued", "running")
MOST_WAIVERS = 1000


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
    desk: str = "qc"
    template: str = DEFAULT_TEMPLATE
    template_source: str | None = None
    waivers: Sequence[Mapping[str, Any]] = ()
    priority: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    """Of the analysis to be; asked for again under the same id it is the one that is there."""


class Analyses:
    """``wake`` is called when a job was queued or is to stop."""

    def __init__(
        self,
        database: Database,
        templates: Templates,
        bundles: Bundles,
        settings: Settings,
        wake: Callable[[], None],
    ) -> None:
        self._database, self._templates, self._bundles = database, templates, bundles
        self._settings, self._wake = settings, wake

    def create(self, actor: Actor, asked: Asked) -> AnalysisRow:
        """Queues an analysis. Raises `NotFound`, `TemplateInvalid`, `RequestInvalid`, `LimitExceeded`."""
        if asked.desk not in DESKS:
            raise InputError("service.no_desk", desk=asked.desk, known=", ".join(DESKS))
        with self._database.read(actor) as session:
            workspace_id = one(session, VideoRow, asked.video_id).workspace_id
        require(actor, Right.EDIT, workspace_id)
        chosen = self._templates.choose(actor, workspace_id, asked.template, asked.template_source)
        _waivers(asked.waivers)

        def work(session: Session) -> AnalysisRow:
            there = session.get(AnalysisRow, asked.id) if asked.id is not None else None
            if there is not None:
                return there
            video = one(session, VideoRow, asked.video_id)
            row = AnalysisRow(
                id=asked.id or new_id(),
                workspace_id=workspace_id,
                video_id=video.id,
                desk=asked.desk,
                template=asked.template,
                template_source=chosen.source,
                waivers=list(asked.waivers),
                extra=dict(asked.extra),
                created_by=actor.user_id,
            )
            session.add(row)
            self._enqueue(session, actor, row, video, asked.priority)
            audit.record(
                session, actor, "analysis.created", f"analysis:{row.id}", workspace_id=workspace_id, video=video.id
            )
            audit.changed(session, workspace_id, "analysis", row.id, "created")
            return row

        row = self._database.change(actor, work)
        self._wake()
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
        keep: bool = True,
    ) -> tuple[AnalysisRow, Analysis]:
        """Judges the measurements again, by another template or with other waivers; what is None stays as it was.

        With ``keep`` the analysis is changed, else the answer is only shown. Raises `Conflict` while it is not done
        or when somebody else judged it meanwhile, `TemplateInvalid`, `NotFound`.
        """
        row = self.get(actor, analysis_id)
        require(actor, Right.EDIT if keep else Right.VIEW, row.workspace_id)
        if row.revision == 0:
            raise Conflict("library.not_done", id=analysis_id, state=row.state)
        name, source = row.template, row.template_source
        if template is not None or template_source is not None:
            name = template or row.template
            source = self._templates.choose(actor, row.workspace_id, name, template_source).source
        rows = list(row.waivers) if waivers is None else list(waivers)
        made = judged(self._bundles.timeline(analysis_id), resolved(name, source), _waivers(rows))
        if not keep:
            return row, made
        revision = row.revision + 1
        card = {"template": name, "template_source": source, "waivers": rows}

        def work(session: Session) -> AnalysisRow:
            now_there = session.get(AnalysisRow, analysis_id, with_for_update=True)
            if now_there is None or now_there.revision != row.revision:
                raise Conflict("library.judged_meanwhile", id=analysis_id)
            now_there.template, now_there.template_source, now_there.waivers = name, source, rows
            now_there.revision, now_there.document = revision, document
            note_summary(session, now_there, summary_of(made))
            audit.record(
                session, actor, "analysis.judged", f"analysis:{analysis_id}", workspace_id=row.workspace_id,
                template=name, verdict=made.verdict, revision=revision,
            )  # fmt: skip
            audit.changed(session, row.workspace_id, "analysis", analysis_id)
            return now_there

        document = self._bundles.put_judgement(analysis_id, revision, made, card)
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
        try:
            self._bundles.remove(analysis_id)
        except SightlineError as error:
            _log.warning("the bundle of a removed analysis stays until the next clean-up: %s", error)

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
    """What rows keep of an analysis, as plain JSON: verdict, checks by state, findings by kind."""
    found: dict[str, list[Any]] = {}
    for event in analysis.timeline.events:
        entry = found.setdefault(event.kind, [0, round(float(event.span.start), 3)])
        entry[0] += 1
    return {
        "verdict": analysis.verdict,
        "checks": dict(Counter(str(check.state) for check in analysis.judgement.checks)),
        "not_evaluated": analysis.judgement.not_evaluated,
        "template_sha256": analysis.judgement.template_sha256,
        "findings": found,
    }


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


def _waivers(rows: Sequence[Mapping[str, Any]]) -> Sequence[WaiverEntry]:
    if len(rows) > MOST_WAIVERS:
        raise RequestInvalid("library.too_many_waivers", most=MOST_WAIVERS)
    return waivers_from({"waivers": [dict(row) for row in rows]})
