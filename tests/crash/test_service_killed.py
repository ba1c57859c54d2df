"""``kill -9`` of the whole service, of its children and of its connections, at random instants: every analysis is done
once, every byte that was acknowledged is there, and nothing lies about."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from service_under_fire import Library
from sqlalchemy import text
from tests import services
from tests.media_clips import write_clip
from tests.served import Served, looked_at, served_settings, until

from sightline.library.database import Database

QUEUED, LEAST = 14, 6
INSTANTS = {"sqlite": 5, "postgresql": 5}
UPLOAD_KILLS = 3
PIECE_BYTES = 1 << 20
TUS = {"Tus-Resumable": "1.0.0"}


def kill_child(servers: Sequence[Served], chance: random.Random) -> None:
    children = [child for server in servers for child in server.children()]
    if children:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            os.kill(chance.choice(children).pid, signal.SIGKILL)


def kill_connections(database: Database, chance: random.Random) -> None:
    """Some of them, so that the lock goes without the rest, or the rest without the lock."""
    listed = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.engine.connect() as connection:
        for pid in connection.scalars(text(listed)).all():
            if chance.random() < 0.7:
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 1), ("postgresql", 2)])
def test_every_analysis_is_done_once_whatever_is_killed(kind: str, processes: int, tmp_path: Path) -> None:
    chance = random.Random(f"20260102 {kind}")
    url = services.new_database_url(kind, tmp_path)
    settings = served_settings(tmp_path, database_url=url, max_concurrent_tasks=2)
    with ExitStack() as beside:
        beside.callback(services.drop_database, url)
        service = beside.enter_context(looked_at(settings, ""))
        library = Library(service, tmp_path)
        library.take_in(QUEUED)
        servers = [beside.enter_context(Served(settings, tmp_path / f"log-{n}")) for n in range(processes)]
        for server in servers:
            server.start().wait_until_up()
        library.ask(QUEUED, servers[0].url)
        for instant in range(INSTANTS[kind]):
            # With something under way that can be broken, and something of what was asked done in between.
            done, more = library.states()["done"], chance.choice((0, 1, 2))
            until(lambda: library.states()["done"] >= done + more, 60, servers[0].tell)  # noqa: B023
            until(lambda: library.states()["running"], 60, servers[0].tell)
            time.sleep(chance.uniform(0.0, 0.5))
            server = chance.choice(servers)
            # Starting again takes seconds in which there is little to break: so not too often.
            what = "server" if instant % 4 == 1 else chance.choice(("child", "connections"))
            if what == "server":
                server.kill()
                server.start()
                if processes == 1:
                    server.wait_until_up()
            elif what == "connections" and kind == "postgresql":
                kill_connections(service.platform.database, chance)
            else:
                kill_child(servers, chance)
            library.hurry()
            others = [each for each in servers if each is not server or processes == 1]
            library.ask(LEAST - min(LEAST, library.unfinished()), others[0].url)
        until(library.is_over, 90, lambda: f"{library.states()}\n{servers[0].tell()}")
        for server in servers:
            server.stop()
        library.is_done_once()
        library.nothing_lies_about()
        assert not [error for server in servers for error in server.errors()]


class Sender:
    """Sends a file in pieces, each from a thread, slowly enough to be interrupted in the middle of one."""

    def __init__(self, http: httpx.Client, content: bytes) -> None:
        self._http, self._content = http, content
        begun = http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": str(len(content))})
        assert begun.status_code == 201, begun.text
        self.place = begun.headers["Location"]
        self.acknowledged = 0
        self.sent = 0
        """As far as anything of it was given to the network."""

    def piece(self, *, is_checked: bool) -> threading.Thread:
        start = self.acknowledged
        part = self._content[start : start + PIECE_BYTES]
        headers = TUS | {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
        if is_checked:
            headers["Upload-Checksum"] = "sha1 " + base64.b64encode(hashlib.sha1(part).digest()).decode()

        def slowly() -> Iterator[bytes]:
            for at in range(0, len(part), 1 << 15):
                self.sent = max(self.sent, start + at + (1 << 15))
                yield part[at : at + (1 << 15)]
                time.sleep(0.005)

        def send() -> None:
            with suppress(httpx.TransportError):
                answer = self._http.patch(self.place, content=slowly(), headers=headers, timeout=60)
                assert answer.status_code == 204, answer.text
                self.acknowledged = int(answer.headers["Upload-Offset"])

        thread = threading.Thread(target=send, name="sender")
        thread.start()
        return thread

    def reached(self) -> int:
        answer = self._http.head(self.place, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def video(self) -> str | None:
        found: str | None = self._http.get(self.place).json()["video_id"]
        return found


def test_no_acknowledged_byte_of_an_upload_is_lost(tmp_path: Path) -> None:
    chance = random.Random(20260103)
    movie = write_clip(tmp_path / "long.mkv", codec="rawvideo", pictures=80, size=(320, 240))
    content = movie.read_bytes()
    settings = served_settings(tmp_path, executor="thread", max_concurrent_tasks=1)
    server = Served(settings, tmp_path / "log")
    with looked_at(settings, server.url) as service, server:
        person = service.person("mina@example.org")
        server.start().wait_until_up()
        with service.http(person.token) as http:
            sender = Sender(http, content)
            for kill in range(UPLOAD_KILLS):
                is_checked = kill % 2 == 1
                sending = sender.piece(is_checked=is_checked)
                time.sleep(chance.uniform(0.0, 0.4))
                server.kill()
                sending.join()
                server.start().wait_until_up()
                reached = sender.reached()
                assert sender.acknowledged <= reached <= sender.sent
                if is_checked:
                    # Half of a piece that was to be compared is worth nothing.
                    assert (reached - sender.acknowledged) in (0, PIECE_BYTES)
                sender.acknowledged = reached
            while sender.acknowledged < len(content) - PIECE_BYTES:
                sender.piece(is_checked=False).join()
            # While what has arrived is being looked into.
            sending = sender.piece(is_checked=False)
            until(lambda: sender.reached() == len(content), 30, server.tell)
            server.kill()
            sending.join()
            server.start().wait_until_up()
            assert sender.reached() == len(content)
            until(sender.video, 40, server.tell)
            video = http.get(f"/api/v1/videos/{sender.video()}").json()
            assert video["sha256"] == hashlib.sha256(content).hexdigest()
            assert http.get(f"/api/v1/videos/{video['id']}/media").content == content
        until(lambda: service.platform.blobs.store.size(f"videos/{video['id']}.json"), 5)
        assert not list((settings.work / "uploads").iterdir())
        assert not server.errors()
