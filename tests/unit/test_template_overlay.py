"""A template laid over another as one text: it says what the two would say as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.desks.qc.overlay import _text, _value, laid_over, parent_of
from sightline.desks.qc.template import Template, load_template, parse_template
from sightline.desks.qc.template_file import parsed

LOWER = """
extends = "ebu-r128"
[title]
en = "House"
ko = "우리 회사"
[checks.A1]
tolerance_lu = 0.5
source = "House rules, page 4"
[checks.F7]
state = "fail"
min_mbps = {"720" = 5.0, "1080" = 10}
[checks.F1]
state = "warn"
containers = ["mov", 'mp"4']
[detectors.freeze]
noise = 0.0005
[[rules]]
kind = "black"
label = "tail"
to = "info"
max_duration_s = 10.0
"""
UPPERS = [
    'extends = "house"\n',
    'extends = "house"\n[checks.A1]\ntarget_lufs = -24.0\n',
    'extends = "house"\n[checks.A1]\nstate = "warn"\n[checks.V1]\nstate = "off"\n',
    'extends = "house"\n[checks.A1]\nsource = "new"\n[checks.F7]\nfaststart = true\n',
    'extends = "house"\n[detectors.freeze]\nmin_duration_s = 4\n'
    '[[rules]]\nkind = "black"\nlabel = "head"\nto = "keep"\n',
    'extends = "house"\n[title]\nen = "Ours"\n[checks.F1]\ncontainers = []\n',
]


def _says(template: Template) -> tuple[object, ...]:
    return (template.checks, template.detectors, template.rules, template.off)


@pytest.mark.parametrize("upper", UPPERS)
def test_one_text_says_what_two_files_say(tmp_path: Path, upper: str) -> None:
    (tmp_path / "house.toml").write_text(LOWER, encoding="utf-8")
    own = tmp_path / "ours.toml"
    own.write_text(upper.replace('"house"', '"house.toml"'), encoding="utf-8")
    one = parse_template("ours", laid_over("ours", upper, "house", LOWER))
    as_files = load_template(own)
    # Documents are the files' own but for those told by the name of the file, which is not there any more.
    assert [(plan.check, plan.on_failure) for plan in one.checks] == [
        (plan.check, plan.on_failure) for plan in as_files.checks
    ]
    assert _says(one)[1:3] == _says(as_files)[1:3]
    assert one.title == (as_files.title or parse_template("house", LOWER).title)
    assert parent_of("ours", upper) == "house"


@given(st.text(), st.text(alphabet=st.characters(codec="utf-8")), st.floats(allow_nan=False), st.integers())
def test_any_value_survives(key: str, text: str, number: float, whole: int) -> None:
    if "\r" in text or any("\ud800" <= sign <= "\udfff" for sign in key + text):
        return
    key = key.replace(".", "_") or "k"
    lower = f"[checks]\n[checks.{_text(key)}]\na = {_value(text)}\nb = {_value(number)}\nc = {_value([whole, True])}\n"
    over = parsed("x", laid_over("x", "", "y", lower))
    assert over.checks == {key: {"a": text, "b": number, "c": [whole, True]}}
