"""Creation that can be repeated: a request with an ``Idempotency-Key`` is done once and answered alike every time.

Keys belong to a user and a route, and are forgotten after a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from sightline.errors import Conflict, RequestInvalid
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import RepeatRow

Answer = TypeVar("Answer", bound=BaseModel)
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="Repeat a request with the same key and it is done once")
]
ABANDONED = timedelta(seconds=15)
"""A first request that has not been answered after so long is made again, under the same id."""


def once(
    request: Request,
    response: Response,
    actor: Actor,
    key: str | None,
    body: BaseModel,
    model: type[Answer],
    make: Callable[[str | None], Answer],
) -> Answer:
    """``make``'s answer, or the one that was given to the first request with this key.

    ``make`` gets the id of the thing to be made: where the process died between making it and keeping the answer, the
    thing is found by it and not made twice. None without a key.

    Raises `Conflict` while the first is being answered or when the key was used for another request.
    """
    if key is None:
        return make(None)
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise RequestInvalid("api.bad_key")
    database: Database = request.app.state.platform.database
    name = _digest(f"{actor.user_id or actor.name}\n{request.method} {request.url.path}\n{key}")
    asked = _digest(body.model_dump_json())
    kept = _taken(database, name, asked)
    if kept is not None:
        response.headers["Idempotent-Replayed"] = "true"
        return model.model_validate_json(kept)
    try:
        made = make(name[:32])
    except BaseException:
        with database.write(SYSTEM) as session:
            row = session.get(RepeatRow, name)
            if row is not None:
                session.delete(row)
        raise
    with database.write(SYSTEM) as session:
        row = session.get(RepeatRow, name)
        if row is not None:
            row.status, row.body = 201, made.model_dump_json()
    return made


def _taken(database: Database, name: str, asked: str) -> str | None:
    """The body kept for this key; None when the request is ours to answer."""
    try:
        with database.write(SYSTEM) as session:
            session.add(RepeatRow(key_hash=name, request_hash=asked))
    except IntegrityError:
        pass
    else:
        return None
    with database.write(SYSTEM) as session:
        row = session.get(RepeatRow, name, with_for_update=True)
        if row is None:
            raise Conflict("api.key_busy")
        if row.request_hash != asked:
            raise Conflict("api.key_reused")
        if row.body is None:
            if now() - row.created_at < ABANDONED:
                raise Conflict("api.key_busy")
            row.created_at = now()
        return row.body


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
