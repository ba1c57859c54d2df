"""Secrets that are shown once and kept as their SHA-256: whoever reads the database cannot use them.

They are random and long, so a plain hash is enough; only passwords, which people choose, need a slow one.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32
LONGEST = 128
"""Characters; more than any secret of ours has."""


def new_secret(prefix: str = "") -> str:
    """256 random bits in letters that can stand in an address, after ``prefix``."""
    return prefix + secrets.token_urlsafe(BYTES)


def hash_of(secret: str) -> str:
    """64 hexadecimal digits: what is kept."""
    return hashlib.sha256(secret[:LONGEST].encode("utf-8", "surrogatepass")).hexdigest()
