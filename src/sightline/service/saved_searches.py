"""Searches that a person keeps under a name, in a workspace, for himself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sightline.errors import LimitExceeded, NotFound, RequestInvalid
from sightline.library.actor import Actor
from sightline.library.database import Database, one
from sightline.library.search_tables import SavedSearchRow
from sightline.library.tables import WorkspaceRow
from sightline.service.access import Right, require
from sightline.service.videos import clean_name

MOST = 100
"""Of one person in one workspace."""
MOST_BYTES = 4096
"""Of a query, as JSON."""
Query = Mapping[str, str | list[str]]


class SavedSearches:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, actor: Actor, workspace_id: str | None = None) -> Sequence[SavedSearchRow]:
        """One's own, by name."""
        require(actor, Right.LIST, workspace_id)
        mine = select(SavedSearchRow).where(SavedSearchRow.user_id == actor.user_id)
        if workspace_id is not None:
            mine = mine.where(SavedSearchRow.workspace_id == workspace_id)
        with self._database.read(actor) as session:
            return session.scalars(mine.order_by(SavedSearchRow.name, SavedSearchRow.id)).all()

    def create(self, actor: Actor, workspace_id: str, name: str, query: Query) -> SavedSearchRow:
        """Raises `RequestInvalid`, `LimitExceeded`."""
        require(actor, Right.KEEP_SEARCHES, workspace_id)
        named = clean_name(name)
        _refuse_long(query)

        def work(session: Session) -> SavedSearchRow:
            # Its row is locked, so that two who count at once do not both find room.
            session.scalars(select(WorkspaceRow.id).where(WorkspaceRow.id == workspace_id).with_for_update()).all()
            counted = select(func.count()).select_from(SavedSearchRow).where(
                SavedSearchRow.user_id == actor.user_id, SavedSearchRow.workspace_id == workspace_id
            )  # fmt: skip
            if (session.scalar(counted) or 0) >= MOST:
                raise LimitExceeded("library.too_many_searches", most=MOST)
            row = SavedSearchRow(workspace_id=workspace_id, user_id=actor.user_id, name=named, query=dict(query))
            session.add(row)
            session.flush()
            return row

        return self._database.change(actor, work)

    def change(self, actor: Actor, search_id: str, name: str | None, query: Query | None) -> SavedSearchRow:
        """What is None stays. Raises `NotFound`, `RequestInvalid`."""
        named = None if name is None else clean_name(name)
        if query is not None:
            _refuse_long(query)

        def work(session: Session) -> SavedSearchRow:
            row = _mine(session, actor, search_id)
            row.name = named or row.name
            row.query = row.query if query is None else dict(query)
            return row

        return self._database.change(actor, work)

    def remove(self, actor: Actor, search_id: str) -> None:
        self._database.change(actor, lambda session: session.delete(_mine(session, actor, search_id)))


def _mine(session: Session, actor: Actor, search_id: str) -> SavedSearchRow:
    row = one(session, SavedSearchRow, search_id)
    if row.user_id != actor.user_id:
        raise NotFound("library.not_found", what="savedsearch", id=search_id)
    require(actor, Right.KEEP_SEARCHES, row.workspace_id)
    return row


def _refuse_long(query: Query) -> None:
    if len(json.dumps(dict(query), ensure_ascii=False).encode()) > MOST_BYTES:
        raise RequestInvalid("library.search_long", most=MOST_BYTES)
