"""The requests the older interview systems took, word for word, answered with what was measured of a real face."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import running, services
from tests.running import Service
from tests.service.test_people_records import waited

from sightline.desks.judgement_json import judgement_from_dict
from sightline.service.older import EMOTIONS, older_of


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, shared_media: Path, shared_models: Path
) -> Iterator[tuple[Service, str]]:
    """A service with weights for faces, and a bucket with a talk in it."""
    folder = tmp_path_factory.mktemp("older")
    with services.s3_bucket() as store:
        bucket = store["blob_url"].split("/")[2]
        talk = (shared_media / "signing_person.mkv").read_bytes()
        httpx.put(
            f"{store['s3_endpoint']}/{bucket}/interviews/7/talk.webm", content=talk, timeout=60
        ).raise_for_status()
        settings = running.settings_for(
            folder, **store, s3_import=f"{bucket}/interviews", models=shared_models, models_idle_s=0
        )
        with running.running(settings) as service:
            yield service, bucket


@pytest.fixture(scope="module")
def http(service: tuple[Service, str]) -> Iterator[httpx.Client]:
    with service[0].http(service[0].person("7@example.org").token) as http:
        yield http


@pytest.fixture(scope="module")
def asked(service: tuple[Service, str], http: httpx.Client) -> dict[str, Any]:
    """The exact request of the second system, and its answer."""
    body = {"s3_bucket": service[1], "s3_key": "interviews/7/talk.webm", "user_id": "7", "session_id": "42"}
    answer = http.post("/analyze", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def ended(http: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while (found := http.get(f"/analysis/{asked['analysis_id']}").json())["status"] == "processing":
        assert set(found) == {"analysis_id", "status", "emotion_analysis", "eye_tracking"}
        assert (found["emotion_analysis"], found["eye_tracking"]) == (None, None)
        assert time.monotonic() < deadline
        time.sleep(0.2)
    answer: dict[str, Any] = found
    return answer


def test_a_talk_in_a_bucket_is_taken_and_promised(asked: dict[str, Any]) -> None:
    assert set(asked) == {"analysis_id", "status", "message", "estimated_completion"}
    assert asked["status"] == "processing"


def test_its_answer_has_the_old_shape_with_what_was_measured(http: httpx.Client, ended: dict[str, Any]) -> None:
    assert ended["status"] == "completed", http.get("/api/v1/jobs").json()
    assert set(ended["emotion_analysis"]) == {"interview_score", "emotions"}
    assert set(ended["eye_tracking"]) == {"attention_score", "gaze_stability", "blink_frequency"}
    # The classifier's weights are not here, so nobody says what it would have said.
    assert ended["emotion_analysis"]["emotions"] is None
    analysis = next(a for a in http.get("/api/v1/analyses").json()["items"] if a["desk"] == "interview")
    judgement = judgement_from_dict(http.get(f"/api/v1/analyses/{analysis['id']}").json()["judgement"])
    assert judgement.metric("face_coverage").value is not None
    told = older_of(judgement)
    assert ended["emotion_analysis"] == told["emotion_analysis"]
    assert ended["eye_tracking"] == told["eye_tracking"]
    assert judgement.notes["policy"] == "self_practice"


def test_the_comment_is_said_or_why_there_is_none(http: httpx.Client, ended: dict[str, Any]) -> None:
    found = http.get(f"/analysis/{ended['analysis_id']}/llm-comment").json()
    assert set(found) == {"analysis_id", "status", "llm_comment", "message"}
    assert found["status"] == "completed"
    assert "No language model was asked" in found["message"] or "nothing" in found["message"].lower()
    analysis = next(a for a in http.get("/api/v1/analyses").json()["items"] if a["desk"] == "interview")
    claims = http.get(f"/api/v1/analyses/{analysis['id']}").json()["feedback"]["claims"]
    assert (found["llm_comment"] or "") == "\n".join(claim["text"] for claim in claims)


def test_recent_analyses_are_listed_up_to_a_limit(http: httpx.Client, ended: dict[str, Any]) -> None:
    found = http.get("/analysis/recent", params={"limit": 10}).json()
    assert set(found) == {"analyses", "count"}
    assert found["count"] == len(found["analyses"]) == 1
    assert found["analyses"][0]["eye_tracking"] == ended["eye_tracking"]


def test_models_say_whether_they_are_here(http: httpx.Client) -> None:
    found = http.get("/models/status").json()
    assert found["models"]["face_landmarker"]["status"] in ("available", "loaded")
    assert found["models"]["pose_landmarker_lite"]["status"] == "missing"
    assert found["loaded"] == sum(model["loaded"] for model in found["models"].values())


def test_the_first_systems_upload_is_analysed_by_the_same_desk(http: httpx.Client, shared_media: Path) -> None:
    with (shared_media / "face_smiling_man.gif").open("rb") as file:
        started = http.post("/analyze-video", files={"file": ("talk.gif", file, "video/gif")}).json()
    assert set(started) == {"analysis_id", "status", "video_id", "message"}
    analysis = waited(http, started["analysis_id"])
    assert analysis["state"] == "done", analysis["error"]
    assert (analysis["desk"], analysis["options"]["policy"]) == ("interview", "self_practice")


def test_emotions_are_the_classifiers_and_never_partly_told(http: httpx.Client, ended: dict[str, Any]) -> None:
    from dataclasses import replace

    analysis = next(a for a in http.get("/api/v1/analyses").json()["items"] if a["desk"] == "interview")
    judgement = judgement_from_dict(http.get(f"/api/v1/analyses/{analysis['id']}").json()["judgement"])
    given = {metric: number / 10 for number, metric in enumerate(EMOTIONS.values())}

    def told(*, without: str = "") -> Any:
        metrics = tuple(
            replace(metric, value=None if metric.id == without else given[metric.id]) if metric.id in given else metric
            for metric in judgement.metrics
        )
        return older_of(replace(judgement, metrics=metrics))["emotion_analysis"]["emotions"]

    assert told() == {name: given[metric] for name, metric in EMOTIONS.items()}
    assert told(without="emotion_fear") is None


def test_a_batch_keeps_models_loaded_from_one_job_to_the_next_and_lets_them_go(
    tmp_path: Path, shared_media: Path, shared_models: Path
) -> None:
    settings = running.settings_for(
        tmp_path, executor="process", max_concurrent_tasks=1, models=shared_models, models_idle_s=3
    )
    with running.running(settings) as service:
        person = service.person("batch@example.org")
        with service.http(person.token) as http, service.client(person) as client:
            clips = ("face_smiling_man.gif", "face_turning_woman.gif")
            videos = [client.upload(shared_media / name).id for name in clips]
            made = client.create_batch(videos, desk="interview")
            first = waited(http, made[0].id)
            assert first["state"] == "done", first["error"]
            loaded = http.get("/models/status").json()["models"]["face_landmarker"]
            second = waited(http, made[1].id)
            assert second["state"] == "done", second["error"]
            after = http.get("/models/status").json()["models"]["face_landmarker"]
            assert (loaded["status"], after["status"]) == ("loaded", "loaded")
            # The same session of the same child, and none of this process.
            assert [s["pid"] for s in loaded["sessions"]] == [s["pid"] for s in after["sessions"]]
            assert [s["since"] for s in loaded["sessions"]] == [s["since"] for s in after["sessions"]]
            assert os.getpid() not in {s["pid"] for s in after["sessions"]}
            deadline = time.monotonic() + 30
            while http.get("/models/status").json()["loaded"]:
                assert time.monotonic() < deadline, "models nobody uses stay loaded"
                time.sleep(0.2)
