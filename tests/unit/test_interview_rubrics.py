"""Rubrics: the language of formulas, files of users, and that docs/rubrics.md says what the files say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.interviews import answer, assignment, judged

from sightline.desks.interview.definition import definitions
from sightline.desks.interview.formulas import formula_from
from sightline.desks.interview.rubric import SHIPPED, load_rubric, names, parse_rubric
from sightline.errors import TemplateInvalid
from sightline.text import LANGUAGES, catalogue

DOCS = Path(__file__).parents[2] / "docs"
OWN = """
version: 3
title: {en: Mine}
scores:
  calm_gaze:
    most: 10
    bands: {fine: 5, poor: 0}
    terms:
      camera: {weight: 0.75, of: [{metric: on_camera_share, formula: "rising(0.1, 0.9)", source: mine}]}
      nods: {weight: 0.25, of: [{metric: nods_per_min, formula: "falling(0, 10)", source: mine}]}
"""


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("trapezoid(1, 2, 3, 5)", {0: 0, 1: 0, 1.5: 0.5, 2: 1, 3: 1, 4: 0.5, 5: 0, 9: 0}),
        ("rising(0.2, 0.6)", {0: 0, 0.2: 0, 0.4: 0.5, 0.6: 1, 1: 1}),
        ("falling(3, 10)", {0: 1, 3: 1, 6.5: 0.5, 10: 0, 99: 0}),
        ("one_minus(30)", {0: 1, 15: 0.5, 30: 0, 60: 0}),
        ("clip(2)", {-1: 0, 1: 0.5, 2: 1, 3: 1}),
        ("table(0, 0, 0.4, 0.5, 0.6, 1, 1, 0)", {-1: 0, 0.39: 0, 0.4: 0.5, 0.6: 1, 0.999: 1, 1: 0}),
        ("old_blink()", {17.5: 1, 15: 1, 20: 1, 12: 0.8, 25: 0.8, 0: 0.125, 60: 0}),
        ("rising(1, 1)", {0.9: 0, 1: 1}),
    ],
)  # fmt: skip
def test_formulas_give_what_they_say(formula: str, values: dict[float, float]) -> None:
    assert {x: pytest.approx(formula_from(formula).of(x)) for x in values} == values


def test_a_value_that_is_not_known_has_no_share() -> None:
    assert np.isnan(formula_from("rising(0, 1)").of(float("nan")))


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "rising", "rising(1)", "rising(2, 1)", "rising(a, b)", "rising(1, inf)", "rising(nan, 1)", "clip(0)",
        "one_minus(-1)", "table()", "table(1, 2, 3)", "table(2, 0, 1, 0)", "eval(1)", "__import__(1)", "rising(0,1)+1",
        "rising(rising(0,1),2)", "trapezoid(1,2,3,4)" * 50, "table(" + "1,1," * 100 + "1,1)",
    ],
)  # fmt: skip
def test_nothing_but_the_named_functions_of_numbers_is_a_formula(text: str) -> None:
    with pytest.raises(ValueError):
        formula_from(text)


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_refusal(text: str) -> None:
    try:
        formula = formula_from(text)
    except ValueError:
        return
    assert 0 <= formula.of(0.5) <= 1


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_a_share_is_always_a_share(numbers: list[float], value: float) -> None:
    text = ", ".join(repr(number) for number in sorted(numbers))
    assert 0 <= formula_from(f"trapezoid({text})").of(value) <= 1


def test_rubrics_of_ones_own_are_judged_by() -> None:
    take, person = answer()
    person.nod(20.0)
    judgement = judged(take, "mine", OWN)
    [score] = judgement.scores
    assert (score.id, score.most, score.band, judgement.template) == ("calm_gaze", 10, "fine", "mine")
    assert score.value == pytest.approx(7.5 + 2.5 * 0.9, abs=0.05)


def test_the_hash_is_of_what_can_change_a_score() -> None:
    plain = parse_rubric("a", OWN)
    assert parse_rubric("b", OWN.replace("Mine", "Yours")).sha256 == plain.sha256
    assert parse_rubric("a", OWN.replace("0.9)", "0.8)")).sha256 != plain.sha256
    assert parse_rubric("a", OWN.replace("version: 3", "version: 4")).sha256 != plain.sha256


@pytest.mark.parametrize(
    ("was", "becomes", "key"),
    [
        ("0.75", "0.7", "weights add up"),
        ("on_camera_share", "on_camera_shar", "nearest: on_camera_share"),
        ("rising(0.1, 0.9)", "rising(0.1)", "takes 2 numbers"),
        ("fine: 5, poor: 0", "fine: 5, poor: 1", "bands"),
        ("fine: 5, poor: 0", "poor: 0, fine: 5", "bands"),
        ("fine: 5, poor: 0", "fine: 50, poor: 0", "full marks"),
        ("most: 10", "most: -1", "most"),
        ("most: 10", "most: .inf", "most"),
        ("most: 10", "most: ten", "most"),
        ("version: 3", "version: 0", "version"),
        ("version: 3", "colour: red", "version"),
        ("calm_gaze", "Calm-Gaze", "scores"),
        ("weight: 0.75", "weight: true", "weight"),
        ("source: mine}]}\n      nods", "source: mine, more: 1}]}\n      nods", "more"),
        ("version: 3", "version: 3\noverall: {most: 1, bands: {a: 0}, of: {nobody: 1}}", "nobody"),
        ("scores:", "scores: &a\n  x: *a", "alias"),
    ],
)  # fmt: skip
def test_a_rubric_that_cannot_be_is_refused_with_the_place(was: str, becomes: str, key: str) -> None:
    assert was in OWN
    with pytest.raises(TemplateInvalid) as raised:
        parse_rubric("mine", OWN.replace(was, becomes, 1))
    assert key in str(raised.value)
    assert "mine" in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "[" * 9000, "!!python/object:os.system {}", "x" * 100_000, "\x00", "a: b: c", "!!bool perhaps",
        "!!int ''", "!!timestamp never", "version: 2026-99-99", "version: " + "9" * 5000,
    ],
)  # fmt: skip
def test_hostile_and_broken_rubrics_are_refused(text: str) -> None:
    with pytest.raises(TemplateInvalid) as raised:
        parse_rubric("mine", text)
    assert len(str(raised.value)) < 1500


@pytest.mark.parametrize("name", names())
def test_everything_a_rubric_names_has_words_in_both_languages(name: str) -> None:
    rubric = load_rubric(name)
    for language in LANGUAGES:
        known = catalogue(language)
        assert rubric.title[language]
        assert rubric.description[language]
        for score in rubric.scores:
            wanted = {f"metrics.scores.{score.id}", *(f"metrics.bands.{band}" for band, _ in score.bands)}
            wanted |= {f"metrics.terms.{term.id}" for term in score.terms}
            assert not wanted - set(known)


def test_every_metric_has_a_title_and_a_sentence_in_both_languages() -> None:
    for language in LANGUAGES:
        known = catalogue(language)
        wanted = {f"metrics.{name}.{part}" for name in definitions() for part in ("title", "text")}
        assert not wanted - set(known)


def test_every_number_that_is_not_published_says_so() -> None:
    for name in names():
        for score in load_rubric(name).scores:
            for term in score.terms:
                assert all(source.source.strip() for source in term.sources)
    for definition in definitions().values():
        assert definition.reference is None or len(definition.reference.source) >= len("heuristic")


def _told() -> set[tuple[str, ...]]:
    """Rows of the tables of docs/rubrics.md: term, weight, metric, formula."""
    text = (DOCS / "rubrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| `(\w+)` \| `([^`]+)` \|", text, re.MULTILINE)
    return {(term, f"{float(weight):g}", metric, formula) for term, weight, metric, formula in rows}


def test_the_guide_tells_every_term_as_the_files_have_it() -> None:
    real = {
        (term.id, f"{round(term.weight, 4):g}", source.metric, source.formula.text)
        for name in names()
        for score in load_rubric(name).scores
        for term in score.terms
        for source in term.sources
    }
    assert _told() == real


def test_the_guide_explains_every_function_of_formulas() -> None:
    text = (DOCS / "rubrics.md").read_text(encoding="utf-8")
    from sightline.desks.interview import formulas

    assert all(f"`{name}(" in text for name in formulas._FUNCTIONS)


def test_the_guide_lists_every_metric() -> None:
    text = (DOCS / "interview.md").read_text(encoding="utf-8")
    missing = {name for name, d in definitions().items() if not d.only_asked and f"`{name}`" not in text}
    assert not missing


def test_the_files_are_as_they_are_read() -> None:
    for name in names():
        plain = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
        assert assignment(name).rubric.version == plain["version"]
