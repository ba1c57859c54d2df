"""The page's files, as the service hands them out."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.running import running, settings_for

from sightline.api.pages import built

SCRIPT = b"console.log('a page');" * 100


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        running(settings_for(tmp_path_factory.mktemp("page"))) as service,
        httpx.Client(base_url=service.url) as client,
    ):
        client.headers["Accept"] = "text/html"
        yield client


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>the page</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-abc.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "main-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(built, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/work", "/people", "/system", "/settings", "/settings/tokens", "/videos/1", "/s/1"]
)
def test_every_address_of_the_page_gives_its_document(http: httpx.Client, folder: Path, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    assert "the page" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_addresses_of_nothing_give_no_document(http: httpx.Client, folder: Path) -> None:
    for path in ("/nothing", "/api/v1/nothing", "/assets/none.js", f"/assets/{'a' * 300}.js"):
        assert http.get(path).status_code == 404


def test_files_are_packed_for_those_who_can_unpack_and_kept_for_good(http: httpx.Client, folder: Path) -> None:
    packed = http.get("/assets/main-abc.js", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == SCRIPT
    assert int(packed.headers["content-length"]) < len(SCRIPT)
    for refused in ("identity", "gzip;q=0"):
        plain = http.get("/assets/main-abc.js", headers={"Accept-Encoding": refused})
        assert "content-encoding" not in plain.headers
        assert plain.content == SCRIPT
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-type"].startswith("text/javascript")
    assert packed.headers["vary"] == "Accept-Encoding"
    assert http.get("/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["..%2fsecret.txt", "..%2findex.html", "main-abc.js.gz", ".js", "%2e%2e", "secret.txt"]
)
def test_nothing_but_files_of_the_page_is_handed_out(http: httpx.Client, folder: Path, name: str) -> None:
    assert http.get(f"/assets/{name}").status_code == 404


def test_an_installation_without_its_page_says_how_to_get_it(
    http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built, "FOLDER", tmp_path / "none")
    answer = http.get("/", headers={"Accept-Language": "ko"})
    assert answer.status_code == 503
    assert "make web-build" in answer.text
    assert "빌드" in answer.text
    assert http.get("/", headers={"Accept": "application/json"}).json()["status"] == "running"
