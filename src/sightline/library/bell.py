"""A bell that wakes whoever waits for work or news, in this process and, through Redis, in the others.

A ring is a hint and nothing else: it carries no content, may come twice, late or never. Whoever listens also looks by
himself from time to time.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import redis

from sightline.errors import SetupError
from sightline.library.redis_tier import client_of, place_of

log = logging.getLogger(__name__)
LOOK_S = 0.5
"""How long the listener waits before it looks whether it shall stop."""
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Before connecting again."""


class Bell:
    """Rings by topic. Without ``redis_url`` only this process hears them. Safe for threads.

    ``prefix`` keeps installations that share a Redis apart. Raises `SetupError` for a URL that is none.
    """

    def __init__(self, redis_url: str = "", *, prefix: str = "sightline") -> None:
        self._listeners: list[Callable[[str], None]] = []
        self._guard = threading.Lock()
        self._origin = secrets.token_hex(8)
        self._channel = f"{prefix}:bell"
        self._url = redis_url
        self._is_ended = threading.Event()
        self._wanted = threading.Event()
        self._topics: set[str] = set()
        self._threads: dict[str, threading.Thread] = {}
        try:
            self._client: Any = client_of(redis_url) if redis_url else None
        except ValueError as error:
            raise SetupError("operations.bad_redis_url") from error

    def ring(self, topic: str) -> None:
        """Calls every listener of this process in this thread, and has the other processes called. Never waits for
        Redis, never raises."""
        self._call(topic)
        if self._client is not None and not self._is_ended.is_set():
            with self._guard:
                self._topics.add(topic)
            self._wanted.set()
            self._begin("sightline-bell-ring", self._send)

    def on_ring(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Has ``callback`` called with the topic of every ring. It must be quick: set an event. Gives what ends it."""
        with self._guard:
            self._listeners.append(callback)
        if self._client is not None:
            self._begin("sightline-bell-hear", self._hear)

        def end() -> None:
            with self._guard:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return end

    def close(self) -> None:
        """Ends its threads; rings not yet sent are lost."""
        self._is_ended.set()
        self._wanted.set()
        with self._guard:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join()
        if self._client is not None:
            self._client.close()

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        with self._guard:
            if name not in self._threads and not self._is_ended.is_set():
                thread = self._threads[name] = threading.Thread(target=work, name=name, daemon=True)
                thread.start()

    def _call(self, topic: str) -> None:
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(topic)
            except Exception as error:  # noqa: BLE001  (one listener must not keep the ring from the others)
                log.warning("a listener of %s failed: %r", topic, error)

    def _send(self) -> None:
        while not self._is_ended.is_set():
            self._wanted.wait()
            self._wanted.clear()
            with self._guard:
                topics, self._topics = self._topics, set()
            try:
                for topic in sorted(topics):
                    self._client.publish(self._channel, f"{self._origin} {topic}")
            except (redis.RedisError, OSError):
                # Nobody was called; they will look by themselves. A dead Redis is not tried for every ring.
                self._is_ended.wait(PAUSES_S[2])

    def _hear(self) -> None:
        failures = 0
        while not self._is_ended.is_set():
            began = time.monotonic()
            try:
                self._hear_until_it_breaks()
            except (redis.RedisError, OSError) as error:
                if time.monotonic() - began > PAUSES_S[-1]:
                    failures = 0
                if failures == 0:
                    log.warning("the bell at %s is out of order (%s)", place_of(self._url), type(error).__name__)
                self._is_ended.wait(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1

    def _hear_until_it_breaks(self) -> None:
        # A connection of its own: a subscriber reads without end, and the answer's time limit is not for it.
        client: Any = client_of(self._url, answer_s=LOOK_S)
        heard = client.pubsub(ignore_subscribe_messages=True)
        try:
            heard.subscribe(self._channel)
            while not self._is_ended.is_set():
                message = heard.get_message(timeout=LOOK_S)
                if message is None:
                    continue
                origin, _, topic = bytes(message["data"]).decode("utf-8", "replace").partition(" ")
                if origin != self._origin:
                    self._call(topic)
        finally:
            heard.close()
            client.close()
