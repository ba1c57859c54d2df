"""How bright a picture is and whether there is anything to see in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.compiled import compiled
from sightline.meters.shot_past import Small

BORDER_SHARE = 0.15
"""Left out on every side, where letterboxes and logos are."""
TRIMMED_SHARE = 0.05
"""Left out at both ends of the luma distribution inside, so that a small logo over black leaves it black."""


@compiled
def tone(small: Small) -> tuple[float, float, float]:
    """Mean luma of the whole picture; median and trimmed span of luma in its middle; in 8-bit codes."""
    height, width = small.shape[0], small.shape[1]
    top, left = int(height * BORDER_SHARE), int(width * BORDER_SHARE)
    total, inside, pixels = 0, np.zeros(256, np.int64), 0
    for row in range(height):
        for column in range(width):
            luma = small[row, column, 0]
            total += luma
            if top <= row < height - top and left <= column < width - left:
                inside[luma] += 1
                pixels += 1
    low, middle, high = (
        _quantile(inside, pixels * TRIMMED_SHARE),
        _quantile(inside, pixels * 0.5),
        _quantile(inside, pixels * (1 - TRIMMED_SHARE)),
    )
    return total / (height * width), float(middle), float(high - low)


@compiled
def _quantile(counts: npt.NDArray[np.int64], wanted: float) -> int:
    seen = 0
    for code in range(256):
        seen += counts[code]
        if seen >= wanted:
            return code
    return 255
