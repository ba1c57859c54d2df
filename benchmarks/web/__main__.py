"""``python -m benchmarks.web``: the page in a real Chromium, beside a service with 10,000 videos and two long hours.

The library is made once (some ten minutes). ``memory`` uses the page for half an hour and watches its heap; every other
part takes a minute, and nothing else should run meanwhile. Parts not asked for keep what was measured before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.place import provenance, result_path, write_result
from benchmarks.web.library import EMAIL, LONG_S, PASSWORD, VIDEOS, served

WEB = Path(__file__).parents[2] / "web"
PARTS = ("first_load", "library", "video", "memory")
RESULT = result_path("web", "page")
VIEWS = ("grid", "list")
WARM_MINUTES = 5
"""Before these the page still fills its caches."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, default=PARTS[:-1])
    parser.add_argument("--minutes", type=int, default=30, help="of use, for the memory")
    asked = parser.parse_args()
    with served() as (url, video), tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        given = {
            "BENCH_URL": url, "BENCH_VIDEO": video, "BENCH_EMAIL": EMAIL, "BENCH_PASSWORD": PASSWORD,
            "BENCH_MINUTES": str(asked.minutes), "BENCH_OUT": str(out), "BENCH_PARTS": ",".join(asked.parts),
        }  # fmt: skip
        subprocess.run(["npm", "run", "--silent", "benchmark"], cwd=WEB, env=os.environ | given, check=True)
        measured = json.loads(out.read_text())
    at = provenance()
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    result = {name: kept[name] for name in PARTS if name in kept}
    result |= {name: {"measured_at": at["measured_at"], **measured[name]} for name in asked.parts}
    result |= {"chromium": measured["chromium"], "videos": VIDEOS, "long_s": LONG_S}
    result["targets"] = targets(result)
    print(write_result("web", "page", result))
    for target in result["targets"]:
        print(
            f"{'reached' if target['reached'] else 'MISSED '} {target['what']}: {target['measured']} {target['unit']}"
        )


def targets(result: dict[str, Any]) -> list[dict[str, Any]]:
    """What was aimed at beside what was measured, of the parts there are."""
    found = []
    if load := result.get("first_load"):
        found += [
            _at_most("first load, gzip", 250, load["gzip_bytes"] / 1000, "KB"),
            _at_most("interactive, median", 1500, statistics.median(load["interactive_ms"]), "ms"),
        ]
    if video := result.get("video"):
        opening = f"two hours with {video['lanes_drawn']} lanes open, median"
        found += [
            _at_most(opening, 2000, statistics.median(video["opened_ms"]), "ms"),
            _at_least("panning two hours", 50, video["panned"]["frames_per_s"], "frames/s"),
        ]
    if library := result.get("library"):
        what = f"scrolling {result['videos']:,} videos"
        found += [_at_least(f"{what}, {view}", 50, library[view]["frames_per_s"], "frames/s") for view in VIEWS]
    samples = result.get("memory", {}).get("samples", [])
    if len(samples) > 2 * WARM_MINUTES:
        early, late = (
            statistics.median(sample["heap_mib"] for sample in part)
            for part in (samples[WARM_MINUTES : 2 * WARM_MINUTES], samples[-WARM_MINUTES:])
        )
        found.append(_at_most("heap at the end beside the sixth to tenth minute", 1.1, late / early, "x"))
    return found


def _at_most(what: str, aim: float, measured: float, unit: str) -> dict[str, Any]:
    found = {"what": what, "aim": aim, "at_most": True, "measured": round(measured, 2), "unit": unit}
    return found | {"reached": measured <= aim}


def _at_least(what: str, aim: float, measured: float, unit: str) -> dict[str, Any]:
    return _at_most(what, aim, measured, unit) | {"at_most": False, "reached": measured >= aim}


if __name__ == "__main__":
    main()
