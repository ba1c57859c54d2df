"""Bytes kept in Redis, where there is one and as long as it answers. Never raises."""

from __future__ import annotations

import logging
import time
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sightline.library.breaker import Breaker

log = logging.getLogger(__name__)
CONNECT_S, ANSWER_S = 0.25, 0.25
LARGEST_BYTES = 4 * 2**20
"""Larger values would not come within `ANSWER_S` from a busy server."""


def client_of(url: str, *, answer_s: float = ANSWER_S) -> redis.Redis:
    """A client that gives up early and never tries twice by itself. Connects to nothing yet. Raises `ValueError`."""
    # redis-py would choose protocol 3: servers before 6 and some stand-ins do not know it, and nothing here needs it.
    return redis.Redis.from_url(
        url, protocol=2, socket_timeout=answer_s, socket_connect_timeout=CONNECT_S, socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )  # fmt: skip


def place_of(url: str) -> str:
    """Host and port: what may be shown of a URL."""
    at = urlsplit(url)
    return f"{at.hostname or at.path}:{at.port or 6379}"


class RedisTier:
    """Values by name. While Redis does not answer every call comes back at once, empty-handed."""

    def __init__(self, url: str) -> None:
        self._client = client_of(url)
        self._place = place_of(url)
        self._breaker = Breaker()
        self.errors = 0
        """How often Redis was asked and did not answer."""

    @property
    def is_up(self) -> bool:
        """Whether the last try worked, or none was made yet."""
        return not self._breaker.is_broken

    def get(self, name: str) -> bytes | None:
        if not self._breaker.may_try(time.monotonic()):
            return None
        try:
            found = self._client.get(name)
        except (redis.RedisError, OSError) as error:
            self._failed(error)
            return None
        self._worked()
        return found if isinstance(found, bytes) else None

    def put(self, name: str, value: bytes, ttl_s: float) -> None:
        if len(value) > LARGEST_BYTES or not self._breaker.may_try(time.monotonic()):
            return
        try:
            self._client.set(name, value, px=max(1, int(ttl_s * 1000)))
        except (redis.RedisError, OSError) as error:
            self._failed(error)
        else:
            self._worked()

    def remove(self, prefix: str) -> int:
        """Removes every value whose name begins so. How many; 0 where Redis does not answer."""
        if not self._breaker.may_try(time.monotonic()):
            return 0
        try:
            names = list(self._client.scan_iter(match=f"{prefix}*", count=1000))
            for name in names:
                self._client.delete(name)
        except (redis.RedisError, OSError) as error:
            self._failed(error)
            return 0
        self._worked()
        return len(names)

    def ping(self) -> bool:
        """Whether Redis answers now. Asks it even while it is otherwise left alone."""
        try:
            self._client.ping()
        except (redis.RedisError, OSError) as error:
            self._failed(error)
            return False
        self._worked()
        return True

    def close(self) -> None:
        self._client.close()

    def _worked(self) -> None:
        if self._breaker.is_broken:
            log.info("Redis at %s answers again", self._place)
        self._breaker.worked()

    def _failed(self, error: Exception) -> None:
        self.errors += 1
        # Other idle connections were made before it went: the next try shall not stumble over each of them.
        self._client.connection_pool.disconnect(inuse_connections=False)
        if self._breaker.failed(time.monotonic()):
            log.warning("Redis at %s does not answer (%s): going on without it", self._place, type(error).__name__)
