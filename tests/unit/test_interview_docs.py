"""The guides to the interview desk and its rubrics say what the program does."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from sightline.desks.interview.definition import definitions
from sightline.desks.interview.options import _OptionsRow
from sightline.desks.interview.policies import POLICIES
from sightline.desks.interview.questions import questions_from
from sightline.desks.interview.rubric import LEAST_COVERAGE, LEAST_QUALITY, load_rubric, parse_rubric

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "interview.md").read_text(encoding="utf-8")
RUBRICS = (DOCS / "rubrics.md").read_text(encoding="utf-8")


def example(text: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def rows(text: str, first: str) -> list[list[str]]:
    """Cells of the rows of the table whose first heading is ``first``."""
    table = text.split(f"| {first} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_the_example_of_questions_is_read() -> None:
    first, second = questions_from(example(GUIDE))
    assert (first.id, first.start, first.end) == ("q1", Fraction(5), Fraction(80))
    assert (second.id, second.start, second.end) == ("why", Fraction(90), None)


def test_the_example_rubric_is_read() -> None:
    assert parse_rubric("ours", example(RUBRICS)).scores[0].id == "calm_gaze"


def test_every_option_is_told() -> None:
    assert {row[0].strip("`") for row in rows(GUIDE, "option")} == set(_OptionsRow.model_fields)


def test_the_policies_are_as_they_are_told() -> None:
    for name, emotion, consent, cues, overall, forbidden in rows(GUIDE, "policy"):
        policy = POLICIES[name.strip("`")]
        assert (emotion == "when asked for") is policy.allows_emotion
        assert (consent == "yes") is policy.demands_consent
        assert (cues == "yes") is policy.gives_cues
        assert (overall == "yes") is policy.gives_overall
        words = {"verdicts": "verdict"}
        assert {words.get(word, word) for word in forbidden.split(", ")} == policy.forbidden_topics
    assert len(rows(GUIDE, "policy")) == len(POLICIES)


def test_every_reference_range_is_told_with_its_source() -> None:
    for name, definition in definitions().items():
        reference = definition.reference
        if reference is not None:
            [line] = [line for line in GUIDE.splitlines() if line.startswith(f"| `{name}` |")]
            assert reference.source in line
            assert all(f"{edge:g}" in line for edge in (reference.low, reference.high) if edge is not None)


def test_the_weights_of_the_overall_score_are_told() -> None:
    overall = load_rubric("default").overall
    assert overall is not None
    told = RUBRICS.split("### Overall", 1)[1].split("###", 1)[0]
    for score in ("gaze", "delivery", "presence"):
        assert f"{score}\n{overall.weights[score]:g}" in told.replace(" ", "\n").replace(",", "")
    assert overall.weights["expression"] == overall.weights["visible_expression"] == 0.2


def test_the_limits_of_evidence_are_told() -> None:
    assert f"less than {round(100 * LEAST_COVERAGE)} %" in RUBRICS
    assert f"quality is under {round(100 * LEAST_QUALITY)} %" in RUBRICS
