"""What the page about the installation is told: throughput, versions, room, people."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.running import Person, Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.library.actor import SYSTEM
from sightline.library.blobs import Blobs
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.migrate import upgrade
from sightline.library.tables import AnalysisRow, JobRow, VideoRow, WorkspaceRow
from sightline.service.operations.storage_use import StorageUse
from sightline.service.operations.throughput import FRESH_S, ThroughputReader, throughput
from sightline.service.operations.versions import versions


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("system"), keep_videos_days=30)) as service:
        yield service


@pytest.fixture(scope="module")
def root(service: Service) -> Person:
    return service.person("root@example.org", is_admin=True)


@pytest.fixture(scope="module", autouse=True)
def _analysed(service: Service, tmp_path_factory: pytest.TempPathFactory) -> None:
    with service.client(service.person("mina@example.org")) as client:
        client.analyze(make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", 50))


def _asked(service: Service, person: Person, path: str) -> dict[str, Any]:
    with service.http(person.token) as http:
        answer = http.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_state_tells_throughput_and_versions(service: Service, root: Person) -> None:
    told = _asked(service, root, "system")
    assert told["throughput"]["jobs_per_hour"] == 1
    assert told["throughput"]["media_s_per_s"] > 0
    assert told["throughput"]["window_s"] == 3600
    kinds = told["versions"]
    assert {"sightline", "python", "ffmpeg", "onnxruntime", "litert", "sqlite"} <= set(kinds)
    assert kinds["python"].startswith("3.")


def test_room_is_told_by_what_takes_it(service: Service, root: Person) -> None:
    told = _asked(service, root, "system/storage")
    items = {item["name"]: item for item in told["items"]}
    assert list(items) == ["media", "previews", "bundles", "measurements", "cache", "work", "models", "database"]
    media = next(path for path in (service.platform.settings.archive / "blobs").rglob("*") if path.is_file())
    assert (items["media"]["files"], items["media"]["bytes"]) == (1, media.stat().st_size)
    bundles = [path for path in (service.platform.settings.archive / "analyses").rglob("*") if path.is_file()]
    assert (items["bundles"]["files"], items["bundles"]["bytes"]) == (
        len(bundles),
        sum(path.stat().st_size for path in bundles),
    )
    assert items["measurements"]["files"] > 1
    assert items["database"]["bytes"] > 10_000
    assert items["models"] == {"name": "models", "bytes": 0, "files": 0}
    assert told["disk"]["total_bytes"] > told["disk"]["free_bytes"] > 0
    rules = {rule["name"]: rule for rule in told["retention"]}
    assert (rules["videos"]["days"], rules["analyses"]["days"], rules["audit"]["days"]) == (30, None, 365)
    assert set(rules["videos"]["meaning"]) == {"en", "ko"}


def test_measurements_do_not_count_as_cache_as_well(service: Service, root: Person, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    (settings.cache_dir / "measurements").mkdir(parents=True)
    (settings.cache_dir / "measurements" / "a").write_bytes(b"123")
    (settings.cache_dir / "b").write_bytes(b"12345")
    (settings.cache_dir / "link").symlink_to("/")
    database = Database(settings.database)
    upgrade(database)
    use = StorageUse(lambda: settings, database, Blobs.in_folder(settings.archive), settings.cache_dir / "measurements")
    found = {item.name: item for item in use.read(SYSTEM).items}
    database.close()
    assert (found["measurements"].bytes, found["measurements"].files) == (3, 1)
    assert (found["cache"].files, found["bundles"].files) == (1, 0)


def test_while_room_is_counted_others_hear_what_was_counted_last(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    use, counting, go_on = service.platform.storage, threading.Event(), threading.Event()
    before = use.read(SYSTEM).items

    def slowly(_: object) -> list[Any]:
        counting.set()
        assert go_on.wait(10)
        return list(before)

    monkeypatch.setattr(use, "_counted", slowly)
    monkeypatch.setattr(use, "_counted_s", -1e9)
    thread = threading.Thread(target=use.read, args=(SYSTEM,))
    thread.start()
    assert counting.wait(10)
    assert use.read(SYSTEM).items == before
    go_on.set()
    thread.join()


def test_people_are_told_with_what_they_are_at(service: Service, root: Person) -> None:
    items = {item["user"]["email"]: item for item in _asked(service, root, "system/people")["items"]}
    assert (items["mina@example.org"]["videos"], items["mina@example.org"]["jobs_running"]) == (1, 0)
    assert items["mina@example.org"]["last_seen_at"] is not None
    assert items["root@example.org"]["videos"] == 0
    assert "password_hash" not in str(items)


def test_the_session_tells_how_large_a_file_may_be(service: Service, root: Person) -> None:
    told = _asked(service, root, "session")
    assert told["limits"] == {"max_upload_gb": 50}
    assert told["user"]["language"] is None


def _job(database: Database, *, ago_s: float, took_s: float, media_s: float, state: str = "done") -> None:
    with database.write(SYSTEM) as session:
        workspace = WorkspaceRow(name="Main")
        session.add(workspace)
        session.flush()
        here = workspace.id
        video = VideoRow(
            workspace_id=here, sha256="0" * 64, name="a", size_bytes=1, facts={}, media_type="video/mp4",
            source="upload", duration_s=media_s,
        )  # fmt: skip
        session.add(video)
        session.flush()
        analysis = AnalysisRow(workspace_id=here, video_id=video.id, desk="qc", template="default")
        session.add(analysis)
        session.flush()
        end = now() - timedelta(seconds=ago_s)
        session.add(
            JobRow(
                workspace_id=here, kind="analysis", subject_id=analysis.id, timeout_s=9, state=state, finished_at=end,
                started_at=end - timedelta(seconds=took_s),
            )
        )  # fmt: skip


def test_throughput_is_that_of_the_last_hour(database: Database) -> None:
    upgrade(database)
    nothing = throughput(database, now())
    assert (nothing.jobs_per_hour, nothing.media_s_per_s) == (None, None)
    _job(database, ago_s=60, took_s=10, media_s=100)
    _job(database, ago_s=3000, took_s=30, media_s=20)
    _job(database, ago_s=4000, took_s=1, media_s=10_000)
    _job(database, ago_s=60, took_s=1, media_s=10_000, state="failed")
    found = throughput(database, now())
    assert found.jobs_per_hour == 2
    assert found.media_s_per_s == pytest.approx(3.0)


def test_versions_name_the_database_by_its_kind(database: Database) -> None:
    found = versions(database)
    assert found[database.kind]
    assert str(found[database.kind])[0].isdigit()


def test_room_can_be_counted_on_every_database(database: Database, tmp_path: Path) -> None:
    upgrade(database)
    settings = settings_for(tmp_path)
    use = StorageUse(lambda: settings, database, Blobs.in_memory(), tmp_path / "nothing")
    sizes = {item.name: item.bytes for item in use.read(SYSTEM).items}
    assert (sizes["database"] or 0) > 0


def test_who_asks_often_gets_the_same_again(database: Database) -> None:
    upgrade(database)
    at = [0.0]
    reader = ThroughputReader(database, lambda: at[0])
    before = reader.read()
    _job(database, ago_s=1, took_s=1, media_s=1)
    assert reader.read() is before
    at[0] = FRESH_S
    assert reader.read().jobs_per_hour == 1
