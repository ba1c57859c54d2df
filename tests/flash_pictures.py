"""Pictures and media facts for tests of flashes and patterns, at any picture rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from moving_pictures import facts, timeline
from sightline.facts import MediaFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.meter import Meter, Subject
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event

WIDTH_PX, HEIGHT_PX = 192, 108
TICKS_PER_S = 90_000
Image = npt.NDArray[np.float64]


def code_of(cd_m2: float) -> int:
    """The nearest 8-bit code, limited range, of this luminance on the reference screen."""
    return round(16 + 219 * (cd_m2 / 200) ** (1 / 2.4))


def flat(*rgb: float) -> Image:
    """A picture of one R'G'B' from 0 to 1; one number is a grey."""
    return np.broadcast_to(np.array(rgb if len(rgb) == 3 else rgb * 3, np.float64), (HEIGHT_PX, WIDTH_PX, 3))


def lit(cd_m2: float) -> Image:
    return flat((code_of(cd_m2) - 16) / 219)


def part(over: Image, share: float, under: Image) -> Image:
    """``over`` on the left ``share`` of the width, ``under`` on the rest."""
    picture = under.copy()
    picture[:, : round(WIDTH_PX * share)] = over[:, : round(WIDTH_PX * share)]
    return picture


def planes(image: Image, bit_depth: int = 8) -> tuple[npt.NDArray[Any], ...]:
    """BT.709 Y, U, V in limited range."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    step = 1 << (bit_depth - 8)
    codes = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    return tuple(np.round(c * step).astype(np.uint8 if bit_depth == 8 else np.uint16) for c in codes)


def at_rate(count: int, rate: Fraction | int) -> list[int]:
    """Ticks of ``count`` pictures, and of the end."""
    return [round(n * TICKS_PER_S / Fraction(rate)) for n in range(count + 1)]


def shown(images: Sequence[Image], ticks: Sequence[int], bit_depth: int = 8) -> list[Picture]:
    made: dict[int, Any] = {}
    return [
        Picture(
            made.setdefault(id(image), planes(image, bit_depth)),
            pts=tick, duration=after - tick, time_base=Fraction(1, TICKS_PER_S), bit_depth=bit_depth,
        )
        for image, tick, after in zip(images, ticks, ticks[1:], strict=False)
    ]  # fmt: skip


def media(rate: Fraction | int = 25, **changes: Any) -> MediaFacts:
    settings = {"time_base": Fraction(1, TICKS_PER_S), "average_rate": Fraction(rate), "nominal_rate": Fraction(rate)}
    return facts(WIDTH_PX, HEIGHT_PX, **(settings | changes))


def columns_of(meter: type[Meter], pictures: Iterable[Picture], about: MediaFacts | None = None) -> Columns:
    about = about or media()
    running = meter(Subject(about, video=about.video))
    running.measure(PictureBatch(tuple(pictures)))
    return running.columns()


def events_of(detector: Any, columns: Columns) -> tuple[Event, ...]:
    found: tuple[Event, ...] = detector.detect(timeline(media(), columns))
    return found
