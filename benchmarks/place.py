"""Where benchmarks find clips and leave results."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sightline.service.bench import machine
from sightline.version import VERSION

ROOT = Path(__file__).parent
WORK = ROOT / ".work"
"""Made clips; not in the repository."""
CLIPS = ROOT.parents[1] / "shared" / "media"
"""Real clips beside the checkout."""


def provenance() -> dict[str, Any]:
    """Where and with what a result was measured."""
    return {
        "sightline": VERSION,
        "machine": machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def result_path(kind: str, name: str) -> Path:
    return ROOT / kind / "results" / f"{name}.json"


def write_result(kind: str, name: str, result: dict[str, Any]) -> Path:
    """Writes ``benchmarks/<kind>/results/<name>.json`` with the machine named in it."""
    path = result_path(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"provenance": provenance(), **result}, indent=2, ensure_ascii=False) + "\n")
    return path
