"""A service over real sockets with something in it worth taking."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.running import Person, Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.library.columns import now
from sightline.service.operations import logs

SCRIPT = "<script>fetch('evil.example')<img src=x onerror=alert(1)>"
NAME = f'a"; filename=evil.html\r\nSet-Cookie: own=ed\r\n\r\n{SCRIPT}.mp4'
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Target:
    service: Service
    owner: Person
    http: httpx.Client
    folder: Path
    clip: Path
    video: str
    analysis: str
    link: str
    """To the video, without signing in."""
    share: str

    @property
    def work(self) -> Path:
        return self.service.platform.settings.work

    def said(self, request: bytes, *, wait_s: float = 20) -> bytes:
        """What comes back for these bytes, to the end of the headers."""
        with self.connected() as connection:
            with _broken_off():
                connection.sendall(request)
            connection.settimeout(wait_s)
            answer = b""
            with _broken_off():
                while b"\r\n\r\n" not in answer and (more := connection.recv(65_536)):
                    answer += more
            return answer

    def connected(self) -> socket.socket:
        at = urlsplit(self.service.url)
        return socket.create_connection((at.hostname, at.port), timeout=20)

    def head(self, line: str, *more: str) -> bytes:
        lines = [f"{line} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.owner.token}", *more]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def is_well(self) -> bool:
        began = time.monotonic()
        return httpx.get(f"{self.service.url}/healthz", timeout=30).status_code == 200 and time.monotonic() - began < 10


@contextmanager
def _broken_off() -> Iterator[None]:
    """A server that has heard enough closes."""
    with suppress(ConnectionError, TimeoutError):
        yield


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@contextmanager
def attacked(folder: Path) -> Iterator[Target]:
    """With a video of an evil name, its analysis, and logs that tell all."""
    settings = settings_for(folder, uploads_per_minute=100_000)
    with logs.begin(settings.logs, "debug", process="serve"), running(settings) as service:
        owner = service.person("owner@example.org")
        clip = make_clip(folder / "clip.mp4", 50, range(20, 40))
        with service.http(owner.token) as http:
            video = http.post("/api/v1/videos", data={"name": NAME}, files={"file": clip.open("rb")}).json()["id"]
            with service.client(owner) as client:
                analysis = client.wait(client.create_analysis(video, template="ebu-r128").id).id
            link = http.post(f"/api/v1/videos/{video}/links").json()["url"]
            ends = (now() + timedelta(days=1)).isoformat()
            share = http.post(f"/api/v1/analyses/{analysis}/shares", json={"expires_at": ends}).json()["secret"]
            yield Target(service, owner, http, folder, clip, video, analysis, link, share)
