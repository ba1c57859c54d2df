"""``python -m benchmarks.load.users``: people at work, by locust. A process of its own, because gevent changes what
everything in a process does.

Reads a `Plan` from standard input, writes every answer to standard output. Everybody listens to changes all the time,
as an open page does, and does one thing after another with a pause between.
"""

from __future__ import annotations

# Before anything that opens a socket: importing locust puts gevent underneath.
import locust  # isort: skip  # noqa: F401
import base64
import http.client
import json
import random
import secrets
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gevent
from locust import between, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment

from benchmarks.load.clips import free_box

PAUSE_S = (1, 3)
WORDS = ("spring", "harbour", "news", "뉴스", "trailer", "black", "정지", "street 01")
TEMPLATES = ("ebu-r128", "netflix", "default")
RANGE_BYTES = 1 << 18
API = "/api/v1"


class State:
    """Of this process: what is asked of it and what it has noted."""

    plan: dict[str, Any]
    clip: bytes
    begin = end = float("inf")
    answers: list[tuple[str, str, float, str]]
    told_ms: list[float]
    finished: int = 0
    tokens: list[str]


class Person(FastHttpUser):
    """Somebody with a page open."""

    wait_time = between(*PAUSE_S)
    network_timeout = connection_timeout = 120
    insecure = False

    def on_start(self) -> None:
        self.token = State.tokens.pop()
        self.chance = random.Random(self.token)
        self.known = list(State.plan["seeds"])
        """What can be opened: ids of video and analysis, and the file's size."""
        self.own: dict[str, tuple[str, int]] = {}
        """Analyses asked for that have not ended, with the video's id and size."""
        self.is_over = False
        self.listening = gevent.spawn(self.listen)

    def on_stop(self) -> None:
        self.is_over = True
        self.listening.kill()

    # What people do.

    @task(5)
    def browse(self) -> None:
        asked = self.chance.choice(
            ("", f"&tag={self.chance.choice(('spring', 'news'))}", "&verdict=fail", "&order=name")
        )
        page = self.get("/videos", f"?limit=50{asked}")
        if page and page["next_cursor"] and self.chance.random() < 0.5:
            self.get("/videos", f"?limit=50{asked}&cursor={page['next_cursor']}")
        for video, *_ in self.chance.sample(self.known, min(4, len(self.known))):
            self.get("/videos/{video_id}/thumbnail", "", video, plain=False)

    @task(2)
    def search(self) -> None:
        self.get("/search", f"?limit=50&q={self.chance.choice(WORDS)}")
        self.get("/videos", f"?limit=50&q={self.chance.choice(WORDS)}")
        self.get("/tags")

    @task(5)
    def look(self) -> None:
        video, analysis, size = self.chance.choice(self.known)
        self.get("/videos/{video_id}", "", video)
        self.open(analysis)
        for _ in range(3):
            self.watch(video, size)

    @task(1)
    def report(self) -> None:
        analysis = self.chance.choice(self.known)[1]
        self.get(f"/analyses/{{analysis_id}}/reports/{self.chance.choice(('html', 'json'))}", "", analysis, plain=False)

    @task(1)
    def lists(self) -> None:
        self.get("/jobs", "?limit=50")
        page = self.get("/analyses", "?limit=50&state=done")
        if page and page["next_cursor"]:
            self.get("/analyses", f"?limit=50&state=done&cursor={page['next_cursor']}")
        self.get("/templates")

    @task(1)
    def judge(self) -> None:
        body = {"template": self.chance.choice(TEMPLATES), "keep": False}
        analysis = self.chance.choice(self.known)[1]
        mine = self.known[len(State.plan["seeds"]) :]
        if mine and self.chance.random() < 0.5:
            analysis, body["keep"] = self.chance.choice(mine)[1], True
        self.ask("POST", "/analyses/{analysis_id}/judgement", "", analysis, json=body)

    @task(2)
    def send_in(self) -> None:
        """A clip of one's own, its analysis, and looking at it once it is there; one at a time."""
        for analysis in tuple(self.own):
            self.opened(analysis)
        if self.own:
            return
        content = State.clip + free_box()
        name = base64.b64encode(f"take {self.chance.randrange(10**6)}.mp4".encode()).decode()
        tus = {"Tus-Resumable": "1.0.0"}
        about = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
        begun = self.ask("POST", "/uploads", headers=tus | about, plain=False)
        if begun is None:
            return
        upload, half = begun.headers["Location"].rpartition("/")[2], len(content) // 2
        sent: Any = None
        for offset, piece in ((0, content[:half]), (half, content[half:])):
            about = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            sent = self.ask(
                "PATCH", "/uploads/{upload_id}", "", upload, headers=tus | about, data=piece, plain=False
            )  # fmt: skip
            if sent is None:
                return
        video = sent.headers["Sightline-Video"]
        key = {"Idempotency-Key": secrets.token_hex(16)}
        made = self.ask("POST", "/analyses", json={"video_id": video, "template": "default"}, headers=key)
        if made is not None:
            self.own[made["id"]] = (video, len(content))

    # What these are made of.

    def open(self, analysis: str) -> None:
        self.get("/analyses/{analysis_id}", "", analysis)
        self.get("/analyses/{analysis_id}/events", "?limit=200", analysis)
        found = self.get("/analyses/{analysis_id}/signals", "", analysis)
        for signal in self.chance.sample(found["items"], 2) if found else ():
            self.get("/analyses/{analysis_id}/signals/{name}", "?points=1000", analysis, signal["name"])

    def watch(self, video: str, size: int) -> None:
        start = self.chance.randrange(max(1, size - RANGE_BYTES))
        ranged = {"Range": f"bytes={start}-{start + RANGE_BYTES - 1}"}
        self.ask("GET", "/videos/{video_id}/media", "", video, headers=ranged, plain=False)

    def get(self, template: str, query: str = "", *names: str, plain: bool = True) -> Any:
        return self.ask("GET", template, query, *names, plain=plain)

    def ask(
        self, method: str, template: str, query: str = "", *names: str, plain: bool = True,
        headers: dict[str, str] | None = None, **body: Any,
    ) -> Any:  # fmt: skip
        """The answer's document, or with ``plain`` False the answer; None where there was an error."""
        path = template
        for name in names:
            path = path[: path.index("{")] + name + path[path.index("}") + 1 :]
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        with self.client.request(
            method, f"{API}{path}{query}", name=f"{API}{template}", headers=sent, catch_response=True, **body
        ) as answer:
            if answer.status_code == 0 or answer.status_code >= 400:
                answer.failure(f"{answer.status_code} {(answer.text or answer.error or '')!s:.300}")
                return None
            return answer if not plain else answer.json()

    def listen(self) -> None:
        """Hears of changes, and opens an own analysis as soon as it has ended."""
        place = urlsplit(State.plan["url"])
        while not self.is_over:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
            try:
                connection.request("GET", f"{API}/changes", headers={"Authorization": f"Bearer {self.token}"})
                answer = connection.getresponse()
                if answer.status != 200:
                    note("GET", f"{API}/changes", 0.0, str(answer.status))
                    return
                while line := answer.readline():
                    if line.startswith(b"data: "):
                        self.hear(json.loads(line[6:]))
            except OSError as error:
                if not self.is_over:
                    note("GET", f"{API}/changes", 0.0, repr(error))
                    gevent.sleep(1)
            finally:
                connection.close()

    def hear(self, told: dict[str, Any]) -> None:
        analysis = told.get("id")
        if told.get("subject") == "analysis" and analysis in self.own:
            heard_at = datetime.now(UTC)
            gevent.spawn(self.opened, analysis, heard_at)

    def opened(self, analysis: str, heard_at: datetime | None = None) -> None:
        found = self.get("/analyses/{analysis_id}", "", analysis)
        if not found or found["state"] not in ("done", "failed", "cancelled") or analysis not in self.own:
            return
        video, size = self.own.pop(analysis)
        if found["state"] != "done":
            note("-", "analysis", 0.0, f"{analysis} {found['state']} {found['error']}")
            return
        if State.begin <= time.time() <= State.end:
            State.finished += 1
            if heard_at is not None:
                finished_at = datetime.fromisoformat(found["finished_at"])
                State.told_ms.append((heard_at - finished_at).total_seconds() * 1000)
        self.known.append((video, analysis, size))
        self.open(analysis)


def note(method: str, route: str, took_ms: float, error: str) -> None:
    if State.begin <= time.time() <= State.end:
        State.answers.append((method, route, round(took_ms, 3), error))


def main() -> None:
    State.plan = json.load(sys.stdin)
    State.clip = Path(State.plan["clip"]).read_bytes()
    State.answers, State.told_ms, State.tokens = [], [], list(State.plan["tokens"])
    environment = Environment(user_classes=[Person], host=State.plan["url"])

    @environment.events.request.add_listener
    def _(request_type: str, name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
        note(request_type, name, response_time, "" if exception is None else str(exception) or repr(exception))

    runner = environment.create_local_runner()
    users = State.plan["users"]
    runner.start(users, spawn_rate=max(1.0, users / State.plan["warm_s"] * 2))
    gevent.sleep(State.plan["warm_s"])
    print("begin", flush=True)
    State.begin = time.time()
    gevent.sleep(State.plan["seconds"])
    State.end = time.time()
    print("end", flush=True)
    with suppress(Exception):
        runner.quit()
    print(json.dumps({"answers": State.answers, "told_ms": State.told_ms, "finished": State.finished}), flush=True)


if __name__ == "__main__":
    main()
