"""Flashes, cell by cell: how much of the screen changed how often within the last second."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.display import SDR_WHITE_CD_M2, Display, display_of
from sightline.meters.flash_cells import SLOTS_PER_S, Grid, Light, Reds, Swings
from sightline.meters.meter import Needs, NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows

CELLS = 160 * 90
MOST_CHANGES = 6
"""Opposing changes allowed in any second: three flashes."""
NEAR_CHANGES = 4
"""Changes in a second from which a cell is near that limit."""
AREA_SHARE = 0.25
BT1702_RULE = (20.0, 1 / 8, float("inf"))
"""Swing in cd/m² of at least 20 and at least an eighth of the darker state: ITU-R BT.1702-3, where a Michelson contrast
of 1/17 from 160 cd/m² up is the same as an eighth."""
WCAG_RULE = (0.1, 0.0, 0.8)
"""Swing of a tenth of the greatest relative luminance, the darker state below 0.80: WCAG 2.2, general flash."""
WCAG_WINDOW = 3
"""Windows of a third of the width and height: WCAG's 341x256 of 1024x768, a field of 10 degrees."""

_SHARES = ("lum_over", "lum_near", "lum_now", "red_over", "red_near", "red_now", "wcag_over", "wcag_red_over")
_COUNTS = ("lum_changes", "red_changes")


class Flash:
    """Changes of luminance and to and from saturated red, counted in each of about 160x90 cells of the screen.

    Columns, a row for every picture; "the last second" is the time after ``tick - 1 s`` up to the picture:

    - ``luminance``: mean over the screen, cd/m² on the reference screen (`sightline.meters.display`).
    - ``lum_over``: share of cells with more than 6 changes in the last second (profile ``bt1702``); ``lum_near``: with
      4 or more; ``lum_now``: that change at this picture; ``lum_changes``: how many changes more than a quarter of the
      screen has reached. ``red_…``: the same for saturated red.
    - ``wcag_over``, ``wcag_red_over``: share of the worst third-by-third window with more than 6 changes by the rules
      of WCAG 2.2.

    Cells average 3x3 pixels of the reduced picture, so grain and fine texture do not count as flashing; movement is not
    compensated for. The fields of an interlaced picture are seen as one.
    """

    id: ClassVar[str] = "flash"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds(lookback_s=Fraction(4))

    def __init__(self, subject: Subject) -> None:
        if subject.video is None:
            raise NotMeasurable("flash.no_picture")
        self._video = subject.video
        self._clock = PictureClock(subject.video)
        self._rows = Rows(
            {"luminance": ("cd/m2", np.float32)}
            | dict.fromkeys(_SHARES, ("share", np.float32))
            | dict.fromkeys(_COUNTS, ("count", np.int16))
        )
        self._screen: _Screen | None = None
        self._display: Display | None = None
        self._depth = 0

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            self._measure(picture)

    def _measure(self, picture: Picture) -> None:
        y, u, v = (_owned(plane) for plane in _no_larger(picture.mid))
        if self._display is None or self._depth != picture.bit_depth:
            self._display, self._depth = display_of(self._video, picture.bit_depth), picture.bit_depth
        grid = Grid.of(y.shape[1], y.shape[0], CELLS)
        if self._screen is None or self._screen.grid != grid:
            self._screen = _Screen(grid, self._clock.time_base)
        row = self._screen.add((y, u, v), self._display, picture.pts)
        self._rows.append(self._clock.tick(picture), *row)

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"window_s": 1, "most_changes": MOST_CHANGES}
        if self._screen is not None and self._display is not None:
            notes |= {
                "cells_across": self._screen.grid.across,
                "cells_down": self._screen.grid.down,
                "transfer": self._display.transfer,
                "sdr_white_cd_m2": SDR_WHITE_CD_M2,
            }
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)


METER = Flash


def _no_larger(planes: tuple[Plane, Plane, Plane]) -> tuple[Plane, ...]:
    """Upright pictures are reduced by their width and stay large: down to about nine pixels a cell."""
    height, width = planes[0].shape
    factor = round(float(np.sqrt(width * height / (9 * CELLS))))
    if factor < 2:
        return planes
    return tuple(cv2.resize(p, (width // factor, height // factor), interpolation=cv2.INTER_AREA) for p in planes)


def _owned(plane: Plane) -> npt.NDArray[Any]:
    # Read-only and strided arrays would each be compiled for anew.
    return plane if plane.flags.writeable and plane.flags.c_contiguous else plane.copy()


class _Screen:
    """State of one grid of cells. A picture of another size starts with a new one."""

    def __init__(self, grid: Grid, time_base: Fraction) -> None:
        self.grid = grid
        self._time_base = time_base
        self._light = Light.of_cells(grid.cells)
        self._bt1702, self._wcag, self._reds = Swings.of(grid.cells), Swings.of(grid.cells), Reds.of(grid.cells)
        self._slot: int | None = None
        self._lum, self._wcag_lum, self._red = (_Changes(grid.cells, time_base) for _ in range(3))

    def add(self, planes: tuple[Any, Any, Any], display: Display, tick: int) -> tuple[float | int, ...]:
        """A row of the columns, without its tick."""
        self._age(tick)
        now_s = float(tick * self._time_base)
        light = self._light
        light.measure(planes, self.grid, display)
        self._bt1702.changed(light.luminance, now_s, BT1702_RULE, self._lum.fresh)
        self._wcag.changed(light.relative, now_s, WCAG_RULE, self._wcag_lum.fresh)
        self._reds.changed(light.rgb, now_s, self._red.fresh)
        for changes in (self._lum, self._wcag_lum, self._red):
            changes.add(tick)
        over, near, now, most = self._lum.shares()
        red_over, red_near, red_now, red_most = self._red.shares()
        return (
            float(light.luminance.mean()),
            over, near, now, red_over, red_near, red_now,
            self._worst_window(self._wcag_lum), self._worst_window(self._red),
            most, red_most,
        )  # fmt: skip

    def _age(self, tick: int) -> None:
        slot = (tick * self._time_base * SLOTS_PER_S).__floor__()
        if self._slot is not None and slot > self._slot:
            self._bt1702.age(slot - self._slot)
            self._wcag.age(slot - self._slot)
        self._slot = slot

    def _worst_window(self, changes: _Changes) -> float:
        """The greatest share of any window whose cells are over the limit."""
        if changes.most <= MOST_CHANGES:
            return 0.0
        grid = self.grid
        over = (changes.counts > MOST_CHANGES).astype(np.uint8).reshape(grid.down, grid.across)
        wide, high = max(1, round(grid.across / WCAG_WINDOW)), max(1, round(grid.down / WCAG_WINDOW))
        sums = cv2.integral(over)
        windows = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
        return float(windows.max()) / (wide * high)


class _Changes:
    """Changes of each cell within the last second."""

    def __init__(self, cells: int, time_base: Fraction) -> None:
        self.fresh = np.zeros(cells, np.uint8)
        """Where the next picture's changes are to be marked."""
        self.counts = np.zeros(cells, np.int16)
        self.most = 0
        """The greatest count of any cell."""
        self.now = 0
        """How many cells change at the picture added last."""
        self._second = 1 / time_base
        self._past: deque[tuple[int, npt.NDArray[np.uint8]]] = deque()

    def add(self, tick: int) -> None:
        """Counts what is marked in ``fresh``, and forgets what is a second old."""
        while self._past and tick - self._past[0][0] >= self._second:
            self.counts -= self._past.popleft()[1]
        self.now = cv2.countNonZero(self.fresh)
        if self.now:
            self.counts += self.fresh
            self._past.append((tick, self.fresh.copy()))
        self.most = int(self.counts.max()) if self._past else 0

    def shares(self) -> tuple[float, float, float, int]:
        """Shares over the limit, near it, and changing now; changes that more than a quarter of the cells reached."""
        if not self.most:
            return 0.0, 0.0, 0.0, 0
        reached = np.cumsum(np.bincount(self.counts)[::-1])[::-1]
        cells = len(self.counts)
        over, near = (int(reached[n]) / cells if n < len(reached) else 0.0 for n in (MOST_CHANGES + 1, NEAR_CHANGES))
        return over, near, self.now / cells, int(np.count_nonzero(reached[1:] > AREA_SHARE * cells))
