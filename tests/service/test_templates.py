"""Templates and rubrics as a page shows, checks and changes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.running import Person, Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.desks.desk import desks
from sightline.desks.interview.rubric import shipped_text
from sightline.desks.qc.check import checks


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("templates"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


@pytest.fixture(scope="module")
def done(service: Service, mina: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    with service.client(mina) as client:
        clip = make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", 125, range(25, 100))
        return client.analyze(clip, template="ebu-r128").id


def _checks(resolved: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["id"]: check for check in resolved["checks"]}


def _values(check: dict[str, Any]) -> dict[str, Any]:
    return {parameter["name"]: parameter["value"] for parameter in check["parameters"]}


def test_a_template_tells_its_text_and_all_it_says_with_what_it_extends(http: httpx.Client) -> None:
    shown = http.get("/api/v1/templates/ebu-r128").json()
    assert (shown["extends"], shown["is_shipped"], shown["title"]["en"]) == ("default", True, "EBU R 128")
    assert shown["source"].startswith('extends = "default"')
    every = _checks(shown["resolved"])
    assert list(every) == list(checks())
    loudness = every["A1"]
    assert (loudness["state"], loudness["group"], loudness["name"]["en"]) == ("fail", "audio", "Integrated loudness")
    assert _values(loudness)["target_lufs"] == -23.0
    target = next(one for one in loudness["parameters"] if one["name"] == "target_lufs")
    assert (target["kind"], target["unit"], target["default"]) == ("number", "lufs", None)
    gate = next(one for one in loudness["parameters"] if one["name"] == "gate")
    assert (gate["kind"], gate["choices"]) == ("text", ["programme", "dialogue"])
    kinds = {one["name"]: one["kind"] for check in every.values() for one in check["parameters"]}
    assert (kinds["containers"], kinds["faststart"], kinds["min_mbps"]) == ("list", "bool", "table")
    assert every["F1"]["state"] == "off" or every["F1"]["parameters"]


@pytest.mark.parametrize("desk", list(desks()))
def test_every_template_and_rubric_that_comes_along_can_be_looked_at_and_is_valid(
    http: httpx.Client, desk: str
) -> None:
    for name in desks()[desk].names():
        shown = http.get(f"/api/v1/templates/{name}", params={"desk": desk}).json()
        told = http.post("/api/v1/templates/check", json={"desk": desk, "source": shown["source"]}).json()
        assert (told["is_valid"], told["problems"]) == (True, []), name
        assert told["resolved"]["scores"] == shown["resolved"]["scores"]
        for check, again in zip(shown["resolved"]["checks"], told["resolved"]["checks"], strict=True):
            assert {**check, "source": None} == {**again, "source": None}


def test_a_rubric_lays_open_its_scores(http: httpx.Client) -> None:
    shown = http.get("/api/v1/templates/default", params={"desk": "interview"}).json()
    gaze = next(score for score in shown["resolved"]["scores"] if score["id"] == "gaze")
    assert (gaze["most"], gaze["bands"][0]) == (100, {"id": "excellent", "least": 80})
    first = gaze["terms"][0]
    assert (first["id"], first["weight"], first["metric"]) == ("on_camera", 0.5, "on_camera_share")
    assert first["formula"] == "rising(0.2, 0.6)"
    assert (shown["extends"], shown["resolved"]["checks"]) == (None, [])


@pytest.mark.parametrize(
    ("source", "code", "where", "line"),
    [
        ("extends = ", "qc.template_not_toml", None, 1),
        ('extends = "nothing"\n', "qc.template_unknown", "extends", 1),
        ('extends = "default"\n\n[checks.A1]\ntarget_lufs = "loud"\n', "qc.template_value", "checks.A1.target_lufs", 4),
        ('extends = "default"\n[checks.A1]\nstate = "maybe"\n', "qc.template_value", "checks.A1.state", 3),
        ('extends = "default"\n[checks.Z9]\n', "qc.template_unknown_key", "checks.Z9", 2),
        ('[checks]\nA1.target = -3\n', "qc.template_unknown_key", "checks.A1.target", 2),
        ('[[rules]]\nkind = "black"\nlabel = "tail"\nto = "eat"\n', "qc.template_value", "rules.0.to", 4),
        ("[checks.A1]\ntarget_lufs = -3.0\n", "qc.template_no_state", "checks.A1", 1),
    ],
)  # fmt: skip
def test_a_mistake_in_a_template_is_told_with_its_line(
    http: httpx.Client, source: str, code: str, where: str | None, line: int | None
) -> None:
    told = http.post("/api/v1/templates/check", json={"source": source}).json()
    assert (told["is_valid"], told["resolved"]) == (False, None)
    (problem,) = told["problems"]
    assert (problem["code"], problem["where"], problem["line"]) == (code, where, line)
    assert problem["message"]["ko"] != problem["message"]["en"]


def test_a_mistake_in_a_rubric_is_told_with_its_line(http: httpx.Client) -> None:
    whole = shipped_text("default")
    number = next(at for at, line in enumerate(whole.split("\n"), 1) if "rising(0.20, 0.60)" in line)
    for before, after, line in (
        ("version: 1", "version: [", None),
        ("formula: rising(0.20, 0.60)", "formula: climbing(1)", number),
        ("metric: on_camera_share", "metric: charm", number - 1),
        ("most: 60", "most: lots", 15),
    ):
        assert before in whole
        broken = whole.replace(before, after, 1)
        told = http.post("/api/v1/templates/check", json={"desk": "interview", "source": broken}).json()
        (problem,) = told["problems"]
        assert problem["line"] is not None
        if line is not None:
            assert problem["line"] == line, (after, problem)


@pytest.mark.parametrize("source", ["[" * 100_000, "a = [" * 20_000, "k." * 60 + "k = 1", "\x7f", "[a]\n" * 50_000])
def test_no_text_brings_the_check_down(http: httpx.Client, source: str) -> None:
    for desk in ("qc", "interview"):
        answer = http.post("/api/v1/templates/check", json={"desk": desk, "source": source})
        assert answer.status_code == 200
        assert not answer.json()["is_valid"]


@pytest.mark.parametrize("line", ["[" + " " * 998 + "x", "a" + " " * 998 + "x", "[" * 999])
def test_no_text_makes_looking_for_the_line_of_a_mistake_slow(http: httpx.Client, line: str) -> None:
    source = '[checks.Z9]\ntext = """\n' + f"{line}\n" * 190 + '"""\n'
    began = time.process_time()
    told = http.post("/api/v1/templates/check", json={"source": source}).json()
    assert [(problem["where"], problem["line"]) for problem in told["problems"]] == [("checks.Z9", 1)]
    assert time.process_time() - began < 5


def test_one_threshold_is_changed_over_a_template_of_ones_own(http: httpx.Client, done: str) -> None:
    house = 'extends = "ebu-r128"\n[title]\nko = "우리"\n[checks.V1]\nstate = "off"\n'
    house += '[[rules]]\nkind = "black"\nlabel = "tail"\nto = "info"\n'
    assert http.put("/api/v1/templates/house", json={"source": house}).status_code == 200
    changed = 'extends = "house"\n[checks.A1]\ntarget_lufs = -24.0\n'
    asked = {"template": "house", "template_source": changed, "keep": False}
    judged = http.post(f"/api/v1/analyses/{done}/judgement", json=asked).json()["judgement"]
    states = {check["id"]: check for check in judged["checks"]}
    assert "V1" not in states
    assert "-24" in states["A1"]["threshold"]
    # The document of the threshold that was replaced is not told of the new one.
    assert "EBU" not in (states["A1"]["source"] or "")
    # What is kept builds on nothing that may change or go.
    assert http.put("/api/v1/templates/ours", json={"source": changed}).status_code == 200
    assert http.delete("/api/v1/templates/house").status_code == 204
    ours = http.get("/api/v1/templates/ours").json()
    assert (ours["extends"], ours["title"]["ko"]) == ("ebu-r128", "우리")
    assert _values(_checks(ours["resolved"])["A1"])["target_lufs"] == -24.0
    gone = http.post(f"/api/v1/analyses/{done}/judgement", json=asked)
    assert (gone.status_code, gone.json()["code"]) == (422, "qc.template_unknown")


def test_one_threshold_is_changed_over_a_shipped_template_and_in_a_rubric(http: httpx.Client, done: str) -> None:
    changed = 'extends = "netflix"\n[checks.A3]\nmax_true_peak_dbtp = -90.0\n'
    told = http.post(f"/api/v1/analyses/{done}/judgement", json={"template_source": changed, "keep": False}).json()
    peak = next(check for check in told["judgement"]["checks"] if check["id"] == "A3")
    assert "-90" in peak["threshold"]
    rubric = shipped_text("default").replace("rising(0.20, 0.60)", "rising(0.10, 0.90)")
    shown = http.post("/api/v1/templates/check", json={"desk": "interview", "source": rubric}).json()
    formulas = [term["formula"] for score in shown["resolved"]["scores"] for term in score["terms"]]
    assert "rising(0.1, 0.9)" in formulas


def test_a_template_of_another_workspace_can_be_neither_seen_nor_built_on(service: Service, http: httpx.Client) -> None:
    http.put("/api/v1/templates/secret-house", json={"source": 'extends = "default"\n'})
    with service.http(service.person("other@example.org").token) as stranger:
        assert stranger.get("/api/v1/templates/secret-house").status_code == 404
        asked = {"source": 'extends = "secret-house"\n'}
        (problem,) = stranger.post("/api/v1/templates/check", json=asked).json()["problems"]
        assert problem["code"] == "qc.template_unknown"


def test_of_two_who_change_a_template_at_once_the_second_is_told(http: httpx.Client) -> None:
    first = http.put("/api/v1/templates/shared", json={"source": 'extends = "default"\n', "is_new": True}).json()
    again = http.put("/api/v1/templates/shared", json={"source": 'extends = "dpp"\n', "is_new": True})
    assert (again.status_code, again.json()["code"]) == (409, "library.template_taken")
    seen = {"seen": first["updated_at"]}
    theirs = http.put("/api/v1/templates/shared", json={"source": 'extends = "netflix"\n', **seen})
    assert theirs.status_code == 200
    mine = http.put("/api/v1/templates/shared", json={"source": 'extends = "dpp"\n', **seen})
    assert (mine.status_code, mine.json()["code"]) == (409, "library.template_changed")
    assert http.get("/api/v1/templates/shared").json()["source"] == 'extends = "netflix"\n'
    told = {"seen": theirs.json()["updated_at"]}
    assert http.put("/api/v1/templates/shared", json={"source": 'extends = "dpp"\n', **told}).status_code == 200
    assert http.delete("/api/v1/templates/shared").status_code == 204
    gone = http.put("/api/v1/templates/shared", json={"source": 'extends = "dpp"\n', **told})
    assert gone.status_code == 409
