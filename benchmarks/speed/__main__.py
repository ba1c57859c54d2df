"""``python -m benchmarks.speed minute hour``: the QC desk beside decoding alone and beside other tools.

``minute``: everything in turn, round after round, so that a machine that drifts drifts for all; ratios are medians of
the rounds. ``hour``: memory and the cached repeat of an hour-long file, a quarter of an hour. One of the
two alone goes beside the other's earlier figures when those are of the same machine and version.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.place import WORK, provenance, result_path, write_result
from benchmarks.speed.clip import hour, minute
from benchmarks.speed.tiled import rejudge
from sightline.media.probe import probe, sha256_of
from sightline.service.analysis import analyze
from sightline.service.bench import bench_file
from sightline.service.settings import Settings

CHILD = r"""
import json, re, sys, time
from pathlib import Path
from dataclasses import replace
from sightline.service.analysis import analyze
from sightline.service.settings import Settings
started = time.perf_counter()
analysis = analyze(sys.argv[1], cache=sys.argv[3] == "cache", settings=Settings(cache_dir=Path(sys.argv[2])))
seconds = time.perf_counter() - started
analysis.save(Path(sys.argv[2]) / "saved.sightline")
# Not ru_maxrss, in which a process inherits the size of the one that started it.
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": seconds, "peak_mib": peak, "pictures": analysis.timeline.provenance.pictures_decoded}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=["minute", "hour"])
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    result = _kept()
    if "minute" in asked.parts:
        result |= _minute(asked.rounds)
    if "hour" in asked.parts:
        result["hour"] = _hour()
    print(write_result("speed", "qc", result))


def _kept() -> dict[str, Any]:
    """What was measured before on this machine with this version."""
    path = result_path("speed", "qc")
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    before, now = kept.pop("provenance", {}), provenance()
    same = all(before.get(name) == now[name] for name in ("sightline", "machine", "cores", "python"))
    return kept if same else {}


def _minute(rounds: int) -> dict[str, Any]:
    path = minute()
    result: dict[str, Any] = {"clip": _about(path), "memory_minute": _in_child(path, "no-cache")}
    bench = bench_file(path, runs=rounds, tell=lambda line: print(line, flush=True))
    result["minute"] = {
        t.what: {"seconds": t.seconds, "runs": t.runs, "of_decoding": t.of_decoding} for t in bench.timings
    }
    seconds = {t.what: t.seconds for t in bench.timings}
    if "ffmpeg" in seconds:
        result["faster_than_ffmpeg_filters"] = round(seconds["ffmpeg"] / seconds["all_checks"], 2)
    if "scenedetect" in seconds:
        result["faster_than_scenedetect"] = round(seconds["scenedetect"] / seconds["all_checks"], 2)
    result["rejudge_hour"] = rejudge()
    return result


def _about(path: Path) -> dict[str, Any]:
    media = probe(path)
    assert media.video is not None
    return {
        "codec": media.video.codec,
        "size": f"{media.video.width}x{media.video.height}",
        "rate": str(media.video.rate),
        "seconds": float(media.duration or 0),
        "bit_rate_bps": media.bit_rate_bps,
    }


def _in_child(path: Path, cache: str, folder: Path | None = None) -> dict[str, Any]:
    """A whole analysis in a process of its own: its time and peak resident memory, the interpreter included."""
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-c", CHILD, str(path), str(folder or made), cache]
        answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {name: round(value, 3) for name, value in answer.items()}


def _hour() -> dict[str, Any]:
    path = hour()
    folder = WORK / "hour"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"first": _in_child(path, "cache", folder), **_repeats(path, folder)}


def _repeats(path: Path, folder: Path) -> dict[str, Any]:
    """The file analysed from the cache, and how much of that is the hash: taken from within, as hashing gigabytes
    varies by more than all the rest takes."""
    hashing: list[float] = []

    def timed(file: Path, check: Callable[[], None]) -> str:
        started = time.perf_counter()
        digest = sha256_of(file, check)
        hashing.append(time.perf_counter() - started)
        return digest

    repeats = []
    with patch("sightline.engine.run.sha256_of", timed):
        for _ in range(6):
            started = time.perf_counter()
            analyze(path, settings=Settings(cache_dir=folder))
            repeats.append(time.perf_counter() - started)
    # The first loads modules and fills the system's cache.
    beyond = [repeat - alone for repeat, alone in zip(repeats, hashing, strict=True)][1:]
    return {
        "hashing_seconds": round(statistics.median(hashing[1:]), 3),
        "repeat_seconds": [round(s, 3) for s in repeats[1:]],
        "repeat_beyond_hashing_seconds": round(statistics.median(beyond), 3),
        "repeat_beyond_hashing_runs": [round(s, 3) for s in beyond],
    }


if __name__ == "__main__":
    main()
