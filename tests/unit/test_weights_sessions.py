"""Sessions of models: loaded once, lent, given back, unloaded."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.toy_weights import put, toy_registry

from sightline.errors import WeightsDenied, WeightsRefused
from sightline.weights import sessions
from sightline.weights.shelf import Shelf

ONE = {"one.bin": b"the only file"}
TWO = {"config.json": b"{}", "model.bin": b"many numbers"}


class Session:
    """What a runtime would make of a file."""

    alive = 0

    def __init__(self, path: Path) -> None:
        self.path = path
        type(self).alive += 1

    def __del__(self) -> None:
        type(self).alive -= 1


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shelf:
    toy_registry(monkeypatch, tmp_path, {"one": ONE, "two": TWO})
    put(tmp_path / "models" / "one", ONE)
    put(tmp_path / "models" / "two", TWO)
    Session.alive = 0
    return Shelf((tmp_path / "models",), idle_s=60)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_session_is_loaded_on_first_use_and_used_again(shelf: Shelf) -> None:
    assert sessions.loaded() == ()
    with sessions.lease(shelf, "one", Session) as first:
        assert first.path == shelf.file("one")
    with sessions.lease(shelf, "one", Session) as second:
        assert second is first
    assert Session.alive == 1


def test_a_model_of_several_files_is_loaded_from_its_folder(shelf: Shelf) -> None:
    with sessions.lease(shelf, "two", Session) as session:
        assert session.path == shelf.file("two", "model.bin").parent


def test_two_at_once_have_a_session_each_where_the_runtime_needs_it(shelf: Shelf) -> None:
    with sessions.lease(shelf, "one", Session) as first, sessions.lease(shelf, "one", Session) as second:
        assert first is not second
    assert [entry.leases for entry in sessions.loaded()] == [0, 0]


def test_two_at_once_share_a_session_where_the_runtime_allows_it(shelf: Shelf) -> None:
    with (
        sessions.lease(shelf, "one", Session, shared=True) as first,
        sessions.lease(shelf, "one", Session, shared=True) as second,
    ):
        assert first is second
        assert [entry.leases for entry in sessions.loaded()] == [2]


def test_many_threads_load_a_shared_session_once(shelf: Shelf) -> None:
    loads: list[Path] = []
    got: list[Session] = []

    def load(path: Path) -> Session:
        loads.append(path)
        time.sleep(0.05)
        return Session(path)

    def use() -> None:
        with sessions.lease(shelf, "one", load, shared=True) as session:
            got.append(session)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(set(map(id, got))) == 1


def test_exclusive_sessions_are_never_shared_under_load(shelf: Shelf) -> None:
    in_use: set[int] = set()
    clashes: list[int] = []

    def use() -> None:
        for _ in range(50):
            with sessions.lease(shelf, "one", Session) as session:
                if id(session) in in_use:
                    clashes.append(id(session))
                in_use.add(id(session))
                time.sleep(0.0005)
                in_use.discard(id(session))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not clashes
    assert 1 <= len(sessions.loaded()) <= 6


def test_variants_are_sessions_of_their_own(shelf: Shelf) -> None:
    with sessions.lease(shelf, "one", Session, shared=True, variant="int8") as first:
        pass
    with sessions.lease(shelf, "one", Session, shared=True, variant="float16") as second:
        assert second is not first
    assert {entry.variant for entry in sessions.loaded()} == {"int8", "float16"}


def test_what_is_loaded_is_counted(shelf: Shelf) -> None:
    before = time.time()
    lease = sessions.lease(shelf, "two", Session)
    (entry,) = sessions.loaded()
    assert (entry.model, entry.bytes, entry.leases) == ("two", sum(map(len, TWO.values())), 1)
    assert before <= entry.since <= entry.last_used <= time.time()
    assert entry.to_plain()["model"] == "two"
    lease.close()
    lease.close()
    (entry,) = sessions.loaded()
    assert entry.leases == 0


def test_a_session_idle_for_long_is_unloaded_and_the_thread_ends(shelf: Shelf) -> None:
    hasty = Shelf(shelf.folders, idle_s=0.05)
    lease = sessions.lease(hasty, "one", Session)
    time.sleep(0.2)
    assert len(sessions.loaded()) == 1, "in use is not idle"
    lease.close()
    del lease
    _until(lambda: not sessions.loaded())
    _until(lambda: Session.alive == 0)
    _until(lambda: not [t for t in threading.enumerate() if t.name == "sightline-sessions"])
    with sessions.lease(hasty, "one", Session):
        assert len(sessions.loaded()) == 1


def test_a_session_used_again_and_again_is_not_unloaded(shelf: Shelf) -> None:
    hasty = Shelf(shelf.folders, idle_s=0.5)
    for _ in range(8):
        with sessions.lease(hasty, "one", Session) as session:
            first = session
        time.sleep(0.1)
    with sessions.lease(hasty, "one", Session) as session:
        assert session is first


def test_a_lease_nobody_closed_comes_back_when_it_is_collected(shelf: Shelf) -> None:
    class Meter:
        def __init__(self) -> None:
            self.lease = sessions.lease(shelf, "one", Session)
            self.itself = self

    meter: Meter | None = Meter()
    assert [entry.leases for entry in sessions.loaded()] == [1]
    meter = None
    gc.collect()
    assert meter is None
    assert [entry.leases for entry in sessions.loaded()] == [0]


def test_a_lost_lease_is_unloaded_without_anybody_asking(shelf: Shelf) -> None:
    lease = sessions.lease(Shelf(shelf.folders, idle_s=0), "one", Session)
    assert Session.alive == 1
    del lease
    gc.collect()
    _until(lambda: Session.alive == 0)


def test_a_load_that_fails_leaves_nothing_and_can_be_tried_again(shelf: Shelf) -> None:
    def fail(path: Path) -> Session:
        raise RuntimeError("no such operator")

    with pytest.raises(RuntimeError, match="no such operator"):
        sessions.lease(shelf, "one", fail)
    assert sessions.loaded() == ()
    with sessions.lease(shelf, "one", Session):
        pass


def test_a_session_in_memory_does_not_help_who_may_not_open_the_model(shelf: Shelf) -> None:
    with sessions.lease(shelf, "one", Session), pytest.raises(WeightsDenied):
        sessions.lease(shelf.denying(["one"]), "one", Session)


def test_other_bytes_are_never_loaded(shelf: Shelf, tmp_path: Path) -> None:
    put(tmp_path / "models" / "one", {"one.bin": b"something else entirely"})
    with pytest.raises(WeightsRefused):
        sessions.lease(shelf, "one", Session)
    assert sessions.loaded() == ()


def test_whoever_watches_hears_of_loading_and_unloading(shelf: Shelf) -> None:
    pool = sessions.Pool()
    counts: list[int] = []
    pool.on_change(lambda: counts.append(len(pool.loaded())))
    with pool.lease(shelf, "one", Session), pool.lease(shelf, "two", Session):
        pass
    pool.clear()
    assert counts == [1, 2, 0]


def test_real_weights_make_a_real_session(shared_models: Path) -> None:
    import onnxruntime

    def load(path: Path) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    with sessions.lease(Shelf((shared_models,)), "yunet", load, shared=True) as session:
        assert session.get_inputs()[0].name == "input"
