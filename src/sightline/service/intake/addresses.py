"""Which addresses on the network may be fetched from: those anybody on the internet can reach, and none of our own.

Refused are private, loopback, link-local, multicast and reserved addresses (RFC 6890 and the IANA registries of special
addresses, as of 2025), the metadata services of clouds, and every form in which one of these can be dressed: IPv4
mapped into IPv6, 6to4, Teredo, NAT64. ``fetch_allow`` names hosts and networks that may be reached all the same.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from sightline.errors import AddressRefused, Unavailable

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Addresses of a name and a port, as text."""
PORTS = (80, 443, 8080, 8443)
"""Of web servers: a request to another port could be taken for something else by what listens there."""
_REFUSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's, although it looks public
    )
)  # fmt: skip
_GLOBAL_6 = IPv6Network("2000::/3")
"""All that is given out for the internet: what maps IPv4, NAT64, private and link-local addresses lie outside."""
_REFUSED_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an installation may fetch from although it is not public."""

    hosts: frozenset[str]
    """Lower case."""
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def of(cls, entries: Sequence[str]) -> Self:
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                hosts.add(entry.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def has(self, host: str, address: Address) -> bool:
        return host.lower().rstrip(".") in self.hosts or any(address in network for network in self.networks)


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    if address.scope_id is not None or address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _REFUSED_6)


def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(host: str, port: int, allowed: Allowed, resolving: Resolve = resolve) -> Sequence[str]:
    """The addresses of ``host``, asked for once, if all of them may be fetched from at this port.

    To be connected to as they are: asking the resolver again could give others. Raises `AddressRefused` and
    `Unavailable`.
    """
    try:
        found = resolving(host, port)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Unavailable("intake.name_not_resolved", host=host) from error
        raise AddressRefused("intake.no_such_host", host=host) from error
    except (OSError, UnicodeError) as error:
        raise AddressRefused("intake.no_such_host", host=host) from error
    for text in found:
        address = ip_address(text)
        if allowed.has(host, address):
            continue
        if not is_public(address):
            # Which address it is would tell about the inside of the network.
            raise AddressRefused("intake.address_not_public", host=host)
        if port not in PORTS:
            raise AddressRefused("intake.port_refused", port=port, known=", ".join(map(str, PORTS)))
    if not found:
        raise AddressRefused("intake.no_such_host", host=host)
    return found
