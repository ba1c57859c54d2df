"""A video from an address on the web, fetched so that nobody can reach through it what only we can reach.

Every address, and every one it leads on to, is parsed once, its name resolved once, and the connection made to exactly
what was checked (`addresses`, `pinned`). Nothing of the environment counts: no proxies, no password files.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpcore
import httpx

from sightline.errors import AddressRefused, LimitExceeded, RequestInvalid, SightlineError, Unavailable
from sightline.service.intake.addresses import Allowed, Resolve, resolve
from sightline.service.intake.landing import Landing
from sightline.service.intake.names import file_name
from sightline.service.intake.pinned import PinnedNetwork
from sightline.service.intake.s3 import checked_s3
from sightline.service.settings import Settings

MOST_REDIRECTS = 5
LONGEST_URL = 4096
SLOWEST_BYTES_PER_S = 10_000
"""Over a whole `SLOW_S`: what is slower is given up."""
SLOW_S = 60
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same address may be asked again."""
_SIGNS = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one download may take."""

    most_bytes: int
    read_s: float
    """Without a byte."""
    total_s: float
    allowed: Allowed


def check_url(url: str, settings: Settings) -> None:
    """Raises `AddressRefused` for what can be seen to be out of the question before anything is asked for."""
    if url.startswith("s3://"):
        checked_s3(url, settings.s3_import)
    else:
        checked_url(url)


def run(payload: Mapping[str, Any], tell: Callable[[dict[str, Any]], None], folder: Path) -> Mapping[str, Any]:
    """Fetches ``url`` with the limits of ``settings`` into ``folder``: a work function of jobs.

    Gives ``path``, ``name``, ``size_bytes`` and ``sha256``. Raises `AddressRefused`, `RequestInvalid`, `LimitExceeded`,
    `OutputUnwritable`, and `Unavailable`, after which it may be tried again.
    """
    settings = Settings.model_validate(payload["settings"])
    limits = Limits(
        most_bytes=int(settings.max_upload_gb * 2**30),
        read_s=settings.fetch_timeout_s,
        total_s=settings.job_timeout_s,
        allowed=Allowed.of(settings.fetch_allow),
    )
    return fetch(payload["url"], Landing(folder, tell), limits)


def fetch(url: str, landing: Landing, limits: Limits, resolving: Resolve = resolve) -> Mapping[str, Any]:
    """As `run`."""
    until = time.monotonic() + limits.total_s
    address = checked_url(url)
    network = PinnedNetwork(limits.allowed, until, resolving)
    with httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=network, max_connections=1) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            with _asked(pool, address, limits) as answer:
                if answer.status not in _REDIRECTS:
                    return _kept(answer, address, landing, limits)
                address = _led_on(address, answer)
    raise AddressRefused("intake.too_many_redirects", most=MOST_REDIRECTS)


def checked_url(url: str) -> httpx.URL:
    """The address, if it is one of the web without a name and password. Raises `AddressRefused`."""
    # What different parsers take for different hosts: backslashes, blanks, signs outside ASCII.
    if len(url) > LONGEST_URL or not _SIGNS.fullmatch(url) or "\\" in url:
        raise AddressRefused("intake.bad_url")
    try:
        address = httpx.URL(url)
        port = address.port
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused("intake.bad_url") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise AddressRefused("intake.scheme_refused", scheme=address.scheme)
    if address.userinfo or "@" in address.netloc.decode("ascii"):
        raise AddressRefused("intake.credentials_in_url")
    if port is not None and not 0 < port < 65536:
        raise AddressRefused("intake.bad_url")
    return address.copy_with(fragment=None)


def _certificates() -> ssl.SSLContext:
    """Those the program brings, and those of the machine: a house may have its own."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


class _Answer:
    """An answer whose body has not been read."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response
        self.status = response.status
        self._headers = {name.lower(): value for name, value in response.headers}

    def header(self, name: str) -> str:
        return self._headers.get(name.encode(), b"").decode("latin-1")

    def __enter__(self) -> _Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def parts(self) -> Iterator[bytes]:
        with _told():
            yield from self._response.iter_stream()


def _asked(pool: httpcore.ConnectionPool, address: httpx.URL, limits: Limits) -> _Answer:
    timeouts = {"connect": limits.read_s, "read": limits.read_s, "write": limits.read_s, "pool": limits.read_s}
    request = httpcore.Request(
        "GET",
        httpcore.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path),
        headers=[
            (b"Host", address.netloc),
            (b"Accept", b"*/*"),
            # Packed bytes could unfold to any size.
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", b"sightline"),
            (b"Connection", b"close"),
        ],
        extensions={"timeout": timeouts},
    )
    with _told():
        return _Answer(pool.handle_request(request))


def _led_on(address: httpx.URL, answer: _Answer) -> httpx.URL:
    to = answer.header("location")
    if not _SIGNS.fullmatch(to):
        raise AddressRefused("intake.bad_url")
    try:
        return checked_url(str(address.join(to)))
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused("intake.bad_url") from error


def _kept(answer: _Answer, address: httpx.URL, landing: Landing, limits: Limits) -> Mapping[str, Any]:
    if answer.status in _LATER:
        raise Unavailable("intake.answered", host=address.host, status=answer.status)
    if answer.status != 200:
        raise RequestInvalid("intake.answered", host=address.host, status=answer.status)
    if answer.header("content-encoding").lower() not in ("", "identity"):
        raise RequestInvalid("intake.packed", host=address.host)
    said = answer.header("content-length")
    total = int(said) if said.isascii() and said.isdigit() else None
    if total is not None and total > limits.most_bytes:
        raise LimitExceeded("intake.download_too_large", most_gb=round(limits.most_bytes / 2**30, 2))
    name = name_from(answer.header("content-disposition"), address)
    return landing.take(_fast_enough(answer.parts(), address.host), name, total, limits.most_bytes)


def _fast_enough(parts: Iterator[bytes], host: str) -> Iterator[bytes]:
    began, received = time.monotonic(), 0
    for part in parts:
        yield part
        received += len(part)
        if (passed := time.monotonic() - began) >= SLOW_S:
            if received < SLOWEST_BYTES_PER_S * passed:
                raise Unavailable("intake.too_slow", host=host)
            began, received = time.monotonic(), 0


def name_from(disposition: str, address: httpx.URL) -> str:
    """What the server calls the file (RFC 6266), else the end of its address."""
    extended = re.search(r"filename\*\s*=\s*utf-8''([^;]+)", disposition, re.IGNORECASE)
    plain = re.search(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', disposition, re.IGNORECASE)
    if extended:
        return file_name(unquote(extended[1]))
    if plain:
        quoted = re.sub(r"\\(.)", r"\1", plain[1] or "") or plain[2] or ""
        return file_name(quoted.encode("latin-1", "replace").decode("utf-8", "replace"))
    return file_name(unquote(address.path), address.host)


class _told:  # noqa: N801
    """What goes wrong on the network, in our words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpcore.ConnectError) and "CERTIFICATE" in str(error):
            raise AddressRefused("intake.certificate_refused", why=error) from error
        if isinstance(error, httpcore.TimeoutException):
            raise Unavailable("intake.no_answer", why=str(error) or "timeout") from error
        if isinstance(error, httpcore.NetworkError | httpcore.ProtocolError) and not isinstance(error, SightlineError):
            raise Unavailable("intake.no_answer", why=str(error) or type(error).__name__) from error
