"""Consents of a workspace: record, look up, withdraw, and whether an analysis may rest on one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sightline.errors import Conflict, RequestInvalid
from sightline.jobs import queue
from sightline.library.actor import Actor
from sightline.library.assessment_tables import ConsentRow
from sightline.library.columns import new_id, now
from sightline.library.database import Database, one
from sightline.library.paging import Order, Page, page
from sightline.library.tables import AnalysisRow, JobRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.consent import Consent, ConsentGiven, consent_of, contact_hash
from sightline.service.erasure_rows import UNFINISHED, forget_answers_with
from sightline.service.job_control import follow


class Consents:
    """``wake`` is called when a job is to stop."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database, self._wake = database, wake

    def record(self, actor: Actor, workspace_id: str, given: ConsentGiven, made_id: str | None = None) -> ConsentRow:
        """Keeps a record; it cannot be changed afterwards. Raises `RequestInvalid`."""
        require(actor, Right.EDIT, workspace_id)
        consent = consent_of(given, now())

        def work(session: Session) -> ConsentRow:
            there = session.get(ConsentRow, made_id) if made_id is not None else None
            if there is not None:
                return there
            row = ConsentRow(
                id=made_id or new_id(),
                workspace_id=workspace_id,
                subject=consent.subject,
                contact_hash=consent.contact_hash,
                purpose=consent.purpose,
                policy=consent.policy,
                text=consent.text,
                text_sha256=consent.text_sha256,
                language=consent.language,
                given_at=consent.given_at,
                recorded_by=actor.user_id,
            )
            session.add(row)
            session.flush()
            audit.record(
                session, actor, "consent.recorded", f"consent:{row.id}", workspace_id=workspace_id,
                policy=row.policy, text_sha256=row.text_sha256,
            )  # fmt: skip
            audit.changed(session, workspace_id, "consent", row.id, "created")
            return row

        return self._database.change(actor, work)

    def list(
        self, actor: Actor, workspace_id: str | None, contact: str | None, cursor: str | None, limit: int
    ) -> Page[ConsentRow]:
        """The newest first; with ``contact`` those of one person."""
        require(actor, Right.EDIT, workspace_id)
        statement = select(ConsentRow)
        if workspace_id is not None:
            statement = statement.where(ConsentRow.workspace_id == workspace_id)
        if contact:
            statement = statement.where(ConsentRow.contact_hash == contact_hash(contact))
        with self._database.read(actor) as session:
            return page(session, statement, Order(ConsentRow.given_at, ConsentRow.id), cursor, limit)

    def get(self, actor: Actor, consent_id: str) -> ConsentRow:
        with self._database.read(actor) as session:
            row = one(session, ConsentRow, consent_id)
        require(actor, Right.EDIT, row.workspace_id)
        return row

    def withdraw(self, actor: Actor, consent_id: str) -> tuple[ConsentRow, int]:
        """From now on nothing may rest on it; what waits or is being measured is stopped. How many analyses did:
        removing them is another step, which leaves a receipt. Raises `Conflict` for one that was withdrawn before."""

        def work(session: Session) -> tuple[ConsentRow, int]:
            row = one(session, ConsentRow, consent_id)
            require(actor, Right.EDIT, row.workspace_id)
            if row.withdrawn_at is not None:
                raise Conflict("consent.was_withdrawn")
            row.withdrawn_at = now()
            audit.record(session, actor, "consent.withdrawn", f"consent:{row.id}", workspace_id=row.workspace_id)
            audit.changed(session, row.workspace_id, "consent", row.id)
            _stop(session, row.id)
            return row, _relying(session, row.id)

        withdrawn = self._database.change(actor, work)
        self._wake()
        return withdrawn

    def remove(self, actor: Actor, consent_id: str) -> None:
        """The record, with the person's name. Raises `Conflict` while analyses rely on it."""

        def work(session: Session) -> None:
            row = one(session, ConsentRow, consent_id)
            require(actor, Right.EDIT, row.workspace_id)
            if count := _relying(session, row.id):
                raise Conflict("consent.relied_on", count=count)
            audit.record(
                session, actor, "consent.removed", f"consent:{row.id}", workspace_id=row.workspace_id,
                policy=row.policy, text_sha256=row.text_sha256,
            )  # fmt: skip
            audit.changed(session, row.workspace_id, "consent", row.id, "removed")
            forget_answers_with(session, [row.id])
            session.delete(row)

        self._database.change(actor, work)


def valid(session: Session, workspace_id: str, consent_id: str) -> Consent:
    """The consent an analysis of this workspace asks to rest on. Raises `RequestInvalid` for one that is not there or
    was withdrawn."""
    row = session.get(ConsentRow, consent_id)
    if row is None or row.workspace_id != workspace_id:
        raise RequestInvalid("consent.unknown", id=consent_id)
    if row.withdrawn_at is not None:
        raise RequestInvalid("consent.withdrawn", at=row.withdrawn_at.date().isoformat())
    return Consent(
        row.subject, row.contact_hash, row.purpose, row.policy, row.text, row.text_sha256, row.language, row.given_at
    )


def reference(consent_id: str, consent: Consent) -> dict[str, str]:
    """What a bundle says of the consent it rests on: nothing about the person, whose record the library has."""
    return {
        "id": consent_id,
        "purpose": consent.purpose,
        "policy": consent.policy,
        "text_sha256": consent.text_sha256,
        "language": consent.language,
        "given_at": consent.given_at.isoformat(),
    }


def _stop(session: Session, consent_id: str) -> None:
    """Jobs of the analyses that rely on it."""
    jobs = select(JobRow.id).join(AnalysisRow, AnalysisRow.id == JobRow.subject_id)
    relying = jobs.where(AnalysisRow.consent_id == consent_id, JobRow.state.in_(UNFINISHED))
    for job_id in session.scalars(relying).all():
        follow(session, queue.cancel(session, job_id))


def _relying(session: Session, consent_id: str) -> int:
    found = select(func.count()).select_from(AnalysisRow).where(AnalysisRow.consent_id == consent_id)
    return session.scalar(found) or 0
