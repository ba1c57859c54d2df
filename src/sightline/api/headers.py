"""Headers by which a browser guards our pages. A route that sets one of them itself keeps its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Message

from sightline.service.settings import Settings

HSTS_S = 365 * 24 * 3600


class Headers:
    def __init__(self, settings: Settings) -> None:
        media, store = "", urlsplit(settings.s3_public_endpoint)
        if settings.blob_url.startswith("s3:") and store.netloc:
            media = f" {store.scheme}://{store.netloc}"
        elif settings.blob_url.startswith("s3:") and not settings.s3_endpoint:
            media = " https://*.amazonaws.com"
        policy = {
            "default-src": "'self'",
            "script-src": "'self'",
            # Components set styles on elements; a style cannot act.
            "style-src": "'self' 'unsafe-inline'",
            "img-src": f"'self' data: blob:{media}",
            "media-src": f"'self' blob:{media}",
            "connect-src": f"'self'{media}",
            "worker-src": "'self' blob:",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        self._always = [
            (b"content-security-policy", "; ".join(f"{key} {value}" for key, value in policy.items()).encode()),
            (b"x-content-type-options", b"nosniff"),
            # Not ``no-referrer``: with it browsers give no Origin with a form of ours, which `security` wants to see.
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"geolocation=(), payment=(), usb=()"),
        ]

    def add(self, message: Message, path: str, is_https: bool, request_id: str) -> None:
        """To the start of an answer."""
        given = list(message.get("headers", ()))
        names = {name.lower() for name, _ in given}
        wanted = [*self._always, (b"x-request-id", request_id.encode())]
        if is_https:
            wanted.append((b"strict-transport-security", f"max-age={HSTS_S}".encode()))
        if path.startswith(("/api/", "/sign-in", "/shared")):
            # Personal, all of it: nothing between us and the browser may keep it.
            wanted.append((b"cache-control", b"no-store"))
        message["headers"] = given + [(name, value) for name, value in wanted if name not in names]
