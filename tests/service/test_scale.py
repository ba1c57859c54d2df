"""The processes of ``deploy/compose.scale.yaml`` without containers: nginx, two of ours, PostgreSQL, Redis, S3."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from sqlalchemy import text
from tests import services
from tests.media_clips import write_clip
from tests.nginx_server import NginxServer, nginx_program
from tests.redis_server import RedisServer
from tests.running import Person, Service
from tests.served import Served, looked_at, served_settings, until

from sightline.client import Client
from sightline.library.actor import SYSTEM
from sightline.service.settings import PREFIX

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose.scale.yaml"
TUS = {"Tus-Resumable": "1.0.0"}
PASSWORD = "correct horse battery staple"
LATE_S = 2.0
TAKEN_OVER_S = 15.0
JUDGEMENTS = 50


@dataclass(slots=True)
class Site:
    """All of it, running."""

    nginx: NginxServer
    log: Path
    """Of nginx: a line a request, with the process that answered it."""
    redis: RedisServer
    servers: Sequence[Served]
    service: Service
    """The same installation from this process; its ``url`` is that of nginx."""
    mina: Person

    def dispatcher(self) -> Served:
        """The process that runs jobs: the one with children to run them in."""
        until(lambda: sum(bool(server.children()) for server in self.servers) == 1, 40, self.tell)
        return next(server for server in self.servers if server.children())

    def other(self) -> Served:
        dispatcher = self.dispatcher()
        return next(server for server in self.servers if server is not dispatcher)

    def client(self, url: str = "") -> Client:
        return Client(url or self.nginx.url, self.mina.token)

    def http(self, url: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.mina.token}"}
        return httpx.Client(base_url=url or self.nginx.url, headers=headers, timeout=60)

    def answered_by(self, method: str, path: str) -> set[str]:
        """The processes that answered such requests, as nginx says."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return {line[6] for line in lines if line[1] == method and line[2].startswith(path)}

    def tell(self) -> str:
        return "\n".join(server.tell()[-5000:] for server in self.servers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("scale")
    nginx_program()
    url = services.new_database_url("postgresql", folder)
    with ExitStack() as beside:
        beside.callback(services.drop_database, url)
        bucket = beside.enter_context(services.s3_bucket())
        redis = beside.enter_context(RedisServer(folder))
        redis.start()
        wired = {
            "host": "127.0.0.1",
            "port": 8000,
            "data_dir": folder / "data",
            "cache_dir": folder / "data" / "cache",
            "database_url": url,
            "redis_url": redis.url,
            "metrics_token": "",
            "public_url": "",
            "trusted_proxies": ("127.0.0.1",),
            "max_concurrent_tasks": 2,
            **bucket,
        }
        named = yaml.safe_load(COMPOSE.read_text())["services"]["api"]["environment"]
        assert {f"{PREFIX}{name.upper()}" for name in wired} == set(named), "wired otherwise than compose.scale.yaml"
        settings = served_settings(folder, **wired)
        servers = [beside.enter_context(Served(settings, folder / f"log-{n}")) for n in range(2)]
        for server in servers:
            server.start()
        for server in servers:
            server.wait_until_up()
        proxy = folder / "nginx"
        proxy.mkdir()
        nginx = beside.enter_context(NginxServer(proxy, [server.port for server in servers]))
        service = beside.enter_context(looked_at(settings, nginx.url))
        mina = service.person("mina@example.org")
        yield Site(nginx, proxy / "access.log", redis, servers, service, mina)


@pytest.fixture(scope="module")
def done(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of an analysis that is done."""
    with site.client() as client:
        return client.analyze(clip(tmp_path_factory.mktemp("clip") / "first.mp4", 0), template="ebu-r128").id


def clip(path: Path, number: int, pictures: int = 25) -> Path:
    return write_clip(
        path, pictures=pictures, size=(96, 64), sounds=[("aac", 48_000, "stereo")], metadata={"title": f"{number}"}
    )


def test_pieces_of_one_upload_land_on_both_and_become_a_video_with_a_report(site: Site, tmp_path: Path) -> None:
    content = clip(tmp_path / "pieces.mp4", 1).read_bytes()
    size = -(-len(content) // 8)
    with site.http() as http, site.client() as client:
        begun = http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(len(content))})
        place = urlsplit(begun.headers["Location"]).path
        for at in range(0, len(content), size):
            headers = TUS | {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
            sent = http.patch(place, content=content[at : at + size], headers=headers)
            assert sent.status_code == 204, sent.text
        until(lambda: len(site.answered_by("PATCH", place)) == 2, 5)
        video = client.video(sent.headers["Sightline-Video"])
        assert video.sha256 == hashlib.sha256(content).hexdigest()
        analysis = client.wait(client.create_analysis(video.id).id, timeout_s=60)
        assert analysis.state == "done"
        assert b"<html" in client.report(analysis.id)
        for _ in range(2):
            assert client.report(analysis.id, "pdf").startswith(b"%PDF")
    until(lambda: len(site.answered_by("GET", f"/api/v1/analyses/{analysis.id}/reports/pdf")) == 2, 5)
    assert not list((site.service.platform.settings.work / "uploads").iterdir())


def test_media_of_a_store_that_browsers_do_not_reach_come_through_the_service(site: Site, done: str) -> None:
    with site.http() as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        part = http.get(f"/api/v1/videos/{video}/media", headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)


class Listening:
    """Hears of changes through nginx, each with the moment it came."""

    def __init__(self, site: Site) -> None:
        self.heard: list[tuple[float, str]] = []
        self._http = site.http()
        self._stream = self._http.stream("GET", "/api/v1/changes", timeout=60)
        self._lines = self._stream.__enter__().iter_lines()
        assert next(self._lines).startswith("retry")
        self._thread = threading.Thread(target=self._run, name="listening")
        self._thread.start()

    def _run(self) -> None:
        try:
            for line in self._lines:
                if line.startswith("data:"):
                    self.heard.append((time.time(), json.loads(line.removeprefix("data:")).get("id", "")))
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError):
            return

    def last(self, of: str) -> float:
        return max((at for at, subject in self.heard if subject == of), default=0.0)

    def close(self, site: Site) -> None:
        # A change wakes the thread out of its waiting; then there is nothing more to be read.
        self._http.close()
        with site.http() as http:
            http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": "5"})
        self._thread.join(30)
        assert not self._thread.is_alive()


def test_changes_come_from_both_processes_wherever_the_job_ran(site: Site, tmp_path: Path) -> None:
    # One connection that stays is a reason for nginx to give the next one to the other process.
    both = [Listening(site), Listening(site)]
    try:
        with site.client() as client:
            video = client.upload(clip(tmp_path / "heard.mp4", 2))
            analysis = client.wait(client.create_analysis(video.id).id, timeout_s=60)
            ended = datetime.fromisoformat(str(analysis.finished_at)).astimezone(UTC).timestamp()
            until(lambda: all(one.last(analysis.id) >= ended for one in both), 10)
        assert max(one.last(analysis.id) - ended for one in both) < LATE_S
    finally:
        for one in both:
            one.close(site)
    until(lambda: len(site.answered_by("GET", "/api/v1/changes")) == 2, 5)


def test_exactly_one_process_dispatches(site: Site) -> None:
    assert site.dispatcher() is not site.other()

    def told() -> list[bool]:
        with site.service.platform.database.read(SYSTEM) as session:
            return sorted(session.scalars(text("SELECT is_dispatcher FROM processes")).all())

    until(lambda: told() == [False, True], 15, told)


def test_a_session_holds_at_both_and_ends_at_both(site: Site) -> None:
    first, second = site.servers
    site.service.platform.accounts.create(SYSTEM, "jun@example.org", password=PASSWORD)
    with httpx.Client(base_url=first.url, timeout=30) as here:
        signed_in = here.post("/api/v1/session", json={"email": "jun@example.org", "password": PASSWORD})
        assert signed_in.status_code == 201, signed_in.text
        cookies = dict(here.cookies)
        with httpx.Client(base_url=second.url, cookies=cookies) as there:
            assert there.get("/api/v1/session").json()["user"]["email"] == "jun@example.org"
            with httpx.Client(base_url=site.nginx.url, cookies=cookies) as through:
                assert [through.get("/api/v1/session").status_code for _ in range(4)] == [200] * 4
            assert here.delete("/api/v1/session", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
            assert there.get("/api/v1/session").status_code == 401


def test_what_is_read_is_never_older_than_what_was_written_elsewhere(site: Site, done: str) -> None:
    with ExitStack() as open_:
        ends = [open_.enter_context(site.http(server.url)) for server in site.servers]
        revision = ends[0].get(f"/api/v1/analyses/{done}").json()["revision"]
        for n in range(JUDGEMENTS):
            writer, reader = ends[n % 2], ends[1 - n % 2]
            template = ("archive", "netflix", "ebu-r128")[n % 3]
            body = {"template": template, "waivers": [{"check": "V1", "who": f"round {n}", "why": "agreed"}]}
            written = writer.post(f"/api/v1/analyses/{done}/judgement", json=body)
            assert written.status_code == 200, written.text
            seen = reader.get(f"/api/v1/analyses/{done}").json()
            assert seen["revision"] == revision + n + 1
            assert seen["template"] == template
            assert seen["judgement"] == written.json()["judgement"]
            report = reader.get(f"/api/v1/analyses/{done}/reports/json").json()
            assert report["judgement"]["template"] == template


def test_everything_goes_on_without_redis(site: Site, done: str, tmp_path: Path) -> None:
    site.redis.kill()
    try:
        with site.client() as client, site.http() as http:
            assert client.analyze(clip(tmp_path / "without.mp4", 3)).state == "done"
            for _ in range(4):
                assert client.report(done, "csv")
                began = time.monotonic()
                assert http.get("/api/v1/videos").status_code == 200
                assert time.monotonic() - began < LATE_S
            ready = http.get("/readyz")
            assert ready.status_code == 200
            states = {part["name"]: part["state"] for part in ready.json()["parts"]}
            assert states["redis"] == "degraded"
    finally:
        site.redis.start()
    with site.http() as http:
        until(lambda: http.get("/readyz").json()["state"] == "ok", 40, lambda: http.get("/readyz").text)


def test_another_process_takes_over_from_one_that_is_killed(site: Site, tmp_path: Path) -> None:
    killed, other = site.dispatcher(), site.other()
    with site.client() as client, site.http() as http:
        # Long enough to be seen at work: short ones are done between two looks.
        videos = [client.upload(clip(tmp_path / f"{n}.mp4", 10 + n, pictures=1500)) for n in range(4)]
        analyses = [client.create_analysis(video.id).id for video in videos]
        until(lambda: any(client.analysis(each).state == "running" for each in analyses), 30, site.tell)
        killed.kill()
        at = time.monotonic()
        # Whoever comes in by the front door notices nothing.
        while not other.children():
            assert http.get("/api/v1/videos").status_code == 200
            assert time.monotonic() - at < TAKEN_OVER_S, site.tell()
            time.sleep(0.05)
        for each in analyses:
            assert client.wait(each, timeout_s=90).state == "done"
        with site.service.platform.database.read(SYSTEM) as session:
            lines = session.scalars(
                text("SELECT subject FROM audit WHERE action = 'analysis.done' AND subject = ANY(:subjects)"),
                {"subjects": [f"analysis:{each}" for each in analyses]},
            ).all()
        assert sorted(lines) == sorted(f"analysis:{each}" for each in analyses)
        killed.start().wait_until_up()
        assert site.dispatcher() is other
        assert not [error for server in site.servers for error in server.errors()]
