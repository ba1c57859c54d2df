"""The guide to templates says what the program does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from sightline.desks.qc.check import checks
from sightline.desks.qc.context import LABELS
from sightline.desks.qc.template import load_template, templates
from sightline.desks.qc.waivers import Refusal, load_waivers

GUIDE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_template_loads(tmp_path: Path):
    path = tmp_path / "example.toml"
    path.write_text(example("toml"), encoding="utf-8")
    template = load_template(path)
    assert "V11" not in {plan.check.id for plan in template.checks}
    assert template.rules[0].max_duration_s == 10.0


def test_the_example_waivers_load(tmp_path: Path):
    path = tmp_path / "example.yaml"
    path.write_text(example("yaml"), encoding="utf-8")
    (entry,) = load_waivers(path)
    assert entry.who == "Kim Minji"


def test_every_template_check_parameter_label_and_refusal_is_in_the_guide():
    words = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)))
    assert set(templates()) <= words
    assert set(LABELS) <= words
    assert {str(refusal) for refusal in Refusal} <= words
    for check in checks().values():
        assert re.search(rf"\b{check.id}\b", GUIDE), check.id
        for field in dataclasses.fields(check):  # type: ignore[arg-type]
            assert field.name in words, f"{check.id}.{field.name}"
