"""Every route for everybody: generated from the OpenAPI document, so that a new route without a row here fails."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.security.matrix_world import ASKING, World, application, new_platform, world

from sightline.library.columns import now


class Let(StrEnum):
    IN = "in"
    """Whatever comes of it: nobody says it is not his."""
    SIGN_IN = "401"
    NO = "403"
    HIDDEN = "404"
    """As if it were not there."""
    DENIED = "403 or 404"


def row(
    other: Let, viewer: Let, editor: Let, owner: Let, admin: Let, reader: Let, writer: Let, share: Let
) -> Mapping[str, Let]:
    signed_out = {"anonymous": Let.SIGN_IN, "expired": Let.SIGN_IN}
    return signed_out | {
        "other": other, "viewer": viewer, "editor": editor, "owner": owner, "admin": admin, "reader": reader,
        "writer": writer, "share": share,
    }  # fmt: skip


IN, SIGN_IN, NO, HIDDEN, DENIED = Let
PUBLIC = dict.fromkeys(ASKING, IN)
#                     other   viewer  editor  owner   admin   reader  writer  share
VIEW = row(           HIDDEN, IN,     IN,     IN,     HIDDEN, IN,     IN,     IN)  # fmt: skip
READ = row(           HIDDEN, IN,     IN,     IN,     HIDDEN, IN,     IN,     DENIED)  # fmt: skip
READ_ALL = row(       IN,     IN,     IN,     IN,     IN,     IN,     IN,     NO)  # fmt: skip
EDIT = row(           HIDDEN, NO,     IN,     IN,     HIDDEN, NO,     IN,     DENIED)  # fmt: skip
MANAGE = row(         HIDDEN, NO,     NO,     IN,     HIDDEN, NO,     NO,     DENIED)  # fmt: skip
ACCOUNT = row(        IN,     IN,     IN,     IN,     IN,     NO,     NO,     NO)  # fmt: skip
MY_OWN = row(         HIDDEN, HIDDEN, HIDDEN, IN,     HIDDEN, NO,     NO,     NO)  # fmt: skip
MAKER = row(          HIDDEN, HIDDEN, HIDDEN, IN,     HIDDEN, IN,     IN,     HIDDEN)  # fmt: skip
MAKE = row(           HIDDEN, NO,     HIDDEN, IN,     HIDDEN, NO,     IN,     HIDDEN)  # fmt: skip
KEEP = row(           HIDDEN, IN,     IN,     IN,     HIDDEN, NO,     IN,     DENIED)  # fmt: skip
MY_OWN_KEPT = row(    HIDDEN, HIDDEN, HIDDEN, IN,     HIDDEN, NO,     IN,     HIDDEN)  # fmt: skip
EACH = row(           IN,     IN,     IN,     IN,     IN,     NO,     IN,     NO)  # fmt: skip
EDIT_FIRST = row(     IN,     NO,     IN,     IN,     IN,     NO,     IN,     NO)  # fmt: skip
SIGNED_IN = row(      IN,     IN,     IN,     IN,     IN,     IN,     IN,     NO)  # fmt: skip
ANYBODY = row(        IN,     IN,     IN,     IN,     IN,     IN,     IN,     IN)  # fmt: skip
ADMINISTER = row(     NO,     NO,     NO,     NO,     IN,     NO,     NO,     NO)  # fmt: skip
METRICS = ADMINISTER | {who: SIGN_IN for who in ASKING if who != "admin"}
NOTHING = row(*[HIDDEN] * 8)
FORGED = dict.fromkeys(ASKING, SIGN_IN)
"""What counts is a secret in the request, whoever asks; these send a forged one."""

TABLE: Mapping[str, Mapping[str, Let]] = {
    # Signing in and one's own account
    "list_ways": PUBLIC,
    "sign_in": FORGED,
    "use_link": FORGED,
    "open_share": FORGED,
    "start_oidc": PUBLIC,
    "finish_oidc": PUBLIC,
    "get_session": ANYBODY,
    "sign_out": ANYBODY,
    "get_account": SIGNED_IN,
    "change_account": ACCOUNT,
    "change_password": ACCOUNT,
    "list_sessions": ACCOUNT,
    "revoke_other_sessions": ACCOUNT,
    "revoke_session": MY_OWN,
    "list_tokens": ACCOUNT,
    "create_token": ACCOUNT,
    "revoke_token": MY_OWN,
    # Administrators
    "list_users": ADMINISTER,
    "create_user": ADMINISTER,
    "get_user": ADMINISTER,
    "change_user": ADMINISTER,
    "remove_user": ADMINISTER,
    "disable_user": ADMINISTER,
    "enable_user": ADMINISTER,
    "set_password": ADMINISTER,
    "create_link": ADMINISTER,
    "revoke_user_sessions": ADMINISTER,
    "list_audit": ADMINISTER,
    # Workspaces
    "list_workspaces": READ_ALL,
    "create_workspace": ACCOUNT,
    "get_workspace": READ,
    "rename_workspace": MANAGE,
    "remove_workspace": MANAGE,
    "list_members": READ,
    "add_member": MANAGE,
    "change_member": MANAGE,
    "remove_member": MANAGE,
    # Videos and uploads
    "upload_video": EDIT,
    "take_sample": EDIT,
    "fetch_video": EDIT,
    "list_videos": READ_ALL,
    "get_video": VIEW,
    "change_video": EDIT,
    "remove_video": EDIT,
    "change_videos": EACH,
    "list_saved_searches": READ_ALL,
    "save_search": KEEP,
    "change_saved_search": MY_OWN_KEPT,
    "remove_saved_search": MY_OWN_KEPT,
    "get_media": VIEW,
    "make_preview": EDIT,
    "get_thumbnail": VIEW,
    "create_media_link": VIEW,
    "get_linked_media": FORGED,
    "list_tags": READ,
    "search": READ_ALL,
    "tus_options": PUBLIC,
    "begin_upload": EDIT,
    "list_uploads": READ_ALL,
    "upload_offset": MAKE,
    "continue_upload": MAKE,
    "remove_upload": MAKE,
    "get_upload": MAKER,
    # Analyses
    "create_analysis": EDIT,
    "create_batch": EDIT,
    "list_analyses": READ_ALL,
    "get_analysis": VIEW,
    "remove_analysis": EDIT,
    "judge_analysis": EDIT,
    "cancel_analysis": EDIT,
    "list_events": VIEW,
    "list_signals": VIEW,
    "get_signal": VIEW,
    "get_curves": VIEW,
    "get_thumbs": VIEW,
    "get_thumbs_sheet": VIEW,
    "get_shots": VIEW,
    "get_speech": VIEW,
    # Nothing is kept here for anybody; who sees it where it is: tests/service/test_shown.py.
    "compare_analyses": READ,
    "get_sprite": NOTHING,
    "get_sprite_picture": NOTHING,
    "get_picture": VIEW,
    "get_report": VIEW,
    "list_shares": EDIT,
    "create_share": EDIT,
    "revoke_share": EDIT,
    "list_templates": READ_ALL,
    "get_template": READ,
    "check_template": READ,
    "put_template": EDIT,
    "remove_template": EDIT,
    # Consents, reviews, receipts
    "record_consent": EDIT,
    "list_consents": EDIT,
    "get_consent": EDIT,
    "withdraw_consent": EDIT,
    "remove_consent": EDIT,
    "list_reviews": READ,
    "get_review": VIEW,
    "step_review": EDIT,
    "contest_review": VIEW,
    "erase_video": EDIT,
    "list_receipts": READ_ALL,
    "get_receipt": READ,
    "get_spending": ADMINISTER,
    "list_spending": MANAGE,
    # Jobs, changes, the installation
    "list_jobs": READ_ALL,
    "get_job": READ,
    "change_job": EDIT,
    "cancel_job": EDIT,
    "retry_job": EDIT,
    "listen_to_changes": READ_ALL,
    "get_storage": SIGNED_IN,
    "list_people": ADMINISTER,
    "list_models": SIGNED_IN,
    "pull_model": ADMINISTER,
    "cancel_pull": ADMINISTER,
    "remove_model": ADMINISTER,
    "list_settings": ADMINISTER,
    "change_settings": ADMINISTER,
    "get_insight": SIGNED_IN,
    "get_words": ANYBODY,
    "list_policies": SIGNED_IN,
    "get_system": SIGNED_IN,
    "list_samples": SIGNED_IN,
    "list_alerts": SIGNED_IN,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": METRICS,
    # The older interfaces
    "health": PUBLIC,
    "models_status": ANYBODY,
    "analyze_video": EDIT,
    "start_analysis": EDIT_FIRST,
    "recent_analyses": READ_ALL,
    "old_analysis": VIEW,
    "old_comment": VIEW,
}
KNOWN: dict[str, str] = {}
PAGES = {
    "start", "page", "asset", "icon", "style", "reference", "openapi", "sign_in_page", "sign_in_by_form", "shared",
}  # fmt: skip
"""Routes the document leaves out that show a stranger nothing but a form, what is free to all, or nothing."""
HEADS = {"get_media", "get_linked_media"}
"""Routes of which the document tells GET only."""
QUERIES = {
    "compare_analyses": "with={analysis_id}",
    "list_tags": "workspace_id={workspace_id}",
    "list_consents": "workspace_id={workspace_id}",
    "list_reviews": "workspace_id={workspace_id}",
    "search": "q=spring",
    "get_template": "workspace_id={workspace_id}",
    "put_template": "workspace_id={workspace_id}",
    "remove_template": "workspace_id={workspace_id}",
    "get_linked_media": "expires=9999999999&token=forged",
}
_METADATA = "workspace_id {workspace_id_64},filename Yi5tcDQ="
HEADERS: Mapping[str, Mapping[str, str]] = {
    "begin_upload": {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": _METADATA},
    "upload_offset": {"Tus-Resumable": "1.0.0"},
    "remove_upload": {"Tus-Resumable": "1.0.0"},
    "continue_upload": {
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
    },
    "upload_video": {"Content-Type": "multipart/form-data; boundary=x"},
    "analyze_video": {"Content-Type": "multipart/form-data; boundary=x"},
}  # fmt: skip
_FORM = (
    '--x\r\nContent-Disposition: form-data; name="workspace_id"\r\n\r\n{workspace_id}\r\n--x\r\nContent-Disposition: '
    'form-data; name="file"; filename="c.mp4"\r\n\r\nno video\r\n--x--\r\n'
)
BODIES: Mapping[str, Any] = {
    "take_sample": {"workspace_id": "{workspace_id}", "analyze": False},
    "change_videos": {"video_ids": ["{video_id}"], "action": "add_tags", "tags": ["more"]},
    "save_search": {"workspace_id": "{workspace_id}", "name": "mine", "query": {"q": "봄"}},
    "create_analysis": {"video_id": "{video_id}"},
    "create_batch": {"video_ids": ["{video_id}"]},
    "record_consent": {
        "workspace_id": "{workspace_id}",
        "subject": "Mina",
        "purpose": "a post",
        "policy": "hiring",
        "text": "I agree.",
        "given_at": "2026-11-21T10:00:00Z",
    },
    "add_member": {"email": "other@example.org", "role": "editor"},
    "check_template": {"workspace_id": "{workspace_id}", "source": 'extends = "own"'},
    "judge_analysis": {"template": "netflix", "keep": True},
    "create_share": {"expires_at": "{tomorrow}"},
    "create_token": {"name": "t", "scopes": ["read"], "expires_at": "{tomorrow}"},
    "fetch_video": {"url": "https://127.0.0.1/a.mp4", "workspace_id": "{workspace_id}"},
    "upload_video": _FORM,
    "analyze_video": _FORM,
    "continue_upload": "123",
    "begin_upload": "",
}
"""Where the example of the document does not ask for the things of `world`."""


def filled(what: Any, ids: Mapping[str, str]) -> Any:
    """Names in braces replaced by what they stand for."""
    if isinstance(what, dict):
        return {key: filled(value, ids) for key, value in what.items()}
    if isinstance(what, list):
        return [filled(value, ids) for value in what]
    if isinstance(what, str):
        for name, value in ids.items():
            what = what.replace("{" + name + "}", value)
    return what


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    said: Mapping[str, Any]
    example: Any

    def ask(self, here: World, who: str) -> httpx.Response:
        name = self.said["operationId"]
        ids = here.ids | {
            "tomorrow": (now() + timedelta(days=1)).isoformat(),
            "workspace_id_64": base64.b64encode(here.ids["workspace_id"].encode()).decode(),
        }
        path = filled(self.path, ids)
        if name in QUERIES:
            path += f"?{filled(QUERIES[name], ids)}"
        body = filled(BODIES.get(name, self.example), ids)
        return here.ask(
            who, self.method, path, body.encode() if isinstance(body, str) else body,
            **filled(dict(HEADERS.get(name, {})), ids),
        )  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("matrix")
    platform = new_platform(folder)
    yield application(platform, folder)
    platform.close()


@pytest.fixture(scope="module")
def operations(app: FastAPI) -> Mapping[str, Operation]:
    document = app.openapi()
    found = {}
    for path, item in document["paths"].items():
        for method, said in item.items():
            schema = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            example = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
            found[said["operationId"]] = Operation(method.upper(), path, said, example.get("example"))
    return found


def test_every_route_has_a_row_and_every_row_a_route(operations: Mapping[str, Operation]) -> None:
    assert set(operations) == set(TABLE)


def test_a_route_for_the_signed_in_says_so_in_the_document(operations: Mapping[str, Operation]) -> None:
    guarded = {name for name, operation in operations.items() if operation.said.get("security")}
    assert guarded == {name for name, let in TABLE.items() if not any(let is one for one in (PUBLIC, METRICS, FORGED))}


def test_no_route_is_left_out_of_the_document_unnoticed(app: FastAPI) -> None:
    assert set(_unlisted(app.routes)) == PAGES | HEADS


def _unlisted(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _unlisted(route.original_router.routes)
        elif not getattr(route, "include_in_schema", False):
            yield route.name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=False, reason=KNOWN[name])) if name in KNOWN else name
        for name in sorted(TABLE)
    ],
)
def test_a_route_lets_in_who_may_and_nobody_else(name: str, app: FastAPI, operations: Mapping[str, Operation]) -> None:
    operation, here = operations[name], world(app)
    before, found = here.rows(), {}
    for who, let in TABLE[name].items():
        if let is not IN:
            found[who] = outcome(operation.ask(here, who), let)
    assert here.rows() == before, "somebody who was refused changed something"
    for who, let in TABLE[name].items():
        if let is IN:
            found[who] = outcome(operation.ask(world(app) if operation.method != "GET" else here, who), let)
    assert found == dict(TABLE[name])


@pytest.mark.parametrize("name", sorted(HEADS))
def test_asking_for_the_head_alone_is_guarded_alike(
    name: str, app: FastAPI, operations: Mapping[str, Operation]
) -> None:
    here, operation = world(app), replace(operations[name], method="HEAD")
    assert {who: outcome(operation.ask(here, who), let) for who, let in TABLE[name].items()} == dict(TABLE[name])


def outcome(answer: httpx.Response, expected: Let) -> Let | str:
    """What came of it; the answer itself where it is none of those."""
    match answer.status_code:
        case 401:
            return SIGN_IN
        case 403 | 404 if expected is DENIED:
            return DENIED
        case 403:
            return NO
        case 404:
            return HIDDEN
        case status if status < 500 or status == 503:
            return IN
    return f"{answer.status_code} {answer.text[:300]}"
