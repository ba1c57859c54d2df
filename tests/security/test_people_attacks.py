"""Attacks on what guards people: purposes changed, consents that no longer hold, what would outlive an erasure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests import running
from tests.running import Person, Service
from tests.service.test_cli import make_clip
from tests.service.test_people_records import LENGTHS, consent, interview, waited

from sightline.desks.review import Action
from sightline.engine.run import measure
from sightline.errors import Conflict, RequestInvalid, Unavailable
from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.assessment_tables import ReceiptRow
from sightline.library.columns import now
from sightline.library.tables import Base, UserRow
from sightline.service import work
from sightline.service.analysis import analyze
from sightline.service.bundles import prefix_of
from sightline.service.reviewing import Told

HIRING = "hiring"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running.running(running.settings_for(tmp_path_factory.mktemp("attacked"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture(scope="module")
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


@pytest.fixture
def video(service: Service, mina: Person, tmp_path: Path) -> str:
    """A video of its own for each test."""
    with service.client(mina) as client:
        return client.upload(make_clip(tmp_path / "talk.mp4", next(LENGTHS), range(10, 15))).id


def judged(http: httpx.Client, analysis: str, keep: bool = True, **options: Any) -> httpx.Response:
    return http.post(f"/api/v1/analyses/{analysis}/judgement", json={"options": options, "keep": keep})


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Measuring that waits: ``begun`` is set once it is at work, ``go`` lets it go on; it hears when it is to stop."""
    begun, go, real = threading.Event(), threading.Event(), measure

    def slow(request: Any, **how: Any) -> Any:
        begun.set()
        deadline = time.monotonic() + 30
        while not go.wait(0.05) and time.monotonic() < deadline:
            how["progress"](_Told())
        return real(request, **how)

    monkeypatch.setattr(work, "measure", slow)
    try:
        yield begun, go
    finally:
        go.set()


class _Told:
    stage, done_s, total_s, speed, left_s = "waiting", 0.0, None, 0.0, None


@pytest.mark.parametrize("keep", [True, False])
def test_the_purpose_is_settled_before_anything_is_measured(http: httpx.Client, video: str, keep: bool) -> None:
    given = consent(http)
    practised = interview(http, video, policy="self_practice", emotion=True)
    refused = judged(http, practised["id"], keep, policy=HIRING, consent=given)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent.other_purpose")
    hired = interview(http, video, policy=HIRING, consent=given)
    for policy in (
        {"policy": "self_practice"},
        {},
        {"policy": "education", "consent": consent(http, policy="education")},
    ):
        refused = judged(http, hired["id"], keep, **policy)
        assert (refused.status_code, refused.json()["code"]) == (409, "consent.other_purpose"), policy
    assert judged(http, hired["id"], keep, policy=HIRING, consent=given, opt_out=["blink_rate"]).status_code == 200


def test_what_a_person_asked_to_leave_out_is_not_brought_back_by_who_may_only_look(
    service: Service, http: httpx.Client, video: str
) -> None:
    found = interview(http, video, opt_out=["speaking_share"])
    share = {"expires_at": (now() + timedelta(days=1)).isoformat()}
    secret = http.post(f"/api/v1/analyses/{found['id']}/shares", json=share).json()["secret"]
    with httpx.Client(base_url=service.url, headers={"X-Sightline-Share": secret}) as shown:
        assert shown.post(f"/api/v1/analyses/{found['id']}/judgement", json={"keep": False}).status_code == 200
        assert judged(shown, found["id"], keep=False, opt_out=[]).status_code == 403


def test_a_withdrawn_consent_is_not_got_around_by_another(http: httpx.Client, video: str) -> None:
    given, other = consent(http), consent(http, subject="Somebody Else")
    found = interview(http, video, policy=HIRING, consent=given)
    http.post(f"/api/v1/consents/{given}/withdrawal").raise_for_status()
    for keep in (True, False):
        refused = judged(http, found["id"], keep, policy=HIRING, consent=other)
        assert refused.json().get("code") == "consent.withdrawn", refused.text


def test_a_consent_withdrawn_while_it_is_measured_stops_the_measuring(
    service: Service, http: httpx.Client, video: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = consent(http)
    with held(monkeypatch) as (begun, _):
        asked = {"video_id": video, "desk": "interview", "options": {"policy": HIRING, "consent": given}}
        made = http.post("/api/v1/analyses", json=asked).json()
        assert begun.wait(20)
        http.post(f"/api/v1/consents/{given}/withdrawal").raise_for_status()
        found = waited(http, made["id"])
    assert found["state"] == "cancelled"
    assert not list(service.platform.blobs.list(prefix_of(made["id"])))
    again = http.post(f"/api/v1/jobs/{found['job']['id']}/retry")
    assert again.status_code == 200
    assert waited(http, made["id"])["error"]["code"] == "consent.withdrawn"


def test_a_consent_of_another_workspace_is_none(service: Service, http: httpx.Client, video: str) -> None:
    stranger = service.person(f"stranger{next(LENGTHS)}@example.org")
    with service.http(stranger.token) as other:
        theirs = consent(other)
        for refused in (
            other.get(f"/api/v1/consents/{consent(http)}"),
            other.post(f"/api/v1/consents/{consent(http)}/withdrawal"),
            other.delete(f"/api/v1/consents/{consent(http)}"),
        ):
            assert refused.status_code == 404
    options = {"policy": HIRING, "consent": theirs}
    for at, asked in (
        ("/api/v1/analyses", {"video_id": video}),
        ("/api/v1/analyses/batch", {"video_ids": [video]}),
    ):
        refused = http.post(at, json={**asked, "desk": "interview", "options": options})
        assert (refused.status_code, refused.json()["code"]) == (422, "consent.unknown")


def test_a_review_of_scores_that_changed_meanwhile_is_refused(
    service: Service, http: httpx.Client, mina: Person, video: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = interview(http, video)
    score = found["judgement"]["scores"][0]["id"]
    platform = service.platform
    real = platform.bundles.scores

    def meanwhile(*which: str) -> Any:
        scores = real(*which)
        assert judged(http, found["id"], opt_out=["blink_rate"]).status_code == 200
        return scores

    monkeypatch.setattr(platform.bundles, "scores", meanwhile)
    with pytest.raises(Conflict) as refused:
        platform.reviews.step(SYSTEM, found["id"], Told(Action.OVERRIDE, "why", score, None, 1.0))
    assert refused.value.message.key == "library.judged_meanwhile"
    assert http.get(f"/api/v1/analyses/{found['id']}/review").json()["steps"] == []


def left(service: Service, *marks: str, but: tuple[str, ...] = ()) -> list[str]:
    """Tables and files of the installation in which one of ``marks`` stands."""
    platform = service.platform
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name not in but:
            with platform.database.read(SYSTEM) as session:
                rows = [str(list(values)) for values in session.execute(select(table))]
            found += [f"{table.name}: {row[:400]}" for row in rows if any(mark in row for mark in marks)]
    for folder in (platform.settings.data_dir, platform.settings.cache_dir):
        for path in folder.rglob("*"):
            # The rows above tell of the database; only names must not be left in its free pages either.
            if not path.is_file() or path.suffix == ".jsonl" or (but and path.name.startswith("sightline.db")):
                continue
            if any(mark in str(path) or mark.encode() in path.read_bytes() for mark in marks):
                found.append(str(path))
    return found


def test_nothing_names_the_person_after_erasure(
    service: Service, http: httpx.Client, mina: Person, tmp_path: Path
) -> None:
    """Not even answers kept for repeating, jobs that were cancelled, or another judgement."""
    content = make_clip(tmp_path / "c.mp4", next(LENGTHS)).read_bytes()
    keyed = {"Idempotency-Key": "of Yuna"}
    name = "Yuna Unmistakable.mp4"
    took = http.post("/api/v1/videos", params={"name": name}, files={"file": (name, content)}, headers=keyed)
    assert took.status_code in (200, 201), took.text
    video = took.json()["id"]
    given = {"subject": "Yuna Unmistakable", "contact": "yuna@example.org", "purpose": "post", "policy": HIRING,
             "text": "Yuna agrees.", "given_at": "2026-11-01T10:00:00Z"}  # fmt: skip
    kept = http.post("/api/v1/consents", json=given, headers=keyed).json()
    found = interview(http, video, policy=HIRING, consent=kept["id"])
    assert judged(http, found["id"], policy=HIRING, consent=kept["id"], opt_out=["blink_rate"]).status_code == 200
    for to in ("html", "json", "csv", "vtt"):
        http.get(f"/api/v1/analyses/{found['id']}/reports/{to}").raise_for_status()
    http.post(
        f"/api/v1/analyses/{found['id']}/contest", json={"text": "Yuna Unmistakable disagrees"}
    ).raise_for_status()
    share = {"expires_at": (now() + timedelta(days=1)).isoformat()}
    http.post(f"/api/v1/analyses/{found['id']}/shares", json=share).raise_for_status()
    receipt = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
    assert receipt["is_complete"], receipt
    assert left(service, "Yuna", "yuna@example.org", kept["id"], but=("audit", "changes")) == []
    assert left(service, "Yuna", "yuna@example.org") == []
    assert left(service, video, found["id"], but=("audit", "changes", "receipts")) == []


def test_what_is_being_measured_is_stopped_before_it_is_erased(
    service: Service, http: httpx.Client, video: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(monkeypatch) as (begun, go):
        made = http.post("/api/v1/analyses", json={"video_id": video, "desk": "interview"}).json()
        waits = http.post("/api/v1/analyses", json={"video_id": video, "desk": "interview"}).json()
        assert begun.wait(20)
        receipt = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
        go.set()
        time.sleep(0.5)
    assert receipt["is_complete"], receipt
    for analysis in (made["id"], waits["id"]):
        assert not list(service.platform.blobs.list(prefix_of(analysis)))
        assert left(service, analysis, but=("audit", "changes", "receipts")) == []


@pytest.mark.parametrize("broken", ["bundles", "elsewhere", "crash"])
def test_an_erasure_that_was_cut_off_is_done_again(
    service: Service, http: httpx.Client, video: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    platform = service.platform
    found = interview(http, video)
    with monkeypatch.context() as patch:
        if broken == "crash":
            patch.setattr(platform.erasure, "_files", _killed)
            with pytest.raises(RuntimeError, match="dies"):
                platform.erasure.erase(SYSTEM, video)
        else:
            if broken == "bundles":
                patch.setattr(platform.bundles, "remove", _gone)
            else:
                patch.setitem(platform.erasure._elsewhere, "records", _gone)
            assert not http.post(f"/api/v1/videos/{video}/erasure", json={}).json()["is_complete"]
    with platform.database.read(SYSTEM) as session:
        (row,) = session.scalars(select(ReceiptRow).where(ReceiptRow.video_id == video)).all()
    assert not row.is_complete
    if broken == "bundles":
        assert list(platform.blobs.list(prefix_of(found["id"])))
    again = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
    assert (again["id"], again["is_complete"], again["document"]["pending"]) == (row.id, True, [])
    assert not list(platform.blobs.list(prefix_of(found["id"])))
    what = [one["what"] for one in again["document"]["removed"]]
    assert what.count("video file") == 1
    assert "bundle files" in what
    assert left(service, found["id"], but=("audit", "changes", "receipts")) == []


def test_erasures_that_were_cut_off_are_finished_without_anybody_asking(
    service: Service, http: httpx.Client, video: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = service.platform
    found = interview(http, video)
    with monkeypatch.context() as patch:
        patch.setattr(platform.bundles, "remove", _gone)
        receipt = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
    assert not receipt["is_complete"]
    # Somebody may be at it at this moment.
    assert platform.erasure.finish_waiting() == 0
    assert platform.erasure.finish_waiting(older_than_s=0) >= 1
    assert http.get(f"/api/v1/receipts/{receipt['id']}").json()["is_complete"]
    assert not list(platform.blobs.list(prefix_of(found["id"])))


def test_nobody_else_finishes_an_erasure(
    service: Service, http: httpx.Client, mina: Person, video: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interview(http, video)
    with monkeypatch.context() as patch:
        patch.setattr(service.platform.bundles, "remove", _gone)
        http.post(f"/api/v1/videos/{video}/erasure", json={}).raise_for_status()
    stranger, viewer = (service.person(f"{who}{next(LENGTHS)}@example.org") for who in ("s", "v"))
    with service.platform.database.read(SYSTEM) as session:
        email = session.get_one(UserRow, viewer.id).email
    service.join(mina, email, Role.VIEWER)
    for who, status in ((stranger, 404), (viewer, 403)):
        with service.http(service.token(who.id, *Scope)) as other:
            assert other.post(f"/api/v1/videos/{video}/erasure", json={}).status_code == status
    assert http.post(f"/api/v1/videos/{video}/erasure", json={}).json()["is_complete"]


def _gone(*_: object, **__: object) -> Any:
    raise Unavailable("library.database_gone", why="test")


def _killed(*_: object, **__: object) -> Any:
    raise RuntimeError("the process dies here")


def test_where_only_one_purpose_is_allowed_no_route_takes_another(tmp_path: Path) -> None:
    clip, other = (make_clip(tmp_path / f"{name}.mp4", next(LENGTHS)) for name in ("talk", "other"))
    settings = running.settings_for(
        tmp_path, watch_desk="interview", interview_policies=(HIRING,), s3_import=("interviews",)
    )
    with running.running(settings) as service:
        who = service.person("a@example.org")
        with service.client(who) as client:
            video = client.upload(clip).id
        with service.http(who.token) as http:
            given = consent(http)
            asked = {"desk": "interview", "options": {"policy": "self_practice"}}
            old = {"s3_bucket": "interviews", "s3_key": "a.webm", "user_id": "7", "session_id": "42"}
            fetch = {"url": "https://example.org/a.mp4", "template": "default", "desk": "interview"}
            for answer in (
                http.post("/api/v1/analyses", json={"video_id": video, **asked}),
                http.post("/api/v1/analyses", json={"video_id": video, "desk": "interview"}),
                http.post("/api/v1/analyses/batch", json={"video_ids": [video], **asked}),
                http.post("/api/v1/videos/from-url", json=fetch),
                http.post("/analyze", json=old),
                http.post("/analyze-video", files={"file": ("other.mp4", other.read_bytes())}),
            ):
                assert (answer.status_code, answer.json().get("code")) == (422, "consent.policy_not_here"), answer.text
            assert len(http.get("/api/v1/videos").json()["items"]) == 1
            service.platform._watched(video, False)
            assert http.get("/api/v1/analyses").json()["items"] == []
            assert interview(http, video, policy=HIRING, consent=given)["state"] == "done"
            assert http.post("/api/v1/analyses", json={"video_id": video}).status_code == 201
    with pytest.raises(RequestInvalid):
        analyze(clip, desk="interview", settings=settings)
