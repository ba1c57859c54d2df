"""The service over an object store, and its database made again from what the store holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from sqlalchemy import select
from tests import running, services
from tests.media_clips import write_clip
from tests.running import Person, Service
from tests.service.test_cli import make_clip
from tests.stores import FaultyProxy, faulty

from sightline.library.actor import SYSTEM
from sightline.library.database import Database
from sightline.library.migrate import upgrade
from sightline.library.tables import AnalysisRow, BlobRow, FindingRow, TagRow, VideoRow, WorkspaceRow
from sightline.service.rebuild import rebuild

KEPT = ("verdict", "checks", "not_evaluated", "template_sha256", "findings")
"""Of a summary: the rest is about the measuring, which is over."""
WAIVER = {"check": "V1", "who": "민아", "why": "agreed with the client"}


@dataclass(slots=True)
class Site:
    service: Service
    proxy: FaultyProxy | None
    """Between the service and its object store: what was asked of it."""
    mina: Person
    jun: Person


@pytest.fixture(scope="module", params=["s3", "folder"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workspaces with videos in common, judged once, judged again, and some removed."""
    folder = tmp_path_factory.mktemp(f"over-{request.param}")
    given: dict[str, Any] = {}
    proxy = None
    with ExitStack() as beside:
        if request.param == "s3":
            bucket = beside.enter_context(services.s3_bucket())
            proxy = beside.enter_context(faulty(bucket["s3_endpoint"]))
            given = {**bucket, "s3_endpoint": proxy.url, "s3_public_endpoint": proxy.url}
        service = beside.enter_context(running.running(running.settings_for(folder, **given)))
        found = Site(service, proxy, service.person("mina@example.org"), service.person("jun@example.org"))
        _fill(found, folder)
        yield found


def _fill(site: Site, folder: Path) -> None:
    black = make_clip(folder / "검은 화면.mp4", 75, range(25, 60))
    noise = write_clip(folder / "noise.mp4", pictures=25, sounds=[("aac", 48_000, "stereo")])
    with site.service.client(site.mina) as client, site.service.http(site.mina.token) as http:
        first = client.upload(black, tags=["봄", "spring"])
        for template in ("default", "ebu-r128"):
            client.wait(client.create_analysis(first.id, template=template).id)
        judged = client.wait(client.create_analysis(first.id, template="netflix").id)
        for template in ("archive", "ebu-r128"):
            body = {"template": template, "waivers": [WAIVER]}
            assert http.post(f"/api/v1/analyses/{judged.id}/judgement", json=body).status_code == 200
        second = client.upload(noise, name="소음 & noise.mp4")
        own = client.create_analysis(second.id, template="own", template_source='extends = "ebu-r128"\n')
        client.wait(own.id)
        http.patch(f"/api/v1/videos/{first.id}", json={"name": "renamed.mp4", "tags": ["later"]})
        removed = client.upload(write_clip(folder / "gone.mp4", pictures=10))
        client.wait(client.create_analysis(removed.id).id)
        client.remove_video(removed.id)
    with site.service.client(site.jun) as client:
        client.analyze(black, template="archive", tags=["jun"])


def rows(database: Database) -> dict[str, Any]:
    """What is in a library, but for who made it and how it came."""
    with database.read(SYSTEM) as session:
        videos = {
            row.id: (
                row.workspace_id, row.sha256, row.name, row.size_bytes, row.duration_s, row.width, row.height, row.rate,
                row.codec, row.media_type, row.facts, row.search_text, row.created_at,
            )
            for row in session.scalars(select(VideoRow))
        }  # fmt: skip
        analyses = {
            row.id: (
                row.workspace_id, row.video_id, row.desk, row.template, row.template_source, row.waivers, row.state,
                row.verdict, row.revision, row.document, row.created_at,
                {name: row.summary[name] for name in KEPT},
            )
            for row in session.scalars(select(AnalysisRow))
        }  # fmt: skip
        found = {
            (row.analysis_id, row.kind): (row.workspace_id, row.count, round(row.first_s, 3))
            for row in session.scalars(select(FindingRow))
        }
        return {
            "workspaces": {row.id: row.name for row in session.scalars(select(WorkspaceRow))},
            "videos": videos,
            "tags": sorted((row.workspace_id, row.video_id, row.tag) for row in session.scalars(select(TagRow))),
            "analyses": analyses,
            "findings": found,
            "blobs": {row.sha256: row.size_bytes for row in session.scalars(select(BlobRow))},
        }


@pytest.mark.parametrize("site", ["s3"], indirect=True)
def test_media_are_answered_by_an_address_of_the_store(site: Site) -> None:
    with site.service.http(site.mina.token) as http, site.service.http() as nobody:
        video = http.get("/api/v1/videos", params={"q": "noise"}).json()["items"][0]
        sent = http.get(f"/api/v1/videos/{video['id']}/media", follow_redirects=False)
        assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store")
        at = urlsplit(sent.headers["location"])
        asked = parse_qs(at.query)
        assert f"{at.scheme}://{at.netloc}" == site.service.platform.settings.s3_endpoint
        assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert 0 < int(asked["X-Amz-Expires"][0]) <= 3600
        assert "소음" in unquote(asked["response-content-disposition"][0])
        whole = httpx.get(sent.headers["location"])
        assert hashlib.sha256(whole.content).hexdigest() == video["sha256"]
        assert whole.headers["content-type"] == "video/mp4"
        part = httpx.get(sent.headers["location"], headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, whole.content[10:20])
        assert nobody.get(f"/api/v1/videos/{video['id']}/media").status_code == 401
        link = http.post(f"/api/v1/videos/{video['id']}/links").json()["url"]
        assert httpx.get(link).content == whole.content
        # A page of ours may play it from there.
        policy = http.get("/api/v1/session").headers["content-security-policy"]
        assert f"media-src 'self' blob: {at.scheme}://{at.netloc}" in policy


@pytest.mark.parametrize("site", ["s3"], indirect=True)
def test_the_decoder_reads_from_the_store(site: Site, tmp_path: Path) -> None:
    assert site.proxy is not None
    # Large enough that it is not one range.
    path = write_clip(tmp_path / "raw.mkv", codec="rawvideo", pictures=60, size=(320, 240))
    settings = site.service.platform.settings
    with site.service.client(site.mina) as client:
        video = client.upload(path)
        before = len(site.proxy.asked)
        assert client.wait(client.create_analysis(video.id).id).state == "done"
        name = f"/blobs/{video.sha256[:2]}/{video.sha256}"
        read = [one for one in site.proxy.asked[before:] if one.startswith("GET") and name in one]
        assert len(read) >= path.stat().st_size // 2**20
        kept = [one for place in (settings.work, settings.cache_dir, settings.archive) for one in place.rglob("*")]
        assert not [one for one in kept if one.is_file() and one.stat().st_size == path.stat().st_size]
        client.remove_video(video.id)


def test_the_database_is_made_again_from_the_store(site: Site, tmp_path: Path) -> None:
    platform = site.service.platform
    url = services.new_database_url("sqlite", tmp_path)
    database = Database(url)
    try:
        upgrade(database)
        told: list[str] = []
        counted = rebuild(database, platform.blobs, told.append)
        assert told == []
        assert counted == {"workspaces": 2, "videos": 3, "analyses": 5}
        before, after = rows(platform.database), rows(database)
        for table, found in before.items():
            assert after[table] == found, table
        again = rebuild(database, platform.blobs)
        assert again == {"there": 8}
        assert rows(database) == after
    finally:
        database.close()
        services.drop_database(url)


def test_a_service_over_the_new_database_shows_what_the_old_one_did(site: Site, tmp_path: Path) -> None:
    platform = site.service.platform
    settings = platform.settings.model_copy(
        update={
            "data_dir": tmp_path / "data",
            "cache_dir": tmp_path / "cache",
            "archive_dir": platform.settings.archive,
        }
    )
    with running.running(settings) as other:
        boss = other.person("boss@example.org", is_admin=True)
        rebuild(other.platform.database, other.platform.blobs)
        with site.service.http(site.mina.token) as old, other.http(boss.token) as new:
            mine = old.get("/api/v1/analyses").json()["items"]
            assert len(mine) == 4
            for item in mine:
                path = f"/api/v1/analyses/{item['id']}"
                assert new.get(path).json()["judgement"] == old.get(path).json()["judgement"]
                for part in ("events", "signals", "reports/json"):
                    there, here = old.get(f"{path}/{part}"), new.get(f"{path}/{part}")
                    assert (there.status_code, here.status_code) == (200, 200), part
                    assert here.json() | {"made_at": ""} == there.json() | {"made_at": ""}, part
            body = {"keep": False, "template": "archive"}
            assert new.post(f"/api/v1/analyses/{mine[0]['id']}/judgement", json=body).status_code == 200
            assert "renamed.mp4" in {video["name"] for video in new.get("/api/v1/videos").json()["items"]}
            assert new.get("/api/v1/search", params={"q": "later"}).json()["items"]


def test_nothing_is_left_in_the_store_after_the_last_video(site: Site) -> None:
    for person in (site.mina, site.jun):
        with site.service.client(person) as client:
            for video in list(client.videos()):
                client.remove_video(video.id)
    left = [stored.name for stored in site.service.platform.blobs.list("")]
    assert [name for name in left if not name.startswith("secrets/")] == []
    after = rows(site.service.platform.database)
    assert {table: found for table, found in after.items() if table != "workspaces" and found} == {}
