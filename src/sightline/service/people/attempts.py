"""Limits on guessing passwords, counted in the audit and so over all processes of the installation.

Wrong passwords within 15 minutes are counted for the account and for the address (for IPv6: its /64, which is what one
customer gets). An account could be locked by a stranger who keeps guessing. So addresses from which the account was
signed in to before are counted by themselves: its owner gets in from where he usually does. From a new place he waits
until the stranger does, or asks for a one-time link; those and the identity provider are not limited. What is given up:
an attacker who shares such an address has as many tries again.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from sightline.errors import TooManyAttempts
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AuditRow
from sightline.library.sign_in_tables import SessionRow
from sightline.service.people.caller import Caller

FAILED, SUCCEEDED = "sign_in.failed", "sign_in.succeeded"
WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
"""No longer than ended sessions are kept."""


@dataclass(frozen=True, slots=True)
class Failure:
    at: datetime
    subject: str
    address: str


def wait_s(failures: Sequence[Failure], mine: Failure, most: int, *, is_known: bool) -> int:
    """Seconds until one more attempt is let through; 0: now. ``mine`` is the attempt in question.

    ``is_known``: the account was signed in to from this address before.
    """
    net = network_of(mine.address)
    near = [f for f in failures if net and network_of(f.address) == net]
    of_account = [f for f in failures if f.subject == mine.subject and (not is_known or f in near)]
    waits = [0]
    for group in (near, of_account):
        times = sorted((f.at for f in group if f.at > mine.at - WINDOW), reverse=True)
        if len(times) >= most:
            waits.append(int((times[most - 1] + WINDOW - mine.at).total_seconds()) + 1)
    return max(waits)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, the /64 of an IPv6 one; empty where there is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((int(found), 64), strict=False))


def subject_of(email: str, user_id: str | None) -> str:
    """What an attempt is for. People type passwords where the address belongs, so unknown ones are not kept."""
    return f"user:{user_id}" if user_id else f"unknown:{hashlib.sha256(email.encode()).hexdigest()[:16]}"


class Attempts:
    """``most`` wrong passwords within the window."""

    def __init__(self, database: Database, most: int) -> None:
        self._database, self._most = database, most

    def begin(self, subject: str, user_id: str | None, caller: Caller) -> int:
        """The id of the attempt, which stands as failed until `succeeded`. Raises `TooManyAttempts`.

        It is written before the password is looked at, so that many at the same time are counted as well.
        """
        mine = Failure(now(), subject, caller.address)
        is_known = user_id is not None and self._is_known(user_id, caller.address, mine.at)
        self._refuse(mine, None, is_known=is_known)

        def work(session: Session) -> int:
            row = AuditRow(
                at=mine.at, user_id=user_id, actor="", action=FAILED, subject=subject, address=caller.address[:64],
                request_id=caller.request_id[:64], details={},
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

        attempt = self._database.change(SYSTEM, work)
        try:
            self._refuse(mine, attempt, is_known=is_known)
        except TooManyAttempts:
            # One that was not let through does not make the wait longer.
            self.withdraw(attempt)
            raise
        return attempt

    def withdraw(self, attempt: int) -> None:
        """As if it had not been: nobody looked at the password."""
        self._database.change(SYSTEM, lambda session: session.execute(delete(AuditRow).where(AuditRow.id == attempt)))

    def _refuse(self, mine: Failure, attempt: int | None, *, is_known: bool) -> None:
        near = AuditRow.address == mine.address[:64]
        if ":" in mine.address:
            near = or_(near, AuditRow.address.contains(":"))
        wanted = select(AuditRow.id, AuditRow.at, AuditRow.subject, AuditRow.address).where(
            AuditRow.action == FAILED,
            AuditRow.at > mine.at - WINDOW,
            or_(AuditRow.subject == mine.subject, near),
        )
        with self._database.read(SYSTEM) as session:
            failures = [Failure(r.at, r.subject, r.address) for r in session.execute(wanted) if r.id != attempt]
        if seconds := wait_s(failures, mine, self._most, is_known=is_known):
            raise TooManyAttempts("account.too_many_attempts", retry_after_s=seconds)

    def _is_known(self, user_id: str, address: str, moment: datetime) -> bool:
        net = network_of(address)
        if not net:
            return False
        before = select(SessionRow.address).where(
            SessionRow.user_id == user_id, SessionRow.created_at > moment - KNOWN_FOR
        )
        with self._database.read(SYSTEM) as session:
            return any(network_of(found) == net for found in session.scalars(before.distinct()))


def succeeded(session: Session, attempt: int, name: str) -> None:
    """The password was right: in the transaction that opens the session."""
    row = session.get(AuditRow, attempt)
    if row is not None:
        row.action, row.actor, row.details = SUCCEEDED, name[:255], {"by": "password"}


__all__ = ["FAILED", "SUCCEEDED", "Attempts", "Failure", "network_of", "subject_of", "succeeded", "wait_s"]
