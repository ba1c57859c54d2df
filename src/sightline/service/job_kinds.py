"""What each kind of job gets to work on, and what becomes of its result: between rows and `sightline.service.work`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from sightline.errors import NotFound
from sightline.jobs.machine import Job, State
from sightline.jobs.work import Done, Outcome, Work
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.tables import AnalysisRow, UploadRow, UserRow, VideoRow
from sightline.service import audit
from sightline.service.analyses import Analyses, brief_of, consent_needed, note_summary
from sightline.service.consents import reference, valid
from sightline.service.job_control import follow
from sightline.service.operations.metrics import Metrics
from sightline.service.previews import KIND as PREVIEW
from sightline.service.settings import Settings
from sightline.service.templates import QC, understood
from sightline.service.transcripts import KEY as TRANSCRIPT
from sightline.service.transcripts import note_transcript
from sightline.service.work import analysis_payload, settings_to_plain

ANALYSIS, FETCH = "analysis", "fetch"


class JobKinds:
    """``settings`` gives those that hold when a job begins."""

    def __init__(
        self, database: Database, settings: Callable[[], Settings], analyses: Analyses, metrics: Metrics
    ) -> None:
        self._database, self._settings_now, self._analyses, self._metrics = database, settings, analyses, metrics

    @property
    def _settings(self) -> Settings:
        return self._settings_now()

    def work(self) -> Mapping[str, Work]:
        return {
            ANALYSIS: Work("sightline.service.work:analyze", self._analysis, self._analysed, self._moved),
            FETCH: Work("sightline.service.work:fetch", self._fetch, self._fetched, self._moved),
            PREVIEW: Work("sightline.service.work:make_preview", self._preview, self._previewed, self._moved),
        }

    def _analysis(self, job: Job) -> Mapping[str, Any]:
        with self._database.read(SYSTEM) as session:
            row = one(session, AnalysisRow, job.subject_id)
            kept: dict[str, Any] = {}
            brief = brief_of(row)
            # It may have been withdrawn while the job waited.
            consent_id = consent_needed(session, row.workspace_id, understood(row.desk, brief), brief)
            if consent_id is not None:
                kept["consent"] = reference(consent_id, valid(session, row.workspace_id, consent_id))
            return analysis_payload(self._settings, row, one(session, VideoRow, row.video_id), kept)

    def _analysed(self, session: Session, job: Job, outcome: Outcome) -> None:
        self._count(job, outcome)
        row = session.get(AnalysisRow, job.subject_id)
        follow(session, job)
        if row is None or not isinstance(outcome, Done):
            return
        row.revision, row.document, row.error = 1, "", None
        note_summary(session, row, {name: told for name, told in outcome.result.items() if name != TRANSCRIPT})
        note_transcript(session, row, outcome.result[TRANSCRIPT])
        audit.record(
            session, SYSTEM, "analysis.done", f"analysis:{row.id}", workspace_id=row.workspace_id,
            verdict=row.verdict, decodes=outcome.result["decodes"], seconds=outcome.result["seconds"],
            feedback=outcome.result["feedback"], cost_usd=outcome.result["cost_usd"],
        )  # fmt: skip

    def _fetch(self, job: Job) -> Mapping[str, Any]:
        with self._database.read(SYSTEM) as session:
            user = session.get(UserRow, job.created_by) if job.created_by is not None else None
            return {
                **job.payload,
                "settings": settings_to_plain(self._settings),
                "workspace_id": job.workspace_id,
                "user_id": job.created_by,
                "user": "system" if user is None else user.email,
            }

    def _fetched(self, session: Session, job: Job, outcome: Outcome) -> None:
        self._count(job, outcome)
        follow(session, job)
        upload = session.get(UploadRow, job.subject_id)
        if not isinstance(outcome, Done):
            return
        video = session.get(VideoRow, outcome.result["video_id"])
        if video is None:
            return
        if upload is not None:
            upload.video_id = video.id
        asked = job.payload.get("analysis")
        if asked is None and job.payload.get("template") is not None:
            # Queued by a version that knew one desk.
            asked = {"desk": QC} | {name: job.payload[name] for name in ("template", "template_source")}
        if asked is None:
            return
        row = AnalysisRow(
            id=new_id(),
            workspace_id=video.workspace_id,
            video_id=video.id,
            **asked,
            extra={**job.payload["extra"], "upload_id": job.subject_id},
            created_by=job.created_by,
        )
        actor = Actor(job.created_by, "", {video.workspace_id: Role.EDITOR})
        self._analyses.enqueue(session, actor, row, video)

    def _preview(self, job: Job) -> Mapping[str, Any]:
        with self._database.read(SYSTEM) as session:
            row = one(session, VideoRow, job.subject_id)
            if row.media_removed_at is not None:
                raise NotFound("library.not_found", what="media", id=row.id)
            return {
                "settings": settings_to_plain(self._settings), "video_id": row.id, "sha256": row.sha256,
                "name": row.name, "facts": row.facts,
            }  # fmt: skip

    def _previewed(self, session: Session, job: Job, outcome: Outcome) -> None:
        self._count(job, outcome)
        follow(session, job)

    def _moved(self, session: Session, job: Job) -> None:
        """The job began to run, or was queued again."""
        follow(session, job)
        if job.state is State.RUNNING:
            audit.changed(session, job.workspace_id, "job", job.id)
            if job.started_at is not None:
                self._metrics.job_began((job.started_at - job.due_at).total_seconds())

    def _count(self, job: Job, outcome: Outcome) -> None:
        if job.started_at is None:
            return
        result = outcome.result if isinstance(outcome, Done) else {}
        seconds = (now() - job.started_at).total_seconds()
        self._metrics.job_ended(job.kind, job.state.value, seconds, result.get("media_s", 0))
