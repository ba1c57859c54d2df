"""Templates and rubrics: those that come with the program, and a workspace's own. Each belongs to a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.desks.desk import Assignment, Brief
from sightline.desks.qc.overlay import laid_over, parent_of
from sightline.errors import Conflict, InputError, NotFound, RequestInvalid, TemplateInvalid
from sightline.library.actor import Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import TemplateRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.analysis import desk_named
from sightline.service.consent import refuse_policy
from sightline.service.template_reading import Mistake, mistake, shipped_source

QC = "qc"
MAX_CHARACTERS = 200_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}(?<!\.toml)(?<!\.yaml)(?<!\.yml)")
MOST_WAIVERS = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to judge by, and the words it was asked for with."""

    by: Assignment
    brief: Brief
    """With the template's source, unless it comes with the program."""


@dataclass(frozen=True, slots=True)
class Text:
    """A template or rubric with its own words."""

    desk: str
    name: str
    source: str
    by: Assignment | None
    """None for one kept by an earlier version, of which this one does not understand everything."""
    row: TemplateRow | None
    """None: it comes with the program."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a text that somebody is writing."""

    by: Assignment | None
    mistakes: Sequence[Mistake]


def understood(desk: str, brief: Brief) -> Assignment:
    """What a desk makes of a brief. Raises `TemplateInvalid`, `RequestInvalid`, `NotFound`, `InputError` for no desk.

    A name is never taken for a path.
    """
    if len(brief.waivers) > MOST_WAIVERS:
        raise RequestInvalid("library.too_many_waivers", most=MOST_WAIVERS)
    return desk_named(desk).read(replace(brief, place=None))


class Templates:
    """``policies`` gives those an interview may be asked for under here at this moment; empty: all."""

    def __init__(self, database: Database, policies: Callable[[], Collection[str]] = tuple) -> None:
        self._database, self._policies = database, policies

    def own(self, actor: Actor, workspace_id: str, desk: str | None = None) -> Sequence[TemplateRow]:
        """The workspace's own, by name; of one desk, or of all."""
        require(actor, Right.LIST, workspace_id)
        with self._database.read(actor) as session:
            own = select(TemplateRow).where(TemplateRow.workspace_id == workspace_id)
            if desk is not None:
                own = own.where(TemplateRow.desk == desk)
            return session.scalars(own.order_by(TemplateRow.desk.desc(), TemplateRow.name)).all()

    def get(self, actor: Actor, workspace_id: str, name: str, desk: str = QC) -> Text:
        """One that comes with the program, or one of the workspace's own. Raises `NotFound`."""
        require(actor, Right.LIST, workspace_id)
        if name in desk_named(desk).names():
            return Text(desk, name, shipped_source(desk, name), understood(desk, Brief(name)), None)
        with self._database.read(actor) as session:
            row = _found(session, workspace_id, desk, name)
        try:
            by = understood(desk, Brief(name, row.source))
        except TemplateInvalid:
            return Text(desk, name, row.source, None, row)
        return Text(desk, name, row.source, by, row)

    def check(self, actor: Actor, workspace_id: str, name: str, source: str, desk: str = QC) -> Checked:
        """Whether a text could be kept or judged by under a name, and what is wrong with it. Keeps nothing."""
        require(actor, Right.LIST, workspace_id)
        try:
            _refuse_name(name, source)
            whole = self._self_contained(actor, workspace_id, desk, Brief(name, source))
            return Checked(understood(desk, whole), ())
        except TemplateInvalid as error:
            return Checked(None, [mistake(desk, source, one) for one in error.every])
        except InputError as error:
            return Checked(None, (mistake(desk, source, error),))

    def put(
        self,
        actor: Actor,
        workspace_id: str,
        name: str,
        source: str,
        desk: str = QC,
        *,
        seen: datetime | None = None,
        is_new: bool = False,
    ) -> TemplateRow:
        """Keeps a template under a name, in place of one of the workspace that has it. What it extends of the
        workspace's own becomes part of it. ``seen``: when the version was kept that this one was made from.

        Raises `TemplateInvalid`, `RequestInvalid` for a name or a length that cannot be, `Conflict` for the name of a
        shipped one, where another version than the one ``seen`` is there, or any at all and this ``is_new``."""
        require(actor, Right.EDIT, workspace_id)
        _refuse_name(name, source)
        if name in desk_named(desk).names():
            raise Conflict("library.template_shipped", name=name)
        whole = self._self_contained(actor, workspace_id, desk, Brief(name, source))
        understood(desk, whole)

        def work(session: Session) -> TemplateRow:
            row = _find(session, workspace_id, desk, name, is_locked=True)
            if is_new and row is not None:
                raise Conflict("library.template_taken", name=name)
            if seen is not None and (row is None or row.updated_at != seen):
                raise Conflict("library.template_changed", name=name)
            row = row or TemplateRow(workspace_id=workspace_id, desk=desk, name=name)
            row.source, row.updated_at, row.created_by = whole.source or source, now(), actor.user_id
            session.add(row)
            session.flush()
            audit.record(session, actor, "template.put", f"template:{name}", workspace_id=workspace_id, desk=desk)
            audit.changed(session, workspace_id, "template", row.id)
            return row

        try:
            return self._database.change(actor, work)
        except IntegrityError as error:
            # Somebody else made one of this name at the same moment.
            raise Conflict("library.template_taken", name=name) from error

    def remove(self, actor: Actor, workspace_id: str, name: str, desk: str = QC) -> None:
        """Analyses that were judged by it keep their copy. Raises `NotFound`."""
        require(actor, Right.EDIT, workspace_id)
        with self._database.write(actor) as session:
            row = _found(session, workspace_id, desk, name)
            audit.record(session, actor, "template.removed", f"template:{name}", workspace_id=workspace_id, desk=desk)
            audit.changed(session, workspace_id, "template", row.id, "removed")
            session.delete(row)

    def choose(self, actor: Actor, workspace_id: str, desk: str, brief: Brief) -> Chosen:
        """By name, the workspace's own or shipped, or by a text handed over. Raises as `understood`, and
        `RequestInvalid` for a policy that is not allowed here."""
        if brief.source is not None:
            _refuse_name(brief.template, brief.source)
            brief = self._self_contained(actor, workspace_id, desk, brief)
        elif brief.template not in desk_named(desk).names():
            with self._database.read(actor) as session:
                brief = replace(brief, source=_found(session, workspace_id, desk, brief.template).source)
        by = understood(desk, brief)
        refuse_policy(desk, brief.options, self._policies())
        return Chosen(by, brief)

    def _self_contained(self, actor: Actor, workspace_id: str, desk: str, brief: Brief) -> Brief:
        """With a text that builds on nothing of the workspace's: where it extends one of those, the two in one."""
        if desk != QC or brief.source is None:
            return brief
        parent = parent_of(brief.template, brief.source)
        if parent is None or parent in desk_named(desk).names():
            return brief
        with self._database.read(actor) as session:
            row = _find(session, workspace_id, desk, parent)
        if row is None:
            # Told with the names there are where it is read.
            return brief
        whole = laid_over(brief.template, brief.source, parent, row.source)
        _refuse_name(brief.template, whole)
        return replace(brief, source=whole)


def _refuse_name(name: str, source: str) -> None:
    if not _NAME.fullmatch(name) or len(source) > MAX_CHARACTERS:
        raise RequestInvalid("library.bad_template_name", name=name)


def _find(session: Session, workspace_id: str, desk: str, name: str, *, is_locked: bool = False) -> TemplateRow | None:
    """``is_locked``: nobody else changes it until the transaction ends."""
    own = select(TemplateRow).where(TemplateRow.workspace_id == workspace_id)
    found = own.where(TemplateRow.desk == desk, TemplateRow.name == name)
    return session.scalar(found.with_for_update() if is_locked else found)


def _found(session: Session, workspace_id: str, desk: str, name: str) -> TemplateRow:
    row = _find(session, workspace_id, desk, name)
    if row is None:
        raise NotFound("library.not_found", what="template", id=name)
    return row
