"""What lies in ``deploy/``: valid, of one mind with the settings and the metrics, and doing what it says."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from tests.nginx_server import NginxServer, configuration, nginx_program

from sightline.service.operations.metrics import Metrics
from sightline.service.settings import OLD_NAMES, PREFIX, Settings
from sightline.version import VERSION

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
HARDENED = {
    "compose.yaml": ("sightline",),
    "compose.scale.yaml": ("proxy", "api", "database", "redis", "store", "bucket"),
}
PLAIN_NAMES = {"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NUMBA_CACHE_DIR"}


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_are_valid(path: Path) -> None:
    subprocess.run(
        [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(path)],
        check=True,
        capture_output=True,
    )


def test_the_dockerfile_has_no_findings() -> None:
    subprocess.run([program("hadolint"), str(DEPLOY / "Dockerfile")], check=True, capture_output=True)


def test_the_dockerfile_copies_what_is_there_and_hides_nothing_of_its_packages() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    root = DEPLOY.parent
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE)
    assert copied
    assert all((root / path).exists() for path in copied)
    assert "--require-hashes" in text
    assert re.search(r"^USER \d+:\d+$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("path", [*COMPOSE, DEPLOY / "Dockerfile"], ids=lambda path: path.name)
def test_images_are_pinned_by_a_tag(path: Path) -> None:
    text = path.read_text()
    images = re.findall(r"^\s*image:\s*(\S+)", text, re.MULTILINE) + re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    for image in images:
        name, _, tag = image.rpartition(":")
        assert name, f"{image} has no tag"
        assert re.search(r"\d+\.\d+|\d{4}-\d{2}", tag), f"{image} is not pinned"
    assert "latest" not in text
    assert all(tag == VERSION for tag in re.findall(r"sightline:(\S+?)(?: \.)?$", text, re.MULTILINE) if "/" not in tag)


def test_every_container_is_hardened() -> None:
    for name, expected in HARDENED.items():
        containers = loaded(DEPLOY / name)["services"]
        assert set(containers) == set(expected)
        for container in containers.values():
            assert container["read_only"] is True
            assert container["cap_drop"] == ["ALL"]
            assert "no-new-privileges:true" in container["security_opt"]
            assert not container.get("privileged")
            for port in container.get("ports", ()):
                assert port.startswith("${PUBLISH_ADDRESS:-127.0.0.1}")


def named(text: str) -> set[str]:
    return set(re.findall(r"\bSIGHTLINE_[A-Z0-9_]+", text)) - {PREFIX}


@pytest.mark.parametrize(
    "path",
    [*COMPOSE, *(DEPLOY / name for name in (".env.example", "sightline.service", "Dockerfile", "README.md"))],
    ids=lambda path: path.name,
)
def test_every_setting_named_is_one(path: Path) -> None:
    fields = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert not {name for name in named(path.read_text()) if name not in fields}


def test_the_sample_environment_has_every_variable_the_compose_files_ask_for() -> None:
    sample = set(re.findall(r"^#?([A-Z0-9_]+)=", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
    asked = {name for path in COMPOSE for name in re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", path.read_text())}
    assert asked - sample <= {"S3_ENDPOINT"}
    for name in sample:
        # The one container gets the whole file: a name that looks like a setting must be one.
        assert not name.startswith(PREFIX) or name.removeprefix(PREFIX).lower() in Settings.model_fields
        assert name in asked or name.startswith(PREFIX) or name in OLD_NAMES


def test_settings_in_the_compose_files_have_values_that_can_be() -> None:
    for path in COMPOSE:
        for container in loaded(path)["services"].values():
            given = {k: v for k, v in container.get("environment", {}).items() if k.startswith(PREFIX) and "$" not in v}
            Settings.from_environment({"HOME": "/tmp", **given})


def test_secrets_are_never_in_the_files() -> None:
    for path in COMPOSE:
        for container in loaded(path)["services"].values():
            for name, value in container.get("environment", {}).items():
                if re.search(r"PASSWORD|SECRET|TOKEN", name):
                    assert value.startswith("${"), f"{path.name}: {name}"
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        assert not re.match(r"#?\w*(PASSWORD|SECRET|TOKEN)\w*=.+", line), line


def expressions(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "expr":
                yield value
            else:
                yield from expressions(value)
    elif isinstance(document, list):
        for part in document:
            yield from expressions(part)


@pytest.mark.parametrize("path", ["prometheus/rules.yml", "grafana/sightline.json"])
def test_every_metric_named_is_one_we_give(path: str) -> None:
    exported = Metrics().names()
    used = {
        name for text in expressions(loaded(DEPLOY / path)) for name in re.findall(r"\b(?:sightline|process)_\w+", text)
    }
    assert len(used) > 10
    assert not used - exported


def test_the_dashboard_is_whole() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "sightline.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    shown = {name for text in expressions(dashboard) for name in re.findall(r"sightline_\w+", text)}
    # Whatever is measured is shown, but for the parts of a histogram and the version.
    hidden = {
        n
        for n in Metrics().names() - shown
        if n.startswith("sightline_") and not n.endswith(("_sum", "_count", "_bucket"))
    }
    assert hidden <= {"sightline_build_info", "sightline_cache_memory_bytes", "sightline_disk_total_bytes"}


def test_prometheus_takes_the_rules() -> None:
    rules = [rule for group in loaded(DEPLOY / "prometheus" / "rules.yml")["groups"] for rule in group["rules"]]
    assert all(rule.keys() >= {"alert", "expr", "labels", "annotations"} for rule in rules)
    assert all(rule["annotations"].keys() == {"summary", "what_to_do"} for rule in rules)
    if promtool := shutil.which("promtool"):
        subprocess.run(
            [promtool, "check", "rules", str(DEPLOY / "prometheus" / "rules.yml")], check=True, capture_output=True
        )


def test_the_unit_is_well_formed() -> None:
    text = (DEPLOY / "sightline.service").read_text()
    for line in text.splitlines():
        assert line == "" or line.startswith(("#", "[")) or re.fullmatch(r"[A-Za-z]+=.*", line), line
    names = set(re.findall(r"^Environment=([A-Z_]+)=", text, re.MULTILINE))
    assert not {name for name in names if not name.startswith(PREFIX)} - PLAIN_NAMES


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    path = configuration(tmp_path, 8080, [8000])
    done = subprocess.run([nginx_program(), "-t", "-c", str(path), "-p", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


class Behind:
    """A process behind the proxy that tells what reached it."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.first_bytes = threading.Event()
        self.release = threading.Event()
        behind = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                behind.headers.append(dict(self.headers))
                self.send_response(200)
                if self.path.startswith("/api/v1/changes"):
                    self.send_header("Content-Type", "text/event-stream")
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(b"data: 1\n\n")
                    self.wfile.flush()
                    behind.release.wait(10)
                    self.close_connection = True
                else:
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")

            def do_PATCH(self) -> None:
                left = int(self.headers["Content-Length"])
                while left:
                    left -= len(self.rfile.read1(min(65536, left)))
                    behind.first_bytes.set()
                self.send_response(204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def behind() -> Iterator[list[Behind]]:
    found = [Behind(), Behind()]
    yield found
    for one in found:
        one.close()


@pytest.fixture
def proxy(tmp_path: Path, behind: list[Behind]) -> Iterator[http.client.HTTPConnection]:
    with NginxServer(tmp_path, [one.port for one in behind]) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        yield connection
        connection.close()


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> int:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_requests_go_to_every_process_and_say_where_they_come_from(
    proxy: http.client.HTTPConnection, behind: list[Behind]
) -> None:
    for _ in range(8):
        assert get(proxy, "/api/v1/videos", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}) == 200
    assert all(one.headers for one in behind)
    seen = behind[0].headers[0]
    # The proxy's own word stands last.
    assert seen["X-Forwarded-For"] == "6.6.6.6, 127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "http"
    assert seen["Host"] == f"127.0.0.1:{proxy.port}"


def test_metrics_are_not_for_outside(proxy: http.client.HTTPConnection) -> None:
    assert get(proxy, "/metrics") == 404
    assert get(proxy, "/healthz") == 200


def test_events_pass_at_once(proxy: http.client.HTTPConnection, behind: list[Behind]) -> None:
    began = time.monotonic()
    proxy.request("GET", "/api/v1/changes?since=1")
    answer = proxy.getresponse()
    assert answer.readline() == b"data: 1\n"
    assert time.monotonic() - began < 2
    for one in behind:
        one.release.set()
    answer.read()


def test_uploads_pass_as_they_come_and_may_be_large(proxy: http.client.HTTPConnection, behind: list[Behind]) -> None:
    size = 64 * 2**20
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sending:
        sending.sendall(f"PATCH /api/v1/uploads/x HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        sending.sendall(bytes(2**20))
        deadline = time.monotonic() + 5
        while not any(one.first_bytes.is_set() for one in behind):
            assert time.monotonic() < deadline, "the proxy keeps the body to itself"
            time.sleep(0.01)
        for _ in range(63):
            sending.sendall(bytes(2**20))
        assert sending.recv(100).startswith(b"HTTP/1.1 204")


def test_a_process_that_died_is_gone_round(proxy: http.client.HTTPConnection, behind: list[Behind]) -> None:
    behind[0].close()
    assert [get(proxy, "/api/v1/videos") for _ in range(10)] == [200] * 10


def test_links_are_logged_without_their_secrets(proxy: http.client.HTTPConnection, tmp_path: Path) -> None:
    get(proxy, "/sign-in?token=very-secret")
    deadline = time.monotonic() + 5
    while not (log := (tmp_path / "access.log").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "/sign-in" in log
    assert "very-secret" not in log
