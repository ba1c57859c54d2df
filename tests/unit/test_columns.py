"""Columns, rows gathered into them, and joining segments."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.clock import Span
from sightline.facts import MediaFacts
from sightline.timeline.columns import Column, Columns, Rows, joined
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Provenance, Timeline

BASE = Fraction(1, 1000)


def columns(ticks: list[int], end: int) -> Columns:
    values = np.array(ticks, np.float64) * 2
    return Columns("m", BASE, np.array(ticks, np.int64), end, (Column("v", "code", values),))


def test_rows_grow_without_losing_any() -> None:
    rows = Rows({"a": ("code", np.float32), "b": ("count", np.int64)})
    for n in range(1000):
        rows.append(n, n / 2, -n)
    made = rows.columns("m", BASE, 1000)
    np.testing.assert_array_equal(made.ticks, np.arange(1000))
    np.testing.assert_array_equal(made["b"], -np.arange(1000))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.data())
def test_columns_cut_anywhere_join_to_what_they_were(steps: list[int], data: st.DataObject) -> None:
    ticks = np.cumsum(steps).tolist()
    whole = columns(ticks, ticks[-1] + 7)
    cut = data.draw(st.integers(ticks[0], ticks[-1]))
    parts = [part for part in (whole.between(0, cut), whole.between(cut, 1 << 60)) if len(part)]
    again = joined(parts)
    np.testing.assert_array_equal(again.ticks, whole.ticks)
    np.testing.assert_array_equal(again["v"], whole["v"])
    assert again.end == whole.end


def test_columns_of_other_meters_do_not_join() -> None:
    other = Columns("other", BASE, np.array([1], np.int64), 2, (Column("v", "code", np.zeros(1)),))
    with pytest.raises(ValueError, match="do not have the same columns"):
        joined([columns([0], 1), other])


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="1 rows for 2 ticks"):
        Columns("m", BASE, np.array([0, 1], np.int64), 2, (Column("v", "code", np.zeros(1)),))


def timeline(ticks: list[int], end: int) -> Timeline:
    clock = Columns("pictures", BASE, np.array(ticks, np.int64), end, ())
    media = MediaFacts("x", 0, None, "mov", None, None, None)
    return Timeline(media, {"pictures": clock}, Provenance("test", "2026-01-01T00:00:00Z"))


def test_frames_of_a_span_are_half_open() -> None:
    made = timeline([0, 40, 80, 120], 160)
    assert made.frames_of(Span(Fraction(40, 1000), Fraction(120, 1000))) == (1, 3)
    assert made.frames_of(Span(Fraction(0), Fraction(160, 1000))) == (0, 4)


def test_a_span_inside_one_picture_gives_that_picture() -> None:
    made = timeline([0, 40, 80, 120], 160)
    assert made.frames_of(Span(Fraction(50, 1000), Fraction(60, 1000))) == (1, 2)
    assert made.frames_of(Span(Fraction(130, 1000), Fraction(150, 1000))) == (3, 4)


def test_events_are_ordered_and_numbered() -> None:
    events = tuple(
        Event("black", Span(Fraction(a, 1000), Fraction(b, 1000)), Severity.WARNING, 1.0)
        for a, b in ((80, 160), (0, 40))
    )
    made = timeline([0, 40, 80, 120], 160).with_events(events)
    assert [(e.start_frame, e.end_frame) for e in made.events] == [(0, 1), (2, 4)]


def test_a_signal_nobody_measured_names_what_there_is() -> None:
    with pytest.raises(KeyError, match="measured are"):
        timeline([0], 1).signal("luma.mean")
