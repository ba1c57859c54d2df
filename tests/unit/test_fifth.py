"""The reduction to a fifth against plain NumPy, whatever the depth and memory layout."""

from __future__ import annotations

import numpy as np
import pytest

from sightline.media.fifth import fifth


@pytest.mark.parametrize("top", [255, 1023, 65535])
@pytest.mark.parametrize("gap", [0, 32])
@pytest.mark.parametrize("writeable", [True, False])
def test_a_fifth_is_the_mean_of_5x5_samples_to_the_nearest_code(top: int, gap: int, writeable: bool) -> None:
    kind = np.uint8 if top == 255 else np.uint16
    whole = np.random.default_rng(4).integers(0, top + 1, (270, 480 + gap)).astype(kind)
    plane = whole[:, :480]
    plane[:5, :5] = top
    plane.flags.writeable = writeable
    blocks = plane.astype(np.int64).reshape(54, 5, 96, 5).sum((1, 3))
    found = fifth(plane)
    assert found.dtype == kind
    np.testing.assert_array_equal(found, (blocks + 12) // 25)
