"""How soon a job begins when a worker is free, and what there is to an analysis beside its work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load.clips import distinct
from benchmarks.load.percentiles import spread
from sightline.client import Client

PAUSE_S = 0.3


def dispatch(url: str, token: str, clip: Path, folder: Path, jobs: int) -> dict[str, Any]:
    """Of ``jobs`` tiny analyses one after another, in milliseconds.

    ``dispatch_ms``: from just before the commit of the job's row until the dispatcher has taken it, so a little more
    than from the commit. ``whole_ms``: from asking until the analysis has ended.
    """
    taken, whole = [], []
    with Client(url, token) as client, httpx.Client(headers={"Authorization": f"Bearer {token}"}) as plain:
        for n in range(jobs):
            path = distinct(clip, folder / f"tiny {n}.mp4")
            video = client.upload(path)
            time.sleep(PAUSE_S)
            analysis = client.wait(client.create_analysis(video.id).id, timeout_s=60)
            job = plain.get(f"{url}/api/v1/analyses/{analysis.id}").json()["job"]
            taken.append(_between_ms(job["created_at"], job["started_at"]))
            whole.append(_between_ms(job["created_at"], job["finished_at"]))
            path.unlink()
    return {"jobs": jobs, "dispatch_ms": spread(taken), "whole_ms": spread(whole)}


def seeds(url: str, token: str, clips: Sequence[Path], folder: Path) -> list[tuple[str, str, int]]:
    """Finished analyses that everybody can open: ids of video and analysis, and the file's size."""
    made = []
    with Client(url, token) as client:
        for n, clip in enumerate(clips):
            path = distinct(clip, folder / f"street {n:02d}.mp4")
            video = client.upload(path, tags=["news", "seed"])
            made.append((video.id, client.create_analysis(video.id).id, video.size_bytes))
            path.unlink()
        for _, analysis, _ in made:
            client.wait(analysis, timeout_s=300)
    return made


def _between_ms(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000
