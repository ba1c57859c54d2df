"""The pages that work without a script: signing in, a share link that cannot be opened, the API's reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from tests import running
from tests.running import Service

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "src/sightline/api/pages/html/page.css"
THEME = ROOT / "web/src/app/theme.ts"
SHARED_NAMES = ("ground", "card", "line", "ink", "quiet", "pass", "warn", "fail", "accent")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running.running(running.settings_for(tmp_path_factory.mktemp("plain"))) as service:
        yield service


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=service.url, headers={"Accept": "text/html", "Accept-Language": "en"}, timeout=60
    ) as client:
        yield client


def test_signing_in_speaks_the_language_that_was_chosen_and_goes_on_where_one_was(browser: httpx.Client) -> None:
    english = browser.get("/sign-in", params={"next": "/people", "secret": "once"}).text
    assert "Email" not in english
    assert '<html lang="en">' in english
    korean = next(
        href for href in map(unescape, re.findall(r'href="(/sign-in[^"]+)"', english)) if "language=ko" in href
    )
    page = browser.get(korean).text
    assert '<html lang="ko">' in page
    assert 'name="next" value="/people"' in page
    assert 'name="secret" value="once"' in page
    form = {"email": "nobody@example.org", "password": "wrong password", "language": "ko"}
    refused = browser.post("/sign-in", data=form, headers={"Origin": str(browser.base_url).rstrip("/")})
    assert refused.status_code == 401
    assert '<html lang="ko">' in refused.text


def test_a_share_link_that_is_over_says_so_in_words_to_people_and_as_a_problem_to_programs(
    browser: httpx.Client,
) -> None:
    told = browser.get("/shared", params={"secret": "gone"})
    assert (told.status_code, told.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "Ask for a new one" in told.text
    program = browser.get("/shared", params={"secret": "gone"}, headers={"Accept": "application/json"})
    assert program.json()["code"] == "account.share_over"


def test_the_reference_names_every_group_of_routes_in_both_languages(browser: httpx.Client) -> None:
    groups = re.findall(r'<h2 id="([^"]+)">([^<]+)</h2>', browser.get("/docs?language=ko").text)
    assert len(groups) > 10
    assert [name for name, title in groups if not re.search("[가-힣]", title)] == []
    english = browser.get("/docs").text
    assert 'id="videos">Videos<' in english
    assert "<script" not in english


def test_the_plain_pages_have_the_colours_of_the_page() -> None:
    style, theme = STYLE.read_text(encoding="utf-8"), THEME.read_text(encoding="utf-8")
    light, dark = style.split("prefers-color-scheme: dark")
    ours = theme.split("light: {")[-1].split("dark: {")
    for name in SHARED_NAMES:
        for css, their in ((light, ours[0]), (dark, ours[1])):
            found = re.search(rf"--{name}: (#[0-9a-f]+);", css)
            wanted = re.search(rf"'--sl-{name}': '(#[0-9a-f]+)'", their)
            assert found is not None, name
            assert wanted is not None, name
            assert found[1] == wanted[1], name
