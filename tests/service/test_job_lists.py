"""Lists of jobs: by state, and with what people know each by."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tests.running import Person, Service, running, settings_for
from tests.service.test_cli import make_clip

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.tables import AnalysisRow, JobRow, UploadRow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("jobs"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


@pytest.fixture(scope="module")
def analysis(service: Service, mina: Person, tmp_path_factory: pytest.TempPathFactory) -> AnalysisRow:
    with service.client(mina) as client:
        done = client.analyze(make_clip(tmp_path_factory.mktemp("clip") / "검은 화면.mp4", 30))
    with service.platform.database.read(SYSTEM) as session:
        return session.get_one(AnalysisRow, done.id)


def test_a_job_is_shown_with_its_video(http: httpx.Client, analysis: AnalysisRow) -> None:
    (job,) = http.get("/api/v1/jobs", params={"kind": "analysis"}).json()["items"]
    told = {name: job[name] for name in ("title", "video_id", "desk", "template", "analysis_id", "subject_id")}
    assert told == {
        "title": "검은 화면.mp4", "video_id": analysis.video_id, "desk": "qc", "template": "default",
        "analysis_id": analysis.id,
        "subject_id": analysis.id,
    }  # fmt: skip
    assert http.get(f"/api/v1/jobs/{job['id']}").json() == job
    assert http.get(f"/api/v1/analyses/{analysis.id}").json()["job"]["title"] == "검은 화면.mp4"


def test_a_fetch_is_shown_with_its_upload_and_what_follows_it(
    service: Service, http: httpx.Client, analysis: AnalysisRow
) -> None:
    with service.platform.database.write(SYSTEM) as session:
        upload = UploadRow(workspace_id=analysis.workspace_id, name="far away.mp4", expires_at=now())
        session.add(upload)
        session.flush()
        job = JobRow(
            workspace_id=analysis.workspace_id, kind="fetch", subject_id=upload.id, timeout_s=1, state="failed",
            payload={"url": "https://media.example.org/a.mp4", "analysis": {"desk": "interview", "template": "strict"}},
        )  # fmt: skip
        gone = JobRow(
            workspace_id=analysis.workspace_id, kind="analysis", subject_id="f" * 32, timeout_s=1, state="cancelled"
        )
        session.add_all([job, gone])
    shown = http.get(f"/api/v1/jobs/{job.id}").json()
    assert (shown["title"], shown["video_id"]) == ("far away.mp4", None)
    assert (shown["desk"], shown["template"]) == ("interview", "strict")
    lost = http.get(f"/api/v1/jobs/{gone.id}").json()
    assert (lost["title"], lost["video_id"], lost["analysis_id"]) == ("", None, None)
    states = {
        tuple(asked): {one["state"] for one in http.get("/api/v1/jobs", params={"state": asked}).json()["items"]}
        for asked in (["failed"], ["failed", "cancelled"], ["done", "failed"], ["running"], [])
    }
    assert states == {
        ("failed",): {"failed"}, ("failed", "cancelled"): {"failed", "cancelled"},
        ("done", "failed"): {"done", "failed"}, ("running",): set(), (): {"done", "failed", "cancelled"},
    }  # fmt: skip


def test_a_title_of_another_workspace_is_not_told(service: Service, analysis: AnalysisRow) -> None:
    stranger = service.person("stranger@example.org")
    with service.platform.database.write(SYSTEM) as session:
        job = JobRow(
            workspace_id=stranger.workspace_id, kind="analysis", subject_id=analysis.id, timeout_s=1, state="done"
        )
        session.add(job)
    with service.http(stranger.token) as other:
        assert other.get(f"/api/v1/jobs/{job.id}").json()["title"] == ""
