"""A library as large as the page must carry: 10,000 videos, and two hours of programme with its analysis.

Made once and kept with the clips; the service is stopped in between.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import imageio_ffmpeg

from benchmarks.place import WORK
from sightline.library.actor import SYSTEM, Scope
from sightline.library.columns import now
from sightline.library.migrate import upgrade
from sightline.library.tables import BlobRow, TagRow, VideoRow
from sightline.media.probe import probe
from sightline.service.intake.take_in import video_row
from sightline.service.platform import Platform
from sightline.service.sample import make_sample
from sightline.service.searching import search_text
from sightline.service.settings import Settings

VIDEOS = 10_000
LONG_S = 7200
EMAIL, PASSWORD = "bench@example.org", "battery staple bench"
FOLDER = WORK / "web"
WORDS = ("spring", "harbour", "news", "trailer", "interview", "봄", "뉴스", "episode", "archive", "street")
_AT_ONCE = 500
_START_S = 60
_ANALYSED_S = 3600


@contextmanager
def served() -> Iterator[tuple[str, str]]:
    """Address of a service with this library, and the id of the long video."""
    settings = Settings.model_validate({"data_dir": FOLDER / "data", "cache_dir": FOLDER / "cache"})
    token = _prepared(settings)
    log = FOLDER / "printed.txt"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    kept |= {"SIGHTLINE_DATA_DIR": str(settings.data_dir), "SIGHTLINE_CACHE_DIR": str(settings.cache_dir)}
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "sightline", "serve", "--port", "0"], env=kept, stdout=printed, stderr=printed
        )
    try:
        url = _address(process, log)
        yield url, _long_video(url, token)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _prepared(settings: Settings) -> str:
    """Rows and files, where they are not there yet; a token that may do everything."""
    platform = Platform(settings)
    try:
        upgrade(platform.database)
        found = [user for user in platform.accounts.list(SYSTEM).items if user.email == EMAIL]
        user = found[0] if found else platform.accounts.create(SYSTEM, EMAIL, password=PASSWORD, is_admin=True)
        _, token = platform.tokens.create(SYSTEM, "bench", list(Scope), user_id=user.id)
        workspace_id = min(platform.actors.actor_of_token(token).roles)
        with platform.database.read(SYSTEM) as session:
            here = session.query(VideoRow).count()
        _fill(platform, workspace_id, here)
        return token
    finally:
        platform.close()


def _fill(platform: Platform, workspace_id: str, here: int) -> None:
    """Each video is a file of its own: the same pictures, followed by bytes that no player looks at."""
    short = FOLDER / "short.mp4"
    if not short.exists():
        _ffmpeg(
            "-i", _sample(), "-t", "4", "-vf", "scale=320:180", "-c:v", "libx264", "-preset", "veryfast", "-an", short
        )
    content, facts, made = short.read_bytes(), probe(short), FOLDER / "one.mp4"
    for start in range(here, VIDEOS, _AT_ONCE):
        with platform.database.write(SYSTEM) as session:
            for number in range(start, min(VIDEOS, start + _AT_ONCE)):
                bytes_ = content + number.to_bytes(8, "big")
                sha256 = hashlib.sha256(bytes_).hexdigest()
                # The store takes files over by a link: the next one must be another file.
                made.unlink(missing_ok=True)
                made.write_bytes(bytes_)
                platform.blobs.put_file(made, sha256, "video/mp4")
                word = WORDS[number % len(WORDS)]
                row = video_row(facts, sha256, workspace_id=workspace_id, source="upload")
                row.name, row.created_at = f"{word} {number:05}.mp4", now() - timedelta(minutes=number)
                row.search_text = search_text(row.name, (word,))
                session.add_all([BlobRow(sha256=sha256, size_bytes=len(bytes_)), row])
                session.flush()
                session.add(TagRow(workspace_id=workspace_id, video_id=row.id, tag=word))


def _long_video(url: str, token: str) -> str:
    """Two hours of the sample, one after another, with its analysis done."""
    long = FOLDER / "two-hours.mp4"
    if not long.exists():
        _ffmpeg("-stream_loop", "-1", "-i", _sample(), "-t", str(LONG_S), "-c", "copy", long)
    with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=600) as http:
        with long.open("rb") as file:
            video = http.post("/videos", files={"file": (long.name, file, "video/mp4")}).raise_for_status().json()
        found = http.get("/analyses", params={"video_id": video["id"], "state": "done"}).json()["items"]
        if not found:
            asked = http.post("/analyses", json={"video_id": video["id"]}).raise_for_status().json()
            _until_done(http, asked["id"])
    return str(video["id"])


def _until_done(http: httpx.Client, analysis_id: str) -> None:
    end = time.monotonic() + _ANALYSED_S
    while time.monotonic() < end:
        state = http.get(f"/analyses/{analysis_id}").json()
        if state["state"] == "done":
            return
        if state["state"] in ("failed", "cancelled"):
            raise RuntimeError(f"the long analysis {state['state']}: {state['error']}")
        time.sleep(2)
    raise TimeoutError("the long analysis takes more than an hour")


def _sample() -> Path:
    path = FOLDER / "sample.mp4"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make_sample(path)
    return path


def _ffmpeg(*arguments: object) -> None:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-loglevel", "error", "-y", *map(str, arguments)], check=True)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        with suppress(httpx.TransportError):
            if found and httpx.get(f"{found[0]}/healthz").status_code == 200:
                return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"the service does not start: {log.read_text()}")
