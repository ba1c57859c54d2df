"""Small copies for browsers: made when asked for, once, and gone with their video."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from sqlalchemy import select
from tests.media_clips import write_clip
from tests.running import Person, Service, running, settings_for

from sightline.library.actor import SYSTEM, Role, Scope
from sightline.library.columns import now
from sightline.library.tables import JobRow, VideoRow
from sightline.service.previews import SPARED, name_of, orphan_previews
from sightline.service.rebuild import rebuild

RATE = Fraction(25)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("previews"))) as service:
        yield service


@pytest.fixture(scope="module")
def mina(service: Service) -> Person:
    return service.person("mina@example.org")


@pytest.fixture
def http(service: Service, mina: Person) -> Iterator[httpx.Client]:
    with service.http(mina.token) as http:
        yield http


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No browser plays it: 4:2:2, PCM, and pictures that come unevenly."""
    return write_clip(
        tmp_path_factory.mktemp("clip") / "studio.mov", pixel_format="yuv422p", rate=RATE, pictures=40,
        ticks=lambda n: n + (7 if n >= 20 else 0), sounds=[("pcm_s16le", 48_000, "stereo")],
    )  # fmt: skip


def _upload(service: Service, person: Person, clip: Path) -> str:
    with service.client(person) as client:
        return client.upload(clip).id


def _ready(http: httpx.Client, video: str) -> dict[str, Any]:
    job = http.post(f"/api/v1/videos/{video}/preview")
    assert job.status_code == 202, job.text
    deadline = time.monotonic() + 60
    while http.get(f"/api/v1/videos/{video}").json()["preview"] != "ready":
        assert time.monotonic() < deadline, http.get(f"/api/v1/jobs/{job.json()['id']}").text
        time.sleep(0.05)
    found: dict[str, Any] = job.json()
    return found


def _times(file: Any) -> list[float]:
    with av.open(file) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]  # type: ignore[operator]


def test_a_copy_plays_in_browsers_and_shows_each_picture_at_its_time(
    service: Service, mina: Person, http: httpx.Client, clip: Path
) -> None:
    video = _upload(service, mina, clip)
    shown = http.get(f"/api/v1/videos/{video}").json()
    assert (shown["is_playable"], shown["preview"]) == (False, "none")
    assert http.get(f"/api/v1/videos/{video}/media", params={"preview": True}).status_code == 404
    job = _ready(http, video)
    assert (job["kind"], job["video_id"], job["title"]) == ("preview", video, "studio.mov")
    again = http.post(f"/api/v1/videos/{video}/preview").json()
    assert (again["id"], again["state"]) == (job["id"], "done")
    whole = http.get(f"/api/v1/videos/{video}/media", params={"preview": True})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    # The index comes first, or a player could not seek before it has everything.
    assert whole.content.index(b"moov") < whole.content.index(b"mdat")
    assert _times(io.BytesIO(whole.content)) == pytest.approx(_times(str(clip)), abs=1e-4)
    with av.open(io.BytesIO(whole.content)) as container:
        kinds = [(stream.codec_context.name, stream.format.name) for stream in container.streams.video]
        assert kinds == [("h264", "yuv420p")]
        assert container.streams.audio[0].codec_context.name == "aac"
    part = http.get(f"/api/v1/videos/{video}/media", params={"preview": True}, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    original = http.get(f"/api/v1/videos/{video}/media", headers={"Range": "bytes=0-9"})
    assert original.content == clip.read_bytes()[:10]


def test_a_copy_that_is_missing_is_made_again(service: Service, http: httpx.Client, mina: Person, clip: Path) -> None:
    video = _upload(service, mina, clip)
    first = _ready(http, video)
    service.platform.blobs.store.remove(name_of(video))
    assert http.get(f"/api/v1/videos/{video}/media", params={"preview": True}).status_code == 404
    assert _ready(http, video)["id"] != first["id"]
    assert http.get(f"/api/v1/videos/{video}/media", params={"preview": True}).status_code == 200


def test_those_who_ask_at_once_get_one_job(service: Service, clip: Path) -> None:
    person = service.person("hurry@example.org")
    video = _upload(service, person, clip)
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(_post(service, person, video)), name=f"ask-{n}")
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1


def _post(service: Service, person: Person, video: str) -> httpx.Response:
    with service.http(person.token) as http:
        return http.post(f"/api/v1/videos/{video}/preview")


def test_who_may_only_look_sees_a_copy_and_makes_none(
    service: Service, mina: Person, http: httpx.Client, clip: Path
) -> None:
    video = _upload(service, mina, clip)
    _ready(http, video)
    viewer, stranger = service.person("viewer@example.org"), service.person("stranger@example.org")
    service.join(mina, "viewer@example.org", Role.VIEWER)
    for token, seen, made in (
        (viewer.token, 200, 403), (stranger.token, 404, 404), (service.token(mina.id, Scope.READ), 200, 403),
        ("", 401, 401),
    ):  # fmt: skip
        with service.http(token) as asking:
            assert asking.get(f"/api/v1/videos/{video}/media?preview=true").status_code == seen
            assert asking.post(f"/api/v1/videos/{video}/preview").status_code == made


@pytest.mark.parametrize("mode", ["everything", "media_only"])
def test_a_copy_goes_with_the_file_and_stands_in_the_receipt(service: Service, clip: Path, mode: str) -> None:
    person = service.person(f"{mode}@example.org")
    video = _upload(service, person, clip)
    with service.http(person.token) as http:
        _ready(http, video)
        size = service.platform.blobs.store.size(name_of(video))
        receipt = http.post(f"/api/v1/videos/{video}/erasure", json={"mode": mode})
        assert receipt.is_success, receipt.text
        removed = receipt.json()["document"]["removed"]
        assert {"what": "cached preview", "count": 1, "bytes": size} in removed
        assert service.platform.blobs.store.size(name_of(video)) is None
        assert http.get(f"/api/v1/videos/{video}/media?preview=true").status_code == 404
        if mode == "media_only":
            assert http.get(f"/api/v1/videos/{video}").json()["preview"] == "none"
            assert http.post(f"/api/v1/videos/{video}/preview").status_code == 409
            # The file comes back: so does its copy, by another job.
            assert _upload(service, person, clip) == video
            _ready(http, video)
            assert http.get(f"/api/v1/videos/{video}/media?preview=true").status_code == 200


def test_a_removed_video_leaves_no_copy(service: Service, clip: Path) -> None:
    person = service.person("removed@example.org")
    video = _upload(service, person, clip)
    with service.http(person.token) as http:
        _ready(http, video)
        http.delete(f"/api/v1/videos/{video}").raise_for_status()
    assert service.platform.blobs.store.size(name_of(video)) is None


def test_a_copy_nobody_asked_for_any_more_is_swept_up(
    service: Service, mina: Person, http: httpx.Client, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = _upload(service, mina, clip)
    _ready(http, video)
    platform = service.platform
    platform.blobs.put_bytes(name_of("f" * 32), b"left behind")
    assert orphan_previews(platform.database, platform.blobs) == 0
    monkeypatch.setattr("sightline.service.previews.now", lambda: now() + SPARED + timedelta(hours=1))
    assert orphan_previews(platform.database, platform.blobs) == 1
    assert platform.blobs.store.size(name_of("f" * 32)) is None
    assert platform.blobs.store.size(name_of(video)) is not None


def test_a_copy_that_fails_says_so_and_can_be_asked_for_again(
    service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sightline.errors import CutImpossible

    def broken(*_: object, **__: object) -> None:
        raise CutImpossible("errors.proxy_failed", path="a", reason="broken")

    person = service.person("failing@example.org")
    video = _upload(service, person, clip)
    with service.http(person.token) as http:
        with monkeypatch.context() as patched:
            patched.setattr("sightline.media.proxy.proxy", broken)
            first = http.post(f"/api/v1/videos/{video}/preview").json()["id"]
            deadline = time.monotonic() + 60
            while http.get(f"/api/v1/videos/{video}").json()["preview"] != "failed":
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert http.get(f"/api/v1/jobs/{first}").json()["error"]["code"] == "errors.proxy_failed"
        assert _ready(http, video)["id"] != first


def test_a_rebuild_knows_of_copies(service: Service, mina: Person, http: httpx.Client, clip: Path) -> None:
    video = _upload(service, mina, clip)
    _ready(http, video)
    platform = service.platform
    with platform.database.write(SYSTEM) as session:
        for job in session.scalars(select(JobRow).where(JobRow.subject_id == video)):
            session.delete(job)
        session.delete(session.get_one(VideoRow, video))
    rebuild(platform.database, platform.blobs)
    assert http.get(f"/api/v1/videos/{video}").json()["preview"] == "ready"
    _ready(http, video)
