"""Signals made small: peaks stay, gaps stay gaps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.timeline.curve import curve
from sightline.timeline.timeline import Signal


def _signal(values: list[float]) -> Signal:
    ticks = np.arange(len(values), dtype=np.int64)
    return Signal("a.b", "count", np.array(values), ticks, len(values), Fraction(1, 10))


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=300), st.integers(1, 50))
def test_the_least_and_the_greatest_of_all_rows_are_in_the_curve(values: list[float], points: int) -> None:
    made = curve(_signal(values), None, None, points)
    assert len(made.times_s) == min(points, len(values))
    if np.isfinite(values).any():
        assert np.nanmin(made.least) == np.nanmin(values)
        assert np.nanmax(made.greatest) == np.nanmax(values)
    else:
        assert np.isnan(made.least).all()


def test_a_span_gives_its_rows_and_the_one_that_lasts_into_it() -> None:
    made = curve(_signal([0, 1, 2, 3, 4, 5]), 0.25, 0.4, 100)
    assert made.times_s.tolist() == pytest.approx([0.2, 0.3])
    assert made.least.tolist() == [2, 3]
    assert curve(_signal([0, 1]), 5, 9, 10).rows == 1
    assert curve(_signal([0, 1]), -5, 0, 10).rows == 0


def test_infinities_are_gaps_and_texts_are_refused() -> None:
    assert np.isnan(curve(_signal([float("-inf")]), None, None, 10).least).all()
    with pytest.raises(ValueError, match="no number"):
        curve(Signal("a.b", "text", np.array(["x"], object), np.zeros(1, np.int64), 1, Fraction(1)), None, None, 10)
