"""A meter with a bug, for tests of what an engine makes of one."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from sightline.media.picture import PictureBatch
from sightline.meters.meter import PictureNeeds, Subject
from sightline.timeline.columns import Columns, Rows


class Broken:
    """Breaks off in its second picture."""

    id: ClassVar[str] = "broken"
    version: ClassVar[int] = 1
    needs: ClassVar[PictureNeeds] = PictureNeeds()

    def __init__(self, subject: Subject) -> None:
        self._rows = Rows({})

    def measure(self, batch: PictureBatch, /) -> None:
        self._rows.append(batch.pictures[0].pts)
        if len(self._rows) == 2:
            raise ZeroDivisionError("a bug")

    def columns(self) -> Columns:
        return self._rows.columns("broken", Fraction(1, 25), 0)
