"""Delivery templates: those that come with the program, and a workspace's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sightline.desks.qc.template import Template, load_template, parse_template, templates
from sightline.errors import Conflict, NotFound, RequestInvalid
from sightline.library.actor import Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import TemplateRow
from sightline.service import audit
from sightline.service.access import Right, require

MAX_CHARACTERS = 200_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}(?<!\.toml)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template to judge by."""

    template: Template
    source: str | None
    """Its TOML, unless it comes with the program."""


def resolved(name: str, source: str | None) -> Template:
    """The template of an analysis. Raises `TemplateInvalid`. A name is never taken for a path."""
    if source is not None:
        return parse_template(name, source)
    if name not in templates():
        raise NotFound("library.not_found", what="template", id=name)
    return load_template(name)


class Templates:
    def __init__(self, database: Database) -> None:
        self._database = database

    def own(self, actor: Actor, workspace_id: str) -> Sequence[TemplateRow]:
        """The workspace's own, by name."""
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            own = select(TemplateRow).where(TemplateRow.workspace_id == workspace_id)
            return session.scalars(own.order_by(TemplateRow.name)).all()

    def put(self, actor: Actor, workspace_id: str, name: str, source: str) -> TemplateRow:
        """Keeps a template under a name, in place of one of the workspace that has it. Raises `TemplateInvalid`,
        `RequestInvalid` for a name or a length that cannot be, `Conflict` for the name of a shipped one."""
        require(actor, Right.EDIT, workspace_id)
        _refuse_name(name, source)
        if name in templates():
            raise Conflict("library.template_shipped", name=name)
        parse_template(name, source)

        def work(session: Session) -> TemplateRow:
            row = _find(session, workspace_id, name) or TemplateRow(workspace_id=workspace_id, name=name)
            row.source, row.updated_at, row.created_by = source, now(), actor.user_id
            session.add(row)
            session.flush()
            audit.record(session, actor, "template.put", f"template:{name}", workspace_id=workspace_id)
            audit.changed(session, workspace_id, "template", row.id)
            return row

        return self._database.change(actor, work)

    def remove(self, actor: Actor, workspace_id: str, name: str) -> None:
        """Analyses that were judged by it keep their copy. Raises `NotFound`."""
        require(actor, Right.EDIT, workspace_id)
        with self._database.write(actor) as session:
            row = _found(session, workspace_id, name)
            audit.record(session, actor, "template.removed", f"template:{name}", workspace_id=workspace_id)
            audit.changed(session, workspace_id, "template", row.id, "removed")
            session.delete(row)

    def choose(self, actor: Actor, workspace_id: str, name: str, source: str | None = None) -> Chosen:
        """By name, the workspace's own or shipped, or by a TOML text handed over. Raises `TemplateInvalid`,
        `NotFound`."""
        if source is not None:
            _refuse_name(name, source)
            return Chosen(parse_template(name, source), source)
        if name in templates():
            return Chosen(load_template(name), None)
        with self._database.read(actor) as session:
            row = _found(session, workspace_id, name)
            return Chosen(parse_template(name, row.source), row.source)


def _refuse_name(name: str, source: str) -> None:
    if not _NAME.fullmatch(name) or len(source) > MAX_CHARACTERS:
        raise RequestInvalid("library.bad_template_name", name=name)


def _find(session: Session, workspace_id: str, name: str) -> TemplateRow | None:
    return session.scalar(select(TemplateRow).where(TemplateRow.workspace_id == workspace_id, TemplateRow.name == name))


def _found(session: Session, workspace_id: str, name: str) -> TemplateRow:
    row = _find(session, workspace_id, name)
    if row is None:
        raise NotFound("library.not_found", what="template", id=name)
    return row
