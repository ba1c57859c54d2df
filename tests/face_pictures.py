"""Pictures of real faces for tests, benchmarks and the oracle: taken from the clips beside the checkout and put
together without an encoder, so that they are the same everywhere. Needs PyAV and NumPy only, as the oracle has nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
"""``(height, width, 3)``."""
Planes = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
TURNING, SMILING = "face_turning_woman.gif", "face_smiling_man.gif"
MAN_PX, WOMAN_PX = slice(215, 420), slice(60, 300)
"""Columns of the two that are put side by side: his head is cut by the edge."""


def clip_pictures(clips: Path, name: str) -> list[Rgb]:
    with av.open(str(clips / name)) as container:
        return [np.ascontiguousarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def golden_pictures(clips: Path) -> Iterator[tuple[str, Rgb]]:
    """What the oracle is shown: a name and the picture."""
    woman, man = clip_pictures(clips, TURNING), clip_pictures(clips, SMILING)
    for number, picture in enumerate(woman):
        yield f"turning {number}", picture
    for number in range(0, len(man), 4):
        yield f"smiling {number}", man[number]
    for number in range(0, len(woman), 4):
        yield f"pair {number}", np.ascontiguousarray(np.hstack([man[number][:, MAN_PX], woman[number][:, WOMAN_PX]]))
    for number in range(1, len(woman), 4):
        yield f"planes {number}", rgb_of_planes(larger_planes(woman[number]))


def larger_planes(picture: Rgb) -> Planes:
    """Twice as large, as limited-range BT.709 4:2:0."""
    rgb = np.repeat(np.repeat(picture.astype(np.float64), 2, axis=0), 2, axis=1)
    rgb[1:-1] = (rgb[:-2] + 2 * rgb[1:-1] + rgb[2:]) / 4
    rgb[:, 1:-1] = (rgb[:, :-2] + 2 * rgb[:, 1:-1] + rgb[:, 2:]) / 4
    luma = rgb @ [0.2126, 0.7152, 0.0722]
    blue, red = (rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748
    # Beside the left one of two columns, between two rows.
    smooth = [(part[0::2] + part[1::2]) / 2 for part in (blue, red)]
    chroma = [(np.roll(part, 1, 1)[:, 0::2] + 2 * part[:, 0::2] + part[:, 1::2]) / 4 for part in smooth]
    y, u, v = 16 + luma * 219 / 255, *(128 + part * 224 / 255 for part in chroma)
    y, u, v = (np.clip(np.rint(part), 0, 255).astype(np.uint8) for part in (y, u, v))
    return y, u, v


def rgb_of_planes(planes: Planes) -> Rgb:
    """As FFmpeg converts limited-range BT.709 when it takes its time."""
    height, width = planes[0].shape
    stacked = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    frame: Any = av.VideoFrame.from_ndarray(stacked, "yuv420p")
    accurate = av.video.reformatter.Interpolation
    shown = frame.reformat(
        format="rgb24", src_colorspace="ITU709", src_color_range="MPEG", dst_color_range="JPEG",
        interpolation=accurate.BILINEAR | accurate.ACCURATE_RND | accurate.FULL_CHR_H_INT,
    )  # fmt: skip
    return np.ascontiguousarray(shown.to_ndarray())
