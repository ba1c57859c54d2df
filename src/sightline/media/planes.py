"""From a decoder's frame to planes of planar YUV, without copying where the frame already is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from sightline.facts import Chroma
from sightline.media.picture import Plane

_SHIFTS = {
    (0, 0): Chroma.C444,
    (1, 0): Chroma.C422,
    (1, 1): Chroma.C420,
    (2, 0): Chroma.C411,
    (0, 1): Chroma.C440,
    (2, 2): Chroma.C410,
}
_DEPTHS = {
    Chroma.C420: (8, 9, 10, 12, 14, 16),
    Chroma.C422: (8, 9, 10, 12, 14, 16),
    Chroma.C444: (8, 9, 10, 12, 14, 16),
    Chroma.C440: (8, 10, 12),
    Chroma.C411: (8,),
    Chroma.C410: (8,),
    Chroma.GREY: (8, 9, 10, 12, 14, 16),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How pictures of a stored pixel format are handed on."""

    stored: str
    chroma: Chroma
    bit_depth: int
    """Bits in use of each sample as handed on."""
    stored_depth: int
    is_rgb: bool
    converted_to: str | None
    """Pixel format to convert to; None when the planes can be taken as they are."""


@cache
def layout_of(pixel_format: str) -> Layout:
    """What becomes of a pixel format. RGB, palette and XYZ become 4:4:4; floats become 16 bits; alpha is left out.

    Raises `ValueError` for a name FFmpeg does not know.
    """
    form = VideoFormat(pixel_format, 64, 64)
    colours = [c for c in form.components if not c.is_alpha]
    stored_depth = max(c.bits for c in colours)
    is_rgb = form.is_rgb or form.has_palette or pixel_format.startswith("xyz") or form.is_bayer
    chroma = Chroma.C444 if is_rgb else _chroma(form)
    wanted = 8 if form.has_palette or form.is_bayer else stored_depth
    depth = next((d for d in _DEPTHS[chroma] if d >= wanted), _DEPTHS[chroma][-1])
    target = _name(chroma, depth)
    plain = pixel_format.replace("yuvj", "yuv").replace("yuva", "yuv")
    same = plain == target and not form.is_big_endian
    return Layout(pixel_format, chroma, depth, stored_depth, is_rgb, None if same else target)


def _chroma(form: VideoFormat) -> Chroma:
    colours = [c for c in form.components if not c.is_alpha]
    if len(colours) < 3:
        return Chroma.GREY
    across, down = 64 // colours[1].width, 64 // colours[1].height
    return _SHIFTS.get((across.bit_length() - 1, down.bit_length() - 1), Chroma.C444)


def _name(chroma: Chroma, depth: int) -> str:
    stem = "gray" if chroma is Chroma.GREY else f"yuv{chroma.value.replace(':', '')}p"
    return stem if depth == 8 else f"{stem}{depth}le"


class Unpacker:
    """Turns frames of one stream into planes of one layout and size.

    RGB becomes full-range BT.709 YUV, so that every colour keeps a code of its own depth; everything else keeps its
    range and matrix.
    """

    def __init__(self, pixel_format: str, width: int, height: int) -> None:
        self.layout = layout_of(pixel_format)
        self._size = width, height
        self._reformatter = VideoReformatter()

    def fits(self, frame: VideoFrame) -> bool:
        """Whether the frame has the size and the pixel format (whatever its range) of this stream."""
        same_format = frame.format.name.replace("yuvj", "yuv") == self.layout.stored.replace("yuvj", "yuv")
        return same_format and (frame.width, frame.height) == self._size

    def planes(self, frame: VideoFrame) -> tuple[Plane, Plane | None, Plane | None]:
        """Luma and chroma, read-only. They keep the frame's memory alive."""
        if self.layout.converted_to is not None or not self.fits(frame):
            frame = self._converted(frame)
        y = _plane(frame.planes[0], self.layout.bit_depth)
        if self.layout.chroma is Chroma.GREY:
            return y, None, None
        return y, _plane(frame.planes[1], self.layout.bit_depth), _plane(frame.planes[2], self.layout.bit_depth)

    def _converted(self, frame: VideoFrame) -> VideoFrame:
        target = self.layout.converted_to or self.layout.stored
        scaled = (frame.width, frame.height) != self._size
        settings: dict[str, Any] = {
            "interpolation": (Interpolation.BICUBIC if scaled else Interpolation.POINT)
            | Interpolation.ACCURATE_RND
            | Interpolation.BITEXACT,
            "threads": 1,
        }
        if layout_of(frame.format.name).is_rgb:
            settings |= {
                "src_color_range": ColorRange.JPEG,
                "dst_color_range": ColorRange.JPEG,
                "dst_colorspace": Colorspace.ITU709,
            }
        else:
            # The same matrix on both sides changes nothing; a damaged tag would make swscale refuse the picture.
            same_range = frame.color_range if frame.color_range in (ColorRange.MPEG, ColorRange.JPEG) else 0
            settings |= {
                "src_color_range": same_range,
                "dst_color_range": same_range,
                "src_colorspace": Colorspace.ITU709,
                "dst_colorspace": Colorspace.ITU709,
            }
        return self._reformatter.reformat(frame, *self._size, target, **settings)


def _plane(plane: VideoPlane, bit_depth: int) -> Plane:
    whole = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]
    rows = whole.reshape(plane.height, abs(plane.line_size))
    if plane.line_size < 0:
        rows = rows[::-1]
    if bit_depth > 8:
        rows = rows[:, : plane.width * 2]
        values = rows.view("<u2") if plane.line_size > 0 and plane.line_size % 2 == 0 else _copied(rows).view("<u2")
    else:
        values = rows[:, : plane.width] if plane.line_size > 0 else _copied(rows[:, : plane.width])
    values.flags.writeable = False
    return values


def _copied(rows: Plane) -> Plane:
    # OpenCV takes no rows that run backwards.
    return np.array(rows, order="C", copy=True)
