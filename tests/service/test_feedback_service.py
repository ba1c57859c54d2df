"""Feedback where analyses are made: from a model that is set, counted in the database, and never in the way of one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests import running
from tests.llm_servers import Fails, LlmServer, Says, llm_server
from tests.service.test_cli import make_clip
from tests.service.test_people_records import waited

from sightline.clock import Span
from sightline.desks.desk import Brief, desks
from sightline.desks.judgement import Judgement, Metric, Part, Place, Reference
from sightline.insight.claims import Topic
from sightline.service.analysis import Analysis, analyze
from sightline.service.feedback import dossier_of, feedback_of, language_of
from sightline.service.settings import Settings
from sightline.text import LANGUAGES, Language
from sightline.timeline.timeline import Timeline

GAZE = Metric(
    "on_camera_share", "gaze", "share", 0.9, n=20, coverage=0.95, place=Place.WITHIN, method="gaze/1",
    reference=Reference(0.6, 1.0, "the older system's threshold"), spans=(Span(Fraction(0), Fraction(1, 2)),),
)  # fmt: skip
SAYS = {
    "claims": [
        {
            "topic": "summary",
            "text": "You looked at the camera for 90 % of the time.",
            "metrics": ["on_camera_share"],
            "spans": [{"start_s": 0.0, "end_s": 0.5}],
            "part": None,
        }
    ]
}


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    clip = make_clip(tmp_path_factory.mktemp("talk") / "talk.mp4", 50, range(5))
    return analyze(clip, settings=Settings(cache_dir=clip.parent)).timeline


def judgement(**changes: Any) -> Judgement:
    plain = Judgement("interview", "default", "0" * 64, None, (), 0, metrics=(GAZE,), notes={"policy": "hiring"})
    return replace(plain, **changes)


def settings(folder: Path, **given: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder / "data", "cache_dir": folder / "cache"} | given)


def test_a_judgement_is_told_with_its_names_numbers_and_ranges(timeline: Timeline) -> None:
    made = dossier_of(timeline, judgement(), Language.ENGLISH)
    (fact,) = made.facts
    assert (fact.title, fact.value_text) == ("Gaze at the camera", "90 %")
    assert fact.source == "the older system's threshold"
    assert {"emotion", "personality", "verdict"} <= made.forbidden
    assert dossier_of(timeline, judgement(), Language.KOREAN).facts[0].title != fact.title


def test_what_lies_outside_the_media_is_cut_off(timeline: Timeline) -> None:
    far = replace(GAZE, spans=(Span(Fraction(-1), Fraction(1)), Span(Fraction(90), Fraction(95))))
    part = Part("q1", "Why?", Span(Fraction(1), Fraction(100)))
    made = dossier_of(timeline, judgement(metrics=(far,), parts=(part,)), Language.ENGLISH)
    assert made.facts[0].spans == (Span(Fraction(0), Fraction(1)),)
    assert made.parts[0].span.end == timeline.span.end


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_provider_nothing_is_asked_and_it_is_said(
    timeline: Timeline, tmp_path: Path, language: Language
) -> None:
    found = feedback_of(Analysis(timeline, judgement()), settings(tmp_path), language)
    assert found is not None
    assert (found.source, found.language) == ("templates", language)
    assert found.claims
    assert found.note is not None


@pytest.mark.parametrize(("spoken", "told"), [("ko", "ko"), ("en", "en"), ("ja", "ko"), (None, "ko")])
def test_a_service_speaks_to_a_person_in_the_language_they_spoke(spoken: str | None, told: str) -> None:
    notes = {} if spoken is None else {"language": spoken}
    assert language_of(judgement(notes=notes), Language.KOREAN) == told


def test_a_desk_that_measures_nobody_says_nothing(timeline: Timeline, tmp_path: Path) -> None:
    assert feedback_of(Analysis(timeline, judgement(metrics=())), settings(tmp_path), Language.ENGLISH) is None


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"insight_provider": "openai"}, "insight.no_key"),
        ({"insight_provider": "openai_compatible", "insight_model": "m"}, "insight.no_base_url"),
        (
            {
                "insight_provider": "openai_compatible", "insight_model": "m", "insight_usd_per_million_in": 1,
                "insight_base_url": "http://127.0.0.1:9/v1",
            },
            "service.half_a_price",
        ),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_told_and_stop_nothing(
    timeline: Timeline, tmp_path: Path, given: dict[str, Any], key: str
) -> None:
    found = feedback_of(Analysis(timeline, judgement()), settings(tmp_path, **given), Language.ENGLISH)
    assert found is not None
    assert found.source == "templates"
    assert found.note is not None
    assert found.note.key == key


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interview desk that finds `GAZE` whatever is there."""
    desk = type(desks()["interview"].read(Brief()))
    monkeypatch.setattr(desk, "judge", lambda self, timeline: judgement(notes={"policy": "self_practice"}))
    monkeypatch.setattr(desk, "meters", lambda self, installed, /: {"pictures": {}, "thumbs": {}})


def run(folder: Path, server: LlmServer, **given: Any) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """An analysis with that model, the ledger, and what was spent."""
    about = {
        "insight_provider": "openai_compatible", "insight_model": "local", "insight_base_url": f"{server.url}/v1",
        "insight_usd_per_million_in": 2, "insight_usd_per_million_out": 10,
    } | given  # fmt: skip
    with running.running(running.settings_for(folder, **about)) as service:
        person = service.person("owner@example.org", is_admin=True)
        with service.http(person.token) as http, service.client(person) as client:
            video = client.upload(make_clip(folder / "talk.mp4", 50, range(5)))
            made = http.post("/api/v1/analyses", json={"video_id": video.id, "desk": "interview"}).json()
            found = waited(http, made["id"])
            again = http.post(f"/api/v1/analyses/{made['id']}/judgement", json={"template": "legacy_compat"})
            assert again.status_code == 200, again.text
            assert http.get(f"/api/v1/analyses/{made['id']}").json()["feedback"] == found["feedback"]
            ledger = http.get(f"/api/v1/workspaces/{person.workspace_id}/spending").json()["items"]
            return found, ledger, http.get("/api/v1/system/spending").json()


@pytest.mark.usefixtures("asked")
def test_a_model_is_asked_and_every_request_is_in_the_ledger(tmp_path: Path) -> None:
    with llm_server(*[Says(SAYS)] * 3) as server:
        found, ledger, spent = run(tmp_path, server)
    assert found["state"] == "done", found["error"]
    assert found["feedback"]["source"] == "model", found["feedback"]["note"]
    claims = found["feedback"]["claims"]
    assert [claim["topic"] for claim in claims] == [str(Topic.SUMMARY)]
    assert ledger[0]["analysis_id"] == found["id"]
    assert {line["state"] for line in ledger} == {"settled"}
    assert spent["day"]["usd"] == pytest.approx(sum(line["usd"] for line in ledger))
    assert spent["day"]["usd"] == pytest.approx(len(ledger) * (1000 * 2 + 200 * 10) / 1e6)


@pytest.mark.usefixtures("asked")
def test_a_model_that_fails_costs_no_analysis(tmp_path: Path) -> None:
    with llm_server(*[Fails(500)] * 8) as server:
        found, _, _ = run(tmp_path, server)
    assert found["state"] == "done"
    assert found["feedback"]["source"] == "templates"
    assert found["feedback"]["claims"]
    assert found["feedback"]["note"]["key"].startswith("insight.")


@pytest.mark.usefixtures("asked")
def test_what_the_budget_does_not_allow_is_not_asked(tmp_path: Path) -> None:
    with llm_server(Says(SAYS)) as server:
        found, ledger, spent = run(tmp_path, server, insight_usd_per_day=0.0001)
        assert server.asked == []
    assert found["feedback"]["source"] == "templates"
    assert ledger == []
    assert spent["day"] == {"usd": 0.0, "tokens": 0}
