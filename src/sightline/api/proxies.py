"""Who is at the other end behind proxies, and the names this service answers to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.types import Scope

from sightline.errors import SetupError
from sightline.service.settings import Settings

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """``trusted_proxies`` are addresses or networks. Only what those say of a client is believed."""

    def __init__(self, settings: Settings) -> None:
        try:
            self._trusted = [ipaddress.ip_network(one, strict=False) for one in settings.trusted_proxies]
        except ValueError as error:
            raise SetupError(
                "service.bad_setting", name="SIGHTLINE_TRUSTED_PROXIES", value=error, known="10.0.0.7, 10.0.0.0/8"
            ) from error
        public = urlsplit(settings.public_url)
        self._public_host = (public.hostname or "").lower()
        self._public_is_https = public.scheme == "https"
        self._is_local = is_loopback_name(settings.host)

    def seen_through(self, scope: Scope) -> tuple[str, bool]:
        """The client's address, empty where there is none (a Unix socket), and whether it came by https."""
        peer = scope.get("client")
        address = _parsed(peer[0]) if peer else None
        is_https = scope.get("scheme") == "https" or self._public_is_https
        if address is None or not self._is_trusted(address):
            return (str(address) if address else ""), is_https
        if _last(scope, b"x-forwarded-proto").partition(",")[0].strip().lower() == "https":
            is_https = True
        # From the right: what a client wrote itself stands to the left of what the proxies added.
        chain = ",".join(_all(scope, b"x-forwarded-for")).split(",")
        for told in reversed(chain):
            behind = _parsed(told)
            if behind is None:
                break
            address = behind
            if not self._is_trusted(behind):
                break
        return str(address), is_https

    def is_our_name(self, host: str) -> bool:
        """Whether a Host header may name this service. Anything may, where it listens for others and nobody said what
        it is called: a stranger's name gets nobody's cookies."""
        name = host_of(host)
        if name is None:
            return False
        if not self._public_host and not self._is_local:
            return True
        return name == self._public_host or is_loopback_name(name)

    def _is_trusted(self, address: _Address) -> bool:
        return any(address.version == net.version and address in net for net in self._trusted)


def host_of(header: str) -> str | None:
    """The name in a Host header, without its port; None for what is none."""
    try:
        at = urlsplit(f"//{header}")
        _ = at.port
    except ValueError:
        return None
    if not at.hostname or at.path or at.query or at.fragment or "@" in header or any(c <= " " for c in header):
        return None
    return at.hostname.lower().rstrip(".")


def is_loopback_name(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _parsed(name)
    return address is not None and address.is_loopback


def _parsed(text: str) -> _Address | None:
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if found.version == 6 else None
    return mapped or found


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _last(scope: Scope, name: bytes) -> str:
    return next(iter(reversed(_all(scope, name))), "")
