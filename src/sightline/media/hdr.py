"""HDR metadata of a picture: SMPTE ST 2086 mastering display, CTA-861.3 light levels, Dolby Vision."""

from __future__ import annotations

import struct
from typing import cast

from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

from sightline.facts import HdrFacts

# AVMasteringDisplayMetadata: primaries R G B and white point as x, y; lowest and highest luminance; each a fraction of
# two ints; then a flag each for whether primaries and luminances are set.
_MASTERING = struct.Struct("=20i2i")
_LIGHT = struct.Struct("=2I")


def hdr_facts(picture: VideoFrame | None, dolby_vision_profile: int | None) -> HdrFacts | None:
    """HDR metadata of the picture; None when there is none at all."""
    mastering = _side_data(picture, Type.MASTERING_DISPLAY_METADATA, _MASTERING.size)
    light = _side_data(picture, Type.CONTENT_LIGHT_LEVEL, _LIGHT.size)
    if mastering is None and light is None and dolby_vision_profile is None:
        return None
    primaries, low, high = _mastering(mastering)
    max_cll, max_fall = _LIGHT.unpack(light) if light is not None else (0, 0)
    return HdrFacts(high, low, primaries, max_cll or None, max_fall or None, dolby_vision_profile)


def _mastering(data: bytes | None) -> tuple[tuple[tuple[float, float], ...], float | None, float | None]:
    if data is None:
        return (), None, None
    *numbers, has_primaries, has_luminance = _MASTERING.unpack(data)
    values = [n / d if d else 0.0 for n, d in zip(numbers[::2], numbers[1::2], strict=True)]
    primaries = tuple((values[i], values[i + 1]) for i in range(0, 8, 2)) if has_primaries else ()
    return (primaries, values[8], values[9]) if has_luminance else (primaries, None, None)


def _side_data(picture: VideoFrame | None, kind: Type, size: int) -> bytes | None:
    if picture is None:
        return None
    data = cast(SideDataContainer, picture.side_data).get(kind)
    return None if data is None else bytes(data)[:size]
