"""Links by which a player reads media of a folder store without signing in, until they expire.

The counterpart of a store's own signed addresses. A link is good for one path, whoever has it; so it is made for those
who may see the media, for as long as they are about to watch. The secret lies in the store (`Blobs.link_secret`).
"""

from __future__ import annotations

import hmac
import threading
from base64 import urlsafe_b64encode
from datetime import datetime

from sightline.errors import NotSignedIn
from sightline.library.blobs import Blobs
from sightline.library.columns import now


class MediaLinks:
    """Makes and checks tokens. Asks the store for the secret once, at the first use. Safe for many threads."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._guard = threading.Lock()
        self._secret: bytes | None = None

    def sign(self, path: str, expires_s: int, at: datetime | None = None) -> str:
        """The path with what proves that it may be read: ``/media/…?expires=…&token=…``. Raises `Unavailable`."""
        expires = int((at or now()).timestamp()) + expires_s
        sign = "&" if "?" in path else "?"
        return f"{path}{sign}expires={expires}&token={self._token(path, expires)}"

    def verify(self, path: str, expires: str, token: str, at: datetime | None = None) -> None:
        """Raises `NotSignedIn` unless `sign` made this token for this path and it has not expired."""
        # int() would take other digits, signs and spaces as well.
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            raise NotSignedIn("store.bad_link")
        if not hmac.compare_digest(self._token(path, int(expires)).encode(), token.encode("utf-8", "replace")):
            raise NotSignedIn("store.bad_link")
        if (at or now()).timestamp() >= int(expires):
            raise NotSignedIn("store.link_expired")

    def _token(self, path: str, expires: int) -> str:
        with self._guard:
            if self._secret is None:
                self._secret = self._blobs.link_secret()
        digest = hmac.digest(self._secret, f"{expires}\n{path}".encode("utf-8", "replace"), "sha256")
        return urlsafe_b64encode(digest).decode().rstrip("=")
