"""Light of every cell of a picture, and how often it changed: the inner loops of the ``flash`` meter.

A *change* is a swing of at least the profile's threshold from the brightest or darkest the cell was within the last 1
to 1.5 s, opposite to the change before it; a swing that goes on in the same direction is one change however many
pictures it takes. Extremes are kept in three slots of half a second of the media's clock, so that nothing older than
1.5 s can matter and a run that starts later comes to the same changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import Plane
from sightline.meters.display import LINEAR_STEPS, Display

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
Planes = tuple[Plane, Plane, Plane]

SLOTS_PER_S = 2
REMEMBERED_S = Fraction(3, 2)
"""A direction, and the extremes of luminance, are forgotten after this long without another swing."""
RED_RATIO = 0.8
"""R/(R+G+B) in linear light from which red is saturated: WCAG 2.2, ISO 9241-391."""
RED_DISTANCE = 0.2
"""Distance in CIE 1976 u'v' between the two states of a red change: the same."""
RED_FLOOR = 20 / 320
"""R-G-B in linear light a saturated red must exceed, and R+G+B below which a colour counts as neutral, so that noise
near black is no red. The older rule of the same standards, max(0, R-G-B)·320 > 20, taken as a floor."""
RED_RATIO_NOISE = 0.02
"""A ratio this close to the least one remembered keeps that memory fresh."""
RED_REMEMBERED_S = 1.0


@dataclass(slots=True)
class Swings:
    """What each cell remembers of one luminance: extremes and the direction of its last change."""

    high: F32
    """``(3, cells)``: of the current half second, of the one before, of both earlier ones together."""
    low: F32
    direction: npt.NDArray[np.int8]
    """+1 brighter, -1 darker, 0 none within memory."""
    since_s: npt.NDArray[np.float64]
    """When the direction was last confirmed."""

    @classmethod
    def of(cls, cells: int) -> Swings:
        high = np.full((3, cells), -np.inf, np.float32)
        low = np.full((3, cells), np.inf, np.float32)
        return cls(high, low, np.zeros(cells, np.int8), np.zeros(cells, np.float64))

    def age(self, slots: int) -> None:
        """Moves on by this many half seconds."""
        for _ in range(min(slots, 3)):
            np.maximum(self.high[0], self.high[1], out=self.high[2])
            np.minimum(self.low[0], self.low[1], out=self.low[2])
            self.high[1], self.low[1] = self.high[0], self.low[0]
            self.high[0], self.low[0] = -np.inf, np.inf

    def changed(self, light: F32, now_s: float, rule: tuple[float, float, float], out: U8) -> None:
        """Marks with 1 the cells that change now. ``rule``: least swing, least swing as a share of the darker state,
        and the darker luminance from which nothing counts."""
        _swing(light, now_s, rule, (self.high, self.low, self.direction, self.since_s), out)


@compiled
def _swing(
    light: F32, now_s: float, rule: tuple[float, float, float], memory: tuple[F32, F32, I8, F64], out: U8
) -> None:
    high, low, direction, since_s = memory
    least, share, ceiling = np.float32(rule[0]), np.float32(rule[1]), np.float32(rule[2])
    high_now, high_before, high_earlier = high[0], high[1], high[2]
    low_now, low_before, low_earlier = low[0], low[1], low[2]
    swings = 0
    for i in range(light.size):  # without branches, so that it vectorises
        value, highest, lowest = light[i], high_now[i], low_now[i]
        top, bottom = max(value, highest), min(value, lowest)
        top, bottom = max(top, high_before[i]), min(bottom, low_before[i])
        top, bottom = max(top, high_earlier[i]), min(bottom, low_earlier[i])
        rises = (value - bottom >= least) & (value - bottom >= share * bottom) & (bottom < ceiling)
        falls = (top - value >= least) & (top - value >= share * value) & (value < ceiling)
        # Without a new extreme there is no new swing either.
        found = ((value > highest) | (value < lowest)) & (rises | falls)
        out[i] = np.uint8(found) << np.uint8(rises)  # 2 brighter, 1 darker
        high_now[i], low_now[i] = max(value, highest), min(value, lowest)
        swings += found
    if not swings:
        return
    for i in range(light.size):
        if not out[i]:
            continue
        sign = 1 if out[i] == 2 else -1
        out[i] = direction[i] != sign or now_s - since_s[i] > 1.5
        direction[i] = sign
        since_s[i] = now_s
        high_now[i] = low_now[i] = light[i]
        high_before[i] = high_earlier[i] = -np.inf
        low_before[i] = low_earlier[i] = np.inf


@dataclass(slots=True)
class Reds:
    """What each cell remembers of its colour."""

    plain: F32
    """``(4, cells)``: least red ratio lately, linear R, G, B it had then (BT.709)."""
    plain_s: npt.NDArray[np.float64]
    red: F32
    """``(3, cells)``: linear R, G, B of its last saturated red."""
    red_s: npt.NDArray[np.float64]
    direction: npt.NDArray[np.int8]
    """+1 became red, -1 left red, 0 neither within memory."""
    since_s: npt.NDArray[np.float64]

    @classmethod
    def of(cls, cells: int) -> Reds:
        never = np.full(cells, -np.inf, np.float64)
        return cls(
            np.zeros((4, cells), np.float32), never.copy(), np.zeros((3, cells), np.float32), never.copy(),
            np.zeros(cells, np.int8), never.copy(),
        )  # fmt: skip

    def changed(self, rgb: F32, now_s: float, out: U8) -> None:
        """Marks with 1 the cells that change to or from saturated red now. ``rgb``: ``(3, cells)`` linear, BT.709."""
        memory = (self.plain, self.plain_s, self.red, self.red_s, self.direction, self.since_s)
        _redden(rgb, now_s, memory, out)


@compiled
def _chromaticity(red: float, green: float, blue: float) -> tuple[float, float]:
    if red + green + blue < RED_FLOOR:
        red = green = blue = 1.0
    x = 0.4123908 * red + 0.3575843 * green + 0.1804808 * blue
    y = 0.2126390 * red + 0.7151687 * green + 0.0721923 * blue
    z = 0.0193308 * red + 0.1191948 * green + 0.9505322 * blue
    scale = x + 15 * y + 3 * z
    return 4 * x / scale, 9 * y / scale


@compiled
def _far(one: F32, other: F32) -> bool:
    u1, v1 = _chromaticity(one[0], one[1], one[2])
    u2, v2 = _chromaticity(other[0], other[1], other[2])
    return (u1 - u2) ** 2 + (v1 - v2) ** 2 > RED_DISTANCE**2


@compiled
def _redden(rgb: F32, now_s: float, memory: tuple[F32, F64, F32, F64, I8, F64], out: U8) -> None:
    plain, plain_s, red, red_s, direction, since_s = memory
    reds, greens, blues, least = rgb[0], rgb[1], rgb[2], plain[0]
    floor, saturated, noise = np.float32(RED_FLOOR), np.float32(RED_RATIO), np.float32(RED_RATIO_NOISE)
    forgotten_s = now_s - RED_REMEMBERED_S
    ratios = np.empty(out.size, np.float32)
    for i in range(out.size):  # apart, so that it vectorises
        total = reds[i] + greens[i] + blues[i]
        ratios[i] = reds[i] / total if total >= floor else np.float32(1 / 3)
        out[i] = 0
    for i in range(out.size):
        r, g, b, ratio = reds[i], greens[i], blues[i], ratios[i]
        if ratio >= saturated and r - g - b > floor:
            red[0, i], red[1, i], red[2, i] = r, g, b
            red_s[i] = now_s
            became = direction[i] != 1 or now_s - since_s[i] > 1.5
            if became and plain_s[i] >= forgotten_s and _far(rgb[:, i], plain[1:, i]):
                out[i] = 1
                direction[i] = 1
                since_s[i] = now_s
                plain_s[i] = -np.inf
            elif direction[i] == 1:
                since_s[i] = now_s
            continue
        if ratio < least[i] or plain_s[i] < forgotten_s:
            least[i], plain[1, i], plain[2, i], plain[3, i] = ratio, r, g, b
            plain_s[i] = now_s
        elif ratio <= least[i] + noise:
            plain_s[i] = now_s
        if red_s[i] < forgotten_s:
            continue
        left = direction[i] != -1 or now_s - since_s[i] > 1.5
        if left and _far(rgb[:, i], red[:, i]):
            out[i] = 1
            direction[i] = -1
            since_s[i] = now_s
            red_s[i] = -np.inf


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of ``side_px`` pixels of the reduced picture; a rest at the right and bottom is left out."""

    side_px: int
    across: int
    down: int

    @classmethod
    def of(cls, width_px: int, height_px: int, cells: int) -> Grid:
        """About this many cells, square, whatever the picture's shape."""
        side = max(1, round(float(np.sqrt(width_px * height_px / cells))))
        return cls(side, max(1, width_px // side), max(1, height_px // side))

    @property
    def cells(self) -> int:
        return self.across * self.down


@dataclass(frozen=True, slots=True)
class Light:
    """Light of each cell of one picture."""

    luminance: F32
    """``(cells,)`` in cd/m², averaged in linear light."""
    relative: F32
    """``(cells,)`` relative luminance, 1 at reference white and not above."""
    rgb: F32
    """``(3, cells)`` linear, BT.709 primaries, 1 at reference white, nothing below 0."""

    @classmethod
    def of_cells(cls, cells: int) -> Light:
        return cls(np.empty(cells, np.float32), np.empty(cells, np.float32), np.empty((3, cells), np.float32))

    def measure(self, planes: Planes, grid: Grid, display: Display) -> None:
        """``planes``: Y, U, V of one size, contiguous and writeable (one machine code for all)."""
        side, across, down = grid.side_px, grid.across, grid.down
        sums = np.empty((3, grid.cells), np.int32)
        add = _add_thirds if side == 3 else _add_squares
        add(planes, (side, across, down), display.luminance, sums, self.luminance)
        codes = display.rgb_from_codes.astype(np.float32)
        codes[:, :3] /= side * side
        primaries = None if display.primaries == "bt709" else display.bt709_from_rgb.astype(np.float32)
        luma = display.xyz_from_rgb[1].astype(np.float32)
        _colour(sums, codes * np.float32(LINEAR_STEPS), display.linear, luma, (self.relative, self.rgb))
        if primaries is not None:
            np.maximum(primaries @ self.rgb, 0, out=self.rgb)


@compiled
def _add_squares(planes: Planes, shape: tuple[int, int, int], luminance_of: F32, sums: I32, luminance: F32) -> None:
    side, across, down = shape
    share = np.float32(1.0 / (side * side))
    for row in range(down):
        for column in range(across):
            light = np.float32(0)
            y = u = v = 0
            for py in range(row * side, (row + 1) * side):
                for px in range(column * side, (column + 1) * side):
                    code = planes[0][py, px]
                    light += luminance_of[code]
                    y += code
                    u += planes[1][py, px]
                    v += planes[2][py, px]
            i = row * across + column
            luminance[i] = light * share
            sums[0, i], sums[1, i], sums[2, i] = y, u, v


@compiled
def _add_thirds(planes: Planes, shape: tuple[int, int, int], luminance_of: F32, sums: I32, luminance: F32) -> None:
    # The usual size of a cell, written out, lines of pixels first: five times as fast.
    _, across, down = shape
    table = luminance_of
    lines = np.empty(3 * across, np.uint32)
    for plane in range(3):
        for row in range(down):
            a, b, c = planes[plane][3 * row], planes[plane][3 * row + 1], planes[plane][3 * row + 2]
            for i in range(lines.size):
                lines[i] = np.uint32(a[i]) + np.uint32(b[i]) + np.uint32(c[i])
            into = sums[plane, row * across : (row + 1) * across]
            for column in range(across):
                x = 3 * column
                into[column] = np.int32(lines[x] + lines[x + 1] + lines[x + 2])
            if plane == 0:
                light = luminance[row * across : (row + 1) * across]
                for column in range(across):
                    x = 3 * column
                    light[column] = (
                        table[a[x]] + table[a[x + 1]] + table[a[x + 2]]
                        + table[b[x]] + table[b[x + 1]] + table[b[x + 2]]
                        + table[c[x]] + table[c[x + 1]] + table[c[x + 2]]
                    ) * np.float32(1 / 9)  # fmt: skip


@compiled
def _look_up(table: F32, signal: F32, below: I32, light: F32) -> None:
    """``light`` of each ``signal``, straight between the entries of the table."""
    top = np.float32(table.size - 2)
    # What can be vectorised first: in one loop with the table nothing would be.
    for i in range(signal.size):
        at = min(max(signal[i], np.float32(0)), top)
        below[i] = np.int32(at)
        signal[i] = at - np.float32(below[i])
    for i in range(signal.size):
        entry = np.uint32(below[i])
        low = table[entry]
        light[i] = low + signal[i] * (table[entry + np.uint32(1)] - low)


@compiled
def _colour(sums: I32, codes: F32, table: F32, luma: F32, out: tuple[F32, F32]) -> None:
    relative, rgb = out
    ys, us, vs = sums[0], sums[1], sums[2]
    signal, below = np.empty(relative.size, np.float32), np.empty(relative.size, np.int32)
    for component in range(3):
        of_y, of_u, of_v, offset = codes[component]
        for i in range(signal.size):
            signal[i] = of_y * np.float32(ys[i]) + of_u * np.float32(us[i]) + of_v * np.float32(vs[i]) + offset
        _look_up(table, signal, below, rgb[component])
    reds, greens, blues = rgb[0], rgb[1], rgb[2]
    for i in range(relative.size):
        relative[i] = min(luma[0] * reds[i] + luma[1] * greens[i] + luma[2] * blues[i], np.float32(1))
