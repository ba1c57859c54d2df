"""Building XML that stays well-formed whatever a file's name or a decoder's message holds."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 cannot hold, not even escaped."""


def put(parent: ET.Element, tag: str, text: object = None, /, **attributes: object) -> ET.Element:
    """A new child with this text. Characters XML cannot hold become U+FFFD; true and false are written small."""
    child = ET.SubElement(parent, tag, {name: clean(str(value)) for name, value in attributes.items()})
    if text is not None:
        child.text = clean(str(text).lower() if isinstance(text, bool) else str(text))
    return child


def clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def document(root: ET.Element, *, doctype: str = "") -> bytes:
    """The bytes of a file, UTF-8, indented."""
    ET.indent(root)
    body: str = ET.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"{doctype}\n" if doctype else "")
    return f"{head}{body}\n".encode()
