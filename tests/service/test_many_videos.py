"""Kept searches, the same for many videos, and two analyses side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.running import Person, Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.library.actor import Role, Scope
from sightline.service.comparing import _gravest, _only
from sightline.service.saved_searches import MOST


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("many"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    return [make_clip(folder / f"{number}.mp4", 30 + number, range(5, 20)) for number in range(3)]


@pytest.fixture
def videos(service: Service, mina: Person, clips: list[Path]) -> list[str]:
    with service.client(mina) as client:
        return [client.upload(clip).id for clip in clips]


def _bulk(http: httpx.Client, videos: list[str], action: str, *tags: str) -> dict[str, Any]:
    answer = http.post("/api/v1/videos/bulk", json={"video_ids": videos, "action": action, "tags": list(tags)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _tags(http: httpx.Client, video: str) -> list[str]:
    found: list[str] = http.get(f"/api/v1/videos/{video}").json()["tags"]
    return found


def test_tags_come_and_go_on_many_videos(http: httpx.Client, videos: list[str]) -> None:
    http.patch(f"/api/v1/videos/{videos[0]}", json={"tags": ["old"]})
    assert _bulk(http, [*videos, videos[0]], "add_tags", "봄", " 봄 ", "new") == {"done": videos, "failed": []}
    assert [_tags(http, video) for video in videos] == [["new", "old", "봄"], ["new", "봄"], ["new", "봄"]]
    assert http.get("/api/v1/videos", params={"q": "봄"}).json()["total"] == 3
    _bulk(http, videos[:2], "remove_tags", "봄", "old", "never")
    assert [_tags(http, video) for video in videos] == [["new"], ["new"], ["new", "봄"]]


def test_what_cannot_be_done_to_one_is_told_and_stops_no_other(
    service: Service, http: httpx.Client, videos: list[str], clips: list[Path]
) -> None:
    stranger = service.person("stranger@example.org")
    with service.client(stranger) as client:
        foreign = client.upload(clips[0]).id
    http.patch(f"/api/v1/videos/{videos[1]}", json={"tags": [f"t{number}" for number in range(50)]})
    found = _bulk(http, [foreign, *videos, "f" * 32], "add_tags", "more")
    assert found["done"] == [videos[0], videos[2]]
    assert [(each["id"], each["code"]) for each in found["failed"]] == [
        (foreign, "library.not_found"), (videos[1], "library.bad_tags"), ("f" * 32, "library.not_found"),
    ]  # fmt: skip
    assert all(set(each["message"]) == {"en", "ko"} for each in found["failed"])
    found = _bulk(http, [foreign, videos[2]], "remove")
    assert found["done"] == [videos[2]]
    assert http.get(f"/api/v1/videos/{videos[2]}").status_code == 404
    with service.http(stranger.token) as theirs:
        assert theirs.get(f"/api/v1/videos/{foreign}").json()["tags"] == []


def test_a_bulk_that_says_nothing_is_refused(service: Service, http: httpx.Client, videos: list[str]) -> None:
    for body in (
        {"video_ids": [], "action": "remove"},
        {"video_ids": ["a"] * 501, "action": "remove"},
        {"video_ids": videos, "action": "burn"},
        {"video_ids": videos, "action": "add_tags", "tags": []},
        {"video_ids": videos, "action": "add_tags", "tags": [" "]},
    ):
        assert 400 <= http.post("/api/v1/videos/bulk", json=body).status_code < 500, body
    viewer = service.person("viewer@example.org")
    service.join(
        Person("", http.get("/api/v1/workspaces").json()["items"][0]["id"], ""), "viewer@example.org", Role.VIEWER
    )
    with service.http(viewer.token) as looking:
        (failed,) = _bulk(looking, videos[:1], "remove")["failed"]
        assert failed["code"] == "access.role_too_low"


def test_a_search_is_kept_for_oneself_alone(service: Service, mina: Person, http: httpx.Client) -> None:
    query = {"q": "봄", "tag": ["a", "b"]}
    made = http.post("/api/v1/saved-searches", json={"name": " 봄\u0007 ", "query": query})
    assert made.status_code == 201, made.text
    kept = made.json()
    assert (kept["name"], kept["query"], kept["workspace_id"]) == ("봄", query, mina.workspace_id)
    at = f"/api/v1/saved-searches/{kept['id']}"
    changed = http.patch(at, json={"query": {"verdict": "fail"}}).json()
    assert changed == kept | {"query": {"verdict": "fail"}}
    assert http.get("/api/v1/saved-searches", params={"workspace_id": mina.workspace_id}).json()["items"] == [changed]
    colleague = service.person("colleague@example.org")
    service.join(mina, "colleague@example.org", Role.OWNER)
    with service.http(colleague.token) as theirs:
        assert theirs.get("/api/v1/saved-searches").json()["items"] == []
        assert theirs.patch(at, json={"name": "x"}).status_code == 404
        assert theirs.delete(at).status_code == 404
    with service.http(service.token(mina.id, Scope.READ)) as reading:
        assert reading.post("/api/v1/saved-searches", json={"name": "n", "query": {}}).status_code == 403
        assert reading.delete(at).status_code == 403
    assert http.delete(at).status_code == 204
    assert http.get("/api/v1/saved-searches").json()["items"] == []


def test_kept_searches_are_short_and_few(service: Service) -> None:
    person = service.person("keeper@example.org")
    with service.http(person.token) as http:
        long = {"a" * number: ["x" * 190] * 10 for number in range(1, 4)}
        assert http.post("/api/v1/saved-searches", json={"name": "n", "query": long}).status_code == 422
        assert http.post("/api/v1/saved-searches", json={"name": " ", "query": {}}).status_code == 422
        assert http.post("/api/v1/saved-searches", json={"name": "n", "query": {"q": {"a": 1}}}).status_code == 422
        for number in range(MOST):
            assert http.post("/api/v1/saved-searches", json={"name": f"{number}", "query": {}}).status_code == 201
        assert http.post("/api/v1/saved-searches", json={"name": "one more", "query": {}}).status_code == 413


def test_two_analyses_are_laid_side_by_side(
    service: Service, mina: Person, http: httpx.Client, videos: list[str]
) -> None:
    with service.client(mina) as client:
        first, second = (
            client.wait(client.create_analysis(videos[0], template=name).id).id for name in ("default", "netflix")
        )
    strict = 'extends = "default"\n[checks.A1]\ntarget_lufs = -3.0\n'
    http.post(
        f"/api/v1/analyses/{second}/judgement", json={"template": "own", "template_source": strict}
    ).raise_for_status()
    same = http.get(f"/api/v1/analyses/{first}/compare", params={"with": first}).json()
    assert (same["events"]["only_a"], same["events"]["only_b"]) == ([], [])
    assert same["events"]["both"] == http.get(f"/api/v1/analyses/{first}/events").json()["total"] > 0
    assert all(check["a"] == check["b"] and check["a_value"] == check["b_value"] for check in same["checks"])
    found = http.get(f"/api/v1/analyses/{first}/compare", params={"with": second}).json()
    judged = [
        {check["id"]: check for check in http.get(f"/api/v1/analyses/{each}").json()["judgement"]["checks"]}
        for each in (first, second)
    ]
    assert (found["a"], found["b"], found["scores"]) == (first, second, [])
    assert {check["id"]: (check["a"], check["b"]) for check in found["checks"]} == {
        name: tuple(each[name]["state"] for each in judged) for name in judged[0]
    }
    assert (found["events"]["only_a_count"], found["events"]["only_b_count"]) == (
        len(found["events"]["only_a"]), len(found["events"]["only_b"]),
    )  # fmt: skip
    assert http.get(f"/api/v1/analyses/{first}/compare", params={"with": "f" * 32}).status_code == 404
    assert http.get(f"/api/v1/analyses/{first}/compare").status_code == 422


def test_of_what_only_one_found_so_much_is_told_as_is_asked_for(
    service: Service, mina: Person, http: httpx.Client, videos: list[str]
) -> None:
    blind = 'extends = "archive"\n' + "".join(
        f"[detectors.{name}]\nmin_duration_s = 60.0\n" for name in ("black", "silence", "freeze", "single_colour")
    )
    with service.client(mina) as client:
        first, second = (client.wait(client.create_analysis(videos[0]).id).id for _ in range(2))
    again = {"template": "blind", "template_source": blind}
    http.post(f"/api/v1/analyses/{second}/judgement", json=again).raise_for_status()

    def only_a(**asked: int) -> tuple[list[dict[str, Any]], int]:
        answer = http.get(f"/api/v1/analyses/{first}/compare", params={"with": second, **asked})
        events = answer.raise_for_status().json()["events"]
        return events["only_a"], events["only_a_count"]

    every, count = only_a()
    assert len(every) == count > 1
    (gravest,), still = only_a(limit=1)
    assert still == count
    assert gravest in every
    for wrong in (0, 1001):
        asked = {"with": second, "limit": wrong}
        assert http.get(f"/api/v1/analyses/{first}/compare", params=asked).status_code == 422


def test_analyses_of_two_workspaces_are_not_compared(
    service: Service, mina: Person, http: httpx.Client, videos: list[str], clips: list[Path]
) -> None:
    with service.client(mina) as client:
        here = client.wait(client.create_analysis(videos[0]).id).id
    other = http.post("/api/v1/workspaces", json={"name": "Other"}).json()["id"]
    with clips[1].open("rb") as file:
        video = http.post("/api/v1/videos", data={"workspace_id": other}, files={"file": file}).json()["id"]
    with service.client(mina) as client:
        there = client.wait(client.create_analysis(video).id).id
    answer = http.get(f"/api/v1/analyses/{here}/compare", params={"with": there})
    assert (answer.status_code, answer.json()["code"]) == (422, "library.other_workspace")


def _event(kind: str, start_s: float, end_s: float) -> dict[str, Any]:
    return {"kind": kind, "start_s": start_s, "end_s": end_s}


def test_events_of_a_kind_that_overlap_are_the_same() -> None:
    others = [_event("black", 1, 3), _event("black", 2, 6), _event("cut", 9, 9), _event("freeze", 0, 100)]
    these = [
        _event("black", 5, 7), _event("black", 6, 7), _event("black", 0, 1), _event("black", 0, 10),
        _event("cut", 9, 9), _event("cut", 8, 8.5), _event("silence", 2, 3),
    ]  # fmt: skip
    assert _only(these, others) == (these[1], these[2], these[5], these[6])


def test_of_too_many_events_the_gravest_are_told_in_their_order() -> None:
    weights = ("info", "error", "warning", "error", "info", "warning")
    events = [_event("black", n, n + 1) | {"severity": weight} for n, weight in enumerate(weights)]
    assert _gravest(events, 3) == (events[1], events[2], events[3])
    assert _gravest(events, 5) == (*events[:4], events[5])
    assert _gravest(events, 9) == tuple(events)
