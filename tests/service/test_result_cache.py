"""The result cache and the bell, with a real Redis that is there, gone, slow or late."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.redis_server import RedisServer

from sightline.errors import SetupError
from sightline.library.bell import Bell
from sightline.library.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, Breaker
from sightline.library.cache import ENTRY_BYTES, ResultCache, _name_in_redis

MB = 2**20
PATIENCE_S = 15


def never() -> bytes:
    raise AssertionError("made although it was there")


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as found:
        yield found


@pytest.fixture
def own() -> str:
    return uuid.uuid4().hex


def test_a_value_is_made_once_and_then_found_in_memory() -> None:
    cache = ResultCache(MB)
    assert cache.stats().hit_rate is None
    assert cache.get_or_make(("report", "a1", "3"), lambda: b"x", 60) == b"x"
    assert cache.get_or_make(("report", "a1", "3"), never, 60) == b"x"
    stats = cache.stats()
    assert (stats.hits_memory, stats.hits_redis, stats.misses, stats.errors) == (1, 0, 1, 0)
    assert stats.hit_rate == 0.5
    assert stats.is_redis_up is None


def test_a_new_revision_is_another_key() -> None:
    cache = ResultCache(MB)
    cache.get_or_make(("report", "a1", "1"), lambda: b"old", 60)
    assert cache.get_or_make(("report", "a1", "2"), lambda: b"new", 60) == b"new"


def test_a_value_is_forgotten_after_its_time() -> None:
    now = [0.0]
    cache = ResultCache(MB, clock=lambda: now[0])
    cache.get_or_make(("k",), lambda: b"1", 10)
    now[0] = 9.9
    assert cache.get_or_make(("k",), never, 10) == b"1"
    now[0] = 10
    assert cache.get_or_make(("k",), lambda: b"2", 10) == b"2"
    assert cache.stats().entries == 1


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3000)), max_size=60))
def test_memory_is_counted_to_the_byte_and_never_more_than_given(asked: list[tuple[int, int]]) -> None:
    cache = ResultCache(10_000)
    for name, size in asked:
        cache.get_or_make((str(name),), lambda size=size: bytes(size), 60)  # type: ignore[misc]
        entries = cache._entries
        counted = sum(sys.getsizeof(e.value) + sum(map(sys.getsizeof, k)) + ENTRY_BYTES for k, e in entries.items())
        assert cache.stats().bytes == counted <= 10_000
        assert all(len(e.value) < 2500 for e in entries.values())


def test_the_least_recently_used_goes_first() -> None:
    cache = ResultCache(5_000)
    for name in "abc":
        cache.get_or_make((name,), lambda: bytes(700), 60)
    cache.get_or_make(("a",), never, 60)
    cache.get_or_make(("d",), lambda: bytes(700), 60)
    cache.get_or_make(("e",), lambda: bytes(700), 60)
    assert [key[0] for key in cache._entries] == ["c", "a", "d", "e"]


def test_one_thread_makes_and_the_others_wait() -> None:
    cache, made, answers = ResultCache(MB), [], []
    started = threading.Barrier(20)

    def make() -> bytes:
        made.append(1)
        time.sleep(0.1)
        return b"dear"

    def ask() -> None:
        started.wait()
        answers.append(cache.get_or_make(("k",), make, 60))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert answers == [b"dear"] * 20
    assert cache.stats().hits_memory == 19


def test_waiting_goes_by_key() -> None:
    cache, inside, leave = ResultCache(MB), threading.Event(), threading.Event()

    def slow() -> bytes:
        inside.set()
        leave.wait(PATIENCE_S)
        return b""

    thread = threading.Thread(target=cache.get_or_make, args=(("slow",), slow, 60))
    thread.start()
    inside.wait(PATIENCE_S)
    assert cache.get_or_make(("quick",), lambda: b"q", 60) == b"q"
    leave.set()
    thread.join()


def test_what_a_maker_raises_reaches_all_who_waited_and_is_not_kept() -> None:
    cache, inside, errors = ResultCache(MB), threading.Event(), []

    def fails() -> bytes:
        inside.set()
        time.sleep(0.1)
        raise ValueError("no")

    def ask() -> None:
        try:
            cache.get_or_make(("k",), fails, 60)
        except ValueError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    inside.wait(PATIENCE_S)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 3
    assert cache.get_or_make(("k",), lambda: b"well", 60) == b"well"


def test_a_maker_may_ask_for_what_it_makes() -> None:
    cache = ResultCache(MB)
    assert cache.get_or_make(("k",), lambda: cache.get_or_make(("k",), lambda: b"in", 60) + b"out", 60) == b"inout"


def test_a_url_that_is_none_is_a_mistake_of_the_settings() -> None:
    for part in (lambda: ResultCache(MB, "nonsense://x"), lambda: Bell("nonsense://x")):
        with pytest.raises(SetupError):
            part()


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_two_keys_never_share_a_name_in_redis(first: list[str], second: list[str]) -> None:
    assert (_name_in_redis(tuple(first)) == _name_in_redis(tuple(second))) == (first == second)


def test_another_process_finds_in_redis_what_one_made(redis_url: str, own: str) -> None:
    one, other = ResultCache(MB, redis_url), ResultCache(MB, redis_url)
    value = bytes(range(256)) * 10
    assert one.get_or_make((own, "a"), lambda: value, 5) == value
    assert other.get_or_make((own, "a"), never, 5) == value
    assert other.get_or_make((own, "a"), never, 5) == value
    stats = other.stats()
    assert (stats.hits_redis, stats.hits_memory, stats.misses) == (1, 1, 0)
    assert stats.is_redis_up is True
    one.close()
    other.close()


def test_values_too_large_for_redis_are_still_answered(redis_url: str, own: str) -> None:
    cache = ResultCache(MB, redis_url)
    assert len(cache.get_or_make((own,), lambda: bytes(5 * MB), 5)) == 5 * MB
    assert cache.stats().errors == 0
    cache.close()


def test_redis_killed_and_started_again(server: RedisServer, own: str) -> None:
    server.start()
    cache = ResultCache(MB, server.url)
    cache.get_or_make((own, "0"), lambda: b"0", 60)
    server.kill()
    assert cache.get_or_make((own, "0"), never, 60) == b"0"
    began = time.monotonic()
    for number in range(200):
        assert cache.get_or_make((own, "gone", str(number)), lambda: b"x", 60) == b"x"
    assert time.monotonic() - began < 2
    assert cache.stats().is_redis_up is False
    assert 1 <= cache.stats().errors < 10
    server.start()
    other = ResultCache(MB, server.url)

    def kept_again() -> bool:
        name = uuid.uuid4().hex
        cache.get_or_make((own, name), lambda: b"again", 60)
        return other.get_or_make((own, name), lambda: b"not kept", 60) == b"again"

    soon(kept_again)
    assert cache.stats().is_redis_up is True
    cache.close()
    other.close()


def test_a_redis_that_stops_answering_costs_one_short_wait(server: RedisServer, own: str) -> None:
    server.start()
    cache = ResultCache(MB, server.url)
    cache.get_or_make((own, "0"), lambda: b"0", 60)
    server.stop()
    try:
        began = time.monotonic()
        for number in range(100):
            assert cache.get_or_make((own, str(number)), lambda: b"x", 60)
        assert time.monotonic() - began < 2
        assert cache.stats().is_redis_up is False
        assert cache.ping() is False
    finally:
        server.go_on()
    soon(lambda: bool(cache.ping()))
    # An answer that comes too late must not be taken for the answer to a later question.
    for number in range(20):
        expected = b"v%d" % number
        assert cache.get_or_make((own, "late", str(number)), lambda value=expected: value, 60) == expected  # type: ignore[misc]
    cache.close()


def test_redis_started_after_the_service(server: RedisServer, own: str) -> None:
    cache = ResultCache(MB, server.url)
    assert cache.get_or_make((own, "0"), lambda: b"0", 60) == b"0"
    assert cache.stats().is_redis_up is False
    server.start()

    def is_up() -> bool:
        cache.get_or_make((own, uuid.uuid4().hex), lambda: b"", 60)
        return cache.stats().is_redis_up is True

    soon(is_up)
    cache.close()


def test_a_breaker_pauses_longer_and_longer_and_lets_one_try() -> None:
    breaker, now, pauses = Breaker(), 0.0, []
    assert breaker.may_try(now)
    assert breaker.failed(now)
    for _ in range(9):
        began = now
        while not breaker.may_try(now):
            now += 0.25
        pauses.append(now - began)
        assert not breaker.may_try(now)
        assert not breaker.failed(now)
    assert pauses[0] == FIRST_PAUSE_S
    assert pauses[-1] == LONGEST_PAUSE_S
    assert pauses == sorted(pauses)
    assert breaker.is_broken
    breaker.worked()
    assert all(breaker.may_try(now) for _ in range(3))
    assert breaker.failed(now)


def test_failures_that_were_under_way_together_count_once() -> None:
    breaker = Breaker()
    assert [breaker.failed(0.0) for _ in range(40)] == [True, *[False] * 39]
    assert not breaker.may_try(FIRST_PAUSE_S - 0.01)
    assert breaker.may_try(FIRST_PAUSE_S)


def test_a_bell_without_redis_rings_in_its_own_process() -> None:
    bell, heard = Bell(), []
    end = bell.on_ring(heard.append)
    bell.ring("jobs")
    end()
    bell.ring("jobs")
    bell.close()
    assert heard == ["jobs"]


def test_a_listener_that_fails_does_not_silence_the_others() -> None:
    bell, heard = Bell(), []
    bell.on_ring(lambda _: 1 / 0)
    bell.on_ring(heard.append)
    bell.ring("jobs")
    bell.close()
    assert heard == ["jobs"]


def test_a_bell_is_heard_in_other_processes_and_once_in_its_own(redis_url: str, own: str) -> None:
    one, other = Bell(redis_url, prefix=own), Bell(redis_url, prefix=own)
    here: list[str] = []
    there: list[str] = []
    try:
        one.on_ring(here.append)
        other.on_ring(there.append)

        def has_rung() -> bool:
            one.ring("jobs")
            return bool(there)

        soon(has_rung)
        one.ring("changes")
        soon(lambda: "changes" in there)
        time.sleep(0.1)
        assert (here.count("changes"), there.count("changes")) == (1, 1)
    finally:
        one.close()
        other.close()


def test_ringing_never_waits_for_redis_and_is_heard_again_when_it_is_back(server: RedisServer, own: str) -> None:
    one, other = Bell(server.url), Bell(server.url)
    heard: list[str] = []
    try:
        other.on_ring(heard.append)
        began = time.monotonic()
        for _ in range(1000):
            one.ring("jobs")
        assert time.monotonic() - began < 0.2
        server.start()

        def is_heard() -> bool:
            one.ring("jobs")
            time.sleep(0.05)
            return bool(heard)

        soon(is_heard)
        server.kill()
        server.start()
        heard.clear()
        soon(is_heard)
    finally:
        one.close()
        other.close()
