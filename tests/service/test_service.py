"""The service from outside: bring a video in, have it analysed, look at what was found."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import update
from tests import running, services
from tests.running import Person, Service
from tests.service.test_cli import make_clip

from sightline.client import ServiceError
from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.columns import now
from sightline.library.running_tables import RepeatRow
from sightline.report.report import formats


@pytest.fixture(scope="module", params=["sqlite, folder", "postgresql, s3, redis", "mariadb, folder"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The same service by settings alone."""
    folder = tmp_path_factory.mktemp("service")
    kinds = request.param.split(", ")
    url = services.new_database_url(kinds[0], folder)
    given = {"database_url": url}
    with ExitStack() as beside:
        beside.callback(services.drop_database, url)
        if "redis" in kinds:
            given["redis_url"] = services.redis_url()
        if "s3" in kinds:
            given |= beside.enter_context(services.s3_bucket())
        yield beside.enter_context(running.running(running.settings_for(folder, **given)))


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "검은 화면.mp4", 125, range(25, 100))


@pytest.fixture(scope="module")
def done(service: Service, mina: Person, clip: Path) -> str:
    """The id of an analysis that is done."""
    with service.client(mina) as client:
        return client.analyze(clip, template="ebu-r128").id


def test_a_script_gets_a_verdict_with_its_evidence(service: Service, mina: Person, done: str) -> None:
    with service.client(mina) as client:
        analysis = client.analysis(done)
        assert (analysis.state, analysis.verdict) == ("done", "fail")
        assert analysis.findings["black"] >= 1
        assert analysis.checks["fail"] >= 1
        black = client.events(done, "black")
        assert black
        assert all(event.kind == "black" and event.end_s > event.start_s for event in black)
        curve = client.signal(done, "levels.y_mean", points=10)
        assert len(curve.time_s) <= 10
        assert curve.rows > 10


@pytest.mark.parametrize("to", formats())
def test_every_format_is_served(service: Service, mina: Person, done: str, to: str) -> None:
    with service.client(mina) as client:
        assert len(client.report(done, to, language="ko")) > 50


def test_the_same_bytes_are_the_same_video_and_are_measured_once(
    service: Service, mina: Person, done: str, clip: Path
) -> None:
    with service.client(mina) as client:
        before = client.analysis(done)
        again = client.analyze(clip, template="netflix")
        assert again.video_id == before.video_id
    lines = [row for row in _audit(service) if row.subject == f"analysis:{again.id}" and row.action == "analysis.done"]
    assert lines[0].details["decodes"] == 0


def test_two_who_ask_at_once_are_both_answered_by_one_run(service: Service, tmp_path: Path) -> None:
    person = service.person("twice@example.org")
    with service.client(person) as client:
        video = client.upload(make_clip(tmp_path / "twice.mp4", 60, range(20, 40)))
        asked = [client.create_analysis(video.id, template=name) for name in ("default", "netflix", "default")]
        assert [client.wait(one.id).state for one in asked] == ["done"] * 3
    subjects = {f"analysis:{one.id}" for one in asked}
    ended = [row for row in _audit(service) if row.subject in subjects and row.action == "analysis.done"]
    assert sorted(row.details["decodes"] for row in ended) == [0, 0, 1]


def test_judging_again_needs_no_job_and_showing_changes_nothing(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        shown = http.post(f"/api/v1/analyses/{done}/judgement", json={"template": "archive", "keep": False})
        assert shown.status_code == 200
        assert shown.json()["judgement"]["template"] == "archive"
        assert http.get(f"/api/v1/analyses/{done}").json()["revision"] == 1
        waiver = {"check": "V1", "who": "Mina", "why": "agreed"}
        kept = http.post(f"/api/v1/analyses/{done}/judgement", json={"waivers": [waiver]})
        assert kept.json()["analysis"]["revision"] == 2
        checks = {check["id"]: check for check in kept.json()["judgement"]["checks"]}
        assert checks["V1"]["state"] == "waived"
        assert http.get(f"/api/v1/analyses/{done}").json()["judgement"]["checks"] == list(checks.values())


def test_a_signal_comes_as_an_arrow_stream_when_asked(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        answer = http.get(
            f"/api/v1/analyses/{done}/signals/loudness.momentary",
            headers={"Accept": "application/vnd.apache.arrow.stream"},
            params={"points": 5, "start_s": 1, "end_s": 4},
        )
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column_names == ["time_s", "min", "max"]
    assert table.num_rows == 5


def test_every_signal_that_is_listed_can_be_drawn(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        listed = http.get(f"/api/v1/analyses/{done}/signals").json()["items"]
        assert listed
        for signal in listed:
            answer = http.get(f"/api/v1/analyses/{done}/signals/{signal['name']}", params={"points": 5})
            assert answer.status_code == 200, signal


def test_media_come_in_ranges_and_by_links_that_expire(service: Service, mina: Person, done: str, clip: Path) -> None:
    content = clip.read_bytes()
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        part = http.get(f"/api/v1/videos/{video}/media", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, content[10:20])
        assert http.get(f"/api/v1/videos/{video}/media", headers={"Range": "bytes=-5"}).content == content[-5:]
        assert http.get(f"/api/v1/videos/{video}/media", headers={"Range": "bytes=99999999-"}).status_code == 416
        assert http.head(f"/api/v1/videos/{video}/media").headers["content-length"] == str(len(content))
        link = http.post(f"/api/v1/videos/{video}/links").json()["url"]
        thumb = http.get(f"/api/v1/videos/{video}/thumbnail", params={"width": 64})
        assert thumb.content[:2] == b"\xff\xd8"
    with service.http() as nobody:
        assert nobody.get(link).content == content
        if link.startswith("/"):
            # A store checks its own links; the one that stands in for it here does not.
            assert nobody.get(link.replace("expires=1", "expires=2")).status_code == 401
        assert nobody.get(f"/api/v1/videos/{video}/media").status_code == 401
    looks = [row for row in _audit(service) if row.action == "media.read" and row.subject == f"video:{video}"]
    assert {row.actor for row in looks} == {"mina@example.org", "system"}


def test_a_multipart_upload_gives_the_video(service: Service, mina: Person, clip: Path) -> None:
    with service.http(mina.token) as http:
        answer = http.post(
            "/api/v1/videos", data={"tags": "봄,spring", "name": "named.mp4"}, files={"file": clip.open("rb")}
        )
        assert answer.status_code == 201
        broken = http.post("/api/v1/videos", files={"file": ("a.mp4", b"this is no video at all")})
        assert (broken.status_code, broken.json()["code"]) == (422, "errors.media_unreadable")
        assert http.post("/api/v1/videos", files={"other": b"x"}).json()["code"] == "api.no_file_part"
        assert http.post("/api/v1/videos", content=b"x").status_code == 422
    assert not list((service.platform.settings.work / "uploads").iterdir())


def test_videos_are_found_by_name_tag_and_event_in_both_languages(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        changed = http.patch(f"/api/v1/videos/{video}", json={"tags": ["봄맞이 광고", "Spring"]})
        assert changed.json()["tags"] == ["Spring", "봄맞이 광고"]
        for query, matched in (
            ("화면", "name"),
            ("맞이", "tag"),
            ("SPRING", "tag"),
            ("black", "event"),
            ("블랙", "event"),
        ):
            hits = http.get("/api/v1/search", params={"q": query}).json()["items"]
            assert any(hit["video_id"] == video and hit["matched"] == matched for hit in hits), query
        assert http.get("/api/v1/search", params={"q": "100%_"}).json()["items"] == []
        assert http.get("/api/v1/videos", params={"tag": ["Spring", "봄맞이 광고"]}).json()["items"][0]["id"] == video
        assert http.get("/api/v1/videos", params={"q": "화면 없는말"}).json()["items"] == []


def test_lists_come_in_pages_without_repeats(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        assert http.post("/api/v1/analyses", json={"video_id": video}).status_code == 201
        found, cursor = [], None
        while True:
            page = http.get("/api/v1/analyses", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(found) == len(set(found)) >= 2
        assert http.get("/api/v1/analyses", params={"cursor": "nonsense"}).json()["code"] == "library.bad_cursor"


def test_an_idempotency_key_makes_one_analysis_of_many_requests(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        answers = []

        def ask() -> None:
            with service.http(mina.token) as own:
                answers.append(
                    own.post("/api/v1/analyses", json={"video_id": video}, headers={"Idempotency-Key": "key-1"})
                )

        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
        assert len(made) == 1
        assert {answer.status_code for answer in answers} <= {201, 409}
        other = http.post(
            "/api/v1/analyses", json={"video_id": video, "priority": 1}, headers={"Idempotency-Key": "key-1"}
        )
        assert other.json()["code"] == "api.key_reused"


def test_a_request_that_was_cut_off_is_answered_with_what_it_made(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        asked = {"json": {"video_id": video}, "headers": {"Idempotency-Key": "cut off"}}
        made = http.post("/api/v1/analyses", **asked).json()["id"]
        with service.platform.database.write(SYSTEM) as session:
            # As if the process had died before it kept the answer.
            session.execute(update(RepeatRow).values(status=None, body=None, created_at=now() - timedelta(minutes=1)))
        assert http.post("/api/v1/analyses", **asked).json()["id"] == made
        with service.client(mina) as client:
            client.wait(made)


def test_nobody_sees_what_is_not_his(service: Service, mina: Person, done: str) -> None:
    other = service.person("jun@example.org")
    with service.http(mina.token) as mine, service.http(other.token) as theirs:
        video = mine.get(f"/api/v1/analyses/{done}").json()["video_id"]
        for path in (f"/analyses/{done}", f"/videos/{video}", f"/videos/{video}/media", f"/analyses/{done}/events"):
            assert theirs.get(f"/api/v1{path}").status_code == 404, path
        assert theirs.get("/api/v1/videos").json()["items"] == []
        assert theirs.get("/api/v1/search", params={"q": "화면"}).json()["items"] == []
        assert theirs.post("/api/v1/analyses", json={"video_id": video}).status_code == 404
        service.join(mina, "jun@example.org", Role.VIEWER)
        assert theirs.get(f"/api/v1/analyses/{done}").status_code == 200
        assert theirs.post("/api/v1/analyses", json={"video_id": video}).status_code == 403
        assert theirs.delete(f"/api/v1/videos/{video}").status_code == 403
    with service.http(service.token(mina.id, Scope.READ)) as reader:
        assert reader.get(f"/api/v1/analyses/{done}").status_code == 200
        assert reader.post("/api/v1/analyses", json={"video_id": video}).status_code == 403


def test_changes_are_told_as_they_happen_and_again_after_a_break(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        video = http.get(f"/api/v1/analyses/{done}").json()["video_id"]
        with http.stream("GET", "/api/v1/changes") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 2000"
            http2 = service.http(mina.token)
            http2.patch(f"/api/v1/videos/{video}", json={"tags": ["one"]})
            first = _told(lines)
            assert (first["event"], first["data"]["id"]) == ("change", video)
        http2.patch(f"/api/v1/videos/{video}", json={"tags": ["two"]})
        with http.stream("GET", "/api/v1/changes", headers={"Last-Event-ID": first["id"]}) as stream:
            lines = stream.iter_lines()
            again = _told(lines)
            assert again["data"]["id"] == video
            assert int(again["id"]) > int(first["id"])
        http2.close()


def test_an_own_template_judges_and_a_wrong_one_says_where(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        wrong = http.put("/api/v1/templates/house", json={"source": 'extends = "../../etc/passwd"'})
        assert wrong.status_code == 422
        assert http.put("/api/v1/templates/default", json={"source": ""}).status_code == 409
        assert http.put("/api/v1/templates/house", json={"source": 'extends = "ebu-r128"\n'}).status_code == 200
        names = [item["name"] for item in http.get("/api/v1/templates").json()["items"]]
        assert {"house", "default"} <= set(names)
        judged = http.post(f"/api/v1/analyses/{done}/judgement", json={"template": "house"})
        assert judged.json()["analysis"]["template"] == "house"
        assert http.delete("/api/v1/templates/house").status_code == 204
        again = http.post(f"/api/v1/analyses/{done}/judgement", json={"waivers": []})
        assert again.json()["analysis"]["template"] == "house"


def test_removing_a_video_removes_its_files(service: Service, tmp_path: Path) -> None:
    person = service.person("sora@example.org")
    path = make_clip(tmp_path / "other.mp4", 30, range(5, 8))
    with service.client(person) as client:
        analysis = client.analyze(path)
        blobs, bundle = service.platform.blobs, f"analyses/{analysis.id}.sightline"
        assert f"{bundle}/manifest.json" in {stored.name for stored in blobs.list(bundle)}
        sha256 = client.video(analysis.video_id).sha256
        assert blobs.exists(sha256)
        client.remove_video(analysis.video_id)
        assert not list(blobs.list(bundle))
        assert not blobs.exists(sha256)
        with pytest.raises(ServiceError) as refused:
            client.analysis(analysis.id)
        assert refused.value.status == 404


def test_problems_speak_the_language_that_is_asked_for(service: Service, mina: Person) -> None:
    with service.http(mina.token) as http:
        answer = http.get("/api/v1/videos/none", headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})
        assert answer.headers["content-type"] == "application/problem+json"
        assert "없습니다" in answer.json()["detail"]
        assert answer.json()["code"] == "library.not_found"
        assert answer.json()["request_id"]


def test_the_older_interfaces_answer_in_their_old_shapes(service: Service, mina: Person, done: str, clip: Path) -> None:
    with service.http(mina.token) as http:
        assert http.get("/health").json()["status"] == "healthy"
        assert http.get("/").json()["status"] == "running"
        assert set(http.get("/models/status").json()) == {"models", "loaded"}
        started = http.post("/analyze-video", files={"file": clip.open("rb")}).json()
        assert set(started) >= {"analysis_id", "status"}
        with service.client(mina) as client:
            client.wait(started["analysis_id"])
        old = http.get(f"/analysis/{started['analysis_id']}").json()
        assert old == {
            "analysis_id": started["analysis_id"],
            "status": "completed",
            # Nobody is in this clip: what was not measured is null, and nothing is made up.
            "emotion_analysis": {"interview_score": None, "emotions": None},
            "eye_tracking": {"attention_score": None, "gaze_stability": None, "blink_frequency": None},
        }
        qc = http.get(f"/analysis/{done}").json()
        assert (qc["emotion_analysis"], qc["eye_tracking"]) == (None, None)
        recent = http.get("/analysis/recent", params={"limit": 1}).json()
        assert recent["analyses"][0]["analysis_id"] == started["analysis_id"]
        assert http.get(f"/analysis/{done}/llm-comment").json()["llm_comment"] is None
        body = {"s3_bucket": "b", "s3_key": "k.webm", "user_id": "1", "session_id": "2"}
        assert http.post("/analyze", json=body).json()["code"] == "intake.bucket_refused"
        for page in ("/docs", "/redoc"):
            shown = http.get(page)
            assert "create_analysis" in shown.text
            assert "http://" not in shown.text.replace("http://127.0.0.1", "")


def test_the_system_says_how_it_fares(service: Service, mina: Person, done: str) -> None:
    with service.http(mina.token) as http:
        state = http.get("/api/v1/system").json()
        assert state["counts"]["analyses"] >= 1
        assert state["machine"]["core_percents"]
        assert state["dispatcher"]["is_dispatcher"]
        assert state["cache"]["misses"] >= 1
        assert http.get("/api/v1/system/samples").json()["items"]
        assert http.get("/api/v1/system/alerts").json()["items"] == []
        assert {part["name"] for part in http.get("/readyz").json()["parts"]} >= {"database", "store", "dispatcher"}
        assert http.get("/metrics").status_code == 401
    with service.http() as monitor:
        told = monitor.get("/metrics").text
        assert 'sightline_http_request_seconds_bucket{le="0.005",method="GET",route="/api/v1/' in told
        assert "sightline_dispatch_seconds_count 0.0" not in told
        assert monitor.get("/healthz").json() == {"status": "ok"}


def test_a_file_laid_into_the_watched_folder_is_analysed(tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    with running.running(running.settings_for(tmp_path, watch_dir=folder)) as service:
        person = service.person("watch@example.org")
        make_clip(tmp_path / "made.mp4", 30, range(5, 8)).rename(folder / "laid.mp4")
        with service.client(person) as client:
            deadline = time.monotonic() + 60
            while not (found := list(client.analyses())):
                assert time.monotonic() < deadline, "the file was not taken in"
                time.sleep(0.2)
            assert client.wait(found[0].id).state == "done"
            assert [video.name for video in client.videos()] == ["laid.mp4"]


def _audit(service: Service) -> list[object]:
    from sqlalchemy import select

    from sightline.library.running_tables import AuditRow

    with service.platform.database.read(SYSTEM) as session:
        return list(session.scalars(select(AuditRow)))


def _told(lines: Iterator[str]) -> dict[str, object]:
    import json

    told: dict[str, object] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and told:
            return told
        if name in ("id", "event"):
            told[name] = value
        elif name == "data":
            told["data"] = json.loads(value)
    raise AssertionError("the stream ended")


def test_a_stream_ends_when_its_token_is_revoked(
    service: Service, mina: Person, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sightline.api.routes.changes.BEAT_S", 0.2)
    secret = service.token(mina.id, Scope.READ)
    actor = service.platform.actors.actor_of_token(secret)
    with service.http(secret) as http, http.stream("GET", "/api/v1/changes") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        service.platform.tokens.revoke(SYSTEM, actor.token_id or "")
        assert not any(line.startswith("event") for line in lines)
