"""Pictures made in code for tests of picture meters: no file, no decoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sightline.facts import Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.meter import Meter, Subject
from sightline.timeline.columns import Columns
from sightline.timeline.event import Event
from sightline.timeline.timeline import Provenance, Timeline

RATE = Fraction(25)
Luma = npt.NDArray[Any]
Planes = tuple[Luma, Luma, Luma]


def facts(width: int, height: int, *, pictures: int = 0, **changes: Any) -> MediaFacts:
    """A file with one progressive 8-bit stream of 25 pictures a second; ``changes`` are fields of `VideoFacts`."""
    settings: dict[str, Any] = {
        "index": 0, "codec": "ffv1", "profile": None, "level": None, "width": width, "height": height,
        "pixel_format": "yuv444p", "bit_depth": 8, "chroma": Chroma.C444, "is_rgb": False,
        "sample_aspect": Fraction(1), "rotation_deg": 0, "time_base": 1 / RATE, "average_rate": RATE,
        "nominal_rate": RATE, "frame_count": None, "start": Fraction(0), "duration": None, "bit_rate_bps": None,
        "field_order": FieldOrder.PROGRESSIVE, "full_range": False, "color_range": "tv", "color_primaries": None,
        "color_transfer": None, "color_matrix": "bt709",
    }  # fmt: skip
    return MediaFacts(
        name="made", size_bytes=0, sha256=None, container="nut", duration=pictures / RATE, start=Fraction(0),
        bit_rate_bps=None, videos=(VideoFacts(**(settings | changes)),),
    )  # fmt: skip


def grey(luma: Luma) -> Planes:
    neutral = np.full_like(luma, 128 if luma.dtype == np.uint8 else 512)
    return luma, neutral, neutral


def pictures(planes: Iterable[Planes], *, first: int = 0, bit_depth: int = 8) -> Iterator[Picture]:
    for n, each in enumerate(planes, first):
        for plane in each:
            plane.flags.writeable = False
        yield Picture(each, pts=n, duration=1, time_base=1 / RATE, bit_depth=bit_depth)


def measured(meter: type[Meter], media: MediaFacts, shown: Iterable[Picture], **parameters: Any) -> Columns:
    running = meter(Subject(media, video=media.video), **parameters)
    for picture in shown:
        running.measure(PictureBatch((picture,)))
    return running.columns()


def timeline(media: MediaFacts, *columns: Columns, events: tuple[Event, ...] = ()) -> Timeline:
    return Timeline(media, {c.meter: c for c in columns}, Provenance("test", "now"), events)


def texture(width: int, height: int, *, seed: int = 1, grain_px: float = 4.0, low: int = 40, high: int = 220) -> Luma:
    """A cloudy picture twice as wide and high as asked, so that it can be panned over."""
    noise = np.random.default_rng(seed).normal(size=(2 * height, 2 * width)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), grain_px)
    noise = (noise - noise.min()) / (noise.max() - noise.min())
    return (low + noise * (high - low)).astype(np.uint8)


def panned(source: Luma, width: int, height: int, moments: Sequence[float], *, step_px: float = 3.0) -> Iterator[Luma]:
    """A window sliding over a texture; ``moments`` are in pictures and may be halves."""
    for moment in moments:
        x = round(moment * step_px) % width
        yield source[:height, x : x + width].copy()
