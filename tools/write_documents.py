"""``python -m tools.write_documents [--check]``: the documents that are made of the program and its results.

Whole pages: conformance and the references. Marked blocks in pages written by hand: figures of speed. ``--check``
changes nothing and fails when a document is not what this would write.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from sightline.text import Language
from tools.documents.conformance import conformance_page
from tools.documents.figures import filled
from tools.documents.reference import checks_page, events_page, signals_page
from tools.documents.results import ROOT
from tools.documents.settings import settings_page

PAGES = {
    "docs/conformance.md": conformance_page,
    "docs/reference-checks.md": checks_page,
    "docs/reference-events.md": events_page,
    "docs/reference-signals.md": signals_page,
    "docs/reference-settings.md": settings_page,
}
WITH_FIGURES = {
    "README.md": Language.ENGLISH,
    "README.ko.md": Language.KOREAN,
    "docs/performance.md": Language.ENGLISH,
}


def documents() -> Iterator[tuple[Path, str]]:
    """Every document with the text it should have."""
    for name, make in PAGES.items():
        yield ROOT / name, make()
    for name, language in WITH_FIGURES.items():
        path = ROOT / name
        if path.is_file():
            yield path, filled(path.read_text(encoding="utf-8"), language)


def stale() -> list[tuple[Path, str]]:
    """Documents that are not what they should be, with what they should be."""
    return [
        (path, text)
        for path, text in documents()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    changed = stale()
    for path, text in changed:
        print(f"{path.relative_to(ROOT)} {'is stale: run `make documents`' if check else 'written'}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
