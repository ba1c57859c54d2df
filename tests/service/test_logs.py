"""Logs: what is written, what is not, and how it is found again."""

from __future__ import annotations

import json
import logging
import multiprocessing
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from sightline.errors import Unavailable
from sightline.service.operations.log_search import LogQuery, follow, parsed, search
from sightline.service.operations.logs import LONGEST_LINE_BYTES, DailyFile, begin, context, remove_old
from sightline.service.operations.redaction import HIDDEN, clean, is_secret_name, without_secrets

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    logs = tmp_path / "logs"
    with begin(logs, "debug", terminal=False, process="p1"):
        yield logs


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(folder.iterdir()) for line in path.read_bytes().splitlines()]


def test_lines_of_both_kinds_of_loggers_carry_what_is_being_worked_on(folder: Path) -> None:
    with context(request_id="r1", user="kim@example.org"):
        structlog.get_logger("ours").info("said %s", "one", size=3)
        with context(job_id="j1"):
            logging.getLogger("theirs").warning("said %s", "두 번째", extra={"count": 2})
    logging.getLogger("theirs").info("nobody's", extra={"color_message": "nobody's, in red"})
    first, second, third = lines(folder)
    assert (first["event"], first["level"], first["logger"], first["size"]) == ("said one", "info", "ours", 3)
    assert (first["request_id"], first["user"], first["process"]) == ("r1", "kim@example.org", "p1")
    assert (second["event"], second["level"], second["logger"]) == ("said 두 번째", "warning", "theirs")
    assert (second["count"], second["request_id"], second["job_id"]) == (2, "r1", "j1")
    assert not {"request_id", "job_id", "user", "color_message"} & third.keys()
    assert str(first["at"]).endswith("Z")
    assert not {"_record", "_from_structlog", "_logger", "_name"} & first.keys()


def test_an_error_comes_with_its_key_and_its_traceback(folder: Path) -> None:
    try:
        raise Unavailable("library.database_gone", why="gone")
    except Unavailable:
        logging.getLogger("a").warning("no luck", exc_info=True)
        structlog.get_logger("b").warning("no luck", exc_info=True)
    for line in lines(folder):
        assert line["error"] == "library.database_gone"
        assert "test_logs.py" in str(line["exception"])


def test_a_terminal_gets_readable_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with begin(tmp_path, terminal=True):
        logging.getLogger("a").info("hello", extra={"password": "hunter2"})
        try:
            raise ValueError("token=abcdef")
        except ValueError:
            logging.getLogger("a").warning("worse", exc_info=True)
    shown = capsys.readouterr().err
    assert "hello" in shown
    assert "ValueError" in shown
    assert "hunter2" not in shown
    assert "abcdef" not in shown


def test_logging_ends_as_it_was(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    with begin(tmp_path, "debug"):
        assert root.level == logging.DEBUG
    assert root.handlers == before
    assert root.level == level


def test_no_secret_reaches_the_file(folder: Path) -> None:
    secrets = [f"s3cr3t{number}" for number in range(12)]
    log = structlog.get_logger("x")
    log.info(
        "a",
        password=secrets[0],
        api_key=secrets[1],
        nested={"Authorization": secrets[2], "list": [{"token": secrets[3]}]},
    )
    log.info("b postgresql+psycopg://user:%s@host/db", secrets[4])
    log.info("c", url=f"https://h/x?token={secrets[5]}&X-Amz-Signature={secrets[6]}&size=3")
    log.info("d Authorization: Bearer %s", secrets[7])
    log.info("e", headers={"cookie": secrets[8], "x-csrf-token": secrets[9]}, s3_secret_access_key=secrets[10])
    try:
        raise ValueError(f"password={secrets[11]} refused")
    except ValueError:
        log.warning("f", exc_info=True)
    text = "".join(path.read_text() for path in folder.iterdir())
    assert not [secret for secret in secrets if secret in text]
    assert "size=3" in text
    assert "user:***@host/db" in text


@pytest.mark.parametrize(
    "name",
    ["password", "user_password", "X-Auth-Token", "tokens", "AUTHORIZATION", "client.secret", "s3_secret_access_key"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["token_id", "secretary", "tokenizer", "key", "password_changed_at", "author", "cookies_seen"]
)
def test_names_that_are_none(name: str) -> None:
    assert not is_secret_name(name)


@given(st.text())
def test_texts_without_secrets_are_cleaned_once_and_for_all(text: str) -> None:
    assert without_secrets(without_secrets(text)) == without_secrets(text)


def test_whatever_nests_without_end_is_cut() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert HIDDEN not in json.dumps(clean(endless))


def test_a_line_too_long_is_shortened_and_stays_a_line(folder: Path) -> None:
    with context(job_id="j9"):
        logging.getLogger("a").info("가" * 200_000)
    raw = next(folder.iterdir()).read_bytes()
    assert len(raw) <= LONGEST_LINE_BYTES + 1
    line = json.loads(raw)
    assert line["is_shortened"] is True
    assert line["job_id"] == "j9"


def test_a_day_has_its_own_file(tmp_path: Path) -> None:
    now = [TODAY]
    handler = DailyFile(tmp_path, 30, clock=lambda: now[0])
    (tmp_path / "sightline-2026-01-30.jsonl").touch()
    record = logging.LogRecord("a", logging.INFO, "", 0, "x", None, None)
    handler.handle(record)
    now[0] += timedelta(days=1)
    handler.handle(record)
    handler.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sightline-2026-03-01.jsonl",
        "sightline-2026-03-02.jsonl",
    ]


def test_a_folder_that_cannot_be_written_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way")
    handler = DailyFile(tmp_path / "logs")
    handler.handle(logging.LogRecord("a", logging.INFO, "", 0, "x", None, None))
    handler.close()
    assert handler.lost == 1


def test_old_files_are_removed_and_others_left(tmp_path: Path) -> None:
    for name in ("sightline-2026-01-29.jsonl", "sightline-2026-01-30.jsonl", "sightline-x.jsonl", "mine.jsonl"):
        (tmp_path / name).touch()
    assert remove_old(tmp_path, 30, date(2026, 3, 1)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine.jsonl",
        "sightline-2026-01-30.jsonl",
        "sightline-x.jsonl",
    ]


def _write_many(folder: Path, name: str) -> None:
    with begin(folder, terminal=False, process=name):
        for number in range(500):
            logging.getLogger(name).info("line %d %s", number, "x" * (number * 7 % 5000))


def test_processes_that_write_side_by_side_tear_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, f"w{number}")) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = lines(tmp_path)
    assert len(found) == 1500
    for name in ("w0", "w1", "w2"):
        assert [str(line["event"]).split()[1] for line in found if line["process"] == name] == list(
            map(str, range(500))
        )


def _history(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for day in range(3):
        with (folder / f"sightline-2026-03-0{day + 1}.jsonl").open("w", encoding="utf-8") as file:
            for hour in range(24):
                line = {
                    "at": f"2026-03-0{day + 1}T{hour:02}:30:00.000Z", "level": ("info", "warning", "error")[hour % 3],
                    "event": f"Hour {hour} of day {day + 1}", "logger": "l", "job_id": f"j{hour % 5}",
                    "note": '영상 "한" 개\n',
                }  # fmt: skip
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.write('torn by a full disk\n{"at": 3}\n\n[]\n')


def test_searching_gives_the_newest_first(tmp_path: Path) -> None:
    _history(tmp_path)
    found = list(search(tmp_path, LogQuery(), limit=30))
    assert len(found) == 30
    assert [line.at for line in found] == sorted((line.at for line in found), reverse=True)
    assert found[0].event == "Hour 23 of day 3"


def test_every_condition_of_a_search_holds(tmp_path: Path) -> None:
    _history(tmp_path)
    since, until = datetime(2026, 3, 1, 20, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)
    found = list(search(tmp_path, LogQuery(level="warning", since=since, until=until, job_id="j2", text="hOUR")))
    assert [line.event for line in found] == ["Hour 7 of day 2", "Hour 2 of day 2", "Hour 22 of day 1"]
    assert list(search(tmp_path, LogQuery(request_id="none"))) == []
    assert len(list(search(tmp_path, LogQuery(text='영상 "한" 개'), limit=1000))) == 72
    assert list(search(tmp_path / "not there", LogQuery())) == []


def test_searching_reads_no_further_than_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _history(tmp_path)
    opened: list[str] = []
    real = Path.open

    def watched(self: Path, *arguments: object, **named: object) -> object:
        opened.append(self.name)
        return real(self, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", watched)
    list(search(tmp_path, LogQuery(until=datetime(2026, 3, 2, 23, tzinfo=UTC)), limit=3))
    assert opened == ["sightline-2026-03-02.jsonl"]


@given(
    st.lists(st.binary(max_size=300).map(lambda b: b.replace(b"\n", b"")), max_size=40),
    st.sampled_from([1, 7, 64, 4096]),
)
def test_reading_backwards_gives_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, raw: list[bytes], block: int
) -> None:
    from sightline.service.operations import log_search

    path = tmp_path_factory.mktemp("logs") / "x"
    path.write_bytes(b"".join(line + b"\n" for line in raw))
    before, log_search.BLOCK_BYTES = log_search.BLOCK_BYTES, block
    try:
        assert list(log_search._backwards(path)) == [line for line in reversed(raw) if line]
    finally:
        log_search.BLOCK_BYTES = before


@given(st.binary())
def test_no_line_of_somebody_elses_breaks_a_search(raw: bytes) -> None:
    parsed(raw)
    parsed(b'{"at":"2026-03-01T00:00:00Z","level":' + raw + b"}")


def test_following_gives_new_lines_as_they_are_written(folder: Path) -> None:
    logging.getLogger("a").info("before")
    ended, found = threading.Event(), []

    def watch() -> None:
        for line in follow(folder, LogQuery(level="info"), ended):
            found.append(line.event)

    watcher = threading.Thread(target=watch)
    watcher.start()
    deadline = time.monotonic() + 60
    while not found:
        # Until it looks.
        logging.getLogger("a").info("begins")
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for number in range(3):
        logging.getLogger("a").info("line %d", number)
        logging.getLogger("a").debug("not this")
    while "line 2" not in found:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    ended.set()
    watcher.join()
    assert [event for event in found if event != "begins"] == ["line 0", "line 1", "line 2"]
