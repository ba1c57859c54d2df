"""Lists in pages: a cursor says where the page before ended, so rows added meanwhile hide none."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sightline.errors import RequestInvalid
from sightline.library.columns import Moment

Row = TypeVar("Row")
MOST = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    items: Sequence[Row]
    next_cursor: str | None
    """Hand it back for the rows after these; None: there are none."""
    total: int | None = None
    """Of all pages; None where nobody counted."""


@dataclass(frozen=True, slots=True)
class Order:
    """By a column, then by the row's id."""

    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[Any]
    is_descending: bool = True
    otherwise: float | None = None
    """What stands for null; None: the column is never null."""

    @property
    def sorted_by(self) -> Any:
        # Databases do not agree on whether null comes first.
        return self.column if self.otherwise is None else func.coalesce(self.column, self.otherwise)

    def turned(self, is_descending: bool) -> Order:
        return replace(self, is_descending=is_descending)


def page(
    session: Session,
    statement: Select[Row],
    order: Order,
    cursor: str | None,
    limit: int,
    skip: int = 0,
    *,
    is_counted: bool = False,
) -> Page[Row]:
    """The next ``limit`` rows (1 to 200) after ``skip`` that are passed over. Raises `RequestInvalid` for a cursor this
    did not make.

    ``is_counted``: the first page says how many there are in all, found in the same reading of the rows: for conditions
    that are dear to look through twice.
    """
    limit = max(1, min(MOST, limit))
    if cursor is not None:
        value, key = _decoded(cursor, order)
        after = _after(order, value, key)
        statement = statement.where(after)
    for column in (order.sorted_by, order.key):
        statement = statement.order_by(column.desc() if order.is_descending else column.asc())
    statement, total = statement.limit(limit + 1).offset(skip or None), None
    if is_counted and cursor is None and not skip:
        # `func.count().over()` is of all rows that fit: the limit comes after it.
        found = session.execute(statement.with_only_columns(order.key, func.count().over())).all()
        rows, total = _by_key(session, order, [key for key, _ in found]), found[0][1] if found else 0
    elif order.otherwise is None and not skip:
        rows = list(session.scalars(statement))
    else:
        # Where no index is in this order all rows are sorted, or they are read to be passed over: with ids alone that
        # takes a tenth of the time.
        rows = _by_key(session, order, list(session.scalars(statement.with_only_columns(order.key))))
    more = len(rows) > limit
    return Page(rows[:limit], _encoded(rows[limit - 1], order) if more else None, total)


def _by_key(session: Session, order: Order, keys: Sequence[Any]) -> list[Any]:
    """The rows with these keys, in their order, as far as they are still there."""
    rows = session.scalars(select(order.key.class_).where(order.key.in_(keys)))
    by_key = {getattr(row, order.key.key): row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def _refuse_unkeepable(value: object) -> None:
    """Raises `ValueError` for what no database can compare with."""
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("no text")
    if isinstance(value, int | float) and not -(2**63) <= value < 2**63:
        raise ValueError("no number")


def _after(order: Order, value: Any, key: Any) -> Any:
    if order.is_descending:
        return or_(order.sorted_by < value, and_(order.sorted_by == value, order.key < key))
    return or_(order.sorted_by > value, and_(order.sorted_by == value, order.key > key))


def _encoded(row: object, order: Order) -> str:
    value, key = getattr(row, order.column.key), getattr(row, order.key.key)
    value = order.otherwise if value is None else value
    plain = [order.column.key, order.is_descending, value.isoformat() if isinstance(value, datetime) else value, key]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decoded(cursor: str, order: Order) -> tuple[Any, Any]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        name, is_descending, value, key = plain
        if (name, is_descending) != (order.column.key, order.is_descending):
            raise ValueError("of another order")
        wanted, wanted_key = order.column.type.python_type, order.key.type.python_type
        if isinstance(order.column.type, Moment):
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                raise ValueError("without a zone")
            value = value.astimezone(UTC)
        elif not isinstance(value, wanted | (int if wanted is float else wanted)):
            raise ValueError("of another type")
        if not isinstance(key, wanted_key):
            raise ValueError("of another type")
        for one in (value, key):
            _refuse_unkeepable(one)
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, OverflowError, RecursionError) as error:
        raise RequestInvalid("library.bad_cursor") from error
    return value, key
