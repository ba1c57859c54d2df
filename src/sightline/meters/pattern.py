"""Regular patterns of light and dark bars: how much of the screen they cover."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.display import F32, F64, Display, display_of
from sightline.meters.meter import Needs, NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows

RATE_HZ = Fraction(8)
LINE_STEP_PX = 3
"""Every third row and every third column of the reduced picture is read; cells are as large."""
LEAST_SWING_CD_M2, LEAST_SWING_SHARE = 20.0, 1 / 8
"""Light and dark bars differ by at least as much as the two states of a flash do in ITU-R BT.1702; the text itself
says *clearly discernible*."""
LEAST_EDGES = 11
"""Six pairs of bars, the first and last of them cut by the border, have eleven edges: more than five pairs."""
PERIOD_TOLERANCE, PERIOD_SLACK_PX = 0.15, 0.5
"""How much a pair of bars may differ in width from the pair half a period before: share, and pixels on top. Rings and
bars in perspective change more slowly; leaves, grass and print change faster."""
SWING_TOLERANCE = 0.4
"""The lesser of two neighbouring swings is at least this share of the greater."""
BORDER_SHARE = 1.1
"""A run reaches the border when what is left there is no more than this share of a bar."""
COARSE_LINES, COARSE_SHARE = 4, 0.1
"""Every fourth line is read first; when less than this share of those is covered, the others are not read."""

Marks = npt.NDArray[np.uint8]


class Pattern:
    """Bars along rows and columns, eight times a second.

    Along each line of luminance on the reference screen, edges are swings of at least 20 cd/m² and an eighth of the
    darker bar. A pattern is a run of at least eleven edges whose successive periods are alike. Slanted bars, rings and
    rays are such runs along rows or columns or both.

    - ``area``: share of the screen covered by such runs of either direction. Below 0.1 it is an estimate from a quarter
      of the lines.
    - ``pairs``: pairs of bars in the longest run. ``contrast``: mean swing between light and dark bars, cd/m².

    Bars finer than about two pixels of the reduced picture (some 120 pairs across) have been averaged away.
    """

    id: ClassVar[str] = "pattern"
    version: ClassVar[int] = 2
    needs: ClassVar[Needs] = PictureNeeds(rate_hz=RATE_HZ)

    def __init__(self, subject: Subject) -> None:
        if subject.video is None:
            raise NotMeasurable("flash.no_picture")
        self._video = subject.video
        self._clock = PictureClock(subject.video)
        self._display: Display | None = None
        self._depth = 0
        self._rows = Rows(
            {"area": ("share", np.float32), "pairs": ("count", np.int16), "contrast": ("cd/m2", np.float32)}
        )

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            self._rows.append(self._clock.tick(picture), *self._look(picture))

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"rate_hz": int(RATE_HZ), "least_pairs": LEAST_EDGES // 2 + 1}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _look(self, picture: Picture) -> tuple[float, int, float]:
        if self._display is None or self._depth != picture.bit_depth:
            self._display, self._depth = display_of(self._video, picture.bit_depth), picture.bit_depth
        luma = picture.mid[0]
        return covered(luma, self._display.luminance)


METER = Pattern


def covered(luma: Plane, luminance_of: F32) -> tuple[float, int, float]:
    """Area, pairs and contrast of one plane of luma codes."""
    across = luma if luma.flags.writeable and luma.flags.c_contiguous else luma.copy()
    down = np.ascontiguousarray(cv2.transpose(across))
    both = [(plane, np.zeros(tuple(-(-n // LINE_STEP_PX) for n in plane.shape), np.uint8)) for plane in (across, down)]
    found = np.zeros(3, np.float64)
    for plane, marks in both:
        _scan(plane, luminance_of, (0, COARSE_LINES), marks, found)
    coarse = sum(float(marks[::COARSE_LINES].mean()) for _, marks in both)
    if coarse < COARSE_SHARE:
        area = coarse
    else:
        for plane, marks in both:
            for first in range(1, COARSE_LINES):
                _scan(plane, luminance_of, (first, COARSE_LINES), marks, found)
        area = float(np.maximum(both[0][1], both[1][1].T).mean())
    pairs, swings, edges = found
    return area, int(pairs), float(swings / edges) if edges else 0.0


@compiled
def _scan(plane: Plane, luminance_of: F32, lines: tuple[int, int], marks: Marks, found: F64) -> None:
    """Marks the cells of some lines that lie in a run. ``found``: longest run in pairs, sum of swings, their number."""
    first, step = lines
    width = plane.shape[1]
    edges = np.empty(width, np.float32)
    swings = np.empty(width + 1, np.float32)
    for line in range(first, marks.shape[0], step):
        count = _edges(plane[min(line * LINE_STEP_PX + 1, plane.shape[0] - 1)], luminance_of, edges, swings)
        if count < LEAST_EDGES:
            continue
        start = 0
        for i in range(1, count):
            if i < count - 1 and _alike(edges, swings, i, start):
                continue
            # Edges start … last keep one period and one contrast.
            last = i if i < count - 1 or _steady(swings, i) else i - 1
            if last - start + 1 >= LEAST_EDGES:
                half_first = (edges[start + 2] - edges[start]) / 2
                half_last = (edges[last] - edges[last - 2]) / 2
                begin = edges[start] if edges[start] > BORDER_SHARE * half_first else 0
                end = edges[last] if width - edges[last] > BORDER_SHARE * half_last else width
                marks[line, round(begin / LINE_STEP_PX) : round(end / LINE_STEP_PX)] = 1
                found[0] = max(found[0], (last - start + 2) // 2)
                found[1] += swings[start + 1 : last + 2].sum()
                found[2] += last - start + 1
            start = i


@compiled
def _steady(swings: F32, i: int) -> bool:
    """Whether the swing that begins at edge ``i`` is as great as the one before."""
    before, after = swings[i], swings[i + 1]
    return bool(min(before, after) >= SWING_TOLERANCE * max(before, after))


@compiled
def _alike(edges: F32, swings: F32, i: int, start: int) -> bool:
    """Whether edge ``i + 1`` goes on with the run that began at ``start``."""
    if not _steady(swings, i):
        return False
    period = edges[i + 1] - edges[i - 1]
    for back in range(1, 3):
        if i - 1 - back < start:
            return True
        before = edges[i + 1 - back] - edges[i - 1 - back]
        if abs(period - before) > back * PERIOD_TOLERANCE * max(period, before) + PERIOD_SLACK_PX:
            return False
    return True


@compiled
def _edges(line: Plane, luminance_of: F32, edges: F32, swings: F32) -> int:
    """Where the line goes from dark to light or back, and how often. Swings lie before each edge and after the last."""
    least, share = np.float32(LEAST_SWING_CD_M2), np.float32(LEAST_SWING_SHARE)
    top = bottom = luminance_of[line[0]]
    extreme = top
    direction = 0
    count = 0
    for x in range(1, line.size):
        value = luminance_of[line[x]]
        top, bottom = max(top, value), min(bottom, value)
        if direction >= 0 and top - value >= max(least, share * value):
            level, turned = top - max(least, share * value) / 2, -1
        elif direction <= 0 and value - bottom >= max(least, share * bottom):
            level, turned = bottom + max(least, share * bottom) / 2, 1
        else:
            continue
        at = x
        while at > 1 and (luminance_of[line[at - 1]] - level) * turned > 0:
            at -= 1
        above, below = luminance_of[line[at]], luminance_of[line[at - 1]]
        edges[count] = at - (above - level) / (above - below) if above != below else at
        reached = top if turned < 0 else bottom
        swings[count] = abs(reached - extreme)
        extreme = reached
        count += 1
        direction = turned
        top = bottom = value
    if count:
        swings[count] = abs((top if direction > 0 else bottom) - extreme)
    return count
