"""Objects on S3 and what speaks its language, with limits on time and tries, and addresses signed for a while."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import obstore
from obstore.store import S3Store

from sightline.errors import SetupError
from sightline.library.columns import now
from sightline.library.store import Link, Store

LONGEST_LINK_S = 7 * 24 * 3600
"""The protocol allows no more."""


@dataclass(frozen=True, slots=True)
class S3Place:
    """A bucket, or a part of one, and how to get there."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    """Empty: Amazon's of the region."""
    region: str = "us-east-1"
    access_key_id: str = ""
    """Empty: what the machine has been given (environment, instance role)."""
    secret_access_key: str = ""
    path_style: bool = True
    public_endpoint: str = ""
    """Where browsers reach the same store. Empty: as ``endpoint`` where that is Amazon's, else nowhere."""

    @property
    def shown(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @property
    def host_url(self) -> str:
        """Where requests go to, without the bucket where that stands in the path."""
        return self._url_at(self.endpoint)

    @property
    def public_url(self) -> str | None:
        """As `host_url`, for browsers; None where they cannot reach the store."""
        return self._url_at(self.public_endpoint) if self.public_endpoint or not self.endpoint else None

    def _url_at(self, endpoint: str) -> str:
        at = urlsplit(endpoint or f"https://s3.{self.region}.amazonaws.com")
        return f"{at.scheme}://{'' if self.path_style else f'{self.bucket}.'}{at.netloc}{at.path.rstrip('/')}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a store may take before it counts as gone."""

    connect_s: float = 5
    request_s: float = 30
    """For one request with all its bytes."""
    retries: int = 4
    total_s: float = 60
    """No new try after so long."""


def place_from_url(url: str) -> tuple[str, str]:
    """Bucket and prefix or key of ``s3://bucket/…``. Raises `SetupError`."""
    at = urlsplit(url)
    if at.scheme != "s3" or not at.netloc or at.query or at.fragment or "@" in at.netloc:
        raise SetupError("store.bad_url", url=url)
    return at.netloc, at.path.strip("/")


def s3_store(place: S3Place, patience: Patience | None = None) -> Store:
    patience = patience or Patience()
    objects = opened(place, patience)

    def signed_by_obstore(name: str, expires_s: int, _filename: str, _media_type: str) -> str:
        return obstore.sign(objects, "GET", name, timedelta(seconds=min(expires_s, LONGEST_LINK_S)))

    link: Link | None = SignedLinks(place) if place.access_key_id else signed_by_obstore
    if place.public_url is None:
        link = None
    quick = opened(place, Patience(connect_s=2, request_s=3, retries=0, total_s=3))
    return Store(objects, place.shown, link, quick, settles_s=patience.total_s + 2 * patience.request_s)


def opened(place: S3Place, patience: Patience) -> S3Store:
    return S3Store(
        place.bucket,
        prefix=place.prefix or None,
        config={
            "region": place.region,
            "virtual_hosted_style_request": not place.path_style,
            "endpoint": place.host_url,
            **(
                {"access_key_id": place.access_key_id, "secret_access_key": place.secret_access_key}
                if place.access_key_id
                else {}
            ),
        },
        client_options={
            "allow_http": place.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=patience.connect_s),
            "timeout": timedelta(seconds=patience.request_s),
        },
        retry_config={
            "max_retries": patience.retries,
            "retry_timeout": timedelta(seconds=patience.total_s),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=5), "base": 2,
            },
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Addresses signed by AWS Signature Version 4 in the query: obstore's own cannot say the file's name and type."""

    place: S3Place

    def __call__(self, name: str, expires_s: int, filename: str, media_type: str, when: datetime | None = None) -> str:
        at_host = urlsplit(self.place.public_url or self.place.host_url)
        bucket = [self.place.bucket] if self.place.path_style else []
        path = quote("/".join(part for part in (at_host.path, *bucket, self.place.prefix, name) if part), safe="/~")
        path = f"/{path.lstrip('/')}"
        moment = (when or now()).astimezone(UTC)
        day, stamp = f"{moment:%Y%m%d}", f"{moment:%Y%m%dT%H%M%SZ}"
        scope = f"{day}/{self.place.region}/s3/aws4_request"
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.place.access_key_id}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(max(1, min(expires_s, LONGEST_LINK_S))),
            "X-Amz-SignedHeaders": "host",
            "response-content-disposition": disposition(filename),
            "response-content-type": media_type,
        }
        asked = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in sorted(query.items()))
        request = f"GET\n{path}\n{asked}\nhost:{at_host.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"AWS4{self.place.secret_access_key}".encode()
        for part in (day, self.place.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return f"{at_host.scheme}://{at_host.netloc}{path}?{asked}&X-Amz-Signature={signature}"


def disposition(filename: str) -> str:
    """``Content-Disposition`` for a file shown in the page, with its name in any script (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in filename)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
