"""What the service stands on goes away and comes back: the object store, the database, room on the disk."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from jobs_under_fire import Cable
from service_under_fire import Library, tiny_clip
from sqlalchemy import make_url
from tests import running, services
from tests.media_clips import write_clip
from tests.served import Served, looked_at, served_settings, until
from tests.stores import faulty

AWAY_S = 30.0
ROOM_MB = 24
TUS = {"Tus-Resumable": "1.0.0"}


def test_a_bundle_is_kept_once_the_store_takes_it(tmp_path: Path) -> None:
    """Errors, answers that never come and connections that break, from before the first bundle is stored."""
    with services.s3_bucket() as bucket, faulty(bucket["s3_endpoint"]) as proxy:
        settings = running.settings_for(tmp_path, **bucket | {"s3_endpoint": proxy.url})
        asked = iter(range(10**6))

        def fault(method: str, path: str) -> int | float | None:
            if method not in ("PUT", "POST") or "/analyses/" not in path:
                return None
            return (500, 503, 0.3)[next(asked) % 3]

        with running.running(settings) as service:
            library = Library(service, tmp_path)
            library.take_in(2)
            proxy.fault = fault
            library.ask(2, service.url)
            until(lambda: any(job.waits for job in library.jobs()), 60)
            assert library.unfinished() == 2
            proxy.fault = lambda _method, _path: None
            took = until(library.is_over, 60)
            library.is_done_once()
        assert took < 30
        kept = {stored.name.split("/")[1] for stored in library.platform.blobs.list("analyses")}
        assert len(kept) == 2


def test_the_service_says_so_while_the_database_is_away_and_goes_on(tmp_path: Path) -> None:
    url = services.new_database_url("postgresql", tmp_path)
    at = make_url(url)
    cable = Cable((at.host or "127.0.0.1", at.port or 0))
    through = at.set(host="127.0.0.1", port=cable.port).render_as_string(hide_password=False)
    try:
        with running.running(running.settings_for(tmp_path, database_url=through)) as service:
            library = Library(service, tmp_path)
            library.take_in(6)
            with service.http(library.person.token) as http:
                library.ask(6, service.url)
                until(lambda: library.states()["running"], 30)
                cable.cut()
                gone = time.monotonic()
                while time.monotonic() - gone < AWAY_S:
                    for path in ("/api/v1/videos", "/api/v1/analyses"):
                        answer = http.get(path)
                        assert answer.status_code == 503, answer.text
                        assert answer.headers["content-type"] == "application/problem+json"
                        assert answer.json()["code"] == "library.database_gone"
                        assert int(answer.headers["Retry-After"]) > 0
                    assert http.get("/healthz").status_code == 200
                    assert http.get("/readyz").status_code == 503
                    time.sleep(0.2)
                cable.mend()
                until(lambda: http.get("/api/v1/videos").status_code == 200, 10)
                until(lambda: http.get("/readyz").status_code == 200, 10)
                library.ask(1, service.url)
            until(library.is_over, 60)
            library.is_done_once()
        library.nothing_lies_about()
    finally:
        cable.close()
        services.drop_database(url)


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[str, ...]]:
    """What runs a program with little room in ``folder``: a file system of its own, which it alone sees."""
    folder.mkdir()
    script = f'mount -t tmpfs -o size={ROOM_MB}m none "$0" && exec "$@"'
    command = ("unshare", "--mount", "--map-root-user", "sh", "-c", script, str(folder))
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine lets nobody mount a file system of his own: {error}")
    yield command


def test_a_full_disk_fails_nothing_for_good(tmp_path: Path) -> None:
    room = tmp_path / "room"
    movie = write_clip(tmp_path / "long.mkv", codec="rawvideo", pictures=30, size=(320, 240)).read_bytes()
    with small_disk(room) as command:
        settings = served_settings(
            tmp_path, work_dir=room / "work", archive_dir=room / "archive", cache_dir=room / "cache"
        )
        server = Served(settings, tmp_path / "log", command)
        with looked_at(settings, server.url) as service, server:
            library = Library(service, tmp_path)
            server.start().wait_until_up()
            with service.http(library.person.token) as http, service.client(library.person) as client:
                library.videos = [client.upload(tiny_clip(tmp_path / "clip.mp4", 0)).id]
                place = _begun(http, len(movie))
                assert _sent(http, place, 0, movie[:100_000]).status_code == 204
                inside = Path(f"/proc/{server.pid}/root{room}")
                _fill(inside / "filler")
                refused = _sent(http, place, 100_000, movie[100_000:])
                assert (refused.status_code, refused.json()["code"]) == (507, "intake.disk_full")
                library.ask(1, server.url)
                until(lambda: library.jobs()[0].waits, 60, server.tell)
                assert library.jobs()[0].state == "queued"
                assert client.videos()
                (inside / "filler").unlink()
                until(library.is_over, 60, server.tell)
                assert library.states() == {"done": 1}
                assert b"<html" in client.report(next(client.analyses()).id)
                reached = int(http.head(place, headers=TUS).headers["Upload-Offset"])
                assert reached >= 100_000
                assert _sent(http, place, reached, movie[reached:]).status_code == 204
                whole = http.get(f"/api/v1/videos/{http.get(place).json()['video_id']}").json()
                assert whole["sha256"] == hashlib.sha256(movie).hexdigest()
                assert not [path for path in (inside / "work").rglob("*") if path.is_file()]
            assert not server.errors()


def _begun(http: httpx.Client, size: int) -> str:
    place: str = http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(size)}).headers["Location"]
    return place


def _sent(http: httpx.Client, place: str, offset: int, content: bytes) -> httpx.Response:
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return http.patch(place, content=content, headers=headers)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
