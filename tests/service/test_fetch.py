"""Addresses from outside never reach what only we can reach."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest

from sightline.errors import AddressRefused, LimitExceeded, RequestInvalid, SightlineError, Unavailable
from sightline.service.intake import fetch as fetching
from sightline.service.intake.addresses import Allowed, checked, is_public
from sightline.service.intake.fetch import Limits, check_url, checked_url, fetch, name_from, run
from sightline.service.intake.landing import Landing
from sightline.service.settings import Settings

Handle = Callable[[BaseHTTPRequestHandler], None]
PUBLIC = "93.184.216.34"


class Web:
    """A server on loopback that does as ``handle`` says, and the names it counts as."""

    def __init__(self) -> None:
        self.handle: Handle = lambda request: answer(request, b"a video")
        self.asked: list[tuple[str, str]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.asked.append((self.headers["Host"], self.path))
                try:
                    web.handle(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str = "/film.mp4", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answer(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    web = Web()
    yield web
    web.stop()


@pytest.fixture
def web(server: Web) -> Web:
    server.handle = lambda request: answer(request, b"a video")
    server.asked.clear()
    return server


def limits(*allow: str, most_bytes: int = 10**6, read_s: float = 5, total_s: float = 30) -> Limits:
    return Limits(most_bytes, read_s, total_s, Allowed.of(allow))


LOOPBACK = limits("127.0.0.0/8")


def landing(folder: Path, tell: Callable[[dict[str, Any]], None] = lambda _: None) -> Landing:
    return Landing(folder, tell)


def test_a_file_is_fetched(web: Web, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    got = fetch(web.url("/a/My%20film.mp4?x=1#part"), landing(tmp_path, told.append), LOOPBACK)
    assert Path(got["path"]).read_bytes() == b"a video"
    assert (got["name"], got["size_bytes"]) == ("My film.mp4", 7)
    assert web.asked == [(f"127.0.0.1:{web.port}", "/a/My%20film.mp4?x=1")]
    assert told[-1]["done_bytes"] == told[-1]["total_bytes"] == 7


def test_the_work_function_takes_its_limits_from_the_settings(web: Web, tmp_path: Path) -> None:
    settings = {"data_dir": str(tmp_path), "cache_dir": str(tmp_path), "fetch_allow": ["127.0.0.1"]}
    got = run({"url": web.url(), "settings": settings}, lambda _: None, tmp_path)
    assert Path(got["path"]).parent == tmp_path
    with pytest.raises(AddressRefused):
        run({"url": web.url(), "settings": settings | {"fetch_allow": []}}, lambda _: None, tmp_path)
    with pytest.raises(LimitExceeded):
        run({"url": web.url(), "settings": settings | {"max_upload_gb": 1e-9}}, lambda _: None, tmp_path)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.255.255.254", "2130706433", "017700000001", "0x7f000001", "0x7f.1", "0177.0.0.1",
        "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]",
        "[ff02::1]", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254",
        "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1",
        "localhost", "LOCALHOST", "localhost.",
    ],
)  # fmt: skip
def test_no_spelling_of_an_inner_address_is_reached(web: Web, tmp_path: Path, host: str) -> None:
    for url in (web.url(host=host), f"http://{host}/", f"https://{host}/"):
        with pytest.raises(AddressRefused):
            fetch(url, landing(tmp_path), limits())
    assert web.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/x", "gopher://example.org/", "data:text/plain,x", "//example.org/x",
        "example.org/x", "", "http://", "http:///x", "https://user:secret@example.org/", "https://user@example.org/",
        "http://example.org@127.0.0.1/", "http://127.0.0.1\\@example.org/", "http://exa mple.org/",
        "http://example.org/\r\nX: 1", "http://example.org\t/", "http://예시.kr/", "http://example.org:0/",
        "http://example.org:99999/", "http://example.org:x/", "http://[::1/", "javascript:alert(1)",
        "http://example.org/" + "x" * 5000, "http://①②⑦.⓪.⓪.①/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_the_web_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url)
    with pytest.raises(AddressRefused):
        fetch(url, landing(tmp_path), limits(), lambda *_: [PUBLIC])


def test_an_address_can_be_seen_to_be_impossible_before_a_job_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path, s3_import=("videos/open",))
    check_url("https://example.org/x.mp4", settings)
    check_url("s3://videos/open/x.mp4", settings)
    for url in ("file:///x", "s3://videos/closed/x.mp4", "s3://other/x.mp4"):
        with pytest.raises(AddressRefused):
            check_url(url, settings)


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 9000])
def test_only_ports_of_the_web_are_asked(tmp_path: Path, port: int) -> None:
    with pytest.raises(AddressRefused, match=str(port)):
        fetch(f"http://example.org:{port}/", landing(tmp_path), limits(), lambda *_: [PUBLIC])


def test_a_name_with_one_inner_address_is_refused(tmp_path: Path) -> None:
    for found in (["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["2606:2800:220:1::1", "::ffff:10.0.0.1"], ["fe80::1%eth0"]):
        with pytest.raises(AddressRefused, match="public"):
            checked("example.org", 443, Allowed.of(()), lambda *_, found=found: found)


def test_a_name_that_points_elsewhere_the_second_time_gains_nothing(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the connection goes to what was checked, as the name is asked for once."""
    answers = [[PUBLIC], ["127.0.0.1"]]
    connected: list[object] = []
    connect = socket.create_connection

    def to(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        connected.append(address)
        return connect(("127.0.0.1", web.port), *rest, **named)

    monkeypatch.setattr(socket, "create_connection", to)
    got = fetch("http://rebind.example/x.mp4", landing(tmp_path), limits(), lambda *_: answers.pop(0))
    assert connected == [(PUBLIC, 80)]
    assert answers == [["127.0.0.1"]]
    assert web.asked == [("rebind.example", "/x.mp4")]
    assert got["size_bytes"] == 7


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{port}/secret", "http://localhost:{port}/secret", "//127.0.0.1:{port}/secret",
        "http://[::1]:{port}/secret", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
        "http://user:x@open.example:{port}/", "gopher://open.example/", "http://open.example\\@127.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_is_not_led_on_to_an_inner_one(web: Web, tmp_path: Path, to: str) -> None:
    def resolving(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host in ("open.example", "localhost") else [host]

    web.handle = lambda request: answer(request, b"", 302, Location=to.format(port=web.port))
    with pytest.raises(AddressRefused):
        fetch(web.url(host="open.example"), landing(tmp_path), limits("open.example"), resolving)
    assert [path for _, path in web.asked] == ["/film.mp4"]


def test_redirects_are_followed_five_times(web: Web, tmp_path: Path) -> None:
    def handle(request: BaseHTTPRequestHandler) -> None:
        left = int(request.path.strip("/"))
        if left:
            answer(request, b"moved", 302, Location=f"/{left - 1}")
        else:
            answer(request, b"a video")

    web.handle = handle
    assert fetch(web.url("/5"), landing(tmp_path), LOOPBACK)["size_bytes"] == 7
    with pytest.raises(AddressRefused, match="5"):
        fetch(web.url("/6"), landing(tmp_path), LOOPBACK)


@pytest.mark.parametrize("said", [True, False])
def test_a_body_over_the_limit_is_not_read_to_its_end(web: Web, tmp_path: Path, said: bool) -> None:
    sent = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length" if said else "Connection", str(10**12) if said else "close")
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)
            sent.append(65536)

    web.handle = handle
    with pytest.raises(LimitExceeded):
        fetch(web.url(), landing(tmp_path), LOOPBACK)
    assert sum(sent) < 50 * 10**6


def test_a_body_that_ends_early_is_to_be_tried_again(web: Web, tmp_path: Path) -> None:
    def handle(request: BaseHTTPRequestHandler) -> None:
        answer(request, b"half", Content_Length="8")
        request.close_connection = True

    web.handle = handle
    with pytest.raises(Unavailable):
        fetch(web.url(), landing(tmp_path), LOOPBACK)


def test_a_server_that_says_nothing_is_given_up(web: Web, tmp_path: Path) -> None:
    over = threading.Event()
    web.handle = lambda _request: over.wait(10) and None
    began = time.monotonic()
    with pytest.raises(Unavailable):
        fetch(web.url(), landing(tmp_path), limits("127.0.0.1", read_s=0.3))
    assert time.monotonic() - began < 3
    over.set()


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_given_up_in_time(web: Web, tmp_path: Path, part: str) -> None:
    """Each byte comes within the time for one read; the whole does not."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        if part == "body":
            request.send_response(200)
            request.send_header("Content-Length", "100000")
            request.end_headers()
        else:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.02)

    web.handle = handle
    began = time.monotonic()
    with pytest.raises(Unavailable):
        fetch(web.url(), landing(tmp_path), limits("127.0.0.1", read_s=5, total_s=0.7))
    assert time.monotonic() - began < 3


def test_a_server_slower_than_worth_waiting_for_is_given_up(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SLOW_S", 0.3)

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 10)
            request.wfile.flush()
            time.sleep(0.02)

    web.handle = handle
    with pytest.raises(Unavailable, match="slowly"):
        fetch(web.url(), landing(tmp_path), LOOPBACK)


@pytest.mark.parametrize(
    ("status", "error"), [(404, RequestInvalid), (403, RequestInvalid), (204, RequestInvalid), (206, RequestInvalid),
                          (429, Unavailable), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
def test_an_answer_that_is_not_the_file_is_told(
    web: Web, tmp_path: Path, status: int, error: type[SightlineError]
) -> None:
    web.handle = lambda request: answer(request, b"", status)
    with pytest.raises(error, match=str(status)):
        fetch(web.url(), landing(tmp_path), LOOPBACK)


def test_packed_bytes_are_not_unpacked(web: Web, tmp_path: Path) -> None:
    web.handle = lambda request: answer(request, b"x", Content_Encoding="gzip")
    with pytest.raises(RequestInvalid, match="packed"):
        fetch(web.url(), landing(tmp_path), LOOPBACK)


def test_what_is_no_http_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            peer, _ = listening.accept()
            peer.sendall(b"220 mail.example ESMTP\r\n")
            peer.close()

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(Unavailable):
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", landing(tmp_path), LOOPBACK)
        thread.join()


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        fetch("http://127.0.0.1:9/", landing(tmp_path), LOOPBACK)


@pytest.mark.parametrize(("code", "error"), [(socket.EAI_AGAIN, Unavailable), (socket.EAI_NONAME, AddressRefused)])
def test_a_name_nobody_knows_is_told(tmp_path: Path, code: int, error: type[SightlineError]) -> None:
    def resolving(*_: object) -> list[str]:
        raise socket.gaierror(code, "no")

    with pytest.raises(error):
        fetch("http://nobody.example/", landing(tmp_path), limits(), resolving)


def test_no_proxy_of_the_environment_is_used(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(web.url(), landing(tmp_path), LOOPBACK)["size_bytes"] == 7


@contextmanager
def _tls(web: Web, tmp_path: Path, name: str) -> Iterator[tuple[int, Path, list[str | None]]]:
    """The server behind TLS with a certificate for ``name`` by an authority of its own."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, server_name, _context: asked.append(server_name)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, b"a video")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1], pem, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolving(*_: object) -> list[str]:
        return ["127.0.0.1"]

    with _tls(web, tmp_path, "film.example") as (port, pem, asked):
        with pytest.raises(AddressRefused, match="certificate"):
            fetch(f"https://film.example:{port}/", landing(tmp_path), LOOPBACK, resolving)
        monkeypatch.setattr(fetching, "_certificates", lambda: ssl.create_default_context(cafile=str(pem)))
        assert fetch(f"https://film.example:{port}/", landing(tmp_path), LOOPBACK, resolving)["size_bytes"] == 7
        with pytest.raises(AddressRefused, match="certificate"):
            fetch(f"https://other.example:{port}/", landing(tmp_path), LOOPBACK, resolving)
        assert asked == ["film.example", "film.example", "other.example"]


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "2a00::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_what_the_operator_allows_may_be_private() -> None:
    allowed = Allowed.of(("10.1.0.0/16", "Media.Example.", "fd12::/16", "[::1]"))
    for host, address in (
        ("x", "10.1.2.3"), ("media.example", "192.168.0.1"), ("MEDIA.example.", "127.0.0.1"),
        ("x", "fd12::5"), ("x", "::1"),
    ):  # fmt: skip
        assert checked(host, 12345, allowed, lambda *_, address=address: [address]) == [address]
    for host, address in (("x", "10.2.0.1"), ("not.media.example", "10.0.0.1"), ("x", "fd13::1")):
        with pytest.raises(AddressRefused):
            checked(host, 80, allowed, lambda *_, address=address: [address])


@pytest.mark.parametrize(
    ("disposition", "path", "expected"),
    [
        ("", "/a/b%20c.mp4", "b c.mp4"),
        ("", "/", "film.example"),
        ('attachment; filename="x \\"y\\".mp4"', "/z", 'x "y".mp4'),
        ("attachment; filename=x.mp4; size=3", "/z", "x.mp4"),
        ("attachment; filename=\"x.mp4\"; filename*=UTF-8''%EA%B4%91%EA%B3%A0.mp4", "/z", "광고.mp4"),
        ('attachment; filename="../../etc/passwd"', "/z", "passwd"),
        ("attachment; filename*=UTF-8''..%2F..%2Fx.mp4", "/z", "x.mp4"),
        ("attachment", "/..%2f..%2fx.mp4", "x.mp4"),
    ],
)
def test_the_name_is_the_servers_and_no_path(disposition: str, path: str, expected: str) -> None:
    assert name_from(disposition, httpx.URL(f"https://film.example{path}")) == expected
