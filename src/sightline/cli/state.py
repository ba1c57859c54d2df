"""What all commands share: the language, the settings, and the consoles."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from sightline.errors import SightlineError
from sightline.service.settings import Settings, read_settings
from sightline.text import Language, words

try:
    _READ = read_settings()
except SightlineError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None

SETTINGS: Settings = _READ.settings
SOURCES: Mapping[str, str] = _READ.sources
"""Where each setting came from."""
LANGUAGE: Language = SETTINGS.language


_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text with everything visible that could steer a terminal or turn the direction of writing."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """`printable`, and on one line: what a file says of itself must not pass for a line of ours."""
    return printable(text.replace("\n", "\\n"))


def say(key: str, /, **fields: object) -> str:
    """A sentence of the ``cli`` catalogue in the user's language. Names in it are made printable."""
    shown = {name: one_line(str(f)) if isinstance(f, str | Path) else f for name, f in fields.items()}
    return words(f"cli.{key}", LANGUAGE, **shown)


class SafeConsole(Console):
    """Shows what others wrote (names of files, tags, texts of errors) without letting it steer the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


def out() -> Console:
    """For answers. Plain text without colours when it is no terminal."""
    return SafeConsole(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """For progress and complaints."""
    return SafeConsole(stderr=True, highlight=False, markup=False, emoji=False)


def complain(text: str) -> None:
    """One sentence of complaint, on one line."""
    with suppress(OSError):
        err().print(one_line(text), style="red", soft_wrap=True)
