"""Faces for tests: pictures as the decoder gives them, made of arrays, and the meter over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.face_pictures import Planes, Rgb

from sightline.facts import Chroma, FieldOrder, MediaFacts, VideoFacts
from sightline.media.picture import Picture, PictureBatch
from sightline.meters.faces import FaceMeter
from sightline.meters.meter import Parameter, Subject
from sightline.timeline.columns import Columns
from sightline.weights.shelf import Shelf

TIME_BASE = Fraction(1, 15)


def video_of(width: int, height: int, **changes: object) -> VideoFacts:
    """Full-range 4:4:4 BT.709 unless changed."""
    plain = VideoFacts(
        index=0, codec="rawvideo", profile=None, level=None, width=width, height=height, pixel_format="yuvj444p",
        bit_depth=8, chroma=Chroma.C444, is_rgb=False, sample_aspect=Fraction(1), rotation_deg=0, time_base=TIME_BASE,
        average_rate=Fraction(15), nominal_rate=Fraction(15), frame_count=None, start=Fraction(0), duration=None,
        bit_rate_bps=None, field_order=FieldOrder.PROGRESSIVE, full_range=True, color_range="pc",
        color_primaries="bt709", color_transfer="bt709", color_matrix="bt709",
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def planes_of(rgb: Rgb) -> Planes:
    """Full-range 4:4:4 BT.709."""
    values = rgb.astype(np.float64)
    luma = values @ [0.2126, 0.7152, 0.0722]
    chroma = (128 + (values[..., 2] - luma) / 1.8556, 128 + (values[..., 0] - luma) / 1.5748)
    y, u, v = (np.clip(np.rint(part), 0, 255).astype(np.uint8) for part in (luma, *chroma))
    return y, u, v


def picture_of(planes: Planes | tuple[npt.NDArray[np.generic], None, None], number: int = 0, depth: int = 8) -> Picture:
    return Picture(planes, pts=number, duration=1, time_base=TIME_BASE, bit_depth=depth)


def faces_shelf(models: Path) -> Shelf:
    return Shelf((models,))


def measured(pictures: Iterable[Picture], video: VideoFacts, shelf: Shelf, **parameters: Parameter) -> Columns:
    """The meter over pictures, one call each."""
    media = MediaFacts("faces", 0, None, "rawvideo", None, None, None, (video,))
    meter = FaceMeter(Subject(media, video=video, shelf=shelf), **parameters)
    for picture in pictures:
        meter.measure(PictureBatch((picture,)))
    return meter.columns()


def measured_rgb(pictures: Iterable[Rgb], shelf: Shelf, **parameters: Parameter) -> Columns:
    made = [picture_of(planes_of(rgb), number) for number, rgb in enumerate(pictures)]
    height, width = made[0].y.shape
    return measured(made, video_of(width, height), shelf, **parameters)
