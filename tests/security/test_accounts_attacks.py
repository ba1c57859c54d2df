"""Attacks on signing in: forged, stolen and old secrets, other sites, other names, headers, bodies."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from tests.security.accounts_app import PASSWORD, Parts, browser

from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.sign_in_tables import SessionRow, TokenRow
from sightline.library.tables import UserRow
from sightline.service.settings import Settings

SIGN_IN = {"email": "mina@example.org", "password": PASSWORD}
ME = "/api/v1/session"


@pytest.fixture
def parts(sqlite_database: Database) -> Parts:
    found = Parts(sqlite_database)
    found.user("admin@example.org", is_admin=True)
    found.user()
    return found


def signed_in(parts: Parts, email: str = "mina@example.org", **how: Any) -> Any:
    client = browser(parts, **how)
    answer = client.post(ME, json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return client


def token_of(parts: Parts, client: Any, *scopes: str) -> str:
    made = client.post("/api/v1/tokens", json={"name": "t", "scopes": list(scopes)})
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


# Secrets


@pytest.mark.parametrize(
    "forged", ["", "x", "A" * 43, "../../etc/passwd", "' OR 1=1 --", "%00", "x" * 4000, "null", "é"]
)
def test_a_forged_cookie_is_nobody(parts: Parts, forged: str) -> None:
    answer = browser(parts).get(ME, headers={"Cookie": f"sightline_session={forged}".encode()})  # type: ignore[dict-item]
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer sl_" + "A" * 43, "Bearer", "Bearer ", "Basic bWluYTpw", "sl_x", "bearer \x00", "Bearer a b"]
)
def test_a_wrong_authorization_is_not_mended_by_a_right_cookie(parts: Parts, header: str) -> None:
    answer = signed_in(parts).get(ME, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_session_that_is_over_or_revoked_is_refused(parts: Parts) -> None:
    client = signed_in(parts)
    with parts.database.write(SYSTEM) as opened:
        opened.execute(update(SessionRow).values(seen_at=now() - timedelta(minutes=31)))
    assert code_of(client.get(ME)) == "account.session_over"
    client = signed_in(parts)
    assert client.delete("/api/v1/session").status_code == 204
    assert client.cookies.get("sightline_session") is None


def test_a_stolen_cookie_ends_with_signing_out(parts: Parts) -> None:
    client = signed_in(parts)
    stolen = client.cookies["sightline_session"]
    client.delete("/api/v1/session")
    assert browser(parts).get(ME, headers={"Cookie": f"sightline_session={stolen}"}).status_code == 401


def test_a_planted_session_does_not_become_the_victims(parts: Parts) -> None:
    """Session fixation: whoever planted a cookie before the sign-in holds nothing after it."""
    attacker = signed_in(parts, "admin@example.org")
    planted = attacker.cookies["sightline_session"]
    victim = browser(parts)
    victim.cookies.set("sightline_session", planted, domain="localhost.local")
    answer = victim.post(ME, json=SIGN_IN, headers={"Cookie": f"sightline_session={planted}"})
    assert answer.status_code == 201
    assert planted not in answer.headers["set-cookie"]
    assert attacker.get(ME).status_code == 401


def test_a_revoked_and_an_expired_token_are_refused(parts: Parts) -> None:
    client = signed_in(parts)
    token = token_of(parts, client, "read")
    carrying = {"Authorization": f"Bearer {token}"}
    assert browser(parts).get(ME, headers=carrying).json()["kind"] == "token"
    with parts.database.write(SYSTEM) as opened:
        opened.execute(update(TokenRow).values(expires_at=now()))
    assert code_of(browser(parts).get(ME, headers=carrying)) == "account.token_over"
    token = token_of(parts, client, "read")
    for made in client.get("/api/v1/tokens").json()["items"]:
        assert "secret" not in made
        client.delete(f"/api/v1/tokens/{made['id']}")
    assert browser(parts).get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_token_of_lesser_scope_does_not_reach_the_account(parts: Parts) -> None:
    client = signed_in(parts)
    carrying = {"Authorization": f"Bearer {token_of(parts, client, 'write')}"}
    for method, path, body in (
        ("POST", "/api/v1/tokens", {"name": "t", "scopes": ["read"]}),
        ("GET", "/api/v1/tokens", None),
        ("GET", "/api/v1/sessions", None),
        ("PATCH", "/api/v1/account", {"name": "x"}),
        ("PUT", "/api/v1/account/password", {"current": PASSWORD, "new": "battery staple 42"}),
        ("POST", "/api/v1/workspaces", {"name": "x"}),
    ):
        assert browser(parts).request(method, path, json=body, headers=carrying).status_code == 403, path


def test_a_token_needs_no_proof_of_origin(parts: Parts) -> None:
    carrying = {"Authorization": f"Bearer {token_of(parts, signed_in(parts), 'admin')}", "Sec-Fetch-Site": "cross-site"}
    assert browser(parts).patch("/api/v1/account", json={"name": "x"}, headers=carrying).status_code == 200


def test_a_new_password_gives_this_browser_a_new_cookie_and_ends_the_others(parts: Parts) -> None:
    here, there = signed_in(parts), signed_in(parts)
    before = here.cookies["sightline_session"]
    answer = here.put("/api/v1/account/password", json={"current": PASSWORD, "new": "battery staple 42"})
    assert answer.status_code == 204
    assert here.cookies["sightline_session"] != before
    assert here.get(ME).status_code == 200
    assert there.get(ME).status_code == 401
    assert browser(parts).get(ME, headers={"Cookie": f"sightline_session={before}"}).status_code == 401


def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(parts: Parts) -> None:
    answers = [
        browser(parts, address=f"192.0.2.{n}").post(ME, json={"email": email, "password": "wrong password"})
        for n, email in enumerate(("mina@example.org", "nobody@example.org", "no address", "\u0001"))
    ]
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert all(one == told[0] for one in told)


def test_after_too_many_attempts_the_answer_says_when_to_come_back(sqlite_database: Database) -> None:
    parts = Parts(sqlite_database, Settings(sign_in_attempts=2))
    parts.user()
    for _ in range(2):
        assert browser(parts).post(ME, json={**SIGN_IN, "password": "wrong password"}).status_code == 401
    answer = browser(parts).post(ME, json=SIGN_IN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 901


def test_of_two_browsers_with_one_link_one_is_let_in(parts: Parts) -> None:
    admin = signed_in(parts, "admin@example.org")
    mina = next(u for u in admin.get("/api/v1/users").json()["items"] if u["email"] == "mina@example.org")
    url = admin.post(f"/api/v1/users/{mina['id']}/link").json()["url"]
    secret = url.partition("secret=")[2]
    gate, statuses = threading.Barrier(2, timeout=30), []

    def use(client: Any) -> None:
        gate.wait()
        statuses.append(client.post("/api/v1/session/link", json={"secret": secret}).status_code)

    threads = [threading.Thread(target=use, args=(browser(parts),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 401]


# Pages without a script


def test_looking_at_a_link_does_not_use_it_up(parts: Parts) -> None:
    path = parts.links.create(SYSTEM, parts.accounts.find(SYSTEM, "mina@example.org").id)
    client = browser(parts)
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
    secret = path.partition("secret=")[2]
    answer = client.post("/sign-in", data={"secret": secret, "next": "/videos"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/videos")
    assert client.get(ME).json()["user"]["email"] == "mina@example.org"
    assert client.post("/sign-in", data={"secret": secret}).status_code == 401


def test_the_form_signs_in_and_sends_nobody_elsewhere(parts: Parts) -> None:
    client = browser(parts)
    wrong = client.post("/sign-in", data={**SIGN_IN, "password": "wrong password"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    answer = client.post("/sign-in", data={**SIGN_IN, "next": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_what_stands_in_the_address_does_not_become_part_of_the_page(parts: Parts) -> None:
    attack = '"><script>alert(1)</script>'
    page = browser(parts).get("/sign-in", params={"secret": attack, "next": f"/{attack}"})
    assert "<script" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_the_page_speaks_korean(parts: Parts) -> None:
    assert "로그인" in browser(parts).get("/sign-in", headers={"Accept-Language": "ko-KR,ko;q=0.9"}).text


def test_a_share_link_opens_its_report_and_nothing_else(parts: Parts) -> None:
    client = signed_in(parts)
    workspace = client.get(ME).json()["workspaces"][0]["id"]
    analysis = parts.analysis(workspace)
    ends = (now() + timedelta(days=1)).isoformat()
    made = client.post(f"/api/v1/analyses/{analysis}/shares", json={"expires_at": ends}).json()
    guest = browser(parts)
    answer = guest.get(made["url"].removeprefix("http://localhost:8000"))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/s/{analysis}"
    who = guest.get(ME).json()
    assert (who["kind"], who["user"], who["workspaces"]) == ("share", None, [])
    assert who["shared"]["analysis_id"] == analysis
    by_header = browser(parts).get(ME, headers={"X-Sightline-Share": made["secret"]})
    assert by_header.json()["kind"] == "share"
    for path in ("/api/v1/workspaces", "/api/v1/account", "/api/v1/audit", f"/api/v1/analyses/{analysis}/shares"):
        assert guest.get(path).status_code == 403, path
    # A member of another workspace who follows a link looks at it as a guest.
    admin = signed_in(parts, "admin@example.org")
    assert admin.post("/api/v1/shares/open", json={"secret": made["secret"]}).status_code == 200
    assert admin.get(ME).json()["kind"] == "session"
    assert admin.get(f"{ME}?as=share").json()["kind"] == "share"
    client.delete(f"/api/v1/shares/{made['id']}")
    assert guest.get(ME).status_code == 401


# Other sites


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"}, False),
        ({"Sec-Fetch-Site": "nonsense"}, False),
        ({"Origin": "http://localhost:8000"}, True),
        ({"Origin": "http://localhost:9000"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": ""}, False),
        ({}, False),
    ],
)
def test_a_change_by_cookie_must_come_from_our_own_pages(
    parts: Parts, headers: dict[str, str], is_let_in: bool
) -> None:
    client = signed_in(parts)
    del client.headers["Sec-Fetch-Site"]
    answer = client.patch("/api/v1/account", json={"name": "x"}, headers=headers)
    assert answer.status_code == (200 if is_let_in else 403)
    # Reading is no change.
    assert client.get("/api/v1/account", headers=headers).status_code == 200


@pytest.mark.parametrize("path", [ME, "/api/v1/session/link", "/api/v1/shares/open", "/sign-in"])
def test_no_other_site_signs_a_browser_in(parts: Parts, path: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "http://evil.example"}):
        how = {"data": SIGN_IN} if path == "/sign-in" else {"json": SIGN_IN}
        answer = browser(parts).post(path, headers=headers, **how)  # type: ignore[arg-type]
        assert answer.status_code == 403
        assert code_of(answer) == "account.cross_site"


def test_a_script_signs_in_without_saying_where_it_comes_from(parts: Parts) -> None:
    client = browser(parts)
    del client.headers["Sec-Fetch-Site"]
    assert client.post(ME, json=SIGN_IN).status_code == 201


def test_a_form_of_another_site_cannot_pass_for_json(parts: Parts) -> None:
    client = signed_in(parts)
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = client.patch("/api/v1/account", content=b'{"name": "x"}', headers={"Content-Type": media_type})
        assert answer.status_code == 422
        assert code_of(answer) == "account.body_json"


def test_no_other_origin_is_told_it_may_read_an_answer(parts: Parts) -> None:
    for method in ("GET", "OPTIONS"):
        answer = signed_in(parts).request(method, ME, headers={"Origin": "http://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


# Names and addresses


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "10.0.0.1", "a@b"])
def test_a_page_whose_name_leads_to_this_machine_reaches_nothing(parts: Parts, host: str) -> None:
    answer = signed_in(parts).get(ME, headers={"Host": host})
    assert answer.status_code == 403
    assert code_of(answer) == "account.bad_host"


def test_the_address_in_the_audit_is_not_the_clients_to_choose(parts: Parts) -> None:
    client = browser(parts, address="203.0.113.9")
    client.post(ME, json=SIGN_IN, headers={"X-Forwarded-For": "6.6.6.6"})
    assert client.get("/api/v1/sessions").json()["items"][0]["address"] == "203.0.113.9"
    proxied = browser(parts)
    proxied.post(ME, json=SIGN_IN, headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.4"})
    found = proxied.get("/api/v1/sessions").json()["items"]
    assert next(one["address"] for one in found if one["is_current"]) == "192.0.2.4"


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(sqlite_database: Database) -> None:
    parts = Parts(sqlite_database, Settings(public_url="https://qc.example.org"))
    parts.user()
    client = browser(parts, "https://qc.example.org")
    cookie = client.post(ME, json=SIGN_IN).headers["set-cookie"]
    assert cookie.startswith("__Host-sightline_session=")
    for wanted in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert wanted in cookie
    assert "Domain" not in cookie
    secret = client.cookies["__Host-sightline_session"]
    # A neighbouring host can set the plain name, and only that.
    assert browser(parts, "https://qc.example.org").get(
        ME, headers={"Cookie": f"sightline_session={secret}"}
    ).status_code == 401  # fmt: skip
    answer = client.get(ME)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_over_plain_http_a_proxy_says_that_it_was_https(parts: Parts) -> None:
    answer = browser(parts).post(ME, json=SIGN_IN, headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["set-cookie"].startswith("__Host-")
    strange = browser(parts, address="203.0.113.9").post(ME, json=SIGN_IN, headers={"X-Forwarded-Proto": "https"})
    assert strange.headers["set-cookie"].startswith("sightline_session=")


# Headers and bodies


@pytest.mark.parametrize("path", [ME, "/sign-in", "/nowhere", "/api/v1/account"])
def test_every_answer_carries_what_browsers_guard_us_by(parts: Parts, path: str) -> None:
    headers = browser(parts).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    if path != "/nowhere":
        assert headers["cache-control"] == "no-store"


@pytest.mark.expects_errors
def test_even_an_error_of_ours_carries_them(parts: Parts) -> None:
    parts.links.create = None  # type: ignore[method-assign,assignment]
    admin = signed_in(parts, "admin@example.org")
    answer = admin.post(f"/api/v1/users/{'f' * 32}/link", headers={"X-Request-ID": "my-request-1"})
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "my-request-1"


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g h", "evil\tvalue1", "<script>alert"])
def test_an_odd_request_id_is_replaced(parts: Parts, given: str) -> None:
    found = browser(parts).get("/api/v1/session/ways", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert found != given
    assert len(found) == 32


def test_a_body_larger_than_a_mebibyte_is_refused_before_it_is_read(parts: Parts) -> None:
    client = browser(parts)
    large = b'{"email": "' + b"a" * (1 << 20) + b'"}'

    def pieces() -> Any:
        for n in range(0, len(large), 65_536):
            yield large[n : n + 65_536]

    for content in (large, pieces()):
        answer = client.post(ME, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert code_of(answer) == "account.body_large"


@pytest.mark.parametrize(
    "body", ["{", "[]", "null", '"x"', "NaN", '{"email": "\\u0000", "password": "x"}', "[" * 50_000]
)
def test_a_broken_body_is_the_senders_fault(parts: Parts, body: str) -> None:
    answer = browser(parts).post(ME, content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff\\ud800", "\\uffff", "\\u202e", "\\u0000"])
def test_odd_characters_are_nobodys_name(parts: Parts, text: str) -> None:
    client = signed_in(parts, "admin@example.org")
    headers = {"Content-Type": "application/json"}
    for method, path, body in (
        ("POST", ME, '{"email": "%s", "password": "%s"}'),
        ("PATCH", "/api/v1/account", '{"name": "%s%s"}'),
        ("POST", "/api/v1/users", '{"email": "%s@%s"}'),
        ("POST", "/api/v1/tokens", '{"name": "%s%s", "scopes": ["read"]}'),
        ("POST", "/api/v1/workspaces", '{"name": "%s%s"}'),
    ):
        answer = client.request(method, path, content=(body % (text, text)).encode(), headers=headers)
        assert answer.status_code < 500, (path, answer.text)
    assert client.post("/sign-in", data={"email": "\0", "password": "\0"}).status_code == 401


def test_no_field_beyond_the_known_ones_is_taken(parts: Parts) -> None:
    """Mass assignment."""
    client = signed_in(parts)
    assert client.patch("/api/v1/account", json={"is_admin": True}).status_code == 422
    assert client.patch("/api/v1/account", json={"email": "admin@example.org"}).status_code == 422


@pytest.mark.parametrize("path", ["/api/v1/users/%00", "/api/v1/audit?action=%00", "/api/v1/sessions/%00"])
def test_a_nul_reaches_no_database(parts: Parts, path: str) -> None:
    assert signed_in(parts, "admin@example.org").get(path).status_code in (404, 405, 422)


def test_only_administrators_manage_users(parts: Parts) -> None:
    mina = signed_in(parts)
    who = mina.get(ME).json()["user"]["id"]
    for method, path, body in (
        ("GET", "/api/v1/users", None),
        ("POST", "/api/v1/users", {"email": "x@example.org"}),
        ("GET", f"/api/v1/users/{who}", None),
        ("PATCH", f"/api/v1/users/{who}", {"is_admin": True}),
        ("POST", f"/api/v1/users/{who}/link", None),
        ("PUT", f"/api/v1/users/{who}/password", {"password": "battery staple 42"}),
        ("DELETE", f"/api/v1/users/{who}", None),
        ("GET", "/api/v1/audit", None),
    ):
        assert mina.request(method, path, json=body).status_code == 403, path
    assert parts.count(UserRow) == 2


def test_no_answer_about_users_holds_a_hash(parts: Parts) -> None:
    admin = signed_in(parts, "admin@example.org")
    for path in ("/api/v1/users", "/api/v1/account", "/api/v1/sessions", "/api/v1/tokens", "/api/v1/audit", ME):
        answer = admin.get(path)
        assert answer.status_code == 200
        assert "argon2" not in answer.text
        assert "hash" not in answer.text.replace("has_", "")
