"""``python -m benchmarks.load``: the service as anybody starts it, and people at work while every worker analyses.

Idle first, then tiny jobs for a free worker, then a stage for every number of ``--users``. About seven minutes, and the
clips the first time. Nothing else should run on the machine: whoever makes the load takes from the same cores as it is.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.load import installation
from benchmarks.load.clips import LONG_PX, LONG_S, SHORT_PX, SHORT_S, long_clip, short_clip, tiny_clip
from benchmarks.load.dispatch import dispatch, seeds
from benchmarks.load.feeding import enough, fed
from benchmarks.load.stage import WARM_S, stage
from benchmarks.load.targets import targets
from benchmarks.load.watching import watched
from benchmarks.place import write_result

SEEDS = 10
SETTLE_S = 8
"""Until a fresh process has nothing left to do."""
PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "pydantic", "locust")
STATED = {
    "note": "as the older system's documents state it, on an 8-core i7; not measured here",
    "videos_per_minute": 8, "cores": 8, "mean_response_s": 2.3, "errors_percent": 0.5, "memory_gb": 6,
}  # fmt: skip
"""Of the system Sightline replaces, with 5 users at once. How long its videos were is not stated."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", nargs="+", type=int, default=[5, 50])
    parser.add_argument("--seconds", type=float, default=120, help="of every stage")
    parser.add_argument("--idle-s", type=float, default=30)
    parser.add_argument("--tiny-jobs", type=int, default=20)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings that are not the default")
    parser.add_argument("--name", default="service", help="of the result")
    asked = parser.parse_args()
    changed = dict(pair.split("=", 1) for pair in asked.set)
    for clip in (tiny_clip, short_clip, long_clip):
        clip()
    with tempfile.TemporaryDirectory(prefix="sightline-load-") as made:
        folder = Path(made)
        with installation.running(folder, max(asked.users), changed) as service:
            result = _measured(service, folder, asked)
        result["errors_logged"] = installation.errors_logged(service.settings)
    result["targets"] = targets(result)
    result["stated_by_the_older_system"] = STATED
    print(write_result("load", asked.name, {"settings": changed, "versions": _versions(), **result}))
    for target in result["targets"]:
        print(
            f"{'reached' if target['reached'] else 'MISSED '} {target['what']}: {target['measured']} {target['unit']}"
        )


def _measured(service: installation.Installation, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    _say(f"a service of process {service.pid} at {service.url}, data in {folder}")
    time.sleep(SETTLE_S)
    with watched(service.pid, service.url) as idle:
        time.sleep(asked.idle_s)
    result: dict[str, Any] = {
        "idle": {
            "seconds": round(idle.seconds, 1),
            "cpu_percent_of_a_core": round(100 * idle.cpu_s / idle.seconds, 2),
            "memory_mib": round(max(idle.memory_mib)),
        }
    }
    _say(f"idle: {result['idle']}")
    user = service.people.users[0]
    result["dispatch"] = dispatch(service.url, user, tiny_clip(), folder, asked.tiny_jobs)
    _say(f"dispatch: {result['dispatch']}")
    opened = seeds(service.url, user, [short_clip()] * (SEEDS - 1) + [long_clip()], folder)
    slots = service.settings.max_concurrent_tasks
    result["clips"] = {
        "long": {"size_px": LONG_PX, "seconds": LONG_S, "bytes": long_clip().stat().st_size},
        "short": {"size_px": SHORT_PX, "seconds": SHORT_S, "bytes": short_clip().stat().st_size},
    }
    result["workers"], result["library_videos"] = slots, installation.VIDEOS
    result["stages"] = []
    for users in asked.users:
        waiting = enough(asked.seconds + WARM_S, slots)
        with fed(service.url, service.people.feeder, long_clip(), folder, waiting):
            result["stages"].append(stage(service, opened, users, asked.seconds))
        _say(_line(result["stages"][-1]))
    return result


def _line(found: dict[str, Any]) -> str:
    named = ("users", "requests_per_s", "errors", "reads_ms", "jobs_per_minute", "media_s_per_s", "workers_busy", "cpu")
    return ", ".join(f"{name} {found[name]}" for name in named)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in PACKAGES} | {"sqlite": sqlite3.sqlite_version}


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
