"""The store of videos and analyses that the settings name."""

from __future__ import annotations

from sightline.library.blobs import Blobs
from sightline.library.s3_store import S3Place, place_from_url
from sightline.service.settings import Settings


def open_blobs(settings: Settings) -> Blobs:
    """The store ``blob_url`` names, or the archive directory. Reaches for nothing yet. Raises `SetupError`."""
    if not settings.blob_url:
        return Blobs.in_folder(settings.archive)
    return Blobs.on_s3(s3_place(settings, *place_from_url(settings.blob_url)))


def s3_place(settings: Settings, bucket: str, prefix: str = "") -> S3Place:
    """A place on S3 reached with this installation's credentials."""
    return S3Place(
        bucket=bucket,
        prefix=prefix,
        endpoint=settings.s3_endpoint,
        public_endpoint=settings.s3_public_endpoint,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key.get_secret_value(),
        path_style=settings.s3_path_style,
    )
