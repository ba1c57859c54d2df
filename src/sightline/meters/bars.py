"""Colour bars and test patterns, on every picture.

A pattern is a set of patches in shares of the frame. The 96x54 reduction of a picture is laid over it; luma may be
scaled and shifted and chroma scaled, so level errors, ranges and both common matrices do not matter, but every patch
has to have its own colour in its own place. Cards that need reading (slates, "media offline") are not looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.media.picture import SMALL_HEIGHT_PX, SMALL_WIDTH_PX, PacketBatch, Picture, PictureBatch, SoundBlock
from sightline.meters.meter import Needs, NotMeasurable, Parameter, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows

Floats = npt.NDArray[np.float64]
Rgb = tuple[float, float, float]

LUMA_TOLERANCE = 0.12
CHROMA_TOLERANCE = 0.12
"""How far a cell may be from its patch, as a share of the fitted full scale."""
LEAST_GAIN = 0.4
"""Bars flatter than this share of their nominal levels are none."""
GATE_ROWS = ((20, 29), (20, 25), (25, 29), (5, 12))
"""Pairs of rows of the reduction that lie in upright bars, the last for bars with a text in the middle; one of the
pairs has to look alike."""
CELL_STEPS = (3, 2)
"""Every third row and second column of the reduction is compared; a fit costs a sixth."""
GATE_CODES = 8
GATE_COLUMNS = round(0.6 * SMALL_WIDTH_PX)
SATURATED_CODES, SATURATED_COLUMNS = 24, round(0.45 * SMALL_WIDTH_PX)
EDGE_CODES, EDGE_COLUMNS = 24, 10
"""Colour jumps between bars: at least five of them, each seen by two columns that compare with the second next."""
NEUTRAL = np.full(SMALL_WIDTH_PX, 128, np.uint8)
TRIMMED_SHARE = 0.6
"""The better part of the cells, to which a first fit is repeated."""
HOPELESS_SHARE = 0.2
SURE_SHARE = 0.97
"""With this much matched no other pattern is tried."""


class Pattern(IntEnum):
    NONE = 0
    EBU_BARS = 1
    """Eight upright bars, ITU-R BT.471 (100 % or 75 %)."""
    SMPTE_ECR1 = 2
    """Seven bars over castellations and PLUGE, SMPTE ECR 1-1978."""
    SMPTE_RP219 = 3
    """HD bars, SMPTE RP 219."""
    TEST_PATTERN = 4
    """FFmpeg's ``testsrc`` and ``testsrc2``."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Shares of the width and height, half-open, and R'G'B' from 0 to 1."""

    left: float
    right: float
    top: float
    bottom: float
    rgb: Rgb


@dataclass(frozen=True, slots=True)
class Overlay:
    """The cells of the reduction a pattern defines, by flat index, and their colours: Y (0 to 1), Cb, Cr (±0.5)."""

    pattern: Pattern
    cells: npt.NDArray[np.intp]
    colours: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    share: float
    pattern: Pattern
    luma_gain: float
    chroma_gain: float


NO_FIT = Fit(0.0, Pattern.NONE, 0.0, 0.0)


class BarsMeter:
    """A row a picture. ``match_share``: share of the best pattern's cells that match, 0 where nothing looks like bars;
    ``pattern``: a `Pattern`; ``luma_gain`` and ``chroma_gain``: levels against nominal."""

    id: ClassVar[str] = "bars"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds()

    def __init__(self, subject: Subject, **_parameters: Parameter) -> None:
        if subject.video is None:
            raise NotMeasurable("engine.no_picture")
        self._clock = PictureClock(subject.video)
        self._full_range = subject.video.full_range or subject.video.is_rgb
        self._rows = Rows({
            "match_share": ("share", np.float32), "pattern": ("class", np.int8),
            "luma_gain": ("share", np.float32), "chroma_gain": ("share", np.float32),
        })  # fmt: skip

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        assert isinstance(batch, PictureBatch)
        for picture in batch:
            fit = best_fit(picture, full_range=self._full_range) if has_upright_bars(picture) else NO_FIT
            self._rows.append(self._clock.tick(picture), fit.share, fit.pattern, fit.luma_gain, fit.chroma_gain)

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {f"pattern_{p.value}": p.name.lower() for p in Pattern}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)


def has_upright_bars(picture: Picture) -> bool:
    """Cheap and generous: a row jumps from colour to colour, and another looks like it."""
    y, u, v = picture.small
    jumps = cv2.max(*(cv2.absdiff(plane[:, 2:], plane[:, :-2]) for plane in (u, v))) >= EDGE_CODES
    return any(
        np.count_nonzero(jumps[a]) >= EDGE_COLUMNS
        and np.count_nonzero(cv2.max(*(cv2.absdiff(p[a], NEUTRAL) for p in (u, v))) >= SATURATED_CODES)
        >= SATURATED_COLUMNS
        and all(np.count_nonzero(cv2.absdiff(p[a], p[b]) <= GATE_CODES) >= GATE_COLUMNS for p in (u, v, y))
        for a, b in GATE_ROWS
    )


def best_fit(picture: Picture, *, full_range: bool) -> Fit:
    """The pattern that matches most."""
    y, u, v = (plane.ravel().astype(np.float64) for plane in picture.small)
    luma, chroma = (255.0, 255.0) if full_range else (219.0, 224.0)
    seen = np.stack([y / luma, (u - 128) / chroma, (v - 128) / chroma])
    best = NO_FIT
    for overlay in _overlays():
        fit = _fitted(overlay, seen)
        if fit.share > best.share:
            best = fit
        if best.share >= SURE_SHARE:
            break
    return best


def _fitted(overlay: Overlay, seen: Floats) -> Fit:
    """Fits to all cells, to the better ones, then to those that match, so that a text over the bars bends nothing."""
    cells = seen[:, overlay.cells]
    chosen = np.ones(cells.shape[1], bool)
    fit = NO_FIT
    for turn in range(3):
        luma_gain, offset, chroma_gain = _least_squares(cells[:, chosen], overlay.colours[:, chosen])
        if luma_gain < LEAST_GAIN or chroma_gain < LEAST_GAIN:
            return NO_FIT
        luma_error = np.abs(cells[0] - offset - luma_gain * overlay.colours[0]) / (LUMA_TOLERANCE * luma_gain)
        chroma_off = cells[1:] - chroma_gain * overlay.colours[1:]
        chroma_error = np.hypot(chroma_off[0], chroma_off[1]) / (CHROMA_TOLERANCE * chroma_gain)
        error = np.maximum(luma_error, chroma_error)
        kept = int(TRIMMED_SHARE * len(error))
        chosen = error <= (np.partition(error, kept)[kept] if turn == 0 else 1.0)
        fit = Fit(float((error <= 1.0).mean()), overlay.pattern, luma_gain, chroma_gain)
        if fit.share < HOPELESS_SHARE:
            return NO_FIT
    return fit


def _least_squares(seen: Floats, wanted: Floats) -> tuple[float, float, float]:
    """Gain and offset of luma, gain of chroma, that carry ``wanted`` to ``seen``; zeros when it is of one level."""
    spread = wanted[0] - wanted[0].mean()
    colour = float((wanted[1:] ** 2).sum())
    if not spread.any() or not colour:
        return 0.0, 0.0, 0.0
    gain = float(spread @ seen[0] / (spread @ spread))
    offset = float(seen[0].mean() - gain * wanted[0].mean())
    return gain, offset, float((wanted[1:] * seen[1:]).sum()) / colour


WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
YELLOW, CYAN, GREEN = (1.0, 1.0, 0.0), (0.0, 1.0, 1.0), (0.0, 1.0, 0.0)
MAGENTA, RED, BLUE = (1.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
SEVEN = (WHITE, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE)


def _at(level: float, rgb: Rgb) -> Rgb:
    red, green, blue = rgb
    return level * red, level * green, level * blue


def _upright(colours: tuple[Rgb, ...], left: float, right: float, top: float, bottom: float) -> list[Patch]:
    """Bars of equal width, from left to right."""
    width = (right - left) / len(colours)
    return [Patch(left + i * width, left + (i + 1) * width, top, bottom, c) for i, c in enumerate(colours)]


def _ecr1() -> list[Patch]:
    white, yellow, cyan, green, magenta, red, blue = (_at(0.75, c) for c in SEVEN)
    bars = _upright((white, yellow, cyan, green, magenta, red, blue), 0, 1, 0, 2 / 3)
    castellations = _upright((blue, BLACK, magenta, BLACK, cyan, BLACK, white), 0, 1, 2 / 3, 3 / 4)
    # −I and +Q lie outside RGB and are coded in many ways; they and the PLUGE steps are left out.
    return [*bars, *castellations, Patch(5 / 28, 10 / 28, 3 / 4, 1, WHITE), Patch(15 / 28, 5 / 7, 3 / 4, 1, BLACK)]


def _rp219() -> list[Patch]:
    left, right, top = 1 / 8, 7 / 8, 7 / 12
    bar = (right - left) / 7
    grey, dark = _at(0.4, WHITE), _at(0.15, WHITE)
    bars = _upright(tuple(_at(0.75, c) for c in SEVEN), left, right, 0, top)
    sides = [Patch(x, x + left, 0, top, grey) for x in (0.0, right)]
    second = [Patch(0, left, top, 8 / 12, CYAN), Patch(left + bar, right, top, 8 / 12, _at(0.75, WHITE)),
              Patch(right, 1, top, 8 / 12, BLUE)]  # fmt: skip
    third = [Patch(0, left, 8 / 12, 9 / 12, YELLOW), Patch(right, 1, 8 / 12, 9 / 12, RED)]
    last = [Patch(x, x + left, 9 / 12, 1, dark) for x in (0.0, right)]
    last += [Patch(left, left + 1.5 * bar, 9 / 12, 1, BLACK),
             Patch(left + 1.5 * bar, left + 3.5 * bar, 9 / 12, 1, WHITE)]  # fmt: skip
    return [*bars, *sides, *second, *third, *last]


def _patterns() -> list[tuple[Pattern, list[Patch]]]:
    eight = (*SEVEN, BLACK)
    lowered = (WHITE, *(_at(0.75, c) for c in SEVEN[1:]), BLACK)
    inside_circle = (BLACK, CYAN, MAGENTA, BLUE, YELLOW, GREEN)
    return [
        (Pattern.EBU_BARS, _upright(eight, 0, 1, 0, 1)),
        (Pattern.EBU_BARS, _upright(lowered, 0, 1, 0, 1)),
        (Pattern.SMPTE_ECR1, _ecr1()),
        (Pattern.SMPTE_RP219, _rp219()),
        (Pattern.TEST_PATTERN, _upright(inside_circle, 0, 6 / 8, 0.36, 0.64)),
        (Pattern.TEST_PATTERN, _upright((RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN), 0, 1, 0, 1)),
    ]


@cache
def _overlays() -> tuple[Overlay, ...]:
    """Every pattern over the whole frame and over a 4:3 picture in a 16:9 frame, in BT.709 and BT.601."""
    return tuple(
        _overlay(pattern, patches, luma_shares, inset)
        for inset in (0.0, 1 / 8)
        for luma_shares in ((0.2126, 0.0722), (0.299, 0.114))
        for pattern, patches in _patterns()
    )


def _overlay(pattern: Pattern, patches: list[Patch], luma_shares: tuple[float, float], inset: float) -> Overlay:
    red_share, blue_share = luma_shares
    colours = np.full((3, SMALL_HEIGHT_PX, SMALL_WIDTH_PX), np.nan)
    for patch in patches:
        left, right = (inset + (1 - 2 * inset) * x for x in (patch.left, patch.right))
        # Cells that straddle an edge hold two colours.
        columns = slice(int(np.ceil(left * SMALL_WIDTH_PX)) + 1, int(right * SMALL_WIDTH_PX) - 1)
        rows = slice(int(np.ceil(patch.top * SMALL_HEIGHT_PX)) + 1, int(patch.bottom * SMALL_HEIGHT_PX) - 1)
        red, green, blue = patch.rgb
        luma = red_share * red + (1 - red_share - blue_share) * green + blue_share * blue
        chroma = (blue - luma) / (2 - 2 * blue_share), (red - luma) / (2 - 2 * red_share)
        colours[:, rows, columns] = np.array([luma, *chroma])[:, None, None]
    down, across = CELL_STEPS
    keep = np.zeros(colours.shape[1:], bool)
    keep[1::down, ::across] = True
    colours[:, ~keep] = np.nan
    flat = colours.reshape(3, -1)
    cells = np.flatnonzero(np.isfinite(flat[0]))
    return Overlay(pattern, cells, flat[:, cells])


METER = BarsMeter
