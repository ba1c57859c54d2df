"""Limits on language models that every process of an installation keeps together, and the ledger."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sightline.errors import SightlineError
from sightline.insight.budget import Amount, Limits, Purpose
from sightline.insight.failures import BudgetUsedUp
from sightline.insight.prices import Usage
from sightline.library.actor import SYSTEM, Actor, Role
from sightline.library.assessment_tables import LlmCallRow, LlmPeriodRow
from sightline.library.database import Database
from sightline.library.tables import WorkspaceRow
from sightline.service.settings import Settings
from sightline.service.spending import Spending, Spent, SqlBudget, counted_in

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WIDE = Amount(10**12, 10**12)
FOR = Purpose("anthropic", "claude-sonnet-5-5", "interview-review/1")
OWNER = Actor(None, "owner", {"w": Role.OWNER})


def _budget(database: Database, day: Amount = WIDE, month: Amount = WIDE, workspace: str = "w") -> SqlBudget:
    with database.write(SYSTEM) as session:
        if session.get(WorkspaceRow, workspace) is None:
            session.add(WorkspaceRow(id=workspace, name=workspace))
    return SqlBudget(database, Limits(WIDE, day, month), workspace, "a", clock=lambda: NOON)


def _spent(database: Database) -> dict[str, tuple[int, int]]:
    with database.read(SYSTEM) as session:
        return {row.id: (row.usd_micros, row.tokens) for row in session.scalars(select(LlmPeriodRow))}


def _calls(database: Database) -> list[LlmCallRow]:
    with database.read(SYSTEM) as session:
        return list(session.scalars(select(LlmCallRow).order_by(LlmCallRow.id)))


def test_a_request_is_a_line_from_before_it_is_sent_until_after(database: Database) -> None:
    budget = _budget(database)
    taken = budget.reserve(Amount(5000, 700), FOR)
    (call,) = _calls(database)
    assert (call.state, call.reserved_usd_micros, call.usd_micros) == ("reserved", 5000, None)
    assert _spent(database) == {"2026-11-21": (5000, 700), "2026-11": (5000, 700)}
    budget.settle(taken, Amount(1200, 300), Usage(250, 50), "ok")
    (call,) = _calls(database)
    assert (call.state, call.outcome, call.usd_micros, call.tokens_in, call.tokens_out) == (
        "settled",
        "ok",
        1200,
        250,
        50,
    )
    assert (call.workspace_id, call.analysis_id, call.model, call.prompt) == (
        "w", "a", "claude-sonnet-5-5", "interview-review/1",
    )  # fmt: skip
    assert _spent(database) == {"2026-11-21": (1200, 300), "2026-11": (1200, 300)}


def test_settling_twice_counts_once(database: Database) -> None:
    budget = _budget(database)
    taken = budget.reserve(Amount(5000, 700), FOR)
    for _ in range(2):
        budget.settle(taken, Amount(1200, 300), None, "ok")
    assert _spent(database)["2026-11-21"] == (1200, 300)


def test_what_nobody_knows_the_cost_of_stays_spent(database: Database) -> None:
    budget = _budget(database)
    budget.settle(budget.reserve(Amount(5000, 700), FOR), None, None, "insight.failed.cut")
    (call,) = _calls(database)
    assert (call.state, call.outcome, call.usd_micros) == ("unknown", "insight.failed.cut", 5000)
    assert _spent(database)["2026-11"] == (5000, 700)


@pytest.mark.parametrize("period", ["day", "month"])
def test_over_a_limit_nothing_is_reserved_and_nothing_is_written(database: Database, period: str) -> None:
    budget = _budget(database, **{period: Amount(9000, 10**9)})
    budget.reserve(Amount(5000, 1), FOR)
    with pytest.raises(BudgetUsedUp, match=f"a {period}"):
        budget.reserve(Amount(5000, 1), FOR)
    assert len(_calls(database)) == 1
    assert _spent(database)["2026-11-21"] == (5000, 1)


def test_another_workspace_draws_from_the_same_limit(database: Database) -> None:
    _budget(database, day=Amount(9000, 10**9)).reserve(Amount(5000, 1), FOR)
    with pytest.raises(BudgetUsedUp):
        _budget(database, day=Amount(9000, 10**9), workspace="v").reserve(Amount(5000, 1), FOR)


def test_of_many_who_want_the_last_cent_one_gets_it(database: Database) -> None:
    """On days nobody has spent on before, so that the rows themselves are made at the same time."""
    budget = _budget(database, day=Amount(10_000, 10**9))
    start = threading.Barrier(6)
    got: list[str] = []
    refused: list[str] = []

    def ask() -> None:
        start.wait()
        try:
            got.append(budget.reserve(Amount(10_000, 1), FOR).id)
        except BudgetUsedUp as error:
            refused.append(error.message.key)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 5)
    assert [call.id for call in _calls(database)] == got
    assert _spent(database)["2026-11-21"] == (10_000, 1)


def test_many_who_reserve_and_settle_lose_no_cent(database: Database) -> None:
    budget = _budget(database)

    def ask() -> None:
        for cost in range(5):
            budget.settle(budget.reserve(Amount(100, 10), FOR), Amount(cost, 1), None, "ok")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _spent(database) == {"2026-11-21": (40, 20), "2026-11": (40, 20)}


def test_a_workspace_that_is_gone_takes_its_lines_along_and_no_money_back(sqlite_database: Database) -> None:
    budget = _budget(sqlite_database)
    taken = budget.reserve(Amount(5000, 700), FOR)
    with sqlite_database.write(SYSTEM) as session:
        session.delete(session.get(WorkspaceRow, "w"))
    budget.settle(taken, Amount(4000, 600), None, "ok")
    assert _calls(sqlite_database) == []
    assert _spent(sqlite_database)["2026-11"] == (4000, 600)


def test_owners_see_the_lines_of_their_workspace_and_administrators_the_sums(sqlite_database: Database) -> None:
    for workspace in ("w", "v"):
        _budget(sqlite_database, workspace=workspace).reserve(Amount(100, 1), FOR)
    spending = Spending(sqlite_database)
    assert [call.workspace_id for call in spending.list(OWNER, "w", None, 10).items] == ["w"]
    for stranger in (Actor(None, "viewer", {"w": Role.VIEWER}), Actor(None, "other", {"v": Role.OWNER})):
        with pytest.raises(SightlineError):
            spending.list(stranger, "w", None, 10)
    with pytest.raises(SightlineError):
        spending.spent(OWNER, NOON)
    admin = Actor("u", "admin", is_admin=True)
    assert spending.spent(admin, NOON) == Spent(Amount(200, 2), Amount(200, 2))
    assert spending.spent(admin, NOON + timedelta(days=40)) == Spent(Amount(), Amount())


def test_without_a_language_model_the_database_is_not_opened() -> None:
    nowhere = {"SIGHTLINE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
    with counted_in(Settings.from_environment(nowhere), "w", "a") as budget_of:
        assert budget_of is None
    asked = nowhere | {"SIGHTLINE_INSIGHT_PROVIDER": "openai", "SIGHTLINE_OPENAI_API_KEY": "key"}
    with counted_in(Settings.from_environment(asked), "w", "a") as budget_of:
        assert budget_of is not None
        assert isinstance(budget_of(Limits(WIDE, WIDE, WIDE)), SqlBudget)
