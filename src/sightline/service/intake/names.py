"""Names of files as text for people. Nothing is ever opened by them."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 255
NAMELESS = "video"


def file_name(text: str, otherwise: str = NAMELESS) -> str:
    """The last part of what may be a path of any system, composed, without signs that cannot be seen."""
    last = re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if sign.isprintable()).strip()
    if kept.strip(". ") == "":
        return otherwise
    stem, dot, suffix = kept.rpartition(".")
    if dot and 0 < len(suffix) < 10:
        return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return kept[:LONGEST_NAME]
