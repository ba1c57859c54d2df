"""Consents, reviews and deletion over HTTP: what an analysis of a person rests on, and what is left of it."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests import running, services
from tests.running import Person, Service
from tests.service.test_cli import make_clip

from sightline.library.actor import SYSTEM, Scope
from sightline.library.assessment_tables import ConsentRow
from sightline.library.columns import now
from sightline.library.tables import AnalysisRow, Base, VideoRow
from sightline.service.measurements import measurements_of
from sightline.service.transcripts import note_transcript

GIVEN = {
    "subject": "Kim Mina", "contact": "mina@example.org", "purpose": "the post of editor", "policy": "hiring",
    "text": "I agree that my recording is analysed by a program.", "language": "en",
    "given_at": "2026-11-01T10:00:00Z",
}  # fmt: skip
LENGTHS = itertools.count(25)
"""Pictures: no two clips have the same bytes."""


@pytest.fixture(scope="module", params=services.DATABASES)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("people")
    url = services.new_database_url(request.param, folder)
    try:
        with running.running(running.settings_for(folder, database_url=url)) as service:
            yield service
    finally:
        services.drop_database(url)


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


def done(http: httpx.Client, video: str, **asked: Any) -> dict[str, Any]:
    answer = http.post("/api/v1/analyses", json={"video_id": video, **asked})
    assert answer.status_code == 201, answer.text
    return waited(http, answer.json()["id"])


def waited(http: httpx.Client, analysis_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := http.get(f"/api/v1/analyses/{analysis_id}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    result: dict[str, Any] = found
    return result


def interview(http: httpx.Client, video: str, **options: Any) -> dict[str, Any]:
    return done(http, video, desk="interview", options=options)


def consent(http: httpx.Client, **changed: Any) -> str:
    answer = http.post("/api/v1/consents", json=GIVEN | changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_nobody_is_analysed_for_hiring_without_having_agreed(http: httpx.Client, video: str) -> None:
    asked = {"video_id": video, "desk": "interview", "options": {"policy": "hiring"}}
    refused = http.post("/api/v1/analyses", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent.missing")
    asked["options"] = {"policy": "hiring", "consent": consent(http, policy="education")}
    refused = http.post("/api/v1/analyses", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent.other_policy")
    given = consent(http)
    asked["options"] = {"policy": "hiring", "consent": given, "emotion": True}
    assert http.post("/api/v1/analyses", json=asked).json()["code"] == "interview.emotion_denied"
    found = interview(http, video, policy="hiring", consent=given)
    assert (found["state"], found["consent_id"], found["verdict"]) == ("done", given, None)
    assert found["judgement"]["notes"]["policy"] == "hiring"


def test_a_consent_that_was_withdrawn_carries_nothing_more(http: httpx.Client, video: str) -> None:
    given = consent(http)
    first = interview(http, video, policy="hiring", consent=given)
    withdrawn = http.post(f"/api/v1/consents/{given}/withdrawal").json()
    assert withdrawn["consent"]["withdrawn_at"] is not None
    assert withdrawn["analyses"] == 1
    asked = {"video_id": video, "desk": "interview", "options": {"policy": "hiring", "consent": given}}
    assert http.post("/api/v1/analyses", json=asked).json()["code"] == "consent.withdrawn"
    again = http.post(f"/api/v1/analyses/{first['id']}/judgement", json={"template": "default"})
    assert again.json()["code"] == "consent.withdrawn"
    assert http.post(f"/api/v1/consents/{given}/withdrawal").status_code == 409
    assert http.delete(f"/api/v1/consents/{given}").json()["code"] == "consent.relied_on"
    http.delete(f"/api/v1/analyses/{first['id']}").raise_for_status()
    assert http.delete(f"/api/v1/consents/{given}").status_code == 204


def test_a_person_is_found_by_an_address_that_is_not_kept(service: Service, http: httpx.Client) -> None:
    given = consent(http, contact="Jun@Example.org", subject="Jun")
    found = http.get("/api/v1/consents", params={"contact": "jun@example.ORG"}).json()["items"]
    assert [one["id"] for one in found] == [given]
    with service.platform.database.read(SYSTEM) as session:
        kept = session.get_one(ConsentRow, given)
    assert "xample" not in f"{kept.contact_hash}{kept.subject}{kept.text}"
    assert kept.text_sha256 == hashlib.sha256(GIVEN["text"].encode()).hexdigest()


def test_an_override_stands_beside_the_score_and_never_hides_it(http: httpx.Client, video: str) -> None:
    found = interview(http, video)
    scores = {score["id"]: score for score in found["judgement"]["scores"]}
    assert scores
    name = next(iter(scores))
    at = f"/api/v1/analyses/{found['id']}/review"
    assert http.get(at).json() == {"state": "open", "overrides": [], "steps": []}
    for body, status in (
        ({"action": "override", "score": name, "value": 1}, 422),
        ({"action": "override", "text": "why", "value": 1}, 422),
        ({"action": "override", "text": "why", "score": "nothing", "value": 1}, 422),
        ({"action": "override", "text": "why", "score": name, "value": 999}, 422),
        ({"action": "resolve", "text": "why"}, 409),
    ):
        assert http.post(at, json=body).status_code == status, body
    report = f"/api/v1/analyses/{found['id']}/reports/json"
    assert http.get(report).json()["review"]["overrides"] == []
    body = {"action": "override", "score": name, "value": 12.5, "text": "seen by a person"}
    review = http.post(at, json=body).json()
    assert review["state"] == "overridden"
    assert review["overrides"][0]["machine"] == scores[name]["value"]
    after = http.get(f"/api/v1/analyses/{found['id']}").json()
    assert after["judgement"]["scores"] == found["judgement"]["scores"]
    assert after["review"]["overrides"][0]["value"] == 12.5
    told = http.get(report).json()
    assert told["review"]["overrides"][0]["value"] == 12.5
    assert {score["id"]: score["value"] for score in told["judgement"]["scores"] if score["part"] is None} == {
        score["id"]: score["value"] for score in found["judgement"]["scores"] if score["part"] is None
    }
    assert b"seen by a person" in http.get(f"/api/v1/analyses/{found['id']}/reports/html").content


def test_who_has_a_link_may_contest_and_nobody_but_an_editor_settles_it(
    service: Service, http: httpx.Client, video: str
) -> None:
    found = interview(http, video)
    share = http.post(
        f"/api/v1/analyses/{found['id']}/shares", json={"expires_at": (now() + timedelta(days=1)).isoformat()}
    ).json()
    at = f"/api/v1/analyses/{found['id']}"
    with httpx.Client(base_url=service.url, headers={"X-Sightline-Share": share["secret"]}) as subject:
        contested = subject.post(f"{at}/contest", json={"text": "The sound broke off"})
        assert (contested.status_code, contested.json()["state"]) == (200, "contested")
        report = subject.get(f"{at}/reports/html", params={"language": "en"}).text
        assert "somebody with a share link" in report
        assert "share:" not in report
        assert subject.post(f"{at}/review", json={"action": "resolve", "text": "fine"}).status_code in (403, 404)
        assert subject.get(f"{at}/review").json()["state"] == "contested"
    assert http.post(f"{at}/review", json={"action": "review"}).status_code == 409
    settled = http.post(f"{at}/review", json={"action": "resolve", "text": "heard again; it stands"}).json()
    assert (settled["state"], len(settled["steps"])) == ("resolved", 2)


def test_reviews_are_listed_by_where_they_stand_and_those_of_others_are_not(
    service: Service, http: httpx.Client, video: str
) -> None:
    found = interview(http, video)
    at = f"/api/v1/analyses/{found['id']}"

    def listed(state: str) -> dict[str, Any]:
        answer: dict[str, Any] = http.get("/api/v1/reviews", params={"state": state, "limit": 1}).json()
        assert answer["counts"][state] >= len(answer["items"])
        return answer

    before = listed("open")
    assert [one["analysis"]["id"] for one in before["items"]] == [found["id"]]
    assert before["items"][0]["video_name"]
    http.post(f"{at}/contest", json={"text": "The sound broke off"}).raise_for_status()
    after, disputed = listed("open"), listed("contested")
    assert found["id"] not in [one["analysis"]["id"] for one in after["items"]]
    assert disputed["items"][0]["analysis"]["id"] == found["id"]
    assert disputed["items"][0]["review"]["steps"][-1]["text"] == "The sound broke off"
    assert after["counts"]["open"] == before["counts"]["open"] - 1
    assert after["counts"]["contested"] == before["counts"]["contested"] + 1
    with service.http(service.person("stranger@example.org").token) as stranger:
        assert stranger.get("/api/v1/reviews").json()["items"] == []
    http.post(f"{at}/review", json={"action": "resolve", "text": "heard again"}).raise_for_status()
    assert listed("resolved")["items"][0]["analysis"]["id"] == found["id"]


def test_a_desk_without_scores_has_nothing_to_review(http: httpx.Client, video: str) -> None:
    found = done(http, video)
    refused = http.post(f"/api/v1/analyses/{found['id']}/review", json={"action": "review"})
    assert (refused.status_code, refused.json()["code"]) == (409, "consent.nothing_to_review")


def test_erasing_leaves_a_receipt_and_nothing_else(
    service: Service, http: httpx.Client, mina: Person, video: str
) -> None:
    given = consent(http, subject="Yuna Who Leaves")
    found = interview(http, video, policy="hiring", consent=given)
    qc = done(http, video)
    http.get(f"/api/v1/videos/{video}/thumbnail").raise_for_status()
    http.get(f"/api/v1/analyses/{qc['id']}/reports/html").raise_for_status()
    platform = service.platform
    with platform.database.read(SYSTEM) as session:
        row = session.get_one(VideoRow, video)
    sha256, size = row.sha256, row.size_bytes
    with platform.database.write(SYSTEM) as session:
        analysis = session.get_one(AnalysisRow, found["id"])
        note_transcript(session, analysis, {"language": "en", "words": ["Yuna"], "starts_s": [0.0]})
    assert any(measurements_of(platform.settings).folder.glob(f"*/{sha256}/*.parquet"))
    receipt = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
    assert receipt["is_complete"], receipt
    removed = {one["what"]: one for one in receipt["document"]["removed"]}
    assert (removed["video file"]["sha256"], removed["video file"]["bytes"]) == (sha256, size)
    assert {one["analysis"] for one in receipt["document"]["removed"] if one["what"] == "bundle files"} == {
        found["id"], qc["id"],
    }  # fmt: skip
    assert removed["measurements"]["count"] > 0
    assert removed["cached results"]["count"] > 0
    assert removed["rows of consents"]["count"] == 1
    assert (removed["rows of analyses"]["count"], removed["rows of transcripts"]["count"]) == (2, 1)
    canonical = json.dumps(receipt["document"], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == receipt["sha256"]
    # Nothing of it is left, in files or in rows, but what says that it was deleted.
    assert not platform.blobs.exists(sha256)
    assert not list(platform.blobs.list(f"analyses/{found['id']}"))
    assert not any(measurements_of(platform.settings).folder.glob(f"*/{sha256}/*"))
    for table in Base.metadata.sorted_tables:
        if table.name in ("audit", "changes", "receipts"):
            continue
        with platform.database.read(SYSTEM) as session:
            for values in session.execute(select(table)):
                text = str(list(values))
                assert video not in text, table.name
                assert found["id"] not in text, table.name
                assert "Yuna" not in text, table.name
    assert "Yuna" not in canonical
    assert http.get(f"/api/v1/receipts/{receipt['id']}").json() == receipt
    assert http.get("/api/v1/receipts").json()["items"][0]["id"] == receipt["id"]
    assert http.post(f"/api/v1/videos/{video}/erasure", json={}).status_code == 404
    with service.http(service.token(service.person("other@example.org").id, *Scope)) as other:
        assert other.get(f"/api/v1/receipts/{receipt['id']}").status_code == 404


def test_the_file_alone_can_go_and_comes_back(
    service: Service, http: httpx.Client, mina: Person, video: str, tmp_path: Path
) -> None:
    found = done(http, video)
    content = http.get(f"/api/v1/videos/{video}/media").content
    receipt = http.post(f"/api/v1/videos/{video}/erasure", json={"mode": "media_only"}).json()
    assert receipt["is_complete"], receipt
    assert http.get(f"/api/v1/videos/{video}/media").status_code == 404
    assert http.get(f"/api/v1/videos/{video}/thumbnail").status_code == 404
    assert http.get(f"/api/v1/analyses/{found['id']}/picture").status_code == 404
    kept = http.get(f"/api/v1/analyses/{found['id']}").json()
    assert kept["judgement"] == found["judgement"]
    assert http.get(f"/api/v1/analyses/{found['id']}/signals/levels.y_mean").status_code == 200
    assert b"data:image/jpeg" not in http.get(f"/api/v1/analyses/{found['id']}/reports/html").content
    assert http.post("/api/v1/analyses", json={"video_id": video}).json()["code"] == "library.media_removed"
    (tmp_path / "again.mp4").write_bytes(content)
    with service.client(mina) as client:
        again = client.upload(tmp_path / "again.mp4")
    assert again.id == video
    assert http.get(f"/api/v1/videos/{video}/media").content == content
    assert http.get(f"/api/v1/videos/{video}").json()["media_removed_at"] is None


def test_bytes_somebody_else_has_as_well_stay_for_him(
    service: Service, http: httpx.Client, mina: Person, video: str, tmp_path: Path
) -> None:
    content = http.get(f"/api/v1/videos/{video}/media").content
    (tmp_path / "same.mp4").write_bytes(content)
    jun = service.person("jun@example.org")
    with service.client(jun) as client:
        theirs = client.upload(tmp_path / "same.mp4").id
    receipt = http.post(f"/api/v1/videos/{video}/erasure", json={}).json()
    assert receipt["is_complete"]
    assert [one["what"] for one in receipt["document"]["kept"]] == ["video file"]
    with service.http(jun.token) as other:
        assert other.get(f"/api/v1/videos/{theirs}/media").content == content


def test_a_batch_is_made_whole_or_not_at_all(service: Service, http: httpx.Client, video: str) -> None:
    asked = {"video_ids": [video, "0" * 32], "desk": "interview"}
    assert http.post("/api/v1/analyses/batch", json=asked).status_code == 404
    with service.platform.database.read(SYSTEM) as session:
        assert session.scalars(select(AnalysisRow.id).where(AnalysisRow.video_id == video)).all() == []
    headers = {"Idempotency-Key": f"batch-{video}"}
    made = http.post("/api/v1/analyses/batch", json={"video_ids": [video], "desk": "interview"}, headers=headers)
    again = http.post("/api/v1/analyses/batch", json={"video_ids": [video], "desk": "interview"}, headers=headers)
    assert made.status_code == 201
    assert made.json() == again.json()
    assert waited(http, made.json()["items"][0]["id"])["state"] == "done"


def test_the_page_of_an_interview_finds_its_video_without_a_cookie(
    service: Service, http: httpx.Client, video: str
) -> None:
    found = interview(http, video)
    at = f"{service.url}/api/v1/analyses/{found['id']}/reports/html"
    answer = http.get(at)
    assert "media-src 'self'" in answer.headers["content-security-policy"]
    (href,) = re.findall(r'<video[^>]* src="([^"]+)"', answer.text)
    link = httpx.URL(at).join(unescape(href))
    assert str(link).startswith(f"{service.url}/api/v1/media/{video}?")
    content = http.get(f"/api/v1/videos/{video}/media").content
    # A player in a sandboxed page has nothing but the link, and is of another site than everything.
    played = httpx.get(
        link, headers={"Range": "bytes=10-19", "Sec-Fetch-Site": "cross-site", "Origin": "null"}, timeout=60
    )
    assert (played.status_code, played.content) == (206, content[10:20])
    assert played.headers["cross-origin-resource-policy"] == "cross-origin"
    assert http.get(f"/api/v1/videos/{video}/media").headers["cross-origin-resource-policy"] == "same-origin"
    http.post(f"/api/v1/videos/{video}/erasure", json={"mode": "media_only"}).raise_for_status()
    assert httpx.get(link).status_code == 404
    assert "/api/v1/media/" not in http.get(at).text
