"""Signing in at the service as it is run: a real server, real sockets, and what clients can do to them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from tests.running import Service, running, settings_for

from sightline.library.actor import SYSTEM, Scope

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(settings_for(tmp_path_factory.mktemp("service"))) as found:
        yield found


def browser(service: Service) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers={"Origin": service.url}, timeout=30)


def said(service: Service, request: bytes) -> bytes:
    """What comes back for these bytes."""
    at = urlsplit(service.url)
    with socket.create_connection((at.hostname, at.port), timeout=10) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        answer = b""
        while b"\r\n\r\n" not in answer and (more := connection.recv(65_536)):
            answer += more
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_from_the_first_start_to_a_password_and_out_again(service: Service) -> None:
    path = service.platform.links.first_link()
    assert path is not None
    with browser(service) as client:
        assert client.get(path).status_code == 200
        answer = client.post("/sign-in", data={"secret": path.partition("secret=")[2]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        who = client.get("/api/v1/session").json()
        assert (who["user"]["email"], who["is_admin"]) == ("admin@localhost", True)
        assert client.put("/api/v1/account/password", json={"new": PASSWORD}).status_code == 204
        assert client.delete("/api/v1/session").status_code == 204
        assert client.get("/api/v1/session").status_code == 401
        again = client.post("/api/v1/session", json={"email": "admin@localhost", "password": PASSWORD})
        assert again.status_code == 201
    assert service.platform.links.first_link() is None


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /api/v1/session HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/api/v1/session HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /api/v1/session HTTP/1.0\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2000000\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nCookie: sightline_session=\xff\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a\xffbbbbbbbb\r\n\r\n",
        b"GET /api/v1/users/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/users/%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: \xff, , 1.2.3.4:x\r\n\r\n",
        b"GET /sign-in?next=%ff&secret=%ff HTTP/1.1\r\nHost: localhost\r\nAccept-Language: \xff;q=\xff\r\n\r\n",
    ],
)
def test_odd_requests_are_refused_and_harm_nothing(service: Service, request_: bytes) -> None:
    answer = said(service, request_)
    assert not answer or 200 <= status(answer) < 500
    if not request_.startswith(b"GET /sign-in"):
        assert not answer or status(answer) >= 400
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_a_body_that_never_ends_is_cut_off(service: Service) -> None:
    at = urlsplit(service.url)
    with socket.create_connection((at.hostname, at.port), timeout=10) as connection:
        connection.sendall(
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent, answer = 0, b""
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            while sent < 64:
                connection.sendall(chunk)
                sent += 1
                time.sleep(0.001)
            answer = connection.recv(65_536)
        except OSError:
            pass
    assert not answer or status(answer) == 413
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_no_header_of_a_request_comes_back_in_the_answers_headers(service: Service) -> None:
    answer = httpx.get(f"{service.url}/sign-in", params={"next": "/x\r\nSet-Cookie: a=b"})
    assert "a=b" not in str(answer.headers)
    assert answer.status_code == 200


def test_a_token_signs_in_programs_and_its_use_is_cheap(service: Service) -> None:
    user = service.platform.accounts.create(SYSTEM, "robot@example.org")
    with service.http(service.token(user.id, Scope.READ)) as client:
        took = []
        for _ in range(50):
            began = time.perf_counter()
            assert client.get("/api/v1/account").status_code == 200
            took.append(time.perf_counter() - began)
    # A smell, not a benchmark: far above what any machine that runs tests takes.
    assert sorted(took)[25] < 0.5
