"""Alerts: a limit that is passed, until it no longer is; told once, by whichever process sees it first.

An alert is a row, a line in the log and, where a webhook is set, one POST when it begins and one when it ends.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import httpx
from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow
from sightline.text import Language, Message, words
from sightline.version import VERSION

log = logging.getLogger(__name__)
POST_S = 5.0
PAUSES_S = (1.0, 5.0, 20.0)
"""Between attempts to reach the webhook."""
PARTING_S = 5.0
"""For what still waits when the service ends."""
MOST_WAITING = 100


class Webhook:
    """Posts JSON to one address, from a thread of its own. What cannot be delivered is logged and dropped."""

    def __init__(self, url: str, failed: Callable[[], None] = lambda: None) -> None:
        self._url, self._tell_of_failure = url, failed
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue(MOST_WAITING)
        self._is_ended = threading.Event()
        self._ends_s = 0.0
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def post(self, document: dict[str, Any]) -> None:
        """Never waits, never raises."""
        with self._guard:
            if self._is_ended.is_set():
                return
            try:
                self._waiting.put_nowait(document)
            except queue.Full:
                log.warning("too many alerts wait for the webhook: one is dropped")
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sightline-alerts", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Tries what waits once more, for some seconds, and ends."""
        with self._guard:
            self._ends_s = time.monotonic() + PARTING_S
            self._is_ended.set()
            with suppress(queue.Full):
                self._waiting.put_nowait(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with httpx.Client(timeout=POST_S, follow_redirects=False) as client:
            while not (self._is_ended.is_set() and self._waiting.empty()):
                document = self._waiting.get()
                if document is not None:
                    self._deliver(client, document)

    def _deliver(self, client: httpx.Client, document: dict[str, Any]) -> None:
        why = "the service ends"
        for pause_s in (*PAUSES_S, 0.0):
            if self._is_ended.is_set() and time.monotonic() > self._ends_s:
                break
            try:
                status = client.post(self._url, json=document).status_code
                if status < 300:
                    return
                why = f"status {status}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why = type(error).__name__
            if self._is_ended.wait(pause_s):
                break
        # The address is a secret with most who offer webhooks: it is not shown.
        log.warning("the webhook did not take an alert: %s", why)
        self._tell_of_failure()


class Alerts:
    """Begins and ends alerts of this host. ``host`` names it in rows and messages."""

    def __init__(
        self, database: Database, host: str, webhook: Webhook | None = None, language: Language = Language.ENGLISH
    ) -> None:
        self._database, self._host, self._webhook, self._language = database, host, webhook, language

    def begin(self, kind: str, message: Message) -> bool:
        """Whether it is new; False while one of this kind is open on this host. Raises `Unavailable`."""
        at = now()

        def work(session: Session) -> str | None:
            last = session.execute(
                select(AlertRow.id, AlertRow.ended_at)
                .where(AlertRow.kind == kind, AlertRow.host == self._host)
                .order_by(AlertRow.began_at.desc(), AlertRow.id.desc())
                .limit(1)
            ).first()
            if last is not None and last.ended_at is None:
                return None
            # Processes that see it at the same time make the same id, and the database takes one of them.
            made = hashlib.sha256(f"{kind}\n{self._host}\n{last.id if last else ''}".encode()).hexdigest()[:32]
            session.add(AlertRow(id=made, kind=kind, host=self._host, message=_kept(message), began_at=at))
            return made

        try:
            made = self._database.change(SYSTEM, work)
        except IntegrityError:
            return False
        if made is None:
            return False
        log.warning("alert %s on %s: %s", kind, self._host, message)
        self._post(made, kind, self._host, "began", message, at)
        return True

    def end(self, kind: str, host: str | None = None) -> bool:
        """Whether one was open, and ended by this call. Raises `Unavailable`."""
        at, where = now(), self._host if host is None else host

        def work(session: Session) -> tuple[str, Message] | None:
            row = session.scalar(
                select(AlertRow).where(AlertRow.kind == kind, AlertRow.host == where, AlertRow.ended_at.is_(None))
            )
            if row is None:
                return None
            ending = update(AlertRow).where(AlertRow.id == row.id, AlertRow.ended_at.is_(None)).values(ended_at=at)
            ended = cast(CursorResult[Any], session.execute(ending)).rowcount
            return (row.id, message_of(row)) if ended else None

        ended = self._database.change(SYSTEM, work)
        if ended is None:
            return False
        log.warning("alert %s on %s is over", kind, where)
        self._post(ended[0], kind, where, "ended", ended[1], at)
        return True

    def happened(self, kind: str, message: Message) -> None:
        """Something to be told of that has no end: a job that failed for good. Raises `Unavailable`."""
        at = now()
        row = AlertRow(kind=kind, host=self._host, message=_kept(message), began_at=at, ended_at=at)
        with self._database.write(SYSTEM) as session:
            session.add(row)
            session.flush()
            made = row.id
        log.warning("alert %s on %s: %s", kind, self._host, message)
        self._post(made, kind, self._host, "happened", message, at)

    def end_all_but(self, hosts: Collection[str]) -> None:
        """Ends what is open on hosts that are gone: nobody there will. Raises `Unavailable`."""
        with self._database.read(SYSTEM) as session:
            rows = session.execute(select(AlertRow.kind, AlertRow.host).where(AlertRow.ended_at.is_(None))).all()
        for kind, host in rows:
            if host not in hosts:
                self.end(kind, host)

    def close(self) -> None:
        if self._webhook is not None:
            self._webhook.close()

    def _post(self, alert_id: str, kind: str, host: str, state: str, message: Message, at: datetime) -> None:
        if self._webhook is None:
            return
        sentence = words(f"operations.alert.{state}", self._language, host=host, what=message.render(self._language))
        self._webhook.post(
            {
                "text": sentence,
                "alert": {
                    "id": alert_id, "kind": kind, "host": host, "state": state, "key": message.key,
                    "fields": dict(message.fields), "at": at.isoformat(),
                },
                "program": f"sightline {VERSION}",
            }
        )  # fmt: skip


def message_of(row: AlertRow) -> Message:
    """The sentence an alert's row holds."""
    return Message.of(str(row.message["key"]), **dict(row.message.get("fields", {})))


def _kept(message: Message) -> dict[str, Any]:
    return {"key": message.key, "fields": dict(message.fields)}
