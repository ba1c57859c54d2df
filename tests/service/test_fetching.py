"""Videos from an address: fetched as a job, analysed after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import running, services
from tests.service.test_cli import make_clip


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, name="test-web", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("web") / "far away.mp4", 50, range(10, 30))


def _followed(http: httpx.Client, upload_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (upload := http.get(f"/api/v1/uploads/{upload_id}").json())["state"] == "arriving":
        assert time.monotonic() < deadline, upload
        time.sleep(0.1)
    return upload


def test_an_address_is_fetched_and_what_comes_is_analysed(tmp_path: Path, clip: Path) -> None:
    settings = running.settings_for(tmp_path, fetch_allow="127.0.0.1")
    with running.running(settings) as service, web_server(clip.parent) as web:
        person = service.person("far@example.org")
        with service.http(person.token) as http, service.client(person) as client:
            body = {"url": f"{web}/far%20away.mp4", "tags": ["web"], "template": "netflix"}
            begun = http.post("/api/v1/videos/from-url", json=body)
            assert begun.status_code == 202
            upload = _followed(http, begun.json()["id"])
            assert upload["state"] == "done"
            video = client.video(upload["video_id"])
            assert (video.name, list(video.tags)) == ("far away.mp4", ["web"])
            found = next(iter(client.analyses(video_id=video.id)))
            assert client.wait(found.id).template == "netflix"
            gone = http.post("/api/v1/videos/from-url", json={"url": f"{web}/none.mp4"}).json()
            failed = _followed(http, gone["id"])
            assert (failed["state"], failed["error"]["code"]) == ("failed", "intake.answered")


def test_what_is_private_is_never_asked(tmp_path: Path, clip: Path) -> None:
    asked = []

    class Spy(_Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Spy, directory=str(clip.parent)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with running.running(running.settings_for(tmp_path)) as service:
            person = service.person("near@example.org")
            with service.http(person.token) as http:
                begun = http.post("/api/v1/videos/from-url", json={"url": f"http://127.0.0.1:{server.server_port}/x"})
                assert _followed(http, begun.json()["id"])["error"]["type"] == "AddressRefused"
                for url in ("file:///etc/passwd", "http://user:pw@example.org/", "gopher://x", "s3://any/thing"):
                    answer = http.post("/api/v1/videos/from-url", json={"url": url})
                    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert asked == []


def test_the_old_route_takes_a_talk_from_s3_and_tells_of_its_analysis(tmp_path: Path, clip: Path) -> None:
    with services.s3_bucket() as store:
        bucket = store["blob_url"].split("/")[2]
        httpx.put(
            f"{store['s3_endpoint']}/{bucket}/inbox/talk.mp4", content=clip.read_bytes(), timeout=60
        ).raise_for_status()
        settings = running.settings_for(tmp_path, **store, s3_import=f"{bucket}/inbox")
        with running.running(settings) as service:
            person = service.person("old@example.org")
            with service.http(person.token) as http, service.client(person) as client:
                body = {"s3_bucket": bucket, "s3_key": "inbox/talk.mp4", "user_id": "7", "session_id": "42"}
                started = http.post("/analyze", json=body).json()
                assert set(started) == {"analysis_id", "status", "message", "estimated_completion"}
                assert (started["status"], started["estimated_completion"]) == ("processing", None)
                assert http.get(f"/analysis/{started['analysis_id']}").json()["status"] in ("processing", "completed")
                _followed(http, started["analysis_id"])
                client.wait(next(iter(client.analyses())).id)
                ended = http.get(f"/analysis/{started['analysis_id']}").json()
                assert ended["status"] == "completed"
                assert set(ended) == {"analysis_id", "status", "emotion_analysis", "eye_tracking"}
                again = http.post("/analyze", json=body).json()
                assert again["estimated_completion"] is not None
                outside = http.post("/analyze", json=body | {"s3_key": "other/talk.mp4"})
                assert outside.json()["code"] == "intake.bucket_refused"
