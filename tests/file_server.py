"""A web server on loopback that gives files the way good and bad servers do."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FileServer:
    """What it has and how it misbehaves; can be changed while it runs."""

    files: dict[str, bytes] = field(default_factory=dict)
    """By path: ``/one/one.bin``."""
    knows_ranges: bool = True
    cut_after: int | None = None
    """Ends the connection after so many bytes of each answer."""
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Statuses and headers of the next answers, before it gives files."""
    moved: dict[str, str] = field(default_factory=dict)
    """Paths that lead on to an address."""
    tells_length: bool = True
    pause_s: float = 0
    """Between blocks of 64 KiB."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of every request."""
    port: int = 0

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ranges(self) -> list[str]:
        """The ``Range`` of every request, empty where it had none."""
        return [headers.get("range", "") for _, headers in self.asked]


@contextmanager
def file_server(files: dict[str, bytes]) -> Iterator[FileServer]:
    served = FileServer(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            try:
                _answer(self, served)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="test-file-server")
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, served: FileServer) -> None:
    if served.refusals:
        status, headers = served.refusals.pop(0)
        _head(request, status, {"Content-Length": "0", **headers})
        return
    if (to := served.moved.get(request.path)) is not None:
        _head(request, 302, {"Content-Length": "0", "Location": to})
        return
    content = served.files.get(request.path)
    if content is None:
        _head(request, 404, {"Content-Length": "0"})
        return
    etag = f'"{hashlib.md5(content).hexdigest()}"'
    first = _first_asked(request, served, etag)
    if first is not None and first >= len(content):
        _head(request, 416, {"Content-Length": "0", "Content-Range": f"bytes */{len(content)}"})
        return
    body = content[first or 0 :]
    headers = {"ETag": etag} if served.knows_ranges else {}
    if served.tells_length:
        headers["Content-Length"] = str(len(body))
    else:
        headers["Connection"] = "close"
    if first is not None:
        headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
    _head(request, 200 if first is None else 206, headers)
    _send(request, served, body)


def _first_asked(request: BaseHTTPRequestHandler, served: FileServer, etag: str) -> int | None:
    """First byte of the range, None for the whole file."""
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    is_other = request.headers.get("If-Range", etag) != etag
    return int(found[1]) if found and served.knows_ranges and not is_other else None


def _send(request: BaseHTTPRequestHandler, served: FileServer, body: bytes) -> None:
    given = body if served.cut_after is None else body[: served.cut_after]
    for start in range(0, len(given), 1 << 16):
        request.wfile.write(given[start : start + (1 << 16)])
        time.sleep(served.pause_s)
    if len(given) < len(body) or not served.tells_length:
        request.close_connection = True


def _head(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
