"""Stores for tests: in a folder, in memory, and on S3 as moto answers for it, with a proxy that breaks things."""

from __future__ import annotations

import contextlib
import http.client
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore

from sightline.library.blobs import Blobs
from sightline.library.s3_store import Patience, S3Place, opened

STORES = ("folder", "memory", "s3")
HURRY = Patience(connect_s=1, request_s=0.5, retries=2, total_s=3)


class Moto:
    """An S3 server on loopback."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"

    def place(self, prefix: str = "under/here", endpoint: str = "") -> S3Place:
        """A part of a new bucket."""
        bucket = f"test-{uuid.uuid4().hex}"
        at = urlsplit(self.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=10)
        credential = "Credential=key/20260101/us-east-1/s3/aws4_request"
        signed = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
        connection.request("PUT", f"/{bucket}", headers={"Authorization": signed})
        assert connection.getresponse().status == 200
        connection.close()
        reached = endpoint or self.url
        return S3Place(
            bucket, prefix, reached, access_key_id="key", secret_access_key="secret", public_endpoint=reached
        )

    def stop(self) -> None:
        self._server.stop()


def running_moto() -> Iterator[Moto]:
    """For a fixture of a module: one server for all its tests."""
    server = Moto()
    yield server
    server.stop()


def empty_store(kind: str, folder: Path, moto: Callable[[], Moto]) -> Blobs:
    if kind == "folder":
        return Blobs.in_folder(folder / "archive")
    return Blobs.in_memory() if kind == "memory" else Blobs.on_s3(moto().place())


def put_object(place: S3Place, key: str, content: bytes) -> None:
    obstore.put(opened(place, Patience()), key, content)


class FaultyProxy:
    """Hands requests on to a server, except where ``fault`` says otherwise.

    ``fault(method, path)`` gives None, a status to answer with, or seconds to wait before hanging up.
    """

    def __init__(self, target: str) -> None:
        self.fault: Callable[[str, str], int | float | None] = lambda _method, _path: None
        self.asked: list[str] = []
        self.over = threading.Event()
        at = urlsplit(target)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                proxy.asked.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = proxy.fault(self.command, self.path)
                if isinstance(fault, float):
                    # The server never hears of it.
                    proxy.over.wait(fault)
                    self.close_connection = True
                    return
                if fault is not None:
                    self._say(fault, [], b"<Error><Code>Fault</Code></Error>")
                    return
                connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "content-length")}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                self._say(answer.status, answer.getheaders(), content)
                connection.close()

            def _say(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
                with contextlib.suppress(OSError):
                    self.send_response_only(status)
                    length = str(len(content))
                    for name, value in headers:
                        if name.lower() == "content-length":
                            length = value
                        elif name.lower() not in ("connection", "transfer-encoding"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", length)
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="faulty-proxy")
        self._thread.start()

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def faulty(target: str) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(target)
    try:
        yield proxy
    finally:
        proxy.stop()
