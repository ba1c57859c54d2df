"""EBU Tech 3341 and 3342 conformance, on signals made from their definitions."""

from __future__ import annotations

import pytest
from benchmarks.accuracy.loudness import Reading, tech_3341, tech_3342

READINGS = [*tech_3341(), *tech_3342()]


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: f"{r.test} {r.quantity}")
def test_a_reading_holds_its_tolerance(reading: Reading) -> None:
    assert reading.passes, f"{reading.ours:.3f} instead of {reading.expected} +{reading.above} -{reading.below}"


def test_every_signal_that_can_be_made_is_there() -> None:
    assert {r.test for r in READINGS} == {
        *(f"3341-{n}" for n in (*range(1, 7), *range(9, 24))),
        *(f"3342-{n}" for n in range(1, 5)),
    }
