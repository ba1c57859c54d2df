"""The reading of shot scores, whole columns at once, against what the same rules give row by row."""

from fractions import Fraction

import numpy as np
import pytest

from sightline.detectors.detector import lasting_runs, run_edges, runs
from sightline.detectors.flash_frame import FlashFrameDetector
from sightline.detectors.shots import ShotDetector
from sightline.detectors.transitions import Limits, Reading
from sightline.facts import MediaFacts
from sightline.timeline.columns import Column, Columns
from sightline.timeline.timeline import Provenance, Timeline

ROWS = 480
QUIET = {
    "change": 0.4, "luma": 90.0, "level": 100.0, "contrast": 120.0, "unexplained": 0.01, "unexplained_cells": 0.02,
    "changed_cells": 0.05, "zoom": 0.0, "return_pictures": 0, "return_share": 1.0, "dissolve": 0.0,
    "dissolve_pictures": 0, "dissolve_unexplained": 0.0, "dissolve_cells": 0.0, "dissolve_covered": 0.0, "wipe": 0.0,
    "wipe_pictures": 0, "wipe_replaced": 0.0, "wipe_covered": 0.0, "wipe_unexplained": 0.0, "wipe_way": 0,
}  # fmt: skip
WHOLE = ("return_pictures", "dissolve_pictures", "wipe_pictures", "wipe_way")

READ = [
    ("shot", 0, 41, 0.9, 1.71),
    ("cut", 41, 42, 0.9, 0.9),
    ("shot", 41, 90, 0.6, 2.044),
    ("cut", 90, 91, 0.6, 0.05),
    ("shot", 90, 163, 0.6, 3.045),
    ("dissolve", 163, 174, 0.75, 28.0),
    ("shot", 174, 221, 0.75, 1.96),
    ("shot", 249, 255, 0.9, 0.25),
    ("cut", 255, 256, 0.9, 0.9),
    ("shot", 255, 271, 0.9, 0.667),
    ("shot", 284, 303, 0.6842, 0.792),
    ("wipe", 303, 310, 0.684, 0.95),
    ("shot", 310, 338, 0.5789, 1.168),
    ("wipe", 338, 345, 0.579, 0.95),
    ("shot", 345, 380, 0.5789, 1.46),
    ("cut", 380, 381, 0.6, 0.01),
    ("shot", 380, 420, 0.6, 1.668),
    ("cut", 420, 421, 0.95, 0.95),
    ("shot", 420, 422, 0.95, 0.083),
    ("cut", 422, 423, 0.95, 0.95),
    ("shot", 422, 480, 0.95, 2.419),
    ("flash_frame", 130, 132, 0.8, 2),
    ("flash_frame", 420, 422, 0.8, 2),
]
"""Kind, first row, row after the last, confidence, value; made by the reading row by row that came before."""


def edit() -> dict[str, np.ndarray]:
    """Scores of an edit with one of everything, over a change that is never quite still."""
    scores = {n: np.full(ROWS, value, np.int16 if n in WHOLE else np.float32) for n, value in QUIET.items()}
    scores["change"] = scores["change"] + ((np.arange(ROWS) * 7919) % 101 / 101).astype(np.float32)
    scores["change"][0] = 0

    def put(rows: int | slice, **values: float | np.ndarray) -> None:
        for name, value in values.items():
            scores[name][rows] = value

    put(40, change=60, unexplained=0.95, unexplained_cells=0.98, changed_cells=1)
    put(41, change=55, unexplained=0.9, unexplained_cells=0.9, changed_cells=1)
    put(42, change=50, unexplained=0.8, unexplained_cells=0.8, changed_cells=1)
    put(90, change=20, unexplained=0.05, changed_cells=0.8)
    put(slice(100, 112), change=20, unexplained=0.75, unexplained_cells=0.8, changed_cells=0.8)
    put(130, change=80, unexplained=0.9, unexplained_cells=0.9, changed_cells=1, luma=200)
    put(132, change=80, unexplained=0.9, unexplained_cells=0.9, changed_cells=1, return_pictures=2, return_share=0.1)
    put(134, change=9, return_pictures=1, return_share=0.3)
    ramp = np.minimum(np.arange(30), 29 - np.arange(30)).astype(np.float32)
    put(slice(160, 190), dissolve=ramp * 2, dissolve_pictures=12)
    put(slice(160, 190), dissolve_unexplained=0.8, dissolve_cells=0.9, dissolve_covered=0.95)
    dark = np.concatenate([np.linspace(120, 4, 12), np.full(6, 2), np.linspace(4, 120, 12)]).astype(np.float32)
    put(slice(220, 250), level=dark, contrast=dark, luma=dark)
    put(slice(255, 270), level=240, contrast=3, luma=240)
    put(255, change=70, unexplained=0.9, unexplained_cells=0.9, changed_cells=1)
    bright = np.linspace(240, 110, 15).astype(np.float32)
    put(slice(270, 285), level=bright, contrast=240 - bright)
    for last, outside in ((310, 0.5), (350, 30.0)):
        rows = slice(last - 10, last + 4)
        put(rows, wipe=20 - abs(np.arange(-10, 4)), wipe_pictures=8, wipe_replaced=0.95)
        put(rows, wipe_covered=0.9, wipe_unexplained=0.7, wipe_way=2)
        put(slice(last - 12, last + 8), change=outside)
        put(slice(last - 7, last + 1), change=15)
    put(380, change=12, zoom=0.3, changed_cells=0.9)
    put(420, change=60, unexplained=0.95, unexplained_cells=0.98, changed_cells=1)
    put(422, change=60, unexplained=0.95, unexplained_cells=0.98, changed_cells=1)
    return scores


def columns_of(scores: dict[str, np.ndarray], ticks: np.ndarray | None = None) -> Columns:
    ticks = np.arange(ROWS, dtype=np.int64) * 1001 if ticks is None else ticks
    columns = tuple(Column(name, "code", values) for name, values in scores.items())
    return Columns("shots", Fraction(1, 24000), ticks, int(ticks[-1]) + 1001, columns)


def test_an_edit_with_one_of_everything_reads_as_it_always_did() -> None:
    timeline = Timeline(
        MediaFacts("edit", 0, None, "", None, None, None), {"shots": columns_of(edit())}, Provenance("", "")
    )
    timeline = timeline.with_events(ShotDetector().detect(timeline))
    base = timeline.columns["shots"].time_base * 1001
    events = (*timeline.events, *FlashFrameDetector().detect(timeline))
    assert [int(e.span.start / base) for e in timeline.events_of("fade")] == [221, 271]
    found = [
        (e.kind, int(e.span.start / base), int(e.span.end / base), round(e.confidence, 4), e.evidence["value"])
        for e in events
        if "value" in e.evidence
    ]
    assert found == READ


def prominence_row_by_row(columns: Columns, limits: Limits) -> np.ndarray:
    change, starts = columns["change"].astype(np.float64), columns.ticks * float(columns.time_base)
    result, reach = np.zeros(len(change)), limits.neighbours_s
    for row in np.flatnonzero(change > 0).tolist():
        low = min(np.searchsorted(starts, starts[row] - reach - 1e-6), max(row - 3, 0))
        high = max(np.searchsorted(starts, starts[row] + reach + 1e-6, side="right"), min(row + 4, len(change)))
        before, after = change[max(1, low) : row], change[row + 1 : high]
        ordinary = max((float(np.median(part)) for part in (before, after) if len(part)), default=0.0)
        result[row] = change[row] / max(ordinary, 0.1)
    return result


@pytest.mark.parametrize("seed", range(8))
def test_prominence_of_all_rows_at_once_is_that_of_each_row(seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = random.integers(1, 4000 if seed % 2 else 1002, ROWS)
    scores = edit() | {"change": random.gamma(0.5, 8, ROWS).astype(np.float32)}
    scores["change"][random.random(ROWS) < 0.1] = 0
    columns = columns_of(scores, np.cumsum(steps))
    rows = np.flatnonzero(columns["change"] > 0)
    found = Reading(columns, Limits())._prominence(rows)
    assert np.array_equal(found, prominence_row_by_row(columns, Limits())[rows])


def test_runs_at_both_ends_are_whole_and_none_are_found_in_nothing() -> None:
    assert list(runs(np.array([1, 1, 0, 1, 0, 0, 1], bool))) == [(0, 2), (3, 4), (6, 7)]
    assert list(runs(np.zeros(0, bool))) == []
    assert [edges.tolist() for edges in run_edges(np.ones(3, bool))] == [[0], [3]]


def test_a_run_as_long_as_the_threshold_lasts_long_enough() -> None:
    columns = Columns("levels", Fraction(1, 25), np.arange(10), 10, ())
    mask = np.array([1, 1, 0, 1, 1, 1, 0, 1, 1, 1], bool)
    assert list(lasting_runs(columns, mask, 0.12)) == [(3, 6), (7, 10)]
    assert list(lasting_runs(columns, mask, 0.1201)) == []
