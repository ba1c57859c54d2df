"""Results of benchmarks, and who measured them with what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def result(kind: str, name: str) -> dict[str, Any] | None:
    """None when it was not measured."""
    path = ROOT / "benchmarks" / kind / "results" / f"{name}.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def measured_by(found: dict[str, Any]) -> str:
    """``Sightline 0.1.0, AMD EPYC, Linux x86_64, 2 cores, Python 3.11.7, 2026-11-21``."""
    about = found["provenance"]
    parts = (
        f"Sightline {about['sightline']}",
        about["machine"],
        f"{about['cores']} cores",
        f"Python {about['python']}",
        about["measured_at"][:10],
    )
    return ", ".join(parts)


def ffmpeg_of(found: dict[str, Any]) -> str:
    """``9.0.2`` of ``n9.0.2-17-g…``."""
    return str(found["ffmpeg_version"]).lstrip("n").partition("-")[0]
