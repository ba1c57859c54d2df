"""Headings, paragraphs and tables in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120
GENERATED = "<!-- written by `make documents`; change the code or the results, not this file -->"


def page(title: str, *parts: str) -> str:
    """A generated page: its parts with a blank line between them."""
    return "\n\n".join((f"# {title}", GENERATED, *(part for part in parts if part))) + "\n"


def paragraph(text: str, indent: str = "") -> str:
    """Text filled to lines of `WIDTH`, the later ones indented."""
    return textwrap.fill(
        " ".join(text.split()), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def bullets(*texts: str) -> str:
    return "\n".join(paragraph(f"- {text}", "  ") for text in texts)


def table(header: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()) -> str:
    """A table; the columns named in ``right`` are set to the right. Bars inside cells are escaped."""
    lines = [_row(header), "|" + "|".join("--:" if name in right else "---" for name in header) + "|"]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(" ".join(str(cell).replace("|", "\\|").split()) for cell in cells) + " |"


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def prose(docstring: str) -> str:
    """A docstring as Markdown: its double back-ticks made single."""
    return docstring.replace("``", "`").strip()


def number(value: float, decimals: int = 2) -> str:
    """With a real minus sign, and nothing such as −0.00."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")
