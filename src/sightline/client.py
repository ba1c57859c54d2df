"""A typed client for a Sightline service.

    client = sightline.Client("http://127.0.0.1:8000", token="sl_…")
    analysis = client.analyze("programme.mov", template="ebu-r128")
    analysis.verdict, client.events(analysis.id, "black")
    client.report(analysis.id, "pdf")

Uploads are sent in pieces and continued after an interruption. Every call is tried again when the network or service
fails for a moment; creations carry an idempotency key, so nothing is made twice.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

PIECE_BYTES = 16 << 20
TRIES = 6
"""Of one request, with growing waits: about 20 s in all."""
_AGAIN = (502, 503, 504)
Made = TypeVar("Made", bound="_FromJson")
UploadProgress = Callable[[int, int], None]
"""Called with bytes sent and bytes in all."""
JobProgress = Callable[[Mapping[str, Any]], None]
"""Called with the job's progress: ``stage``, ``done_s``, ``total_s``, ``speed``, ``left_s``."""


class ServiceError(Exception):
    """The service refused, or could not be reached. ``code`` is stable; ``status`` 0: there was no answer."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.status, self.code, self.detail = status, code, detail
        super().__init__(detail)


class AnalysisFailed(ServiceError):
    """The analysis was not done."""


class _FromJson:
    @classmethod
    def of(cls: type[Made], document: Mapping[str, Any]) -> Made:
        """Fields a later service adds are passed over."""
        return cls(**{field.name: document.get(field.name) for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Video(_FromJson):
    id: str
    workspace_id: str
    name: str
    sha256: str
    size_bytes: int
    duration_s: float | None
    width: int | None
    height: int | None
    tags: Sequence[str]
    created_at: str


@dataclass(frozen=True, slots=True)
class RemoteAnalysis(_FromJson):
    """An analysis on the service."""

    id: str
    video_id: str
    desk: str
    template: str
    state: str
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``."""
    verdict: str | None
    checks: Mapping[str, int]
    findings: Mapping[str, int]
    scores: Sequence[Mapping[str, Any]]
    """``id``, ``standing``, ``value``, ``most``, ``band``, ``coverage``."""
    not_evaluated: int
    revision: int
    error: Mapping[str, Any] | None
    created_at: str
    finished_at: str | None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class RemoteEvent(_FromJson):
    kind: str
    start_s: float
    end_s: float
    start_frame: int | None
    end_frame: int | None
    severity: str
    evidence: Mapping[str, Any]
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class RemoteCurve(_FromJson):
    """A signal made small: least and greatest value of neighbouring rows; None where nothing was measured."""

    name: str
    unit: str
    rows: int
    time_s: Sequence[float]
    min: Sequence[float | None]
    max: Sequence[float | None]


class Client:
    """Talks to one service in the name of a token. Closed by `close` or as a context manager. Not for several threads
    at once."""

    def __init__(self, url: str, token: str = "", *, timeout_s: float = 60, verify: bool = True) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout_s, verify=verify, follow_redirects=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def analyze(
        self,
        path: str | Path,
        *,
        desk: str = "qc",
        template: str = "default",
        options: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        workspace_id: str | None = None,
        sent: UploadProgress | None = None,
        progress: JobProgress | None = None,
    ) -> RemoteAnalysis:
        """Uploads a file, has it analysed and waits. Raises `ServiceError`, `AnalysisFailed`."""
        video = self.upload(path, tags=tags, workspace_id=workspace_id, progress=sent)
        return self.wait(
            self.create_analysis(video.id, desk=desk, template=template, options=options).id, progress=progress
        )

    def upload(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        tags: Sequence[str] = (),
        workspace_id: str | None = None,
        progress: UploadProgress | None = None,
    ) -> Video:
        """Sends a file in pieces. Bytes that are there already give the video that is there. Raises `ServiceError`,
        `OSError` for the file."""
        path = Path(path)
        size = path.stat().st_size
        about = {"filename": name or path.name, "tags": ",".join(tags), "workspace_id": workspace_id or ""}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in about.items() if value
        )
        made = self._ask(
            "POST", "/api/v1/uploads", headers=_tus({"Upload-Length": str(size), "Upload-Metadata": metadata})
        )
        place = httpx.URL(made.headers["Location"]).path
        offset, video = int(made.headers["Upload-Offset"]), made.headers.get("Sightline-Video")
        with path.open("rb") as file:
            while offset < size:
                file.seek(offset)
                offset, video = self._send(place, offset, file.read(PIECE_BYTES))
                if progress is not None:
                    progress(offset, size)
        if video is None:
            video = self._json("GET", place)["video_id"]
        return self.video(video)

    def create_analysis(
        self,
        video_id: str,
        *,
        desk: str = "qc",
        template: str = "default",
        template_source: str | None = None,
        waivers: Sequence[Mapping[str, Any]] = (),
        options: Mapping[str, Any] | None = None,
        priority: int = 0,
    ) -> RemoteAnalysis:
        body = {
            "video_id": video_id,
            "desk": desk,
            "template": template,
            "template_source": template_source,
            "waivers": list(waivers),
            "options": dict(options or {}),
            "priority": priority,
        }
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return RemoteAnalysis.of(self._json("POST", "/api/v1/analyses", json=body, headers=key))

    def create_batch(
        self,
        video_ids: Sequence[str],
        *,
        desk: str = "qc",
        template: str = "default",
        options: Mapping[str, Any] | None = None,
    ) -> Sequence[RemoteAnalysis]:
        """The same analysis of several videos: of all of them, or of none."""
        body = {"video_ids": list(video_ids), "desk": desk, "template": template, "options": dict(options or {})}
        key = {"Idempotency-Key": secrets.token_hex(16)}
        made = self._json("POST", "/api/v1/analyses/batch", json=body, headers=key)
        return [RemoteAnalysis.of(document) for document in made["items"]]

    def record_consent(self, **given: str) -> Mapping[str, Any]:
        """Keeps that a person agreed: ``subject``, ``purpose``, ``policy``, ``text``, ``language``, ``given_at``,
        ``contact``, ``workspace_id``. An analysis names its ``id`` in ``options["consent"]``."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return self._json("POST", "/api/v1/consents", json=given, headers=key)

    def erase_video(self, video_id: str, *, mode: str = "everything") -> Mapping[str, Any]:
        """Removes a video with everything made of it, or with ``media_only`` its file and pictures. The receipt."""
        return self._json("POST", f"/api/v1/videos/{video_id}/erasure", json={"mode": mode})

    def wait(
        self, analysis_id: str, *, progress: JobProgress | None = None, timeout_s: float | None = None
    ) -> RemoteAnalysis:
        """Until it is over. Raises `AnalysisFailed` unless it is done, `TimeoutError`."""
        started, pause_s = time.monotonic(), 0.1
        while True:
            document = self._json("GET", f"/api/v1/analyses/{analysis_id}")
            analysis = RemoteAnalysis.of(document)
            if analysis.state == "done":
                return analysis
            if analysis.is_over:
                error = analysis.error or {}
                detail = error.get("message", {}).get("en", analysis.state)
                raise AnalysisFailed(0, error.get("code", analysis.state), detail)
            if progress is not None and document.get("job") and document["job"]["progress"]:
                progress(document["job"]["progress"])
            if timeout_s is not None and time.monotonic() - started > timeout_s:
                raise TimeoutError(f"the analysis {analysis_id} is still {analysis.state} after {timeout_s} s")
            time.sleep(pause_s)
            pause_s = min(1.0, pause_s * 1.3)

    def analysis(self, analysis_id: str) -> RemoteAnalysis:
        return RemoteAnalysis.of(self._json("GET", f"/api/v1/analyses/{analysis_id}"))

    def analyses(self, **filters: str) -> Iterator[RemoteAnalysis]:
        """The newest first: ``video_id``, ``state``, ``verdict``, ``desk``, ``workspace_id``."""
        return (RemoteAnalysis.of(document) for document in self._all("/api/v1/analyses", filters))

    def videos(self, **filters: str) -> Iterator[Video]:
        """The newest first: ``q``, ``tag``, ``verdict`` …"""
        return (Video.of(document) for document in self._all("/api/v1/videos", filters))

    def video(self, video_id: str) -> Video:
        return Video.of(self._json("GET", f"/api/v1/videos/{video_id}"))

    def judge(
        self, analysis_id: str, *, template: str, options: Mapping[str, Any] | None = None, keep: bool = False
    ) -> Mapping[str, Any]:
        """The judgement by another template or rubric, without the video."""
        body = {"template": template, "options": None if options is None else dict(options), "keep": keep}
        found: Mapping[str, Any] = self._json("POST", f"/api/v1/analyses/{analysis_id}/judgement", json=body)[
            "judgement"
        ]
        return found

    def cancel(self, analysis_id: str) -> RemoteAnalysis:
        return RemoteAnalysis.of(self._json("POST", f"/api/v1/analyses/{analysis_id}/cancel"))

    def events(self, analysis_id: str, *kinds: str) -> Sequence[RemoteEvent]:
        """Everything found, or events of some kinds, in order of time."""
        found: list[RemoteEvent] = []
        offset: int | None = 0
        while offset is not None:
            asked = {"kind": list(kinds), "offset": offset}
            page = self._json("GET", f"/api/v1/analyses/{analysis_id}/events", params=asked)
            found += [RemoteEvent.of(event) for event in page["items"]]
            offset = page["next_offset"]
        return found

    def signal(
        self,
        analysis_id: str,
        name: str,
        *,
        start_s: float | None = None,
        end_s: float | None = None,
        points: int = 2000,
    ) -> RemoteCurve:
        asked = {"start_s": start_s, "end_s": end_s, "points": points}
        params = {key: value for key, value in asked.items() if value is not None}
        return RemoteCurve.of(self._json("GET", f"/api/v1/analyses/{analysis_id}/signals/{name}", params=params))

    def report(self, analysis_id: str, to: str = "html", *, language: str = "en") -> bytes:
        """The report's bytes in a format: ``html``, ``pdf``, ``json``, ``csv`` …"""
        return self._ask("GET", f"/api/v1/analyses/{analysis_id}/reports/{to}", params={"language": language}).content

    def remove_video(self, video_id: str) -> None:
        self._ask("DELETE", f"/api/v1/videos/{video_id}")

    def _send(self, place: str, offset: int, piece: bytes) -> tuple[int, str | None]:
        """The offset the service has reached, and the video once the file is whole. After a break it is asked how much
        arrived."""
        headers = _tus({"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
        for attempt in range(TRIES):
            try:
                answer = self._http.patch(place, content=piece, headers=headers)
            except httpx.TransportError as error:
                if attempt + 1 == TRIES:
                    raise ServiceError(0, "client.unreachable", str(error)) from error
            else:
                if answer.status_code < 400:
                    return int(answer.headers["Upload-Offset"]), answer.headers.get("Sightline-Video")
                if answer.status_code not in (*_AGAIN, 409) or attempt + 1 == TRIES:
                    raise _error(answer)
            time.sleep(0.3 * 2**attempt)
            reached = self._ask("HEAD", place, headers=_tus({}))
            arrived = int(reached.headers["Upload-Offset"])
            if arrived != offset:
                return arrived, reached.headers.get("Sightline-Video")
        raise AssertionError("unreachable")

    def _all(self, path: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._json("GET", path, params=dict(filters) | ({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(method, path, **options).json()
        return found

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(TRIES):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt + 1 == TRIES or (method == "POST" and "Idempotency-Key" not in options.get("headers", {})):
                    raise ServiceError(0, "client.unreachable", str(error) or type(error).__name__) from error
            else:
                if answer.status_code < 400:
                    return answer
                busy = answer.status_code == 409 and _error(answer).code == "api.key_busy"
                if (answer.status_code not in _AGAIN and not busy) or attempt + 1 == TRIES:
                    raise _error(answer)
            time.sleep(0.3 * 2**attempt)
        raise AssertionError("unreachable")


def _tus(headers: Mapping[str, str]) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0", **headers}


def _error(answer: httpx.Response) -> ServiceError:
    try:
        problem = answer.json()
        return ServiceError(answer.status_code, problem["code"], problem["detail"])
    except (ValueError, KeyError, TypeError):
        return ServiceError(answer.status_code, f"http.{answer.status_code}", answer.reason_phrase)
