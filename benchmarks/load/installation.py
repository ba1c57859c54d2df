"""An installation of its own: `sightline serve` as anybody starts it, in a process of its own."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.columns import new_id, now
from sightline.library.migrate import upgrade
from sightline.library.tables import AnalysisRow, FindingRow, TagRow, VideoRow
from sightline.service.platform import Platform
from sightline.service.searching import search_text
from sightline.service.settings import Settings

VIDEOS = 2000
"""Rows of the team's library beside what is sent in: lists and searches go through these. They have no files."""
WORDS = ("spring", "harbour", "news", "trailer", "interview", "봄", "뉴스", "episode", "archive", "street")
KINDS = ("black", "freeze", "silence", "cut", "clipping")
START_S = 60


@dataclass(frozen=True, slots=True)
class People:
    """Who asks: secrets of tokens."""

    users: Sequence[str]
    """Editors of one workspace."""
    feeder: str
    """Alone in a workspace, and sends in what keeps the workers busy."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running service."""

    url: str
    pid: int
    settings: Settings
    people: People
    log: Path
    """What the process printed."""


@contextmanager
def running(folder: Path, users: int, changed: Mapping[str, Any]) -> Iterator[Installation]:
    """The service with a library of some size, until the block ends. ``changed``: settings that are not the default."""
    settings = Settings.model_validate({"data_dir": folder / "data", "cache_dir": folder / "cache", **changed})
    people = _prepared(settings, users)
    log = folder / "printed.txt"
    given = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir, **changed}
    names = {name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")}
    names |= {f"SIGHTLINE_{name.upper()}": str(value) for name, value in given.items()}
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "sightline", "serve", "--port", "0"], env=names, stdout=printed, stderr=printed
        )
    try:
        yield Installation(_address(process, log), process.pid, settings, people, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _prepared(settings: Settings, users: int) -> People:
    platform = Platform(settings)
    try:
        upgrade(platform.database)
        made = [platform.accounts.create(SYSTEM, f"user{n}@example.org") for n in range(users)]
        team = _alone(platform, made[0].id)
        for user in made[1:]:
            platform.workspaces.add_member(SYSTEM, team, user.email, Role.EDITOR)
        feeder = platform.accounts.create(SYSTEM, "feeder@example.org")
        tokens = [_token(platform, user.id, team) for user in made]
        tokens.append(_token(platform, feeder.id, _alone(platform, feeder.id)))
        _fill(platform, team)
        # Writes the cards of these videos, as an installation has them that was not made a minute ago.
        platform.retention.run()
        return People(tokens[:-1], tokens[-1])
    finally:
        platform.close()


def _alone(platform: Platform, user_id: str) -> str:
    """The workspace of somebody who has only one."""
    (workspace_id,) = platform.actors.actor_of_token(_token(platform, user_id, None)).roles
    return workspace_id


def _token(platform: Platform, user_id: str, workspace_id: str | None) -> str:
    made = platform.tokens.create(SYSTEM, "load", [Scope.WRITE], user_id=user_id, workspace_id=workspace_id)
    return made[1]


def _fill(platform: Platform, workspace_id: str) -> None:
    """Rows as analyses of a year leave them."""
    chance, at = random.Random(1), now()
    videos, tags, analyses, findings = [], [], [], []
    for n in range(VIDEOS):
        video_id, analysis_id = new_id(), new_id()
        name = f"{' '.join(chance.sample(WORDS, 3))} {n:04d}.mov"
        tagged = chance.sample(WORDS, 2)
        made_at = at - timedelta(hours=4 * (VIDEOS - n))
        verdict = chance.choice(("pass", "warn", "fail"))
        found = {kind: chance.randint(1, 40) for kind in chance.sample(KINDS, 2)}
        summary = {"checks": {"pass": 20, "fail": 2, "warn": 1}, "findings": found, "not_evaluated": 0}
        owned = {"workspace_id": workspace_id}
        videos.append(
            owned
            | {
                "id": video_id, "sha256": f"{n:064x}", "name": name, "size_bytes": 10**9, "duration_s": 1800.0,
                "width": 1920, "height": 1080, "rate": 25.0, "codec": "prores", "media_type": "video/quicktime",
                "facts": {}, "source": "upload", "search_text": search_text(name, tagged), "created_at": made_at,
            }
        )  # fmt: skip
        tags += [owned | {"video_id": video_id, "tag": tag} for tag in tagged]
        analyses.append(
            owned
            | {
                "id": analysis_id, "video_id": video_id, "desk": "qc", "template": "default", "state": "done",
                "verdict": verdict, "summary": summary, "revision": 1, "created_at": made_at, "finished_at": made_at,
            }
        )  # fmt: skip
        findings += [
            owned | {"analysis_id": analysis_id, "kind": kind, "count": count, "first_s": 1.0}
            for kind, count in found.items()
        ]
    with platform.database.write(SYSTEM) as session:
        for table, rows in ((VideoRow, videos), (TagRow, tags), (AnalysisRow, analyses), (FindingRow, findings)):
            session.execute(insert(table), rows)


def errors_logged(settings: Settings) -> list[str]:
    """Lines of the log that say ERROR or worse."""
    found = []
    for path in sorted(settings.logs.glob("*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                level = str(json.loads(line).get("level", "")).lower()
            except ValueError:
                continue
            if level in ("error", "critical"):
                found.append(line[:2000])
    return found


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it answers there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(errors="replace")):
            with suppress(httpx.HTTPError):
                httpx.get(f"{found[0]}/readyz", timeout=START_S).raise_for_status()
                return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"the service did not start:\n{log.read_text(errors='replace')}")
