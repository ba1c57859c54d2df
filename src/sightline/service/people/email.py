"""Email addresses: one spelling for each, which is what accounts are found by."""

from __future__ import annotations

import re
import unicodedata

from sightline.errors import RequestInvalid

LONGEST = 254
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}")


def normalised(email: str) -> str:
    """Lower case, composed, without spaces around. Any text will do; what is no address belongs to no account."""
    # PostgreSQL refuses to compare with NUL.
    return unicodedata.normalize("NFKC", email[: 2 * LONGEST]).replace("\0", "\ufffd").strip().lower()


def checked(email: str) -> str:
    """`normalised`. Raises `RequestInvalid` for what cannot be an address; ``admin@localhost`` can."""
    address = normalised(email)
    if "\0" in email or len(address) > LONGEST or not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise RequestInvalid("account.bad_email", email=email[:LONGEST])
    return address
