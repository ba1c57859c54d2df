"""Retention: what goes, what stays, and who is told."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.running_tables import AlertRow, AuditRow, ChangeRow, ProcessRow, RepeatRow
from sightline.library.sign_in_tables import LinkRow, SessionRow
from sightline.library.tables import AnalysisRow, Base, JobRow, ShareRow, UploadRow, UserRow, VideoRow, WorkspaceRow
from sightline.service.operations.retention import ACTION, Retention, cutoffs, is_due
from sightline.service.settings import Settings

AT = datetime(2026, 6, 1, tzinfo=UTC)


def ago(**by: float) -> datetime:
    return AT - timedelta(**by)


def settings_of(folder: Path, **more: Any) -> Settings:
    return Settings(data_dir=folder, **more)


def nothing(_: str) -> None: ...


def retention(settings: Settings, database: Database, **more: Any) -> Retention:
    removers = {"remove_video": nothing, "remove_analysis": nothing, "remove_upload": nothing, "remove_media": nothing}
    return Retention(settings, database, **(removers | more))


def add(database: Database, *rows: Base) -> None:
    with database.write(SYSTEM) as session:
        for row in rows:
            session.add(row)
            session.flush()


def count(database: Database, model: type[Base]) -> int:
    with database.read(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def video(name: str, at: datetime) -> VideoRow:
    return VideoRow(
        id=name, workspace_id="w", sha256=name * 64, name=name, size_bytes=1, media_type="video/mp4", facts={},
        source="upload", created_at=at,
    )  # fmt: skip


def analysis(name: str, state: str, at: datetime) -> AnalysisRow:
    return AnalysisRow(
        id=name, workspace_id="w", video_id="n", desk="qc", template="default", state=state, created_at=at
    )


def test_the_rules_are_those_of_the_settings(tmp_path: Path) -> None:
    kept = cutoffs(settings_of(tmp_path), AT)
    assert kept.videos is None
    assert kept.analyses is None
    assert (kept.jobs, kept.audit) == (ago(days=30), ago(days=365))
    assert (kept.changes, kept.repeats, kept.ended) == (ago(days=7), ago(hours=24), ago(days=30))
    assert cutoffs(settings_of(tmp_path, keep_videos_days=10), AT).videos == ago(days=10)


def test_it_is_due_once_a_day() -> None:
    assert is_due(None, AT)
    assert not is_due(ago(hours=23), AT)
    assert is_due(ago(hours=24), AT)


def test_old_rows_go_and_young_ones_stay(database: Database, tmp_path: Path) -> None:
    add(database, WorkspaceRow(id="w", name="w"), UserRow(id="u", email="u@example.org"))
    add(database, video("n", AT), analysis("a", "done", AT))

    def job(state: str, **over: Any) -> JobRow:
        return JobRow(workspace_id="w", kind="analysis", state=state, timeout_s=1, **over)

    add(
        database,
        job("done", finished_at=ago(days=31)), job("failed", finished_at=ago(days=29)),
        job("queued", created_at=ago(days=99)),
        AuditRow(actor="a", action="x", at=ago(days=366)), AuditRow(actor="a", action="x", at=ago(days=364)),
        ChangeRow(workspace_id="w", kind="changed", subject="video", subject_id="v", at=ago(days=8)),
        ChangeRow(workspace_id="w", kind="changed", subject="video", subject_id="v", at=ago(days=6)),
        RepeatRow(key_hash="a", request_hash="", created_at=ago(hours=25)),
        RepeatRow(key_hash="b", request_hash="", created_at=ago(hours=23)),
        SessionRow(secret_hash="1", user_id="u", created_at=ago(days=2), seen_at=AT, revoked_at=None),
        SessionRow(secret_hash="2", user_id="u", created_at=ago(days=40), revoked_at=ago(days=31)),
        SessionRow(secret_hash="3", user_id="u", created_at=ago(days=40), seen_at=ago(days=31)),
        SessionRow(secret_hash="4", user_id="u", created_at=ago(days=45), seen_at=ago(days=1)),
        LinkRow(secret_hash="1", user_id="u", expires_at=ago(days=31)),
        LinkRow(secret_hash="2", user_id="u", expires_at=ago(days=29)),
        ShareRow(workspace_id="w", analysis_id="a", secret_hash="1", expires_at=ago(days=31)),
        ShareRow(workspace_id="w", analysis_id="a", secret_hash="2", expires_at=AT, revoked_at=ago(days=31)),
        ShareRow(workspace_id="w", analysis_id="a", secret_hash="3", expires_at=AT + timedelta(days=9)),
        UploadRow(workspace_id="w", name="x", state="done", expires_at=ago(days=8)),
        UploadRow(workspace_id="w", name="x", state="done", expires_at=ago(days=6)),
        AlertRow(kind="cpu", message={}, began_at=ago(days=500), ended_at=ago(days=400)),
        AlertRow(kind="cpu", message={}, began_at=ago(days=500)),
        ProcessRow(host="h", pid=1, seen_at=ago(days=2)),
    )  # fmt: skip
    counts = retention(settings_of(tmp_path), database).run(AT)
    assert counts == {
        "jobs": 1, "audit": 1, "changes": 1, "repeats": 1, "sessions": 3, "links": 1, "shares": 2,
        "finished_uploads": 1, "alerts": 1, "processes": 1,
    }  # fmt: skip
    left = {
        m: count(database, m)
        for m in (JobRow, ChangeRow, RepeatRow, SessionRow, LinkRow, ShareRow, UploadRow, AlertRow)
    }
    assert left == {
        JobRow: 2,
        ChangeRow: 1,
        RepeatRow: 1,
        SessionRow: 1,
        LinkRow: 1,
        ShareRow: 1,
        UploadRow: 1,
        AlertRow: 1,
    }


def test_one_line_of_the_audit_tells_what_was_removed(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, RepeatRow(key_hash="a", request_hash="", created_at=ago(days=3)))
    cleaner = retention(settings_of(tmp_path), sqlite_database)
    assert cleaner.last_run() is None
    cleaner.run(AT)
    with sqlite_database.read(SYSTEM) as session:
        (row,) = session.scalars(select(AuditRow)).all()
    assert (row.action, row.actor, row.details) == (ACTION, "system", {"repeats": 1})
    assert cleaner.last_run() is not None


def test_things_with_files_are_removed_by_who_knows_them(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, WorkspaceRow(id="w", name="w"), video("o", ago(days=11)), video("n", ago(days=9)))
    add(sqlite_database, analysis("a1", "done", ago(days=11)), analysis("a2", "running", ago(days=11)))
    add(sqlite_database, UploadRow(id="u1", workspace_id="w", name="x", expires_at=ago(seconds=1)))
    add(sqlite_database, UploadRow(id="u2", workspace_id="w", name="x", expires_at=AT + timedelta(hours=1)))
    removed: list[str] = []
    settings = settings_of(tmp_path, keep_videos_days=10, keep_analyses_days=10)
    cleaner = Retention(
        settings, sqlite_database, remove_video=removed.append, remove_analysis=removed.append,
        remove_upload=removed.append, remove_media=removed.append, sweeps={"files": lambda: 7},
    )  # fmt: skip
    assert cleaner.run(AT) == {"uploads": 1, "videos": 1, "analyses": 1, "files": 7}
    assert sorted(removed) == ["a1", "o", "u1"]
    removed.clear()
    assert retention(settings_of(tmp_path), sqlite_database, remove_video=removed.append).run(AT) == {"uploads": 1}
    assert removed == []


def test_what_cannot_be_removed_holds_up_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, WorkspaceRow(id="w", name="w"), video("o", ago(days=11)), video("p", ago(days=12)))
    removed: list[str] = []

    def remove(video_id: str) -> None:
        if video_id == "o":
            raise Unavailable("operations.ready.no_redis")
        removed.append(video_id)

    def sweep() -> int:
        raise Unavailable("operations.ready.no_redis")

    cleaner = retention(
        settings_of(tmp_path, keep_videos_days=10), sqlite_database, remove_video=remove, sweeps={"files": sweep}
    )
    assert cleaner.run(AT) == {"videos": 1, "failed": 2}
    assert removed == ["p"]


def test_many_rows_go_in_several_transactions(sqlite_database: Database, tmp_path: Path) -> None:
    add(sqlite_database, *(RepeatRow(key_hash=str(n), request_hash="", created_at=ago(days=3)) for n in range(1201)))
    assert retention(settings_of(tmp_path), sqlite_database).run(AT)["repeats"] == 1201


def test_old_logs_go(sqlite_database: Database, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for day in ("2026-04-01", "2026-05-31"):
        (logs / f"sightline-{day}.jsonl").touch()
    assert retention(settings_of(tmp_path), sqlite_database).run(AT) == {"logs": 1}


def test_it_runs_at_start_where_it_is_elected_and_then_daily(sqlite_database: Database, tmp_path: Path) -> None:
    elected = [False]
    cleaner = retention(settings_of(tmp_path), sqlite_database, is_elected=lambda: elected[0], look_s=0.02)
    cleaner.begin()
    time.sleep(0.2)
    assert count(sqlite_database, AuditRow) == 0
    elected[0] = True
    deadline = time.monotonic() + 10
    while not count(sqlite_database, AuditRow):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.2)
    cleaner.end()
    assert count(sqlite_database, AuditRow) == 1


def test_a_database_that_is_gone_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    cleaner = retention(settings_of(tmp_path), gone, look_s=0.02)
    cleaner.begin()
    deadline = time.monotonic() + 10
    while "waits" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cleaner.end()
    assert now()


def test_recordings_of_people_go_earlier_than_others(sqlite_database: Database, tmp_path: Path) -> None:
    add(
        sqlite_database,
        WorkspaceRow(id="w", name="w"), video("old", ago(days=40)), video("middle", ago(days=15)),
        video("film", ago(days=40)), video("n", ago(days=40)),
    )  # fmt: skip
    rows = [analysis(f"a-{name}", "done", ago(days=15)) for name in ("old", "middle", "film")]
    for row, name, desk in zip(rows, ("old", "middle", "film"), ("interview", "interview", "qc"), strict=True):
        row.video_id, row.desk = name, desk
    add(sqlite_database, *rows)
    erased: list[str] = []
    stripped: list[str] = []
    settings = settings_of(tmp_path, keep_interviews_days=30, keep_interview_media_days=10)
    cleaner = retention(settings, sqlite_database, remove_video=erased.append, remove_media=stripped.append)
    counts = cleaner.run(AT)
    assert erased == ["old"]
    # Whatever is erased whole needs no stripping, and nothing is stripped twice.
    assert set(stripped) >= {"middle"}
    assert "film" not in stripped
    assert counts["interviews"] == 1
