"""``python -m benchmarks.accuracy [--only NAME] [--quick]``: what is found beside what is there.

Writes ``results/<name>.json`` for each; ``--quick`` measures little and writes nothing. ``make documents`` makes
docs/conformance.md of the results.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from typing import Any

from benchmarks.place import CLIPS, write_result

NAMES = (
    "loudness", "flashes", "intervals", "outliers", "transitions", "faces", "blinks", "conversation", "bodies",
    "speech",
)  # fmt: skip
NEED_CLIPS = frozenset({"blinks", "bodies", "conversation", "faces", "transitions"})
"""Benchmarks that need real pictures or weights, which are not in the repository."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be given more than once")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    for name in asked.only or NAMES:
        if name in NEED_CLIPS and not CLIPS.is_dir():
            print(f"{name}: left out, there is no folder {CLIPS}")
            continue
        started = time.perf_counter()
        result = measured(name, quick=asked.quick)
        if asked.quick:
            print(json.dumps(result, ensure_ascii=False))
        else:
            print(f"{name}: {time.perf_counter() - started:.0f} s, {write_result('accuracy', name, result)}")


def measured(name: str, *, quick: bool = False) -> dict[str, Any]:
    """What one benchmark found. Its module is imported here: those left out need not be importable."""
    found: dict[str, Any] = importlib.import_module(f"benchmarks.accuracy.{name}").run(quick=quick)
    return found


if __name__ == "__main__":
    main()
