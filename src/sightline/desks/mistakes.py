"""Reading goes on after a mistake, so that whoever writes a template hears of all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sightline.errors import TemplateInvalid

MOST = 100
"""No more are told: whoever has as many sees what he is doing wrong."""


class Mistakes:
    """What is wrong with one text."""

    def __init__(self) -> None:
        self._found: list[TemplateInvalid] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """What is raised inside ends the block and nothing else."""
        try:
            yield
        except TemplateInvalid as error:
            self._found += error.every

    def note(self, error: TemplateInvalid) -> None:
        self._found += error.every

    def tell(self) -> None:
        """Raises the first `TemplateInvalid` with the others, if there is any."""
        if self._found:
            first, *others = self._found[:MOST]
            first.others = tuple(others)
            raise first
