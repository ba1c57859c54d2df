"""Limits on what language models may cost: reserved before a request is sent, settled after it.

A reservation is for the most a request can cost. So whoever gets one cannot go over a limit, however many ask at the
same time, and a process that dies leaves its reservation counted as spent rather than forgotten.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Protocol, Self

from sightline.insight.failures import BudgetUsedUp, ModelSetupWrong
from sightline.insight.prices import MICROS, Usage
from sightline.text import Message


@dataclass(frozen=True, slots=True)
class Amount:
    """Money and tokens."""

    usd_micros: int = 0
    tokens: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.usd_micros + other.usd_micros, self.tokens + other.tokens)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.usd_micros - other.usd_micros, self.tokens - other.tokens)

    @property
    def usd(self) -> float:
        """For showing."""
        return self.usd_micros / MICROS


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of a request, of a day and of a month (UTC). Zero money allows what costs nothing, and nothing else."""

    call: Amount
    day: Amount
    month: Amount

    @classmethod
    def of(cls, usd: tuple[float, float, float], tokens: tuple[int, int, int]) -> Self:
        """Limits from dollars and tokens for a call, a day and a month; dollars are rounded down to micro-dollars."""
        micros = [int((Decimal(str(each)) * MICROS).to_integral_value(ROUND_FLOOR)) for each in usd]
        return cls(*(Amount(m, t) for m, t in zip(micros, tokens, strict=True)))


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for, for the ledger."""

    provider: str
    model: str
    prompt: str
    """``interview-review/1``."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Leave to send one request."""

    id: str
    day: str
    """``2026-11-21``: the day it was taken from, whenever it is settled."""
    month: str
    asked: Amount
    purpose: Purpose


class Budget(Protocol):
    """Keeps to limits over all that ask. Safe for many threads."""

    def reserve(self, asked: Amount, purpose: Purpose) -> Reservation:
        """Raises `BudgetUsedUp` where a limit would be passed; then nothing is reserved."""
        ...

    def settle(self, reservation: Reservation, cost: Amount | None, usage: Usage | None, outcome: str) -> None:
        """Puts the cost in place of the reservation. ``cost`` None: nobody knows, so what was reserved is spent.

        ``outcome`` is ``ok`` or the key of what went wrong.
        """
        ...


def refusal(limits: Limits, day: Amount, month: Amount, asked: Amount) -> Message | None:
    """Why ``asked`` may not be spent when ``day`` and ``month`` are spent or reserved already; None: it may."""
    for name, limit, already in (
        ("call", limits.call, Amount()),
        ("day", limits.day, day),
        ("month", limits.month, month),
    ):
        after = already + asked
        # What costs nothing is not held up by money that is gone.
        if asked.usd_micros and after.usd_micros > limit.usd_micros:
            return Message.of(f"insight.failed.budget_{name}_usd", limit=_dollars(limit), asked=_dollars(asked))
        if after.tokens > limit.tokens:
            return Message.of(f"insight.failed.budget_{name}_tokens", limit=limit.tokens, asked=asked.tokens)
    return None


def periods(at: datetime) -> tuple[str, str]:
    """Day and month of a moment, in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%d}", f"{utc:%Y-%m}"


def used_up(message: Message) -> BudgetUsedUp:
    return BudgetUsedUp(message.key, **dict(message.fields))


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger."""

    reservation: Reservation
    cost: Amount
    usage: Usage | None
    outcome: str


@dataclass
class MemoryBudget:
    """A budget of this process alone."""

    limits: Limits
    clock: Callable[[], datetime] = utc_now
    entries: list[Entry] = field(default_factory=list)
    """Everything settled, oldest first."""
    _spent: dict[str, Amount] = field(default_factory=dict)
    _taken: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, asked: Amount, purpose: Purpose) -> Reservation:
        day, month = periods(self.clock())
        with self._turn:
            if why := refusal(self.limits, self.spent(day), self.spent(month), asked):
                raise used_up(why)
            self._taken += 1
            self._add(day, month, asked)
            return Reservation(str(self._taken), day, month, asked, purpose)

    def settle(self, reservation: Reservation, cost: Amount | None, usage: Usage | None, outcome: str) -> None:
        final = reservation.asked if cost is None else cost
        with self._turn:
            self._add(reservation.day, reservation.month, final - reservation.asked)
            self.entries.append(Entry(reservation, final, usage, outcome))

    def spent(self, period: str) -> Amount:
        """Spent and reserved in a day or a month."""
        return self._spent.get(period, Amount())

    def _add(self, day: str, month: str, amount: Amount) -> None:
        for period in (day, month):
            self._spent[period] = self.spent(period) + amount


@dataclass(frozen=True)
class FileBudget:
    """A budget of one person at one machine, kept in a file that several processes share. POSIX only."""

    path: Path
    limits: Limits
    clock: Callable[[], datetime] = utc_now

    def reserve(self, asked: Amount, purpose: Purpose) -> Reservation:
        """Raises `BudgetUsedUp`, and `ModelSetupWrong` where the file cannot be read or written."""
        day, month = periods(self.clock())
        with self._open() as spent:
            if why := refusal(self.limits, spent.get(day, Amount()), spent.get(month, Amount()), asked):
                raise used_up(why)
            for period in (day, month):
                spent[period] = spent.get(period, Amount()) + asked
            for old in [period for period in spent if period < month]:
                del spent[old]
        return Reservation(f"{day}-{os.getpid()}", day, month, asked, purpose)

    def settle(self, reservation: Reservation, cost: Amount | None, usage: Usage | None, outcome: str) -> None:  # noqa: ARG002  (the file has no ledger)
        if cost is None:
            return
        with self._open() as spent:
            for period in (reservation.day, reservation.month):
                if period in spent:
                    spent[period] = spent[period] + (cost - reservation.asked)

    @contextmanager
    def _open(self) -> Iterator[dict[str, Amount]]:
        """What is spent by period; written when the block ends, left as it was when it raises."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                spent = self._read()
                yield spent
                new = self.path.with_suffix(".new")
                new.write_text(json.dumps({k: [a.usd_micros, a.tokens] for k, a in spent.items()}), encoding="utf-8")
                new.replace(self.path)
        except OSError as error:
            raise ModelSetupWrong("insight.failed.budget_file", file=self.path, why=error.strerror or error) from error

    def _read(self) -> dict[str, Amount]:
        try:
            plain = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(period): Amount(int(usd), int(tokens)) for period, (usd, tokens) in plain.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelSetupWrong("insight.failed.budget_file", file=self.path, why="JSON") from error


def _dollars(amount: Amount) -> str:
    return f"{amount.usd:.6f}".rstrip("0").rstrip(".") if amount.usd_micros else "0"
