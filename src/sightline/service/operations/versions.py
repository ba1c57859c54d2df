"""The versions of what an installation is made of."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
from collections.abc import Mapping

from sqlalchemy import text

from sightline.errors import Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.database import Database
from sightline.media.codecs import ffmpeg_version
from sightline.version import VERSION

_PACKAGES = {
    "pyav": "av", "numpy": "numpy", "opencv": "opencv-python-headless", "onnxruntime": "onnxruntime",
    "litert": "ai-edge-litert", "faster_whisper": "faster-whisper", "ctranslate2": "ctranslate2",
}  # fmt: skip
LONGEST = 60


def versions(database: Database) -> Mapping[str, str | None]:
    """By part; None for one that is not installed or does not answer. The database is named by its kind."""
    found: dict[str, str | None] = {
        "sightline": VERSION,
        "python": platform.python_version(),
        "ffmpeg": ffmpeg_version(),
    }
    found |= {name: _installed(package) for name, package in _PACKAGES.items()}
    return found | {database.kind: _of_database(database)}


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _of_database(database: Database) -> str | None:
    if database.is_sqlite:
        return sqlite3.sqlite_version
    statement = "SHOW server_version" if database.kind == "postgresql" else "SELECT VERSION()"
    try:
        with database.read(SYSTEM) as session:
            return str(session.scalar(text(statement)))[:LONGEST]
    except Unavailable:
        return None
