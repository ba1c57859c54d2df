"""Weights are fetched over a network that cuts, lies and fills the disk."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.file_server import FileServer, file_server
from tests.toy_weights import put, toy_registry

from sightline.errors import OutputUnwritable, Unavailable, WeightsRefused
from sightline.weights import checksum, download, registry
from sightline.weights.pull import Pulled, Step, pull, remove
from sightline.weights.shelf import Shelf

BIG = random.Random(1).randbytes(3_000_000)
ONE = {"one.bin": BIG}
TWO = {"config.json": b"{}", "model.bin": random.Random(2).randbytes(300_000)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    """The official place of two small models."""
    monkeypatch.setattr(download, "FIRST_PAUSE_S", 0.01)
    checksum.forget()
    files = {f"/{model}/{name}": content for model, of in (("one", ONE), ("two", TWO)) for name, content in of.items()}
    with file_server(files) as served:
        toy_registry(monkeypatch, tmp_path, {"one": ONE, "two": TWO}, source=served.url("/{model}/{file}"))
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def _pull(folder: Path, model: str = "one", **more: object) -> Pulled:
    return pull(registry.registry()[model], folder, **more)  # type: ignore[arg-type]


def _left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_model_is_fetched_verified_and_found(server: FileServer, folder: Path) -> None:
    steps: list[Step] = []
    done = _pull(folder, tell=steps.append)
    assert done == Pulled("one", folder / "one" / "one.bin", len(BIG))
    assert Shelf((folder,)).file("one").read_bytes() == BIG
    assert (steps[-1].done, steps[-1].total) == (len(BIG), len(BIG))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert _left(folder) == [".one.lock", "one/one.bin"]


def test_several_files_lie_in_one_folder(server: FileServer, folder: Path) -> None:
    assert _pull(folder, "two").path == folder / "two"
    assert Shelf((folder,)).file("two", "model.bin").read_bytes() == TWO["model.bin"]


def test_what_is_there_is_not_fetched_again(server: FileServer, folder: Path) -> None:
    _pull(folder)
    server.asked.clear()
    assert _pull(folder).fetched_bytes == 0
    assert server.asked == []


def test_a_cut_connection_goes_on_where_it_ended(server: FileServer, folder: Path) -> None:
    server.cut_after = 1_300_000
    assert _pull(folder).fetched_bytes == len(BIG)
    assert Shelf((folder,)).file("one").read_bytes() == BIG
    assert len(server.asked) == 3
    assert server.ranges()[0] == ""
    assert all(asked.startswith("bytes=") for asked in server.ranges()[1:])
    assert all("if-range" in headers for _, headers in server.asked[1:])


def test_a_server_that_knows_no_ranges_is_asked_for_all_again(server: FileServer, folder: Path) -> None:
    put(folder / "one", {"one.bin.part": BIG[:1_000_000]})
    server.knows_ranges = False
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG
    assert server.ranges() == ["bytes=1000000-"]


def test_a_server_that_never_comes_to_the_end_is_given_up(server: FileServer, folder: Path) -> None:
    server.knows_ranges, server.cut_after = False, 1000
    with pytest.raises(Unavailable, match="one"):
        _pull(folder)
    assert not Shelf((folder,)).has("one")


def test_a_file_that_changed_on_the_server_is_fetched_anew(server: FileServer, folder: Path) -> None:
    server.cut_after = 1_000_000
    server.files["/one/one.bin"] = b"x" * len(BIG)

    class Stop(Exception):
        pass

    def stop(step: Step) -> None:
        if step.done >= 900_000:
            raise Stop

    with pytest.raises(Stop):
        _pull(folder, tell=stop)
    assert (folder / "one" / "one.bin.part").stat().st_size > 0
    server.cut_after, server.files["/one/one.bin"] = None, BIG
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG


def test_a_part_of_something_else_is_thrown_away(server: FileServer, folder: Path) -> None:
    put(folder / "one", {"one.bin.part": b"x" * 500_000})
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG
    assert server.ranges() == ["bytes=500000-", ""]


@pytest.mark.parametrize("size", [len(BIG), len(BIG) + 1])
def test_a_part_as_long_as_the_file_or_longer_is_no_reason_to_trust_it(
    server: FileServer, folder: Path, size: int
) -> None:
    put(folder / "one", {"one.bin.part": b"x" * size})
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG


def test_wrong_bytes_are_refused_with_both_checksums_and_not_kept(server: FileServer, folder: Path) -> None:
    wrong = bytes(len(BIG))
    server.files["/one/one.bin"] = wrong
    with pytest.raises(WeightsRefused) as refused:
        _pull(folder)
    assert hashlib.sha256(wrong).hexdigest() in str(refused.value)
    assert hashlib.sha256(BIG).hexdigest() in str(refused.value)
    assert _left(folder) == [".one.lock"]


@pytest.mark.parametrize("content", [b"<html>Sign in to the hotel's network</html>", BIG + b"more"])
@pytest.mark.parametrize("tells_length", [True, False])
def test_an_answer_of_another_size_is_refused(
    server: FileServer, folder: Path, content: bytes, tells_length: bool
) -> None:
    server.files["/one/one.bin"], server.tells_length = content, tells_length
    with pytest.raises((WeightsRefused, Unavailable)):
        _pull(folder)
    assert not Shelf((folder,)).has("one")


def test_wrong_bytes_in_place_are_replaced(server: FileServer, folder: Path) -> None:
    put(folder / "one", {"one.bin": b"something else"})
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG


def test_a_busy_server_is_asked_again(server: FileServer, folder: Path) -> None:
    server.refusals = [(503, {}), (429, {"Retry-After": "0"})]
    _pull(folder)
    assert len(server.asked) == 3


def test_a_file_that_is_not_there_is_said_to_be_so_at_once(server: FileServer, folder: Path) -> None:
    server.files.clear()
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1: HTTP 404"):
        _pull(folder)
    assert len(server.asked) == 1


def test_without_a_network_there_is_one_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, server: FileServer, folder: Path, tmp_path: Path
) -> None:
    toy_registry(monkeypatch, tmp_path, {"one": ONE}, source="http://127.0.0.1:9/{file}")
    with pytest.raises(Unavailable) as failure:
        _pull(folder)
    sentence = str(failure.value)
    assert "could not be fetched (127.0.0.1: " in sentence
    assert "SIGHTLINE_MODELS" in sentence
    assert "\n" not in sentence


def test_the_mirror_is_asked_first_and_the_official_place_then(server: FileServer, folder: Path) -> None:
    with file_server({"/weights/one/one.bin": BIG}) as mirror:
        _pull(folder, mirror=mirror.url("/weights/"))
        assert [path for path, _ in mirror.asked] == ["/weights/one/one.bin"]
        assert server.asked == []
        _pull(folder, "two", mirror=mirror.url("/weights"))
        assert {path for path, _ in server.asked} == {"/two/config.json", "/two/model.bin"}


def test_a_pull_goes_on_from_another_server(server: FileServer, folder: Path) -> None:
    put(folder / "one", {"one.bin.part": BIG[:2_000_000]})
    with file_server({"/one/one.bin": BIG}) as mirror:
        assert _pull(folder, mirror=mirror.url()).fetched_bytes == 1_000_000
        assert mirror.ranges() == ["bytes=2000000-"]


def test_redirects_are_followed_to_safe_places_only(server: FileServer, folder: Path) -> None:
    server.moved["/one/one.bin"] = "/elsewhere"
    server.files["/elsewhere"] = BIG
    _pull(folder)
    for unsafe in ("http://example.com/one.bin", "file:///etc/passwd", "ftp://127.0.0.1/one.bin"):
        server.moved["/two/config.json"] = unsafe
        with pytest.raises(Unavailable, match="leads on to"):
            _pull(folder, "two")
    server.moved["/two/config.json"] = "/two/config.json"
    with pytest.raises(Unavailable, match="redirects"):
        _pull(folder, "two")


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch, server: FileServer, folder: Path
) -> None:
    usage = shutil.disk_usage(folder.parent)._replace(free=33 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputUnwritable, match="33 MiB are free, 34 MiB are needed"):
        _pull(folder)
    assert server.asked == []


def test_a_folder_that_cannot_be_made_is_said_to_be_so(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputUnwritable, match="file"):
        _pull(tmp_path / "file" / "models")


def test_a_disk_that_fills_up_keeps_no_part(server: FileServer, folder: Path) -> None:
    """The system itself refuses to write more than a megabyte."""
    ran = _in_a_process(folder, "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))")
    out, err = ran.communicate(timeout=60)
    assert "OutputUnwritable" in out, err
    assert _left(folder) == [".one.lock", "one/one.bin.part.tag"]
    _pull(folder)


def test_a_pull_that_is_killed_goes_on(server: FileServer, folder: Path) -> None:
    server.pause_s = 0.05
    part = folder / "one" / "one.bin.part"
    ran = _in_a_process(folder)
    deadline = time.monotonic() + 30
    while not (part.is_file() and part.stat().st_size > 300_000):
        assert time.monotonic() < deadline
        assert ran.poll() is None, ran.communicate()
        time.sleep(0.01)
    os.kill(ran.pid, signal.SIGKILL)
    ran.communicate()
    there = part.stat().st_size
    assert not Shelf((folder,)).has("one")
    server.pause_s = 0
    server.asked.clear()
    assert _pull(folder).fetched_bytes == len(BIG) - there
    assert server.ranges() == [f"bytes={there}-"]
    assert Shelf((folder,)).file("one").read_bytes() == BIG


def test_two_pulls_at_once_fetch_the_file_once(server: FileServer, folder: Path) -> None:
    server.pause_s = 0.01
    done: list[Pulled] = []
    waited: list[Step] = []
    threads = [
        threading.Thread(target=lambda: done.append(_pull(folder, tell=lambda s: waited.append(s)))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.fetched_bytes for each in done) == [0, 0, len(BIG)]
    assert len(server.asked) == 1
    assert any(step.is_waiting for step in waited)


def test_a_size_nobody_knows_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, server: FileServer, folder: Path, tmp_path: Path
) -> None:
    toy_registry(monkeypatch, tmp_path, {"one": ONE}, source=server.url("/one/{file}"), sizes=False)
    server.cut_after = 2_000_000
    _pull(folder)
    assert Shelf((folder,)).file("one").read_bytes() == BIG
    monkeypatch.setattr(registry, "UNKNOWN_SIZE_LIMIT", 1_000_000)
    remove(registry.registry()["one"], folder)
    with pytest.raises(WeightsRefused, match="1000000"):
        _pull(folder)


def test_what_was_pulled_can_be_removed_and_nothing_else(server: FileServer, folder: Path) -> None:
    _pull(folder, "two")
    put(folder / "two", {"notes.txt": b"mine", "config.json.part": b"1234"})
    freed = remove(registry.registry()["two"], folder)
    assert freed == sum(map(len, TWO.values())) + 4
    assert _left(folder) == [".two.lock", "two/notes.txt"]
    assert remove(registry.registry()["one"], folder) == 0


def _in_a_process(folder: Path, before: str = "") -> subprocess.Popen[str]:
    code = f"""
        import resource
        from pathlib import Path
        from sightline.weights import registry
        from sightline.weights.pull import pull
        registry.REGISTRY = Path({str(registry.REGISTRY)!r})
        {before}
        try:
            pull(registry.registry()["one"], Path({str(folder)!r}))
        except Exception as error:
            print(type(error).__name__, error)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
