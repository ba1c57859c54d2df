"""Connections to addresses that were checked, and to no others, that end in time."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from sightline.service.intake.addresses import Allowed, Resolve, checked


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects to a host's checked addresses. The name stays what it is for TLS and the ``Host`` header.

    After ``until`` (`time.monotonic`) nothing is waited for any more: `httpcore.ReadTimeout` and its like.
    """

    def __init__(self, allowed: Allowed, until: float, resolving: Resolve) -> None:
        self._network = httpcore.SyncBackend()
        self._allowed, self._until, self._resolving = allowed, until, resolving

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        del local_address
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in checked(host, port, self._allowed, self._resolving):
            try:
                left = _left(self._until, timeout, httpcore.ConnectTimeout)
                stream = self._network.connect_tcp(address, port, left, None, socket_options)
                return _Limited(stream, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(host)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Limited(httpcore.NetworkStream):
    """A stream that ends in time, however slowly the other side sends."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._until, timeout, httpcore.ConnectTimeout)
        return _Limited(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float, timeout: float | None, late: Callable[[str], httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late("the time for the whole download is over")
    return left if timeout is None else min(left, timeout)
