"""The first pass over a plane against plain NumPy, whatever its size and memory layout."""

from __future__ import annotations

import numpy as np
import pytest

from sightline.media.scan import BAND_BYTES, scan

SIZES = [(1, 1), (1, 7), (7, 1), (2, 2), (5, 9), (720, 1280), (1081, 1921)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("gap", [0, 64])
def test_a_scan_is_what_numpy_finds(size: tuple[int, int], kind: type, gap: int) -> None:
    height, width = size
    top = 255 if kind is np.uint8 else 1023
    whole = np.random.default_rng(3).integers(0, top + 1, (height, width + gap), kind)
    plane = whole[:, :width]
    found = scan(plane)
    assert (found.extent.low, found.extent.high, found.total) == (plane.min(), plane.max(), plane.sum(dtype=np.int64))
    np.testing.assert_array_equal(np.concatenate([band.rows for band in found.bands]), plane)
    assert len(found.bands) == -(-height // max(2, BAND_BYTES // plane.strides[0] & ~1))
    for band in found.bands:
        assert (band.extent.low, band.extent.high, band.total) == (band.rows.min(), band.rows.max(), band.rows.sum())
    if min(size) > 1:
        blocks = plane[: height & ~1, : width & ~1].astype(np.int64).reshape(height // 2, 2, width // 2, 2)
        assert np.abs(found.half - blocks.sum((1, 3)) / 4).max() <= 0.5
    assert found.half.shape == (max(1, height // 2), max(1, width // 2))
