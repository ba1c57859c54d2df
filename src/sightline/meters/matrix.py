"""Which matrix of Y'CbCr a stream has, and the way from its codes to R'G'B'."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.facts import VideoFacts
from sightline.meters.planes import CodeScale

LUMA_SHARES = {
    "bt709": (0.2126, 0.0722),
    "bt601": (0.299, 0.114),
    "bt2020": (0.2627, 0.0593),
    "smpte240m": (0.212, 0.087),
    "fcc": (0.30, 0.11),
}
"""Shares of red and blue in luma (Recommendation ITU-T H.273, table 4)."""
_OF_TAG = {
    "bt709": "bt709",
    "smpte170m": "bt601",
    "bt470bg": "bt601",
    "bt2020nc": "bt2020",
    "bt2020_ncl": "bt2020",
    "smpte240m": "smpte240m",
    "fcc": "fcc",
}
_UNTAGGED = (None, "unknown", "unspecified", "reserved")
SD_WIDTH_PX, SD_HEIGHT_PX = 1280, 576
"""An untagged picture narrower than this and no higher than this is taken as BT.601, a larger one as BT.709."""


def matrix_of(video: VideoFacts) -> str | None:
    """A key of `LUMA_SHARES`: the one the file is tagged with, else by its transfer and size. RGB comes as BT.709.

    None for a tag whose matrix is not Y'CbCr (YCgCo, constant luminance, ICtCp).
    """
    if video.is_rgb:
        return "bt709"
    if video.color_matrix not in _UNTAGGED:
        return _OF_TAG.get(str(video.color_matrix))
    if video.color_transfer in ("smpte2084", "arib-std-b67"):
        return "bt2020"
    return "bt709" if video.height > SD_HEIGHT_PX or video.width >= SD_WIDTH_PX else "bt601"


def rgb_from_codes(matrix: str, scale: CodeScale) -> npt.NDArray[np.float64]:
    """``(3, 4)``: R'G'B' (0 to 1) = first three columns · (Y, U, V codes) + last column."""
    (black, white), neutral = scale.luma, scale.neutral
    span, chroma_span = white - black, scale.chroma[1] - scale.chroma[0]
    red, blue = LUMA_SHARES[matrix]
    green = 1 - red - blue
    cr, cb = 2 * (1 - red) / chroma_span, 2 * (1 - blue) / chroma_span
    rows = np.array(
        [
            [1 / span, 0, cr, 0],
            [1 / span, -cb * blue / green, -cr * red / green, 0],
            [1 / span, cb, 0, 0],
        ]
    )
    rows[:, 3] = -rows[:, 0] * black - (rows[:, 1] + rows[:, 2]) * neutral
    return rows
