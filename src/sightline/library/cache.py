"""Results that are dear to make, kept as bytes: in this process's memory and, where there is one, in Redis.

Nothing in here can be out of date. A key names content that never changes: it holds the hash of the bytes or the
revision of the row the result was made from, and everything else the result depends on (desk, format, language, the
size of a thumbnail). Whoever writes raises the revision, so readers in every process ask under a new key from then on;
no process has to be told. Do not keep anything here under a name that outlives a change (decision 7).
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from sightline.errors import SetupError
from sightline.library.redis_tier import RedisTier
from sightline.version import VERSION

Key = tuple[str, ...]
ENTRY_BYTES = 400
"""Of the dictionary's slot, the tuple and the entry themselves (measured, CPython 3.11, rounded up)."""
LARGEST_SHARE = 4
"""A value larger than the memory tier divided by this would push out too much else."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Counted since the start of this process."""

    hits_memory: int
    """Answered from memory, or by waiting for somebody who was making the same."""
    hits_redis: int
    misses: int
    """Made anew."""
    errors: int
    """Redis was asked and did not answer."""
    entries: int
    """In memory now."""
    bytes: int
    """In memory now, keys and book-keeping included; never more than the size given."""
    is_redis_up: bool | None
    """None: there is no Redis tier."""

    @property
    def hit_rate(self) -> float | None:
        """0 to 1; None before the first question."""
        hits = self.hits_memory + self.hits_redis
        return hits / (hits + self.misses) if hits + self.misses else None


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    ends_s: float
    size_bytes: int


@dataclass(slots=True)
class _Flight:
    """Somebody is making a value; others wait for it."""

    maker: int
    landed: threading.Event = field(default_factory=threading.Event)
    value: bytes | None = None
    error: Exception | None = None


class ResultCache:
    """Two tiers: memory (least recently used goes first), then Redis where ``redis_url`` names one. Safe for threads.

    A Redis that is gone, slow or late costs a quarter of a second now and then and is otherwise done without; nothing
    is raised for it. Raises `SetupError` for a URL that is none.
    """

    def __init__(self, memory_bytes: int, redis_url: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = memory_bytes
        self._clock = clock
        self._guard = threading.Lock()
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._bytes = 0
        self._flights: dict[Key, _Flight] = {}
        self._hits_memory = self._hits_redis = self._misses = 0
        try:
            self._redis = RedisTier(redis_url) if redis_url else None
        except ValueError as error:
            raise SetupError("operations.bad_redis_url") from error

    def get_or_make(self, key: Key, make: Callable[[], bytes], ttl_s: float) -> bytes:
        """The value of ``key``, made by ``make`` when no tier has it; at most one thread of this process makes it.

        ``ttl_s``: after so long it is forgotten, to give room; not because it could be out of date. Raises what
        ``make`` raises, to everybody who waited for it; that is not kept.
        """
        while True:
            with self._guard:
                if (value := self._remembered(key)) is not None:
                    self._hits_memory += 1
                    return value
                flight = self._flights.get(key)
                if flight is None:
                    flight = self._flights[key] = _Flight(threading.get_ident())
                    break
            if flight.maker == threading.get_ident():
                # A maker that asks for what it is making would wait for itself.
                return make()
            flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.value is not None:
                with self._guard:
                    self._hits_memory += 1
                return flight.value
        try:
            flight.value = self._from_redis_or_made(key, make, ttl_s)
            return flight.value
        except Exception as error:
            flight.error = error
            raise
        finally:
            with self._guard:
                del self._flights[key]
            flight.landed.set()

    def forget(self, subject: tuple[str, str]) -> int:
        """Removes what is kept of a subject, the first two parts of its keys, in this process and in Redis. How many.

        For deletion, not for freshness: in other processes entries of what is gone can no longer be asked for, and
        end by their time.
        """
        with self._guard:
            keys = [key for key in self._entries if key[:2] == subject]
            for key in keys:
                self._forget(key)
        return len(keys) + (0 if self._redis is None else self._redis.remove(_prefix_in_redis(subject)))

    def stats(self) -> CacheStats:
        with self._guard:
            return CacheStats(
                self._hits_memory, self._hits_redis, self._misses,
                0 if self._redis is None else self._redis.errors, len(self._entries), self._bytes,
                None if self._redis is None else self._redis.is_up,
            )  # fmt: skip

    def ping(self) -> bool | None:
        """Whether Redis answers now; None where there is no Redis tier. Takes at most half a second."""
        return None if self._redis is None else self._redis.ping()

    def close(self) -> None:
        if self._redis is not None:
            self._redis.close()

    def _from_redis_or_made(self, key: Key, make: Callable[[], bytes], ttl_s: float) -> bytes:
        if self._redis is None:
            value = make()
        else:
            name = _name_in_redis(key)
            if (kept := self._redis.get(name)) is not None:
                with self._guard:
                    self._hits_redis += 1
                self._remember(key, kept, ttl_s)
                return kept
            value = make()
            self._redis.put(name, value, ttl_s)
        with self._guard:
            self._misses += 1
        self._remember(key, value, ttl_s)
        return value

    def _remembered(self, key: Key) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.ends_s <= self._clock():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def _remember(self, key: Key, value: bytes, ttl_s: float) -> None:
        size = sys.getsizeof(value) + sum(map(sys.getsizeof, key)) + ENTRY_BYTES
        if size * LARGEST_SHARE > self._most_bytes or ttl_s <= 0:
            return
        with self._guard:
            if key in self._entries:
                self._forget(key)
            self._entries[key] = _Entry(value, self._clock() + ttl_s, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._forget(next(iter(self._entries)))

    def _forget(self, key: Key) -> None:
        self._bytes -= self._entries.pop(key).size_bytes


def _name_in_redis(key: Key) -> str:
    """One name for one key, whatever signs its parts hold. Another version may make other bytes of the same content."""
    return f"{_prefix_in_redis(key[:2])}{_digest(key)}"


def _prefix_in_redis(subject: Key) -> str:
    """Of the names of all keys that begin with these two parts."""
    return f"sightline:{VERSION}:cache:{_digest(subject)[:32]}:"


def _digest(key: Key) -> str:
    parts = b"".join(b"%d:%s" % (len(part), part) for part in (p.encode("utf-8", "surrogatepass") for p in key))
    return hashlib.sha256(parts).hexdigest()
