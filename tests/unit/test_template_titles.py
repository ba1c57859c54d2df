"""Reports and shared analyses name templates as people do, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import report_sample as sample

from sightline.report.as_html import HtmlReport
from sightline.report.report import Report
from sightline.service.template_reading import template_title
from sightline.text import Language


def test_one_that_comes_along_has_its_title_in_both_languages() -> None:
    for desk, name in (("qc", "ebu-r128"), ("interview", "default")):
        title = template_title(desk, name, None)
        assert set(title) == set(Language)
        assert name not in title.values()


def test_one_of_ones_own_is_called_as_it_says_and_one_that_was_tried_after_its_base() -> None:
    own = 'extends = "netflix"\n[title]\nko = "우리 방송"\n'
    assert template_title("qc", "house", own) == {Language.KOREAN: "우리 방송"}
    tried = 'extends = "netflix"\n[checks.A3]\nmax_true_peak_dbtp = -3.0\n'
    base = template_title("qc", "netflix", None)
    assert template_title("qc", "netflix-edited", tried)[Language.KOREAN] == f"{base[Language.KOREAN]}(변경됨)"
    assert template_title("qc", "house", tried) == {}


@pytest.mark.parametrize("source", ["[", "checks = 1", 'extends = "gone"\n'])
def test_what_cannot_be_understood_any_more_keeps_its_name(source: str) -> None:
    assert template_title("qc", "house", source) == {}
    assert template_title("of another version", "house", source) == {}


def test_the_page_says_the_title_in_both_languages(tmp_path: Path) -> None:
    report = sample.report()
    titled = replace(report, template_title={Language.ENGLISH: "House <A>", Language.KOREAN: "우리 방송"})
    page = HtmlReport().render(titled).decode()
    assert "Judged by template House &lt;A&gt;" in page
    assert "우리 방송 템플릿으로 판정했습니다" in page
    only = replace(report, template_title={Language.KOREAN: "우리 방송"})
    assert "Judged by template 우리 방송" in HtmlReport().render(only).decode()
    assert f"Judged by template {report.judgement.template}" in HtmlReport().render(report).decode()
    assert isinstance(report, Report)
