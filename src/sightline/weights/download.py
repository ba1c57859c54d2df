"""One file from one address, resumed where it was cut."""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sightline.errors import WeightsRefused
from sightline.weights.registry import WeightsFile

MOST_REDIRECTS = 5
ATTEMPTS = 4
"""Without any progress between them."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
TOLD_EVERY_S = 0.1
BLOCK_BYTES = 1 << 18
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)


class Unreachable(Exception):
    """An address that does not give the file, and why, for people."""


class _Again(Exception):
    """It may be tried once more, after so many seconds where the server says so."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


def web() -> httpx.Client:
    """For downloads: proxies of the environment count, and the machine's certificates beside those httpx brings."""
    context: ssl.SSLContext = httpx.create_ssl_context()
    context.load_default_certs()
    return httpx.Client(
        verify=context, timeout=httpx.Timeout(30, connect=15), headers={"User-Agent": "sightline", "Accept": "*/*"}
    )


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way."""

    part: Path
    """Where its bytes gather."""
    tag: Path
    """What the server said of the bytes that are there, so that others are not put behind them."""
    file: WeightsFile
    told: Callable[[int], None]
    """Called with the bytes that are there."""

    def take(self, client: httpx.Client, address: str) -> int:
        """Gathers all bytes. Gives how many there are more than before.

        Raises `Unreachable`, `OSError`, and `WeightsRefused` for a file of another size."""
        began_at = most = self._size()
        attempt, pause_s = 0, FIRST_PAUSE_S
        while True:
            try:
                self._once(client, address)
                return max(0, self._size() - began_at)
            except (_Again, httpx.TransportError) as failure:
                if self._size() > most:
                    most, attempt, pause_s = self._size(), 0, FIRST_PAUSE_S
                else:
                    # Who cannot even be reached is asked half as often.
                    attempt += 2 if isinstance(failure, httpx.ConnectError) else 1
                if attempt >= ATTEMPTS:
                    raise Unreachable(_sentence(failure)) from failure
                after_s = getattr(failure, "after_s", None)
                time.sleep(min(LONGEST_PAUSE_S, pause_s if after_s is None else after_s))
                pause_s *= 2

    def _once(self, client: httpx.Client, address: str) -> None:
        have = self._size()
        if self.file.size is not None and have == self.file.size:
            return
        if have > self.file.size_limit:
            self.part.unlink()
            have = 0
        with _answer(client, address, self._headers(address, have)) as response:
            if response.status_code == 416:
                # What is there is not the beginning of what the server has.
                self.part.unlink(missing_ok=True)
                raise _Again("HTTP 416")
            is_rest = response.status_code == 206 and _starts_at(response) == have
            if not is_rest and response.status_code != 200:
                raise Unreachable(f"HTTP {response.status_code}")
            self._check_size(_length(response), have if is_rest else 0)
            self._note(address, response)
            self._write(response, have if is_rest else 0)

    def _write(self, response: httpx.Response, done: int) -> None:
        told_at = 0.0
        with self.part.open("ab" if done else "wb") as file:
            for block in response.iter_raw(BLOCK_BYTES):
                done += len(block)
                if done > self.file.size_limit:
                    self._check_size(None, done)
                file.write(block)
                if (now := time.monotonic()) - told_at >= TOLD_EVERY_S:
                    told_at = now
                    self.told(done)
        self.told(done)
        if self.file.size is not None and done < self.file.size:
            raise _Again("the answer ended early")

    def _check_size(self, length: int | None, have: int) -> None:
        found = have if length is None else have + length
        too_many = found > self.file.size_limit
        if too_many or (length is not None and self.file.size not in (None, found)):
            expected = self.file.size if self.file.size is not None else f"≤ {self.file.size_limit}"
            self.part.unlink(missing_ok=True)
            raise WeightsRefused(
                "weights.size_refused", file=self.file.name, found=found, expected=expected, sha256=self.file.sha256
            )

    def _headers(self, address: str, have: int) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            noted = self._noted()
            if noted.get("address") == address and noted.get("tag"):
                headers["If-Range"] = noted["tag"]
        return headers

    def _note(self, address: str, response: httpx.Response) -> None:
        etag = response.headers.get("etag", "")
        # A weak one does not tell bytes apart, and may not be asked with.
        tag = etag if etag.startswith('"') else response.headers.get("last-modified", "")
        self.tag.write_text(json.dumps({"address": address, "tag": tag}), encoding="utf-8")

    def _noted(self) -> dict[str, str]:
        try:
            noted: dict[str, str] = json.loads(self.tag.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return noted

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0


@contextmanager
def _answer(client: httpx.Client, address: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """The answer at the end of all redirects. Raises `Unreachable`, `_Again`."""
    url = httpx.URL(address)
    for _ in range(MOST_REDIRECTS + 1):
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code not in _REDIRECTS:
                _check(response)
                yield response
                return
            to = _joined(url, response.headers.get("location", ""))
        if not _is_safe(to, url):
            raise Unreachable(f"leads on to {to.scheme}://{to.host}, which is not asked")
        url = to
    raise Unreachable(f"more than {MOST_REDIRECTS} redirects")


def _joined(url: httpx.URL, to: str) -> httpx.URL:
    try:
        return url.join(to)
    except httpx.InvalidURL as error:
        raise Unreachable("leads on to no address") from error


def _check(response: httpx.Response) -> None:
    if response.status_code in _LATER:
        said = response.headers.get("retry-after", "")
        raise _Again(f"HTTP {response.status_code}", float(said) if said.isdecimal() else None)
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreachable("the bytes come packed")


def _is_safe(to: httpx.URL, before: httpx.URL) -> bool:
    """Encrypted, on this machine, or where the operator's own mirror already is."""
    return to.scheme == "https" or (to.scheme == "http" and (to.host == before.host or _is_loopback(to.host)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _starts_at(response: httpx.Response) -> int:
    """First byte of a partial answer; -1 where it does not say."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else -1


def _length(response: httpx.Response) -> int | None:
    said = response.headers.get("content-length", "")
    return int(said) if said.isdecimal() else None


def _sentence(failure: Exception) -> str:
    text = str(failure).strip()
    return text or type(failure).__name__
