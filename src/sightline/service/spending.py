"""What language models cost this installation: limits kept in the database, and a line for every request.

Every process of the installation reserves from the same two rows, of the day and of the month, so together they keep to
the limits as one does. What a request was about is not kept: a line tells whose workspace, which model and how much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.insight.budget import Amount, Budget, Limits, Purpose, Reservation, periods, refusal, used_up, utc_now
from sightline.insight.prices import Usage
from sightline.library.actor import SYSTEM, Actor
from sightline.library.assessment_tables import LlmCallRow, LlmPeriodRow
from sightline.library.columns import new_id
from sightline.library.database import Database
from sightline.library.paging import Order, Page, page
from sightline.service.access import Right, require
from sightline.service.settings import Settings


@dataclass(frozen=True)
class SqlBudget:
    """A budget of the installation for the requests of one analysis. Safe for many threads, processes and machines."""

    database: Database
    limits: Limits
    workspace_id: str
    analysis_id: str | None = None
    user_id: str | None = None
    clock: Callable[[], datetime] = utc_now

    def reserve(self, asked: Amount, purpose: Purpose) -> Reservation:
        """Raises `BudgetUsedUp` where a limit would be passed, and `Unavailable` without the database."""
        at = self.clock()
        day, month = periods(at)
        made = new_id()

        def work(session: Session) -> None:
            # Always in this order: two who want both rows never wait for each other.
            in_day, in_month = _period(session, day), _period(session, month)
            if why := refusal(self.limits, _amount(in_day), _amount(in_month), asked):
                raise used_up(why)
            _add(in_day, asked)
            _add(in_month, asked)
            session.add(
                LlmCallRow(
                    id=made,
                    workspace_id=self.workspace_id,
                    analysis_id=self.analysis_id,
                    created_by=self.user_id,
                    provider=purpose.provider,
                    model=purpose.model,
                    prompt=purpose.prompt,
                    state="reserved",
                    day=day,
                    month=month,
                    reserved_usd_micros=asked.usd_micros,
                    reserved_tokens=asked.tokens,
                    created_at=at,
                )
            )

        self.database.change(SYSTEM, work)
        return Reservation(made, day, month, asked, purpose)

    def settle(self, reservation: Reservation, cost: Amount | None, usage: Usage | None, outcome: str) -> None:
        """Settles once: a second time changes nothing. Raises `Unavailable`; then what was reserved stays spent."""
        final = reservation.asked if cost is None else cost

        def work(session: Session) -> None:
            rows = [_period(session, reservation.day), _period(session, reservation.month)]
            call = session.get(LlmCallRow, reservation.id, with_for_update=True, populate_existing=True)
            # Gone with its workspace: the money is spent all the same.
            if call is not None and call.state != "reserved":
                return
            for row in rows:
                _add(row, final - reservation.asked)
            if call is not None:
                call.state = "unknown" if cost is None else "settled"
                call.outcome = outcome
                call.usd_micros = final.usd_micros
                call.tokens_in = None if usage is None else usage.tokens_in
                call.tokens_out = None if usage is None else usage.tokens_out
                call.settled_at = self.clock()

        self.database.change(SYSTEM, work)


@dataclass(frozen=True, slots=True)
class Spent:
    """Spent and reserved."""

    day: Amount
    month: Amount


class Spending:
    """What was spent, for people to look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, actor: Actor, at: datetime) -> Spent:
        """Of the day and the month of ``at`` (UTC), over the whole installation."""
        require(actor, Right.MANAGE_INSTALLATION)
        with self._database.read(SYSTEM) as session:
            day, month = (session.get(LlmPeriodRow, name) for name in periods(at))
        return Spent(_amount(day), _amount(month))

    def list(self, actor: Actor, workspace_id: str, cursor: str | None, limit: int) -> Page[LlmCallRow]:
        """Requests of a workspace, the newest first."""
        require(actor, Right.MANAGE_WORKSPACE, workspace_id)
        statement = select(LlmCallRow).where(LlmCallRow.workspace_id == workspace_id)
        with self._database.read(actor) as session:
            return page(session, statement, Order(LlmCallRow.created_at, LlmCallRow.id), cursor, limit)


@contextmanager
def counted_in(
    settings: Settings, workspace_id: str, analysis_id: str, user_id: str | None = None
) -> Iterator[Callable[[Limits], Budget] | None]:
    """What makes a budget in the installation's database, for as long as the block lasts.

    None where no language model is set: then the database is not opened.
    """
    if settings.insight_provider == "none":
        yield None
        return
    database = Database(settings.database)
    try:
        yield lambda limits: SqlBudget(database, limits, workspace_id, analysis_id, user_id)
    finally:
        database.close()


def _period(session: Session, name: str) -> LlmPeriodRow:
    """The row of a day or a month, made where it is not there, and nobody else's until the transaction ends."""
    row = _locked(session, name)
    if row is None:
        try:
            with session.begin_nested():
                session.add(LlmPeriodRow(id=name, usd_micros=0, tokens=0))
        except IntegrityError:
            # Somebody else made it meanwhile.
            pass
        row = _locked(session, name)
    assert row is not None
    return row


def _locked(session: Session, name: str) -> LlmPeriodRow | None:
    return session.get(LlmPeriodRow, name, with_for_update=True, populate_existing=True)


def _amount(row: LlmPeriodRow | None) -> Amount:
    return Amount() if row is None else Amount(row.usd_micros, row.tokens)


def _add(row: LlmPeriodRow, amount: Amount) -> None:
    row.usd_micros += amount.usd_micros
    row.tokens += amount.tokens
