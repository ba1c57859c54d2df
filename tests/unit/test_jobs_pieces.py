"""Lines between parent and child, folders of attempts, stops."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.errors import Defect, InputError, NotFound, SetupError, TooManyAttempts
from sightline.jobs.executor import Stop, Why, resolve
from sightline.jobs.folders import Folders, locked
from sightline.jobs.wire import document_of, error_from_json, error_to_json, finite, line_of

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), plain))
def test_what_is_said_arrives_as_it_was(document: dict[str, object]) -> None:
    line = line_of(document)
    assert line.count(b"\n") == 1
    assert document_of(line) == document


def test_a_name_that_is_no_text_arrives_as_well() -> None:
    assert document_of(line_of({"path": "bad\udcff.mp4"})) == {"path": "bad\udcff.mp4"}


@pytest.mark.parametrize("said", [b"libav says hello\n", b"[1]\n", b"{\n", b"\xff\n"])
def test_what_is_no_line_of_ours_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError):
        document_of(said)


def test_errors_arrive_as_they_were_raised() -> None:
    for error in (NotFound("library.not_found", what="job", id="x"), TooManyAttempts("jobs.stopped", retry_after_s=7)):
        back = error_from_json(document_of(line_of(error_to_json(error))))
        assert type(back) is type(error)
        assert back.message == error.message


def test_an_error_of_a_kind_unknown_here_is_a_defect() -> None:
    for name in ("NoSuchError", "Message", "annotations"):
        assert type(error_from_json({"type": name, "key": "jobs.stopped", "fields": {}})) is Defect


def test_progress_without_a_number_says_so() -> None:
    assert finite({"speed": float("inf"), "left_s": float("nan"), "stage": "x"}) == {
        "speed": None,
        "left_s": None,
        "stage": "x",
    }


def test_a_function_is_found_by_its_name_or_missed_in_a_sentence() -> None:
    assert resolve("tests.toy_work:echo").__name__ == "echo"
    for name in ("tests.toy_work:nothing", "no.such.module:run", "nonsense", ""):
        with pytest.raises(Defect):
            resolve(name)


def test_a_folder_is_there_for_its_attempt_and_gone_after_it(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "jobs")

    def attempt() -> None:
        with folders.taken("a-1") as folder:
            (folder / "deep" / "er").mkdir(parents=True)
            (folder / "deep" / "er" / "file").write_text("x")
            raise InputError("jobs.stopped")

    with pytest.raises(InputError):
        attempt()
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_matter_of_the_installation(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file in the way")
    with pytest.raises(SetupError), Folders(tmp_path / "jobs").taken("a-1"):
        pass


def test_sweeping_removes_what_the_dead_left_and_nothing_of_the_living(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    (tmp_path / "dead-1" / "deep").mkdir(parents=True)
    (tmp_path / "dead-1" / "deep" / "file").write_text("x")
    (tmp_path / "child-1").mkdir()
    holder = "import sys; from pathlib import Path; from sightline.jobs.folders import locked\nwith locked(Path(sys.argv[1])):\n    print(flush=True); sys.stdin.read()"  # noqa: E501
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path / "child-1")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with folders.taken("parent-1"):
            assert folders.sweep() == 1
            assert {path.name for path in tmp_path.iterdir()} == {"child-1", "parent-1"}
        child.kill()
        child.wait()
    assert folders.sweep() == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_taken_while_another_sweeps_is_there(tmp_path: Path) -> None:
    folders, over = Folders(tmp_path), threading.Event()

    def sweep() -> None:
        while not over.is_set():
            folders.sweep()

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        for number in range(200):
            with folders.taken(f"a-{number}") as folder:
                (folder / "file").write_text("x")
                assert (folder / "file").read_text() == "x"
    finally:
        over.set()
        thread.join()


def test_a_lock_on_a_folder_keeps_others_out(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(OSError), locked(tmp_path, fcntl.LOCK_EX | fcntl.LOCK_NB):
        pass


def test_the_first_reason_to_stop_stays() -> None:
    stop = Stop()
    stop.ask(Why.CANCELLED)
    stop.ask(Why.LOST)
    assert stop.why is Why.CANCELLED


def test_whoever_has_moved_on_is_not_called_any_more() -> None:
    called: list[int] = []
    stop = Stop()
    with stop.calling(lambda: called.append(1)):
        pass
    stop.ask(Why.CANCELLED)
    assert called == []
    with stop.calling(lambda: called.append(2)):
        assert called == [2], "asked before: called at once"
