"""Secrets taken out of what is logged: by the name of the field, and by what a text looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
DEEPEST = 8
_NAMES = re.compile(
    r"(?i)(^|[_\-.])(password|passwd|passphrase|secret|token|authorization|cookie|credentials?|api[_-]?key|"
    r"access[_-]?key|private[_-]?key)s?([_-]?value)?$"
)
_KEYS = "password|passwd|secret|token|api_?key|code|signature|x-amz-signature|x-amz-credential|x-amz-security-token"
_IN_TEXT = (
    # The password of a URL, up to the last @ before the path.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.\-]*://[^\s/:@?#]*):[^\s/?#]*@"), rf"\1:{HIDDEN}@"),
    (re.compile(rf"(?i)([?&;](?:{_KEYS})=)[^&\s\"'#]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9+/_.~=\-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b((?:password|passwd|secret|token|api_?key)[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;\"'&]+)"),
     rf"\1{HIDDEN}"),
)  # fmt: skip


def is_secret_name(name: str) -> bool:
    return _NAMES.search(name) is not None


def without_secrets(text: str) -> str:
    for pattern, instead in _IN_TEXT:
        text = pattern.sub(instead, text)
    return text


def clean(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON can hold it, without secrets. What nests deeper than `DEEPEST` is shown as text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {str(k): HIDDEN if is_secret_name(str(k)) and v else clean(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return [clean(part, depth + 1) for part in value]
    return without_secrets(str(value))
