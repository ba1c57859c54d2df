"""What a parent and its child say to each other: lines of JSON.

parent  {"task", "run", "payload", "folder"}
child   {"ready"}, {"log"}, and of a task {"task", "taken" | "told" | "done" | "error", "memory_mb"}
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import sightline.errors
from sightline.errors import Defect, SightlineError

Document = Mapping[str, Any]


def line_of(document: Document) -> bytes:
    """Raises `TypeError` or `ValueError` for what is not plain JSON."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogateescape") + b"\n"


def document_of(line: bytes) -> dict[str, Any]:
    """Raises `ValueError` for what is not a line of ours."""
    document = json.loads(line.decode("utf-8", "surrogateescape"))
    if not isinstance(document, dict):
        raise ValueError(f"not an object: {line[:80]!r}")
    return document


def error_to_json(error: SightlineError) -> dict[str, Any]:
    return {"type": type(error).__name__, "key": error.message.key, "fields": dict(error.message.fields)}


def error_from_json(document: Document) -> SightlineError:
    """The error, as it was raised; a `Defect` with its message where this program does not know its type."""
    kind = getattr(sightline.errors, str(document["type"]), Defect)
    if not (isinstance(kind, type) and issubclass(kind, SightlineError)):
        kind = Defect
    return kind(document["key"], **document["fields"])


def finite(progress: Document) -> dict[str, Any]:
    """Progress as JSON takes it: a number that is none becomes null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in progress.items()
    }
