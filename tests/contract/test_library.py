"""The library's tables and ownership, the same on every database."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased
from tests import services

from sightline.errors import NotFound
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.database import Database, one
from sightline.library.lock import Lock
from sightline.library.migrate import current, differences, downgrade, head, upgrade
from sightline.library.paging import Order, page
from sightline.library.tables import TemplateRow, WorkspaceRow

ME = Actor("u", "me", {"a" * 32: Role.OWNER})
MINE, THEIRS = "a" * 32, "b" * 32


@pytest.fixture
def two_workspaces(database: Database) -> Database:
    with database.write(SYSTEM) as session:
        session.add_all([WorkspaceRow(id=MINE, name="mine"), WorkspaceRow(id=THEIRS, name="theirs")])
        session.flush()
        session.add_all([TemplateRow(id=w, workspace_id=w, name="템플릿", source="x" * 70_000) for w in (MINE, THEIRS)])
    return database


@pytest.mark.parametrize("kind", services.DATABASES)
def test_migrations_go_up_and_down_and_give_the_tables_the_models_say(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = services.new_database_url(kind, tmp_path_factory.mktemp("database"))
    database = Database(url)
    try:
        assert current(database) is None
        for _ in range(2):
            upgrade(database)
            assert current(database) == head()
            assert differences(database) == []
            downgrade(database)
            assert current(database) is None
    finally:
        database.close()
        services.drop_database(url)


def test_reading_gives_only_rows_of_ones_own_workspaces(two_workspaces: Database) -> None:
    with two_workspaces.read(ME) as session:
        assert [row.workspace_id for row in session.scalars(select(TemplateRow))] == [MINE]
        assert session.scalars(select(TemplateRow.workspace_id)).all() == [MINE]
        with pytest.raises(NotFound):
            one(session, TemplateRow, THEIRS)


def test_what_one_actor_may_see_is_never_told_to_the_next(two_workspaces: Database) -> None:
    reaches = ((MINE,), (THEIRS,), (), (MINE, THEIRS), (MINE,), ())
    statement, counted = select(TemplateRow.workspace_id), select(func.count()).select_from(TemplateRow)
    aliased_row = aliased(TemplateRow)
    inner = select(WorkspaceRow.id).where(exists().where(aliased_row.workspace_id == WorkspaceRow.id))
    for reach in reaches:
        actor = Actor("u", "somebody", dict.fromkeys(reach, Role.VIEWER))
        with two_workspaces.read(actor) as session:
            assert sorted(session.scalars(statement)) == sorted(reach)
            assert session.scalar(counted) == len(reach)
            assert sorted(session.scalars(inner)) == sorted(reach)
            assert [w for w in (MINE, THEIRS) if session.get(TemplateRow, w) is not None] == sorted(reach)


def test_changing_and_removing_reach_only_rows_of_ones_own_workspaces(two_workspaces: Database) -> None:
    with two_workspaces.write(ME) as session:
        session.execute(update(TemplateRow).values(source="changed"))
        session.execute(delete(TemplateRow).where(TemplateRow.workspace_id == THEIRS))
    with two_workspaces.read(SYSTEM) as session:
        found = {row.workspace_id: row.source for row in session.scalars(select(TemplateRow))}
    assert found == {MINE: "changed", THEIRS: "x" * 70_000}


def test_a_row_in_somebody_elses_workspace_is_refused(two_workspaces: Database) -> None:
    with pytest.raises(NotFound), two_workspaces.write(ME) as session:
        session.add(TemplateRow(workspace_id=THEIRS, name="planted", source=""))
    with two_workspaces.read(SYSTEM) as session:
        assert session.scalar(select(TemplateRow).where(TemplateRow.name == "planted")) is None


def test_a_session_for_nobody_reads_nothing(two_workspaces: Database) -> None:
    with pytest.raises(RuntimeError), two_workspaces.read(None) as session:  # type: ignore[arg-type]
        session.scalars(select(TemplateRow)).all()


def test_times_keep_their_microseconds_and_words_their_case(two_workspaces: Database) -> None:
    with two_workspaces.write(SYSTEM) as session:
        for name in ("Tag", "tag", "tág"):
            session.add(TemplateRow(workspace_id=MINE, name=name, source=""))
    with two_workspaces.read(SYSTEM) as session:
        rows = session.scalars(select(TemplateRow).where(TemplateRow.name == "tag")).all()
        assert [row.name for row in rows] == ["tag"]
        assert rows[0].updated_at.tzinfo is not None


def test_a_lock_is_held_by_one_and_freed_by_its_end(database: Database) -> None:
    first, second = Lock(database, "test"), Lock(database, "test")
    assert first.acquire()
    assert first.is_held()
    assert not second.acquire()
    first.release()
    assert not first.is_held()
    assert second.acquire()
    second.release()


def test_a_page_counts_all_that_fit_in_one_reading(database: Database) -> None:
    with database.write(SYSTEM) as session:
        session.add_all(WorkspaceRow(name=f"w{number:02}") for number in range(25))
    order = Order(WorkspaceRow.name, WorkspaceRow.id, is_descending=False)
    fits = select(WorkspaceRow).where(WorkspaceRow.name < "w23")
    with database.read(SYSTEM) as session:
        first = page(session, fits, order, None, 10, is_counted=True)
        second = page(session, fits, order, first.next_cursor, 10, is_counted=True)
        third = page(session, fits, order, second.next_cursor, 10, is_counted=True)
        nothing = page(session, fits.where(WorkspaceRow.name == ""), order, None, 10, is_counted=True)
    found = [row.name for each in (first, second, third) for row in each.items]
    assert found == [f"w{number:02}" for number in range(23)]
    assert (first.total, second.total, third.next_cursor) == (23, None, None)
    assert (nothing.items, nothing.total, nothing.next_cursor) == ([], 0, None)
