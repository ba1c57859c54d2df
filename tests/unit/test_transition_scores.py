"""How the benchmark of transitions counts."""

from __future__ import annotations

from benchmarks.accuracy.edits import EditTruth, Truth
from benchmarks.accuracy.transitions import Score

TRUTH = EditTruth(
    pictures=200,
    rate=25,
    transitions=(Truth("cut", 50, 50), Truth("dissolve", 100, 112)),
    distractors=(Truth("flash", 150, 152),),
)


def _report(*found: tuple[str, int, int]) -> dict[str, object]:
    score = Score()
    score.add(TRUTH, list(found))
    return score.report()


def test_a_cut_one_picture_off_is_found_and_two_off_is_not() -> None:
    assert _report(("cut", 51, 51))["found"] == {"cut": "1/1", "dissolve": "0/1"}
    assert _report(("cut", 52, 52))["found"] == {"cut": "0/1", "dissolve": "0/1"}


def test_a_second_prediction_inside_a_transition_is_false() -> None:
    report = _report(("cut", 104, 104), ("cut", 108, 108))
    assert report["found"] == {"cut": "0/1", "dissolve": "1/1"}
    assert report["false_positives"] == {"second in a transition": 1}


def test_a_false_positive_is_blamed_on_what_it_fell_for() -> None:
    assert _report(("cut", 151, 151), ("cut", 20, 20))["false_positives"] == {"flash": 1, "nothing": 1}


def test_all_found_gives_one() -> None:
    report = _report(("cut", 50, 50), ("dissolve", 100, 112))
    assert (report["f1"], report["bounds_off_by_at_most_one"]) == (1.0, {"dissolve": "1/1"})
