"""Names of files as text for people. Nothing is ever opened by them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

LONGEST_NAME = 255
NAMELESS = "video"


def url_name(url: str) -> str:
    """What an address is about, until the server there says how the file is called: never what is signed or secret."""
    parts = urlsplit(url)
    return file_name(unquote(parts.path), parts.hostname or NAMELESS)


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
