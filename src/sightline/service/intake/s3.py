"""A video from an object store, with the credentials of the installation.

The installation's keys may open more than its users should see. So only what ``s3_import`` names may be taken in, by
whoever may bring videos in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sightline.errors import AddressRefused, LimitExceeded, NotFound, RequestInvalid, SetupError
from sightline.library.s3_store import place_from_url, s3_store
from sightline.service.intake.landing import Landing
from sightline.service.intake.names import file_name
from sightline.service.settings import Settings
from sightline.service.storage import s3_place


def checked_s3(url: str, allowed: Sequence[str]) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``, if ``allowed`` (``bucket/prefix``) reaches so far.

    A prefix ends where a part of the key ends: ``bucket/a`` reaches ``a/x`` and not ``ab``. Raises `AddressRefused`.
    """
    try:
        bucket, key = place_from_url(url)
    except (SetupError, ValueError) as error:
        raise AddressRefused("intake.bad_s3_url") from error
    key = unquote(key)
    if not key or any(part in ("", ".", "..") for part in key.split("/")):
        raise AddressRefused("intake.bad_s3_url")
    for entry in allowed:
        open_bucket, _, prefix = entry.removeprefix("s3://").strip("/").partition("/")
        if bucket == open_bucket and (not prefix or key == prefix or key.startswith(f"{prefix}/")):
            return bucket, key
    raise AddressRefused("intake.bucket_refused", bucket=bucket)


def run(payload: Mapping[str, Any], tell: Callable[[dict[str, Any]], None], folder: Path) -> Mapping[str, Any]:
    """Copies the object ``url`` into ``folder`` with the keys in ``settings``: a work function of jobs.

    Gives ``path``, ``name``, ``size_bytes``, ``sha256``. Raises `AddressRefused`, `RequestInvalid` when there is no
    such object, `LimitExceeded`, `OutputUnwritable`, `SetupError`, `Unavailable`.
    """
    settings = Settings.model_validate(payload["settings"])
    bucket, key = checked_s3(payload["url"], settings.s3_import)
    store = s3_store(s3_place(settings, bucket))
    most = int(settings.max_upload_gb * 2**30)
    try:
        size = store.size(key)
        if size is None:
            raise RequestInvalid("intake.no_such_object", bucket=bucket, key=key)
        if size > most:
            raise LimitExceeded("intake.download_too_large", most_gb=round(most / 2**30, 2))
        return Landing(folder, tell).take(store.read(key), file_name(key), size, most)
    except NotFound as error:
        raise RequestInvalid("intake.no_such_object", bucket=bucket, key=key) from error
