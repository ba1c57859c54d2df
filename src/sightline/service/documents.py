"""The JSON documents scripts read from standard output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sightline.errors import SightlineError
from sightline.media.probe import shown_name

if TYPE_CHECKING:
    from sightline.service.analysis import Analysis


def one_document(analysis: Analysis) -> bytes:
    """``sightline.analysis/1`` of one analysis."""
    return analysis.report("json")


def failure_document(path: Path, error: SightlineError) -> bytes:
    """What stands in an array in place of an analysis that could not be made."""
    sentence = str(error).encode("utf-8", "backslashreplace").decode()
    message = {"type": type(error).__name__, "key": error.message.key, "message": sentence}
    document = {"schema": "sightline.failure/1", "media": {"name": shown_name(path)}, "error": message}
    return json.dumps(document, ensure_ascii=False).encode()


def many_documents(documents: Sequence[bytes]) -> bytes:
    """A JSON array of documents, in the order the files were named."""
    return b"[" + b",\n".join(document.rstrip() for document in documents) + b"]\n"
