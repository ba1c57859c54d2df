"""PDF by Typst, with our own letters inside. Text goes to the typesetter as data, never as markup, so that no file name
and no transcript can change the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from sightline.errors import ReportImpossible

NO_PICTURES: Mapping[str, bytes] = {}


def typeset(
    package: str, template: str, data: Mapping[str, Any], made_at: str, pictures: Mapping[str, bytes] = NO_PICTURES
) -> bytes:
    """A PDF of a template in a package's ``assets`` that reads ``data.json``. ``pictures``: files it may show.

    Raises `ReportImpossible` when it cannot be set.
    """
    fonts_at = resources.files("sightline.report") / "assets" / "fonts"
    with TemporaryDirectory(prefix="sightline-pdf-") as name, resources.as_file(fonts_at) as fonts:
        folder = Path(name)
        (folder / template).write_bytes((resources.files(package) / "assets" / template).read_bytes())
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for file, content in pictures.items():
            (folder / file).write_bytes(content)
        try:
            made = typst.compile(
                folder / template, root=folder, font_paths=[fonts], timestamp=datetime.fromisoformat(made_at)
            )
        except typst.TypstError as error:
            raise ReportImpossible("report.typesetting_failed", why=error.message) from error
    return bytes(made)
