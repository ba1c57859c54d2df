"""One stage of the load: so many users at work while every worker analyses."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import psutil
from sqlalchemy import select

from benchmarks.load.clips import LONG_S, short_clip
from benchmarks.load.installation import Installation
from benchmarks.load.percentiles import percentile, spread
from benchmarks.load.watching import Taken, cpu_s, watched
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import AnalysisRow, JobRow, VideoRow

WARM_S = 10
"""Until everybody is there and connections are open; not counted."""
Answer = tuple[str, str, float, str]
"""Method, route, milliseconds, error."""


def stage(service: Installation, seeds: Sequence[tuple[str, str, int]], users: int, seconds: float) -> dict[str, Any]:
    plan = {
        "url": service.url, "tokens": service.people.users[:users], "seeds": seeds, "users": users,
        "seconds": seconds, "warm_s": WARM_S, "clip": str(short_clip()),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load.users"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    with ExitStack() as stack:
        stack.callback(process.kill)
        _expect(process.stdout.readline(), "begin")
        crowd = psutil.Process(process.pid)
        began_at, crowd_s = now(), sum(cpu_s(crowd))
        with watched(service.pid, service.url) as taken:
            _expect(process.stdout.readline(), "end")
            ended_at, crowd_s = now(), sum(cpu_s(crowd)) - crowd_s
        found = json.loads(process.stdout.readline())
        process.wait(30)
    return {
        "users": users,
        "seconds": round((ended_at - began_at).total_seconds(), 1),
        **_answers([tuple(answer) for answer in found["answers"]], taken.seconds),
        "told_ms": spread(found["told_ms"]),
        **_jobs(service, began_at, ended_at),
        **_machine(taken, crowd_s),
        "cache": _cache(taken),
    }


def _expect(line: str, word: str) -> None:
    if line.strip() != word:
        raise RuntimeError(f"the users said {line!r} and not {word!r}")


def _answers(answers: Sequence[Answer], seconds: float) -> dict[str, Any]:
    by_route: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        by_route[answer[1], answer[0]].append(answer)
    reads = [took for method, _, took, error in answers if method == "GET" and not error]
    errors = [f"{method} {route}: {error}" for method, route, _, error in answers if error]
    routes = [
        {"method": method, "route": route, "requests": len(of), "errors": sum(bool(error) for *_, error in of)}
        | spread([took for _, _, took, error in of if not error])
        for (route, method), of in sorted(by_route.items())
    ]
    return {
        "requests": len(answers),
        "requests_per_s": round(len(answers) / seconds, 2),
        "errors": len(errors),
        "first_errors": errors[:10],
        "reads_ms": spread(reads),
        "mean_ms": round(statistics.fmean([took for *_, took, _ in answers] or [0.0]), 1),
        "routes": routes,
    }


def _jobs(service: Installation, began_at: datetime, ended_at: datetime) -> dict[str, Any]:
    """What the rows say of the stage: how many analyses ended in it, and how long workers had one."""
    seconds = (ended_at - began_at).total_seconds()
    database = Database(service.settings.database)
    try:
        with database.read(SYSTEM) as session:
            rows = session.execute(
                select(JobRow.state, JobRow.started_at, JobRow.finished_at, VideoRow.duration_s)
                .join(AnalysisRow, AnalysisRow.id == JobRow.subject_id)
                .join(VideoRow, VideoRow.id == AnalysisRow.video_id)
                .where(JobRow.started_at.is_not(None))
            ).all()
    finally:
        database.close()
    ended = [row for row in rows if row.finished_at is not None and began_at <= row.finished_at < ended_at]
    done = [row for row in ended if row.state == "done"]
    worked_s = sum(
        max(0.0, (min(row.finished_at or ended_at, ended_at) - max(row.started_at, began_at)).total_seconds())
        for row in rows
    )
    # A job that began before the stage or goes on after it counts with the share of it that lies within.
    media_s = sum(
        (row.duration_s or 0) * _share(row.started_at, row.finished_at, began_at, ended_at)
        for row in rows
        if row.state == "done" and row.finished_at is not None
    )
    long = [row for row in done if (row.duration_s or 0) >= LONG_S - 1]
    lasted = [(row.finished_at - row.started_at).total_seconds() for row in long]
    return {
        "jobs_done": len(done),
        "jobs_failed": len(ended) - len(done),
        "jobs_per_minute": round(60 * len(done) / seconds, 2),
        "long_jobs_per_minute": round(60 * len(long) / seconds, 2),
        "long_job_s": {"p50": round(percentile(lasted, 50), 1), "most": round(max(lasted), 1)} if lasted else None,
        "media_s_per_s": round(media_s / seconds, 2),
        "workers_busy": round(worked_s / seconds / service.settings.max_concurrent_tasks, 4),
    }


def _share(started: datetime, finished: datetime, begin: datetime, end: datetime) -> float:
    """How much of a job's time lies in the stage, 0 to 1."""
    within = (min(finished, end) - max(started, begin)).total_seconds()
    return max(0.0, within) / max(1e-6, (finished - started).total_seconds())


def _machine(taken: Taken, crowd_s: float) -> dict[str, Any]:
    """Shares of all cores; memory of the service's processes together, in proportion where pages are shared."""
    whole_s = taken.seconds * (psutil.cpu_count() or 1)

    def share(cpu: float) -> float:
        return round(cpu / whole_s, 4)

    return {
        "cpu": {
            "jobs": share(taken.jobs_cpu_s),
            "server": share(taken.server_cpu_s),
            "examining": share(taken.examining_cpu_s),
            "users": share(crowd_s),
            "others": share(max(0.0, taken.others_cpu_s - crowd_s)),
            "idle": share(taken.idle_cpu_s),
        },
        "memory_mib": {"mean": round(statistics.fmean(taken.memory_mib)), "most": round(max(taken.memory_mib))},
        "processes": taken.processes,
    }


def _cache(taken: Taken) -> dict[str, Any]:
    hits = sum(value for name, value in taken.counted.items() if name.startswith("sightline_cache_hits_total"))
    misses = taken.counted.get("sightline_cache_misses_total", 0.0)
    return {
        "hits": int(hits),
        "misses": int(misses),
        "hit_rate": round(hits / (hits + misses), 4) if hits + misses else None,
    }
