"""The whole API asked by what its own document says: data that fits it and data that does not.

No answer may be an error of ours, and every answer must be one the document tells of.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.media_clips import write_clip
from tests.running import Person, Service, running, settings_for
from tests.security.test_matrix import TABLE
from tests.service.test_cli import make_clip

from sightline.library.actor import SYSTEM, Scope
from sightline.library.columns import now
from sightline.service.sample_video import place_of

EXAMPLES = 10
"""Generated for each operation, beside those at the edges of what the document allows."""
EDGES = 80
"""At most."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What the document says of a piece of an upload: any bytes.
schemathesis.openapi.media_type("application/offset+octet-stream", st.binary(max_size=100))
Known = Mapping[str, Any]
KNOWN: Mapping[str, Known] = {
    "get_signal": {"name": "levels.y_mean"},
    "get_report": {"to": "html"},
    "pull_model": {"model_id": "yunet"},
    "cancel_pull": {"model_id": "yunet"},
}
IN_BODIES = {"workspace_id", "video_id", "email", "expires", "token", "secret"}


@dataclass(frozen=True)
class Here:
    """A running service with one of everything in it."""

    service: Service
    asking: requests.Session
    operations: Mapping[str, APIOperation[Any, Any, Any, Any]]
    known: Known
    """Values that are there, by the name of the parameter or field that asks for them."""
    spare: Known
    """The same of things nobody needs afterwards."""

    def answer(self, case: Case[Any], with_known: bool) -> None:
        """Asks, and looks at the answer. ``with_known`` puts in values that are there instead of made-up ones."""
        name = case.operation.definition.raw["operationId"]
        known = {**self.known, **KNOWN.get(name, {})} if case.method != "DELETE" else self.spare
        if with_known and isinstance(case.path_parameters, dict):
            case.path_parameters.update({key: known[key] for key in case.path_parameters.keys() & known.keys()})
        for asked in (case.query, case.body) if with_known else ():
            if isinstance(asked, dict):
                asked.update({key: known[key] for key in asked.keys() & IN_BODIES if isinstance(asked[key], str)})
        if with_known and isinstance(case.query, dict):
            case.query.pop("cursor", None)
        if isinstance(case.body, dict) and str(case.body.get("url", "")).startswith("http"):
            # What is fetched is the fetcher's to test; here nothing goes out.
            case.body["url"] = "https://127.0.0.1/a.mp4"
        case.validate_response(case.call(session=self.asking, timeout=60), checks=CHECKS)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("schema")
    with running(settings_for(folder, uploads_per_minute=100_000)) as service, requests.Session() as asking:
        # Nothing comes in from the network.
        service.platform.pulls.fetch = lambda *_: None
        place_of(service.platform.settings).parent.mkdir(parents=True)
        # Making the real one takes seconds.
        write_clip(place_of(service.platform.settings), pictures=5)
        admin = service.person("admin@example.org", is_admin=True)
        asking.headers["Authorization"] = f"Bearer {admin.token}"
        document = schemathesis.openapi.from_url(f"{service.url}/api/v1/openapi.json")
        document.config.generation.update(with_security_parameters=False)
        operations = {one.ok().definition.raw["operationId"]: one.ok() for one in document.get_all_operations()}
        with service.http(admin.token) as http:
            known = _things(service, http, admin, "guest@example.org", make_clip(folder / "검은 화면.mp4", 50))
            spare = _things(service, http, admin, "passing@example.org", make_clip(folder / "spare.mp4", 40))
        yield Here(service, asking, operations, known, spare)


def _things(service: Service, http: httpx.Client, admin: Person, guest: str, clip: Path) -> dict[str, Any]:
    """A workspace with one of everything in it."""

    def made(path: str, **body: Any) -> dict[str, Any]:
        answer = http.post(f"/api/v1/{path}", **body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    at = {"workspace_id": made("workspaces", json={"name": guest})["id"]}
    user_id = service.person(guest).id
    made(f"workspaces/{at['workspace_id']}/members", json={"email": guest, "role": "viewer"})
    video = made("videos", data=at | {"tags": "봄"}, files={"file": clip.open("rb")})["id"]
    analysis = made("analyses", json={"video_id": video})["id"]
    while (shown := http.get(f"/api/v1/analyses/{analysis}").json())["state"] != "done":
        assert shown["state"] in ("queued", "running"), shown
        time.sleep(0.05)
    share = made(f"analyses/{analysis}/shares", json={"expires_at": (now() + timedelta(days=1)).isoformat()})
    http.put("/api/v1/templates/house", params=at, json={"source": 'extends = "default"'}).raise_for_status()
    search = made("saved-searches", json=at | {"name": "mine", "query": {"q": "봄"}})
    begun = service.platform.uploads.begin(
        service.platform.actors.actor_of_token(admin.token), *at.values(), "b.mp4", 9
    )
    token, _ = service.platform.tokens.create(SYSTEM, "spare", [Scope.READ], user_id=admin.id)
    link = httpx.URL(made(f"videos/{video}/links")["url"]).params
    return at | {
        "video_id": video, "analysis_id": analysis, "job_id": shown["job"]["id"], "share_id": share["id"],
        "upload_id": begun.id, "token_id": token.id, "user_id": user_id, "email": guest, "name": "house", "to": "json",
        "sheet": 0, "search_id": search["id"],
        "expires": link["expires"], "token": link["token"], "secret": share["secret"],
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_answer_is_an_error_of_ours_or_untold_of(name: str, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "listen_to_changes":
        # A stream ends when its listener has been signed out meanwhile: here, at the first look.
        monkeypatch.setattr("sightline.api.routes.changes.BEAT_S", 0.01)
        monkeypatch.setattr(here.service.platform.actors, "still_is", lambda actor: False)
    operation = here.operations[name]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    edges = operation.schema.iter_coverage_cases(
        operation, generation_modes=list(modes), generation_config=operation.schema.config.generation
    )
    for number, case in enumerate(itertools.islice(edges, EDGES)):
        here.answer(case, with_known=number % 2 == 0)

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)), with_known=st.booleans())
    def ask(case: Case[Any], with_known: bool) -> None:
        here.answer(case, with_known)

    ask()
