"""Resumable uploads by somebody else's client: tus-py-client."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests import running
from tests.running import Person, Service
from tests.service.test_cli import make_clip
from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

CHUNK = 10_000


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = make_clip(tmp_path / "보내는 파일.mp4", 75, range(10, 30))
    assert path.stat().st_size > 3 * CHUNK
    return path


def _client(service: Service, person: Person) -> TusClient:
    return TusClient(f"{service.url}/api/v1/uploads", headers={"Authorization": f"Bearer {person.token}"})


def _break_off(service: Service, person: Person, url: str, offset: int, path: Path) -> None:
    """Half of a piece, then the line is cut."""
    at = urlsplit(url)
    piece = path.read_bytes()[offset : offset + CHUNK]
    head = (
        f"PATCH {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {person.token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(piece)}\r\n\r\n"
    )
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as line:
        line.sendall(head.encode() + piece[: CHUNK // 2])


def test_an_interrupted_upload_is_continued_where_it_stood(tmp_path: Path, clip: Path) -> None:
    memory = FileStorage(str(tmp_path / "memory.json"))
    with running.running(running.settings_for(tmp_path)) as service:
        person = service.person("tus@example.org")
        about = {"filename": clip.name, "tags": "봄,spring"}
        options = {"chunk_size": CHUNK, "metadata": about, "store_url": True, "url_storage": memory}
        first = _client(service, person).uploader(str(clip), **options)
        first.upload_chunk()
        first.upload_chunk()
        assert first.offset == 2 * CHUNK
        _break_off(service, person, first.url, first.offset, clip)
        # Another run of the client: it finds the address in its memory, and the offset by asking. It asks again where
        # the service has not heard yet that the other line is cut.
        again = _client(service, person).uploader(str(clip), **options, retries=10, retry_delay=1)
        assert again.url == first.url
        assert 2 * CHUNK <= again.offset < 3 * CHUNK
        again.upload()
        with service.client(person) as client:
            video = next(iter(client.videos()))
            assert (video.name, sorted(video.tags)) == (clip.name, ["spring", "봄"])
            assert video.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()
            assert client.wait(client.create_analysis(video.id).id).state == "done"


def test_a_whole_upload_with_checksums_in_one_go(tmp_path: Path, clip: Path) -> None:
    with running.running(running.settings_for(tmp_path)) as service:
        person = service.person("tus@example.org")
        uploader = _client(service, person).uploader(str(clip), chunk_size=CHUNK, upload_checksum=True)
        uploader.upload()
        with service.http(person.token) as http:
            upload = http.get(urlsplit(uploader.url).path).json()
            assert upload["state"] == "done"
            assert upload["video_id"]
