"""Whoever writes a template or a rubric hears of all that is wrong with it, not of one thing after another."""

from __future__ import annotations

import pytest

from sightline.desks.interview.rubric import parse_rubric
from sightline.desks.interview.rubric import shipped_text as shipped_rubric
from sightline.desks.mistakes import MOST
from sightline.desks.qc.template import parse_template
from sightline.errors import TemplateInvalid
from sightline.service.template_reading import mistake


def _keys(error: TemplateInvalid) -> list[str]:
    return [str(dict(one.message.fields).get("key")) for one in error.every]


def test_every_mistake_of_a_template_is_told() -> None:
    source = (
        'extends = "default"\n[checks.A1]\ntarget_lufs = "loud"\ntolerance_lu = -1\nstate = "maybe"\nloudest = 3\n'
        '[checks.V1]\nsource = 5\n[detectors.black]\nmin_duration_s = "long"\n'
    )
    with pytest.raises(TemplateInvalid) as raised:
        parse_template("mine", source)
    told = [(found.where, found.line) for found in (mistake("qc", source, one) for one in raised.value.every)]
    assert {("checks.A1.state", 5), ("checks.A1.loudest", 6), ("checks.A1.target_lufs", 3)} <= set(told)
    assert ("checks.V1.source", 8) in told
    assert ("detectors.black.min_duration_s", 10) in told
    assert len(told) == len(set(told))


def test_unknown_names_are_told_together() -> None:
    with pytest.raises(TemplateInvalid) as raised:
        parse_template("mine", 'extends = "nothing"\n[checks.Z8]\n[checks.Z9]\n[detectors.blackk]\n')
    assert _keys(raised.value) == ["None", "checks.Z8", "checks.Z9", "detectors.blackk"]


def test_a_table_of_the_wrong_shape_is_told_with_the_others() -> None:
    source = 'colour = 1\n[[rules]]\nkind = "black"\nto = "eat"\n[[rules]]\nkind = 1\nlabel = "tail"\nto = "info"\n'
    with pytest.raises(TemplateInvalid) as raised:
        parse_template("mine", source)
    assert set(_keys(raised.value)) == {"colour", "rules.0.label", "rules.0.to", "rules.1.kind"}


def test_every_mistake_of_a_rubric_is_told() -> None:
    whole = shipped_rubric("default")
    assert "most: 60" in whole
    with pytest.raises(TemplateInvalid) as raised:
        parse_rubric("mine", whole.replace("most: 60", "most: lots").replace("version: 1", "version: 0"))
    assert {"version"} < set(_keys(raised.value))
    broken = whole.replace("metric: on_camera_share", "metric: charm", 1).replace("weight: 0.5", "weight: 0.75", 1)
    with pytest.raises(TemplateInvalid) as raised:
        parse_rubric("mine", broken)
    assert len(raised.value.every) >= 2


def test_no_more_are_told_than_anybody_reads() -> None:
    source = "\n".join(f"[checks.Z{n}]" for n in range(10 * MOST))
    with pytest.raises(TemplateInvalid) as raised:
        parse_template("mine", source)
    assert len(raised.value.every) == MOST
