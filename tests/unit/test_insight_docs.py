"""The page on feedback says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from sightline.insight.endpoint import Provider, default_model
from sightline.insight.facts import ENOUGH
from sightline.insight.model_writer import AGAIN, WAIT_S, WAITS
from sightline.insight.prompt import SHIPPED, load_prompt
from sightline.insight.validate import LONGEST
from sightline.service.settings import OLD_NAMES, PREFIX, Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "feedback.md").read_text(encoding="utf-8")
TIMES = {2: "twice"}


def test_every_setting_it_names_exists_with_the_value_it_tells() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", PAGE))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    told = re.findall(rf"`{PREFIX}(INSIGHT_(?:USD|TOKENS)_PER_[A-Z]+)` ([\d.,]+)", PAGE)
    assert len(told) == 6
    for name, value in told:
        assert float(value.replace(",", "")) == Settings.model_fields[name.lower()].default
    assert {name for name in OLD_NAMES if name.endswith("_API_KEY")} == set(re.findall(r"\b[A-Z]+_API_KEY\b", PAGE))


def test_its_table_of_providers_is_that_of_the_program() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+?) \|", PAGE, re.MULTILINE))
    assert set(rows) == {str(provider) for provider in Provider}
    for provider in Provider:
        assert (f"`{default_model(provider)}`" if default_model(provider) else "none") in rows[provider]


def test_its_numbers_are_those_of_the_program() -> None:
    assert f"at least {ENOUGH:.0%}".replace("%", " %") in PAGE
    assert f"longer than {LONGEST} characters" in PAGE
    assert f"asked again, at most {TIMES[AGAIN]}" in PAGE
    assert f"or {WAIT_S:g} s, at most {TIMES[WAITS]}" in PAGE
    assert f"insight/prompts/{SHIPPED}.yaml" in PAGE


def test_the_categories_it_names_are_there() -> None:
    section = PAGE.partition("## Keyword categories")[2].partition("##")[0].lower()
    for category in load_prompt().file.categories:
        assert category.id.replace("_", " ") in section or "example is told from start to end" in section
