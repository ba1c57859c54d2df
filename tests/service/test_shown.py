"""What a player shows of an analysis: sprite, kept pictures, shots, words, curves; and who may see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import httpx
import numpy as np
import pytest
from tests.running import Person, Service, running, settings_for

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.service import bundles
from sightline.service.bundles import prefix_of
from sightline.service.sample import PLANTED
from sightline.timeline.bundle import read_bundle
from sightline.timeline.columns import Column, Columns
from sightline.timeline.parquet import write_columns


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("shown"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture(scope="module")
def done(service: Service, mina: Person) -> tuple[str, str]:
    """The sample's video and an analysis of it that is done."""
    return _sample(service, mina)


def _sample(service: Service, person: Person) -> tuple[str, str]:
    with service.client(person) as client, service.http(person.token) as http:
        answer = http.post("/api/v1/videos/sample", json={}, timeout=300)
        assert answer.status_code == 201, answer.text
        analysis = client.wait(answer.json()["analyses"][0]["id"])
        assert analysis.state == "done"
        _wait_for_copy(http, analysis.video_id)
        return analysis.video_id, analysis.id


def _wait_for_copy(http: httpx.Client, video: str) -> None:
    """No browser plays the sample: its copy is made without being asked for."""
    deadline = time.monotonic() + 120
    while (state := http.get(f"/api/v1/videos/{video}").json()["preview"]) != "ready":
        assert state in ("queued", "running")
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


def _opened(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    assert "max-age" in answer.headers["cache-control"]
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


def test_the_tiles_of_a_sprite_show_the_moments_it_says(http: httpx.Client, done: tuple[str, str]) -> None:
    video, _ = done
    told = http.get(f"/api/v1/videos/{video}/sprite").json()
    sheet = _opened(http.get(f"/api/v1/videos/{video}/sprite.jpg"))
    assert (told["tile_width"], told["tile_height"]) == (160, 90)
    assert 50 < len(told["times_s"]) <= 100
    assert told["times_s"] == sorted(told["times_s"])
    assert sheet.shape[:2] == (told["rows"] * 90, told["columns"] * 160)
    levels = []
    for number in range(len(told["times_s"])):
        y, x = number // told["columns"] * 90, number % told["columns"] * 160
        levels.append(sheet[y : y + 90, x : x + 160].mean())
    black = [planted for planted in PLANTED if planted.kind == "black" and planted.last < 1200]
    for planted in black:
        inside = [
            level for level, time_s in zip(levels, told["times_s"], strict=True)
            if planted.first / 25 <= time_s < planted.last / 25
        ]  # fmt: skip
        assert inside
        assert max(inside) < 20
    assert max(levels) > 80


def test_every_kept_picture_is_on_a_sheet(http: httpx.Client, done: tuple[str, str]) -> None:
    _, analysis = done
    told = http.get(f"/api/v1/analyses/{analysis}/thumbs").json()
    assert told["sheets"] == -(-len(told["items"]) // told["per_sheet"]) >= 2
    assert {item["reason"] for item in told["items"]} == {"period", "change"}
    heights = []
    for number in range(told["sheets"]):
        sheet = _opened(http.get(f"/api/v1/analyses/{analysis}/thumbs/{number}"))
        assert sheet.shape[1] == told["columns"] * told["tile_width"]
        heights.append(sheet.shape[0] // told["tile_height"])
    on_last = len(told["items"]) - (told["sheets"] - 1) * told["per_sheet"]
    assert heights == [10] * (told["sheets"] - 1) + [-(-on_last // told["columns"])]
    assert http.get(f"/api/v1/analyses/{analysis}/thumbs/{told['sheets']}").status_code == 404


def test_shots_end_at_the_transitions_that_were_planted(http: httpx.Client, done: tuple[str, str]) -> None:
    _, analysis = done
    found = http.get(f"/api/v1/analyses/{analysis}/shots").json()
    assert found["reason"] is None
    shots = found["items"]
    assert [shot["start_s"] for shot in shots] == sorted(shot["start_s"] for shot in shots)
    assert shots[0]["start_frame"] == 0
    assert shots[-1]["end_frame"] == 1275
    assert shots[-1]["ends_with"] == "end"
    ends = {shot["end_frame"]: shot["ends_with"] for shot in shots}
    assert {200: "cut", 500: "cut", 850: "cut"}.items() <= ends.items()
    assert {"dissolve", "wipe", "fade"} <= set(ends.values())
    for shot in shots:
        assert float(Fraction(shot["start"])) == pytest.approx(shot["start_s"])


def test_curves_are_those_of_single_signals_and_the_unknown_are_left_out(
    http: httpx.Client, done: tuple[str, str]
) -> None:
    _, analysis = done
    names = ["loudness.momentary", "levels.y_mean", "nothing.at_all", "levels.nothing", "thumbs.jpeg", "levels.y_mean"]
    asked: dict[str, Any] = {"start_s": 3, "end_s": 20, "points": 50}
    found = http.get(f"/api/v1/analyses/{analysis}/curves", params={"name": names, **asked}).json()["items"]
    assert [curve["name"] for curve in found] == ["loudness.momentary", "levels.y_mean"]
    for curve in found:
        assert curve == http.get(f"/api/v1/analyses/{analysis}/signals/{curve['name']}", params=asked).json()
        assert len(curve["time_s"]) == 50
    many = http.get(f"/api/v1/analyses/{analysis}/curves", params={"name": [f"a.b{n}" for n in range(41)]})
    assert many.status_code in (400, 422)
    assert http.get(f"/api/v1/analyses/{analysis}/curves").json() == {"items": []}


def test_a_signal_has_a_name_for_people_and_a_range(http: httpx.Client, done: tuple[str, str]) -> None:
    _, analysis = done
    listed = {one["name"]: one for one in http.get(f"/api/v1/analyses/{analysis}/signals").json()["items"]}
    for name in ("levels.y_mean", "loudness.momentary"):
        signal = listed[name]
        assert signal["meter"] == name.partition(".")[0]
        assert signal["label"]["en"]
        assert signal["label"]["ko"] != signal["label"]["en"]
        curve = http.get(f"/api/v1/analyses/{analysis}/signals/{name}", params={"points": 20_000}).json()
        low, high = signal["range"]
        # Silence is an infinite number of decibels below everything, which is no range.
        assert low == pytest.approx(min(value for value in curve["min"] if value is not None), rel=1e-6)
        assert high == pytest.approx(max(value for value in curve["max"] if value is not None), rel=1e-6)


def test_where_nobody_listened_it_is_said_why(http: httpx.Client, done: tuple[str, str]) -> None:
    _, analysis = done
    found = http.get(f"/api/v1/analyses/{analysis}/words").json()
    assert (found["language"], found["items"]) == (None, [])
    assert set(found["reason"]) == {"en", "ko"}


def test_words_have_their_speaker_and_fillers_are_marked(
    service: Service, http: httpx.Client, done: tuple[str, str], tmp_path: Any
) -> None:
    _, analysis = done
    platform, name = service.platform, f"{prefix_of(analysis)}/signals/words.parquet"
    texts, languages = np.empty(3, object), np.empty(3, object)
    texts[:], languages[:] = ["음", "저는", "개발자입니다"], ["ko"] * 3
    ticks = np.array([10, 20, 30], np.int64)
    columns = Columns(
        "words", Fraction(1, 10), ticks, 40,
        (
            Column("until", "ticks", ticks + 10), Column("text", "text", texts),
            Column("probability", "share", np.array([0.5, 0.75, 1.0], np.float32)),
            Column("language", "text", languages), Column("segment", "index", np.zeros(3, np.int32)),
        ),
        {"language": "ko"},
    )  # fmt: skip
    write_columns(columns, tmp_path / "words.parquet")
    folder = platform.bundles.folder(analysis)
    before = (folder / "events.json").read_bytes()
    events = [
        '{"kind": "filler", "start_s": 1.0, "end_s": 2.0, "evidence": {"by": "word"}}',
        '{"kind": "filler", "start_s": 3.0, "end_s": 4.0, "evidence": {"by": "sound"}}',
        '{"kind": "speaker_turn", "start_s": 0.5, "end_s": 3.0, "evidence": {"speaker": 0}}',
    ]
    try:
        platform.blobs.put_bytes(name, (tmp_path / "words.parquet").read_bytes())
        (folder / "events.json").write_text(f"[{', '.join(events)}]")
        platform.cache.forget(("analysis", analysis))
        found = http.get(f"/api/v1/analyses/{analysis}/words").json()
    finally:
        platform.blobs.remove_prefix(name)
        (folder / "events.json").write_bytes(before)
        platform.cache.forget(("analysis", analysis))
    assert (found["language"], found["reason"]) == ("ko", None)
    assert found["items"] == [
        {"text": "음", "start_s": 1.0, "end_s": 2.0, "speaker": "0", "probability": 0.5, "is_filler": True},
        {"text": "저는", "start_s": 2.0, "end_s": 3.0, "speaker": "0", "probability": 0.75, "is_filler": False},
        {"text": "개발자입니다", "start_s": 3.0, "end_s": 4.0, "speaker": None, "probability": 1.0, "is_filler": False},
    ]  # fmt: skip


SEEN = ("thumbs", "thumbs/0", "shots", "words", "curves?name=levels.y_mean", "signals", "events", "picture?at_s=1")


def test_a_share_link_shows_its_analysis_and_nobody_else_sees_it(
    service: Service, http: httpx.Client, done: tuple[str, str]
) -> None:
    video, analysis = done
    _, secret = service.platform.shares.create(SYSTEM, analysis, now() + timedelta(days=1))
    paths = [f"/api/v1/analyses/{analysis}/{what}" for what in SEEN]
    paths += [f"/api/v1/videos/{video}/sprite", f"/api/v1/videos/{video}/sprite.jpg"]
    stranger = service.person("stranger@example.org")
    with service.http(stranger.token) as other, service.http() as shared:
        for path in paths:
            assert http.get(path).status_code == 200, path
            assert shared.get(path, headers={"X-Sightline-Share": secret}).status_code == 200, path
            assert other.get(path).status_code == 404, path
            assert shared.get(path).status_code == 401, path


def test_a_share_link_changes_nothing(service: Service, http: httpx.Client, done: tuple[str, str]) -> None:
    video, analysis = done
    _, secret = service.platform.shares.create(SYSTEM, analysis, now() + timedelta(days=1))
    judgement, review = f"/api/v1/analyses/{analysis}/judgement", f"/api/v1/analyses/{analysis}/review"
    before = http.get(f"/api/v1/analyses/{analysis}").json()
    with service.http() as shared:
        shared.headers["X-Sightline-Share"] = secret
        assert shared.post(judgement, json={"template": "netflix", "keep": False}).status_code == 200
        for path, body in (
            (judgement, {"template": "netflix", "keep": True}),
            (judgement, {"options": {"language": "ko"}, "keep": False}),
            (judgement, {}),
            (review, {"action": "review"}),
            (f"/api/v1/videos/{video}/preview", {}),
            ("/api/v1/videos/bulk", {"video_ids": [video], "action": "add_tags", "tags": ["x"]}),
            ("/api/v1/saved-searches", {"name": "n", "query": {}}),
        ):
            assert shared.post(path, json=body).status_code in (403, 404), path
    assert http.get(f"/api/v1/analyses/{analysis}").json() == before


def test_a_signal_of_a_name_no_file_can_have_is_not_there(http: httpx.Client, done: tuple[str, str]) -> None:
    for name in ("가" * 100 + ".a", "a" * 199, "..a", "../levels.y_mean", ".levels.y_mean"):
        assert http.get(f"/api/v1/analyses/{done[1]}/signals/{quote(name, safe='')}").status_code == 404, name
        assert http.get(f"/api/v1/analyses/{done[1]}/curves", params={"name": name}).json() == {"items": []}, name


def test_those_who_judge_again_at_once_read_the_measurements_once(
    service: Service, done: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def reading(folder: Path) -> Any:
        read.append(folder)
        time.sleep(0.2)
        return read_bundle(folder)

    monkeypatch.setattr(bundles, "read_bundle", reading)
    service.platform.bundles.forget(done[1])
    threads = [threading.Thread(target=service.platform.bundles.timeline, args=(done[1],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 1


def test_a_share_link_leads_to_the_page_of_its_analysis(service: Service, done: tuple[str, str]) -> None:
    _, secret = service.platform.shares.create(SYSTEM, done[1], now() + timedelta(days=1))
    with service.http() as nobody:
        opened = nobody.get("/shared", params={"secret": secret}, follow_redirects=False)
        assert (opened.status_code, opened.headers["location"]) == (303, f"/s/{done[1]}")
        assert nobody.get(f"/api/v1/analyses/{done[1]}/shots?as=share").status_code == 200
        assert nobody.get("/api/v1/videos?as=share").status_code == 403


def test_the_sample_is_one_video_however_often_it_is_asked_for(http: httpx.Client, done: tuple[str, str]) -> None:
    video, analysis = done
    again = http.post("/api/v1/videos/sample", json={"analyze": True}).json()
    assert again["id"] == video
    assert [each["id"] for each in again["analyses"]] == [analysis]
    assert (again["is_playable"], again["preview"]) == (False, "ready")
    (job,) = http.get("/api/v1/jobs", params={"kind": "preview"}).json()["items"]
    assert (job["video_id"], job["state"]) == (video, "done")
    assert http.get("/api/v1/analyses").json()["items"][0]["id"] == analysis


def test_the_sample_is_not_analysed_where_nobody_wants_it(service: Service, done: tuple[str, str]) -> None:
    person = service.person("bare@example.org")
    with service.http(person.token) as http:
        made = http.post("/api/v1/videos/sample", json={"workspace_id": person.workspace_id, "analyze": False})
        assert made.json()["analyses"] == []
        assert made.json()["id"] != done[0]
        foreign = http.post("/api/v1/videos/sample", json={"workspace_id": "f" * 32})
        assert foreign.status_code == 404
        _wait_for_copy(http, made.json()["id"])


def test_an_erased_file_leaves_no_pictures_behind(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    person = service.person("erased@example.org")
    video, analysis = _sample(service, person)
    with service.http(person.token) as http:
        at = {"analyses": analysis, "videos": video}
        kept = (("analyses", "thumbs"), ("analyses", "thumbs/0"), ("videos", "sprite"), ("videos", "sprite.jpg"))
        paths = [f"/api/v1/{noun}/{at[noun]}/{what}" for noun, what in kept]
        paths.append(f"/api/v1/analyses/{analysis}/picture?at_s=1")
        assert [http.get(path).status_code for path in paths] == [200] * 5
        page = f"/api/v1/analyses/{analysis}/reports/html"
        assert "data:image/jpeg" in http.get(page).text
        # What another process keeps of them is not forgotten.
        monkeypatch.setattr(service.platform.cache, "forget", lambda _: 0)
        http.post(f"/api/v1/videos/{video}/erasure", json={"mode": "media_only"}).raise_for_status()
        assert [http.get(path).status_code for path in paths] == [404] * 5
        assert "data:image/jpeg" not in http.get(page).text
