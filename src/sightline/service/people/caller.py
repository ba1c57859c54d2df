"""Where a request comes from: what the audit and the limits on signing in go by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end. Empty where there is none, as for commands of the terminal."""

    address: str = ""
    """IPv4 or IPv6, behind the proxies that are believed."""
    agent: str = ""
    """The browser, in its own words."""
    request_id: str = ""


NOBODY = Caller()
