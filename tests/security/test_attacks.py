"""What strangers ask for: paths, forged secrets, ranges, from other sites and under other names."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest
from tests.media_clips import write_clip
from tests.running import Service
from tests.security.attack_target import Target, attacked, status

from sightline.library.actor import SYSTEM
from sightline.library.columns import now


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with attacked(tmp_path_factory.mktemp("attacked")) as found:
        yield found


# Paths and names

TRAVERSALS = (
    "..", "../..", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "%2e%2e%2f%2e%2e%2fsightline.db",
    "..%5c..%5csightline.db", "%252e%252e%252f", "%2fetc%2fpasswd", "%00", "..%00", "%c0%ae%c0%ae%c0%af", "..%c0%af",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8f", "%e2%80%a6", "%e2%88%95etc", "C:%5cWindows", "file:%2f%2f%2fetc%2fpasswd",
    "a" * 60_000,
    "%0d%0aSet-Cookie:%20a=b", "%e2%80%ae4pm", "~root", "$HOME", "%7b%7b7*7%7d%7d", "'%20OR%20'1'='1", "*",
    "levels..%2f",
    "..%2f..%2fmanifest.x", ".%2e", "levels.%2e%2e", "nul", "\udcff".encode("utf-8",
    "surrogateescape").decode("latin-1"),
)  # fmt: skip


def _routes(service: Service) -> list[tuple[str, str]]:
    app_paths = httpx.get(f"{service.url}/api/v1/openapi.json").json()["paths"]
    return [(method, path) for path, item in app_paths.items() for method in item if "{" in path]


def test_no_path_leads_out_of_its_place(target: Target) -> None:
    """Every parameter of every route's path, with what has no business there."""
    for method, path in _routes(target.service):
        for bad in TRAVERSALS if method in ("get", "put") else TRAVERSALS[:12]:
            if (method, bad) == ("put", "nul") or (len(bad) > 1000 and method != "get"):
                continue
            asked = path
            for known, value in (("{video_id}", target.video), ("{analysis_id}", target.analysis)):
                asked = asked.replace(known, value) if path.count("{") > 1 else asked
            asked = "".join(f"{part.partition('{')[0]}{bad}" if "{" in part else part for part in asked.split("}"))
            content = b"" if method in ("get", "head") else b"{}"
            more = ("Content-Type: application/json", f"Content-Length: {len(content)}", "Connection: close")
            answer = target.said(target.head(f"{method.upper()} {asked}", *more) + content)
            assert status(answer) in range(400, 500), (method, asked[:100], answer[:300])
            assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()
    assert target.is_well()


@pytest.mark.parametrize("path", ["/pages/..%2f..%2fpages.py", "/pages/page.css%00", "/pages/%2fetc%2fpasswd", "//etc"])
def test_files_of_pages_are_those_and_no_others(target: Target, path: str) -> None:
    assert status(target.said(target.head(f"GET {path}", "Connection: close"))) in (404, 422)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", ".hidden", "/etc/passwd", "x.toml", "A", "a\n", "a b", "ａ", "a" * 101]
)
def test_templates_have_plain_names(target: Target, name: str) -> None:
    answer = target.http.put(f"/api/v1/templates/{quote(name, safe='')}", json={"source": 'extends = "default"'})
    assert answer.status_code in (404, 405, 422), answer.text
    made = target.http.post(
        "/api/v1/analyses", json={"video_id": target.video, "template": name, "template_source": 'extends = "default"'}
    )
    assert made.status_code == 422


def test_a_name_of_a_file_is_text_and_stays_where_it_belongs(target: Target) -> None:
    shown = target.http.get(f"/api/v1/videos/{target.video}").json()["name"]
    assert "/" not in shown.partition("<")[0]
    assert not [sign for sign in shown if not sign.isprintable()]
    for answer in (
        target.http.get(f"/api/v1/videos/{target.video}/media"),
        target.http.get(f"/api/v1/videos/{target.video}/media", params={"download": True}),
        httpx.get(f"{target.service.url}{target.link}"),
    ):
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-disposition"].count(";") == 1
        assert '"' not in answer.headers["content-disposition"]
        assert answer.content == target.clip.read_bytes()


@pytest.mark.parametrize(
    "given",
    [
        'filename="../../../../tmp/own"', 'filename="..\\..\\own"', "filename*=UTF-8''..%2F..%2Fown", 'filename=""',
        "filename*=evil''%ff%fe", "filename*=UTF-8''%00%0d%0aX: y", "filename*=x", "filename*=''",
        f'filename="{"a" * 3000}"',
        'filename="CON"', 'filename="\u202e4pm.exe"', "filename*=UTF-16''%d8%00",
    ],
)  # fmt: skip
def test_a_multipart_name_is_never_a_path(target: Target, given: str) -> None:
    body = (
        f'--x\r\nContent-Disposition: form-data; name="file"; {given}\r\n\r\n'.encode()
        + target.clip.read_bytes()
        + b"\r\n--x--\r\n"
    )
    answer = target.http.post(
        "/api/v1/videos", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    # The same bytes are the video that is there.
    assert (answer.status_code, answer.json().get("id")) == (201, target.video), answer.text
    assert not list(target.folder.rglob("own*"))
    assert not list((target.work / "uploads").iterdir())


# Forged ids, cursors and secrets


def _cursor(*plain: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


CURSORS = [
    "", "=", "!!!!", "AAAA", "é", "a" * 2000, _cursor(), _cursor(1, 2, 3, 4), _cursor("created_at", True, "x", "y"),
    _cursor("created_at", True, "0001-01-01T00:00:00+14:00", "a"), _cursor("created_at", True,
    "9999-12-31T23:59:59-14:00", "a"),
    _cursor("created_at", True, "2026-01-01T00:00:00Z", "\ud800"), _cursor("created_at", True, "2026-01-01T00:00:00Z",
    "\0"),
    _cursor("created_at", True, "2026-01-01T00:00:00Z", {"a": 1}), _cursor("at", True, "2026-01-01T00:00:00Z", 2**70),
    _cursor("at", True, "2026-01-01T00:00:00Z", True), _cursor("created_at", True, "2026-01-01T00:00:00Z",
    "' OR 1=1 --"),
    base64.urlsafe_b64encode(b"[" * 1400).decode(), base64.urlsafe_b64encode(b"9" * 1400).decode(),
    _cursor("name", False, "\ud800", "x"), _cursor("duration_s", True, float("nan"), "x"), _cursor("id", True, 2**70,
    2**70),
]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_forged_cursor_is_refused_or_shows_what_is_ones_own(target: Target, cursor: str) -> None:
    for path in ("videos", "analyses", "jobs", "uploads", f"audit?workspace_id={target.owner.workspace_id}"):
        answer = target.http.get(f"/api/v1/{path}{'&' if '?' in path else '?'}cursor={quote(cursor)}")
        assert answer.status_code in (200, 422), (path, answer.text)
    for order in ("name", "duration_s", "size_bytes"):
        answer = target.http.get("/api/v1/videos", params={"order": order, "cursor": cursor, "descending": "true"})
        assert answer.status_code in (200, 422), (order, answer.text)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e300", "-62135596800"])
def test_moments_at_the_ends_of_time_are_no_fault_of_ours(target: Target, moment: str) -> None:
    own = {"workspace_id": target.owner.workspace_id}
    for path, query in (
        ("analyses", {"created_from": moment}), ("videos", {"created_before": moment, "created_from": moment}),
        ("audit", own | {"since": moment, "until": moment}), ("system/samples", {"since": moment}),
    ):  # fmt: skip
        answer = target.http.get(f"/api/v1/{path}", params=query)
        assert answer.status_code in (200, 422), (path, answer.text)
    answer = target.http.post(f"/api/v1/analyses/{target.analysis}/shares", json={"expires_at": moment})
    assert answer.status_code == 422


def _flipped(text: str) -> Iterator[str]:
    for place in (0, len(text) // 2, len(text) - 1):
        other = "A" if text[place] != "A" else "B"
        yield text[:place] + other + text[place + 1 :]
    yield from (text[:-1], text + "A", text.swapcase(), text + "=", f"x{text}", "", text[::-1], "A" * len(text))


def test_no_changed_secret_opens_anything(target: Target) -> None:
    with httpx.Client(base_url=target.service.url, timeout=30) as nobody:
        for token in filter(None, _flipped(target.owner.token)):
            answer = nobody.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, token
        for secret in _flipped(target.share):
            assert nobody.get("/api/v1/session", headers={"X-Sightline-Share": secret}).status_code == 401, secret
            assert nobody.get("/shared", params={"secret": secret}).status_code == 401, secret
        assert nobody.get("/api/v1/session", headers={"X-Sightline-Share": target.owner.token}).status_code == 401
        assert nobody.get("/api/v1/session", headers={"Authorization": f"Bearer {target.share}"}).status_code == 401


def test_a_media_link_is_for_one_video_until_one_moment(target: Target) -> None:
    other = write_clip(target.folder / "other.mp4", pictures=5)
    other_video = target.http.post("/api/v1/videos", files={"file": other.open("rb")}).json()["id"]
    at = httpx.URL(target.link)
    expires, token = at.params["expires"], at.params["token"]
    with httpx.Client(base_url=target.service.url, timeout=30) as nobody:
        assert nobody.get(target.link).status_code == 200
        wrong = [(target.video, expires, changed) for changed in _flipped(token) if changed]
        wrong += [(target.video, later, token) for later in (str(int(expires) + 1), f"+{expires}", "٣", "1e9")]
        wrong += [(other_video, expires, token), (target.video.upper(), expires, token), ("..", expires, token)]
        for video, ends, secret in wrong:
            answer = nobody.get(f"/api/v1/media/{video}", params={"expires": ends, "token": secret})
            assert answer.status_code in (401, 404, 422), (video, ends, secret)
            assert b"ftyp" not in answer.content
        path = f"/api/v1/media/{target.video}?token={token}&expires=1&expires={expires}"
        # Of two the last counts, which is the one that was signed: nothing is gained by more.
        assert nobody.get(path).status_code in (200, 401)
        assert nobody.get(f"/api/v1/videos/{target.video}/media?expires={expires}&token={token}").status_code == 401


# Ranges

RANGES = [
    "bytes=" + ",".join("0-" for _ in range(1300)), "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(0, 1500, 3)),
    "bytes=" + ",".join("0-0,1-1" for _ in range(49)), "bytes=5-2", "bytes=-0", "bytes=-", "bytes=--1", "bytes=a-b",
    "bytes=0-1-2",
    "bytes=٣-٤", "bytes=" + "9" * 5000 + "-", "bytes=0-" + "9" * 5000, "bytes=-" + "9" * 5000, "bytes=1e3-2e3",
    "bytes 0-1",
    "items=0-1", "bytes=", "=", ",", "bytes=0x0-0x9", "bytes=+1-+2", "bytes=0-,", "bytes=18446744073709551616-", "\xff",
]  # fmt: skip


@pytest.mark.parametrize("range_", RANGES)
def test_no_range_costs_more_than_the_file(target: Target, range_: str) -> None:
    size = target.clip.stat().st_size
    before = psutil.Process().memory_info().rss
    for method in ("GET", "HEAD"):
        asked = httpx.Headers([(b"Range", range_.encode("utf-8" if ord(max(range_)) > 255 else "latin-1"))])
        for path in (f"/api/v1/videos/{target.video}/media", target.link):
            answer = target.http.request(method, path, headers=asked)
            assert answer.status_code in (200, 206, 400, 416), (method, answer.text)
            assert len(answer.content) <= size + 200 * range_.count(",") + 200
            assert method == "GET" or not answer.content
    assert psutil.Process().memory_info().rss - before < 200 << 20


# Other sites, other hosts, and what stays behind

PLACES = (
    "/", "/docs", "/pages/page.css", "/pages/none", "/nothing", "/api/v1/nothing", "/api/v1/videos", "/healthz",
    "/metrics", "/sign-in",
    "/shared?secret=x", "/api/v1/session/oidc", "/api/v1/videos/%00", "/api/v1/openapi.json", "/analysis/x",
    "/api/v1/media/x?expires=1&token=x",
)  # fmt: skip
GUARDS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-resource-policy",
    "x-request-id",
)


@pytest.mark.parametrize("path", [*PLACES, "{share}", "{media}", "{report}"])
def test_every_answer_guards_against_other_sites(target: Target, path: str) -> None:
    path = path.format(
        share=f"/shared?secret={target.share}",
        media=target.link,
        report=f"/api/v1/analyses/{target.analysis}/reports/html",
    )
    headers = {
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Access-Control-Request-Method": "DELETE",
    }
    for method in ("GET", "POST", "OPTIONS", "DELETE", "TRACE", "HEAD"):
        answer = httpx.request(method, f"{target.service.url}{path}", headers=headers, timeout=30)
        assert answer.status_code < 500
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert all(name in answer.headers for name in GUARDS), (method, answer.status_code, answer.headers)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy or "sandbox" in policy
    assert status(target.said(target.head(f"GET {path}", "Host: evil.example", "Connection: close"))) in (
        400,
        403,
        200,
        303,
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example",
    "evil.example:8000", "[::1", "localhost/x", "local host", "\xff", "127.0.0.1:99999", ""]
)  # fmt: skip
def test_another_host_reaches_nothing_and_is_named_in_no_answer(target: Target, host: str) -> None:
    token = f"Authorization: Bearer {target.owner.token}"
    for path in ("/", "/sign-in", "/api/v1/session", "/api/v1/session/oidc", "/docs", f"/shared?secret={target.share}"):
        answer = target.said(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{token}\r\nConnection: close\r\n\r\n".encode("latin-1")
        )
        assert status(answer) in (400, 403), (path, answer)
        assert b"\r\nlocation:" not in answer.lower()
        assert b"\r\nset-cookie:" not in answer.lower()
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded"):
        answer = target.http.post(f"/api/v1/analyses/{target.analysis}/shares", headers={name: "host=evil.example"},
                                  json={"expires_at": (now() + timedelta(hours=1)).isoformat()})  # fmt: skip
        assert "evil" not in answer.text


def test_a_cross_site_request_with_a_cookie_changes_nothing(target: Target) -> None:
    user = target.service.platform.accounts.create(SYSTEM, "browser@example.org", password="correct horse battery 9")
    assert user.id
    with httpx.Client(base_url=target.service.url, headers={"Origin": target.service.url}, timeout=30) as client:
        signed_in = client.post(
            "/api/v1/session", json={"email": "browser@example.org", "password": "correct horse battery 9"}
        )
        assert signed_in.status_code == 201
        for said in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            for method, path, body in (
                ("POST", "/api/v1/workspaces", {"name": "x"}), ("PATCH", "/api/v1/account", {"name": "x"}), ("DELETE",
                "/api/v1/session", None),
                ("POST", "/api/v1/tokens", {"name": "x", "scopes": ["read"]}), ("POST", "/analyze-video", None),
                ("POST", "/api/v1/uploads", None),
            ):  # fmt: skip
                answer = client.request(method, path, json=body, headers=said)
                assert answer.status_code == 403, (said, path)
        assert client.get("/api/v1/session").status_code == 200


def test_no_secret_stays_in_the_logs(target: Target) -> None:
    """Runs after the others: all they sent is looked through as well."""
    password, wrong = "only-mina-knows-this-1", "only-mallory-tried-this-2"
    user = target.service.platform.accounts.create(SYSTEM, "mina@example.org", password=password)
    path = target.service.platform.links.create(SYSTEM, user.id)
    once = path.partition("secret=")[2]
    with httpx.Client(base_url=target.service.url, headers={"Origin": target.service.url}, timeout=30) as client:
        assert client.get(path).status_code == 200
        assert client.post("/sign-in", data={"secret": once}).status_code == 303
        assert (
            client.post("/api/v1/session", json={"email": "mina@example.org", "password": password}).status_code == 201
        )
        cookie = client.cookies["sightline_session"]
        assert client.post("/api/v1/session", json={"email": "mina@example.org", "password": wrong}).status_code == 401
        assert client.get("/shared", params={"secret": target.share}).status_code == 303
        client.get(target.link)
        client.get(target.link.replace("token=", "token=x"))
        client.get(
            "/api/v1/nothing", params={"token": target.owner.token, "secret": target.share, "password": password}
        )
        client.post("/api/v1/videos/from-url", json={"url": f"https://u:{password}@127.0.0.1/a.mp4?token={once}"})
    target.http.post("/api/v1/videos/from-url", json={"url": f"https://u:{password}@127.0.0.1/a.mp4?token={once}"})
    target.http.get(f"/api/v1/analyses/{target.analysis}")
    secrets = (password, wrong, once, cookie, target.share, target.owner.token, httpx.URL(target.link).params["token"])
    for file in target.service.platform.settings.logs.rglob("*"):
        text = file.read_text()
        assert text
        assert not [secret for secret in secrets if secret in text], file
    assert list(target.service.platform.settings.logs.iterdir())
