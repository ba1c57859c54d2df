"""A real nginx with the configuration of ``deploy/``, on a free port, in front of given processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests import services
from tests.redis_server import free_port

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"


def nginx_program() -> str:
    """Skips, or fails, the test where nginx is not installed."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        services.missing("nginx is not installed (Debian: apt-get install nginx-light)")
    return str(found)


def configuration(folder: Path, port: int, upstream_ports: Sequence[int]) -> Path:
    """The configuration of ``deploy/``, but for addresses and the folder it writes to."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    servers = "\n".join(f"server 127.0.0.1:{p} max_fails=3 fail_timeout=5s;" for p in upstream_ports)
    # The first one first: the folder's own name begins with /tmp/ as well.
    changes = {
        "/tmp/": f"{folder}/",
        "server api:8000 max_fails=3 fail_timeout=5s;": servers,
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "/dev/stdout": str(folder / "access.log"),
        "error_log stderr": f"error_log {folder / 'error.log'}",
    }
    for before, after in changes.items():
        assert before in text, f"deploy/nginx.conf no longer says {before}"
        text = text.replace(before, after)
    path = folder / "nginx.conf"
    # Started as root its workers would become somebody who may not enter the test's folder.
    path.write_text(f"user root;\n{text}" if os.geteuid() == 0 else text, encoding="utf-8")
    return path


class NginxServer:
    """Started by entering it. ``url`` is where it listens. At its end no process is left."""

    def __init__(self, folder: Path, upstream_ports: Sequence[int]) -> None:
        self._program = nginx_program()
        self._folder = folder
        self._port = free_port()
        self._configuration = configuration(folder, self._port, upstream_ports)
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> NginxServer:
        arguments = ["-c", str(self._configuration), "-p", str(self._folder), "-g", "daemon off;"]
        self._process = subprocess.Popen([self._program, *arguments], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return self
            except OSError:
                assert self._process.poll() is None, (self._folder / "error.log").read_text()
                assert time.monotonic() < deadline, "nginx does not listen"
                time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
