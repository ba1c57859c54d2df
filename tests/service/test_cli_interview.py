"""The interview desk in the terminal: what it takes, what it refuses, what it shows and keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests import running
from tests.service.test_cli import SCHEMA, Ran, make_clip

from sightline.service.analysis import beside, open_analysis

CONSENT = """
subject: Kim Mina
purpose: the post of editor
policy: hiring
text: I agree that my recording is analysed.
given_at: 2026-11-01T10:00:00Z
"""


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return make_clip(tmp_path / "talk.mp4", 50)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    from tests.service.test_cli import run

    def invoke(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sightline", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capfd.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, captured.out, captured.err)

    return invoke


def interview(terminal: Callable[..., Ran], *arguments: object) -> Ran:
    return terminal("analyze", *arguments, "--desk", "interview")


def test_a_talk_without_anybody_in_it_gets_no_points_and_says_why(terminal: Callable[..., Ran], talk: Path) -> None:
    ran = interview(terminal, talk)
    assert ran.status == 0, ran.err
    for shown in ("Scores", "Gaze", "Delivery", "policy self_practice", "there is no feedback"):
        assert shown in ran.out, ran.out
    assert "/ 100" not in ran.out
    # One line on what to fetch.
    assert [line for line in ran.err.splitlines() if "sightline models pull interview" in line]
    kept = open_analysis(talk.with_suffix(".sightline"))
    assert kept.verdict is None
    assert kept.feedback is not None
    assert (kept.brief.template, kept.kept) == ("default", {})
    assert b"talk.mp4" in (talk.with_suffix(".sightline") / "report.html").read_bytes()


def test_options_are_kept_and_judging_again_heeds_them(terminal: Callable[..., Ran], talk: Path) -> None:
    questions = talk.with_name("q.yaml")
    questions.write_text("questions:\n- {title: 'Why?', start: 0, end: 1}\n- {title: \"어떻게?\", start: 1, end: 2}\n")
    ran = interview(
        terminal, talk, "--language", "ko", "--questions", questions, "--opt-out", "blink_rate", "--no-feedback"
    )
    assert ran.status == 0, ran.err
    bundle = talk.with_suffix(".sightline")
    kept = open_analysis(bundle)
    assert kept.feedback is None
    assert kept.brief.options["language"] == "ko"
    assert [part.title for part in kept.judgement.parts] == ["Why?", "어떻게?"]
    blinks = kept.judgement.metric("blink_rate")
    assert blinks.value is None
    assert blinks.reason is not None
    again = terminal("judge", bundle, "--rubric", "legacy_compat", "--json")
    assert again.status == 0, again.err
    document = json.loads(again.out)
    assert document["judgement"]["template"] == "legacy_compat"
    assert [part["title"] for part in document["judgement"]["parts"]] == ["Why?", "어떻게?"]


def test_a_policy_that_needs_consent_is_refused_before_anything_is_measured(
    terminal: Callable[..., Ran], talk: Path
) -> None:
    refused = interview(terminal, talk, "--policy", "hiring")
    assert (refused.status, refused.out) == (2, "")
    assert "without having agreed" in refused.err
    assert not talk.with_suffix(".sightline").exists()
    other = talk.with_name("other.yaml")
    other.write_text(CONSENT.replace("hiring", "education"))
    assert interview(terminal, talk, "--policy", "hiring", "--consent", other).status == 2
    assert interview(terminal, talk, "--policy", "hiring", "--consent", talk.with_name("none.yaml")).status == 2


@pytest.mark.parametrize("how", ["file", "name"])
def test_the_consent_is_kept_in_the_bundle(terminal: Callable[..., Ran], talk: Path, how: str) -> None:
    given = talk.with_name("consent.yaml")
    given.write_text(CONSENT)
    told = ("--consent", given) if how == "file" else ("--consent-by", "Kim Mina")
    ran = interview(terminal, talk, "--policy", "hiring", *told)
    assert ran.status == 0, ran.err
    kept = open_analysis(talk.with_suffix(".sightline"))
    record = kept.kept["consent"]
    assert (record["subject"], record["policy"]) == ("Kim Mina", "hiring")
    assert kept.judgement.notes["consent"] == record["text_sha256"]
    assert kept.judgement.notes["policy"] == "hiring"
    # A copy that is judged and kept again still has it.
    assert terminal("judge", talk.with_suffix(".sightline"), "--save").status == 0
    assert open_analysis(talk.with_suffix(".sightline")).kept["consent"] == record


@pytest.mark.parametrize(
    "wrong",
    [
        ("--policy", "nothing"),
        ("--language", "xx"),
        ("--opt-out", "nothing"),
        ("--policy", "hiring", "--emotion", "--consent-by", "Mina"),
        ("--rubric", "nothing"),
        ("--questions", "nowhere.yaml"),
        ("--waivers", "nowhere.yaml"),
    ],
)
def test_what_cannot_be_is_wrong_use(terminal: Callable[..., Ran], talk: Path, wrong: tuple[str, ...]) -> None:
    ran = interview(terminal, talk, *wrong)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err
    assert "Traceback" not in ran.err


def test_options_of_a_person_are_no_options_of_quality_control(terminal: Callable[..., Ran], talk: Path) -> None:
    ran = terminal("analyze", talk, "--policy", "hiring")
    assert ran.status == 2
    assert "--desk" in ran.err


def test_several_talks_are_one_array(terminal: Callable[..., Ran], talk: Path, tmp_path: Path) -> None:
    other = make_clip(tmp_path / "other.mp4", 40)
    ran = interview(terminal, talk, other, tmp_path / "missing.mp4", "--json")
    assert ran.status == 3
    documents = json.loads(ran.out)
    assert len(documents) == 3
    assert documents[2]["schema"] == "sightline.failure/1"
    for document in documents[:2]:
        jsonschema.validate(document, SCHEMA)
        assert document["judgement"]["desk"] == "interview"
        assert document["judgement"]["verdict"] is None


def test_a_page_finds_the_video_only_where_it_lies_near(tmp_path: Path) -> None:
    media = tmp_path / "a b" / "한.mp4"
    assert beside(media, tmp_path / "a b" / "한.sightline") == "../%ED%95%9C.mp4"
    assert beside(media, tmp_path / "out" / "한.sightline") == "../../a%20b/%ED%95%9C.mp4"
    assert beside(media, tmp_path / "a" / "b" / "c" / "d" / "한.sightline") is None


def test_the_same_is_done_by_a_service_elsewhere(terminal: Callable[..., Ran], talk: Path, tmp_path: Path) -> None:
    given = tmp_path / "consent.yaml"
    given.write_text(CONSENT)
    with running.running(running.settings_for(tmp_path)) as service:
        person = service.person("far@example.org")
        from pydantic import SecretStr

        from sightline.cli import remote

        before = remote.SETTINGS
        remote.SETTINGS = before.model_copy(update={"server_token": SecretStr(person.token)})
        try:
            asked = ("--server", service.url, "--policy", "hiring", "--consent", given)
            ran = interview(terminal, talk, *asked)
        finally:
            remote.SETTINGS = before
        assert ran.status == 0, ran.err
        assert "Gaze –" in ran.out
        with service.client(person) as client:
            (analysis,) = client.analyses(desk="interview")
        with service.http(person.token) as http:
            consents = http.get("/api/v1/consents").json()["items"]
            found = http.get(f"/api/v1/analyses/{analysis.id}").json()
    assert [one["subject"] for one in consents] == ["Kim Mina"]
    assert found["consent_id"] == consents[0]["id"]


def test_a_real_talk_is_measured_with_the_weights_that_are_here(
    tmp_path: Path, shared_media: Path, shared_models: Path
) -> None:
    environment = os.environ | {"SIGHTLINE_MODELS": str(shared_models), "SIGHTLINE_LANGUAGE": "ko", "COLUMNS": "160"}
    ran = subprocess.run(
        [sys.executable, "-m", "sightline", "analyze", shared_media / "signing_person.mkv", "--desk", "interview",
         "--out", tmp_path],
        capture_output=True, text=True, env=environment, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    kept = open_analysis(tmp_path / "signing_person.sightline")
    seen = kept.judgement.metric("face_coverage")
    assert seen.value is not None
    assert seen.value > 0.5
    assert "점수" in ran.stdout
    assert "face_landmarker" not in ran.stderr
    assert "pose_landmarker_lite" in ran.stderr
    assert replace(kept, feedback=None).report("json")
