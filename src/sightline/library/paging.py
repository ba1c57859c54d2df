"""Lists in pages: a cursor says where the page before ended, so rows added meanwhile hide none."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, or_
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


@dataclass(frozen=True, slots=True)
class Order:
    """By a column that is never null, then by the row's id."""

    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[Any]
    is_descending: bool = True


def page(session: Session, statement: Select[Row], order: Order, cursor: str | None, limit: int) -> Page[Row]:
    """The next ``limit`` rows (1 to 200). Raises `RequestInvalid` for a cursor this did not make."""
    limit = max(1, min(MOST, limit))
    if cursor is not None:
        value, key = _decoded(cursor, order)
        after = _after(order, value, key)
        statement = statement.where(after)
    for column in (order.column, order.key):
        statement = statement.order_by(column.desc() if order.is_descending else column.asc())
    rows = list(session.scalars(statement.limit(limit + 1)))
    more = len(rows) > limit
    return Page(rows[:limit], _encoded(rows[limit - 1], order) if more else None)


def _refuse_unkeepable(value: object) -> None:
    """Raises `ValueError` for what no database can compare with."""
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("no text")
    if isinstance(value, int | float) and not -(2**63) <= value < 2**63:
        raise ValueError("no number")


def _after(order: Order, value: Any, key: Any) -> Any:
    if order.is_descending:
        return or_(order.column < value, and_(order.column == value, order.key < key))
    return or_(order.column > value, and_(order.column == value, order.key > key))


def _encoded(row: object, order: Order) -> str:
    value, key = getattr(row, order.column.key), getattr(row, order.key.key)
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
