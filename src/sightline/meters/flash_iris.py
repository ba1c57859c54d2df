"""A replica of the flash analysis of EA IRIS, row for row, for comparing with it. Not a definition we recommend."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.media.picture import PacketBatch, Picture, PictureBatch, Plane, SoundBlock
from sightline.meters.display import F32, F64, display_of, srgb_linear
from sightline.meters.meter import Needs, NotMeasurable, PictureNeeds, Subject
from sightline.meters.planes import PictureClock
from sightline.timeline.columns import Columns, Rows

AREA_SHARE = 0.25
MAX_TRANSITIONS, NEAR_TRANSITIONS = 6, 4
EXTENDED_S, EXTENDED_WINDOW_S = 4, 5
_NAMES = {
    "mean": ("value", np.float32),
    "area": ("share", np.float32),
    "transitions": ("count", np.int16),
    "extended": ("count", np.int16),
    "result": ("class", np.int8),
}


@dataclass(frozen=True, slots=True)
class _Rule:
    swing: float
    dark_below: float
    """The mean of the darker picture must be below this."""


_LUMINANCE = _Rule(0.1, 0.8)
_RED = _Rule(20.0, 321.0)


class FlashIris:
    """Transitions of whole pictures as EA IRIS (2023, default settings, relative luminance, by picture count) has them.

    Columns for ``lum`` and ``red``: ``…_mean`` over the picture (relative luminance 0 to 1; red 0 to 320), ``…_area``
    that differs at all from the picture before, ``…_transitions`` within the last second's count of pictures,
    ``…_extended``: pictures of the last 5 s with 4 to 6 transitions, ``…_result``: 0 pass, 1 pass with warning,
    2 extended failure, 3 flash failure.

    Rules of electronicarts/IRIS (BSD-3-Clause): where at least a quarter of the pixels changed, the difference of the
    pictures' means is added up while it keeps its sign, over at most a second's count of pictures; a transition is the
    first time the sum reaches 0.1 (red: 20) while the darker mean is below 0.8. Changes that cancel out in the mean are
    not seen, and noise anywhere makes every pixel count as changed (docs/photosensitivity.md).

    8-bit BGR is made with the stream's own matrix and bilinear chroma; IRIS leaves that to OpenCV, which may differ by
    a few codes in coloured pictures, not in grey ones.
    """

    id: ClassVar[str] = "flash_iris"
    version: ClassVar[int] = 1
    needs: ClassVar[Needs] = PictureNeeds(lookback_s=Fraction(8))

    def __init__(self, subject: Subject) -> None:
        if subject.video is None:
            raise NotMeasurable("flash.no_picture")
        rate = subject.video.rate
        if rate is None or rate < Fraction(1, 2):
            raise NotMeasurable("flash.no_rate")
        self._video = subject.video
        self._clock = PictureClock(subject.video)
        self._linear = srgb_linear(np.arange(256) / 255).astype(np.float32)
        self._light: F32 | None = None
        self._second = (rate + Fraction(1, 2)).__floor__()
        self._lum, self._red = _Trail(_LUMINANCE, self._second), _Trail(_RED, self._second)
        self._rows = Rows({f"{what}_{name}": unit for what in ("lum", "red") for name, unit in _NAMES.items()})

    def measure(self, batch: PictureBatch | SoundBlock | PacketBatch, /) -> None:
        if not isinstance(batch, PictureBatch):
            return
        for picture in batch:
            lum, red = self._sums(picture)
            self._rows.append(self._clock.tick(picture), *self._lum.add(*lum), *self._red.add(*red))

    def columns(self) -> Columns:
        notes: dict[str, str | int | float] = {"pictures_a_second": self._second}
        return self._rows.columns(self.id, self._clock.time_base, self._clock.end, notes)

    def _sums(self, picture: Picture) -> tuple[tuple[float, float | None], tuple[float, float | None]]:
        """Mean and changed share of luminance and of red; no share for the first picture, or after a change of size."""
        shape = picture.y.shape
        y, u, v = (_eight_bits(_as_large(plane, shape, picture.bit_depth), picture.bit_depth)
                   for plane in (picture.y, picture.u, picture.v))  # fmt: skip
        first = self._light is None or self._light.shape[1:] != shape
        if self._light is None or first:
            self._light = np.zeros((2, *shape), np.float32)
        codes = display_of(self._video, 8).rgb_from_codes * 255
        light, light_changed, red, red_changed = _look(y, u, v, codes, self._linear, self._light)
        pixels = shape[0] * shape[1]
        if first:
            return (light / pixels, None), (red / pixels, None)
        return (light / pixels, light_changed / pixels), (red / pixels, red_changed / pixels)


METER = FlashIris


class _Trail:
    """One signal's transitions. Windows are counted in pictures, ``second`` of them, whatever the time between."""

    def __init__(self, rule: _Rule, second: int) -> None:
        self._rule, self._second = rule, second
        self._mean = 0.0
        self._sum = 0.0
        self._run: deque[float] = deque(maxlen=second)
        self._transitions: deque[bool] = deque(maxlen=second)
        self._near: deque[bool] = deque(maxlen=EXTENDED_WINDOW_S * second)

    def add(self, mean: float, changed: float | None) -> tuple[float, float, int, int, int]:
        """A row: mean, area, transitions, extended, result. ``changed`` is None for a first picture."""
        difference = mean - self._mean if changed is not None and changed >= AREA_SHARE else 0.0
        darker = min(mean, self._mean)
        self._mean = mean
        self._transitions.append(changed is not None and self._transition(difference, darker))
        count = sum(self._transitions)
        self._near.append(NEAR_TRANSITIONS <= count <= MAX_TRANSITIONS)
        extended = sum(self._near)
        if count > MAX_TRANSITIONS:
            result = 3
        elif count < NEAR_TRANSITIONS:
            result = 0
        else:
            result = 2 if extended >= EXTENDED_S * self._second else 1
        return mean, changed or 0.0, count, extended, result

    def _transition(self, difference: float, darker: float) -> bool:
        before = self._sum
        if before * difference < 0:
            self._run.clear()
        self._run.append(difference)
        self._sum = sum(self._run)
        if before * self._sum >= 0 and abs(before) >= self._rule.swing:
            return False
        return abs(self._sum) >= self._rule.swing and darker < self._rule.dark_below


def _as_large(plane: Plane | None, shape: tuple[int, ...], bit_depth: int) -> Plane:
    if plane is None:
        return np.full(shape, 1 << (bit_depth - 1), np.uint8 if bit_depth == 8 else np.uint16)
    if plane.shape == shape:
        return plane
    return cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _eight_bits(plane: Plane, bit_depth: int) -> npt.NDArray[np.uint8]:
    if bit_depth > 8:
        return (plane >> (bit_depth - 8)).astype(np.uint8)
    return plane if plane.flags.writeable and plane.flags.c_contiguous else plane.copy()


@compiled
def _look(
    y: npt.NDArray[np.uint8], u: npt.NDArray[np.uint8], v: npt.NDArray[np.uint8], codes: F64, linear: F32, before: F32
) -> tuple[float, int, float, int]:
    """Sums of luminance and of red, and how many pixels of each differ from ``before``, which is then overwritten."""
    sums: Any = 0.0
    reds: Any = 0.0
    red: Any
    changed = red_changed = 0
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            ym, um, vm = y[row, column], u[row, column], v[row, column]
            r8 = codes[0, 0] * ym + codes[0, 2] * vm + codes[0, 3]
            g8 = codes[1, 0] * ym + codes[1, 1] * um + codes[1, 2] * vm + codes[1, 3]
            b8 = codes[2, 0] * ym + codes[2, 1] * um + codes[2, 3]
            r = linear[int(min(max(r8 + 0.5, 0.0), 255.0))]
            g = linear[int(min(max(g8 + 0.5, 0.0), 255.0))]
            b = linear[int(min(max(b8 + 0.5, 0.0), 255.0))]
            light = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            total = r + g + b
            red = np.float32(0)
            if total > 0 and r / total >= np.float32(0.8):
                red = max(np.float32(0), (r - g - b) * np.float32(320))
            changed += light != before[0, row, column]
            red_changed += red != before[1, row, column]
            before[0, row, column], before[1, row, column] = light, red
            sums += light
            reds += red
    return sums, changed, reds, red_changed
