"""Videos from an object store, only from where the operator says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.stores import Moto, put_object, running_moto

from sightline.errors import AddressRefused, LimitExceeded, RequestInvalid, SetupError
from sightline.service.intake.s3 import checked_s3, run


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    yield from running_moto()


def _settings(moto: Moto, tmp_path: Path, *allowed: str, **more: Any) -> dict[str, Any]:
    return {
        "data_dir": str(tmp_path), "cache_dir": str(tmp_path), "s3_endpoint": moto.url, "s3_access_key_id": "key",
        "s3_secret_access_key": "secret", "s3_import": list(allowed),
    } | more  # fmt: skip


def test_an_object_is_copied(moto: Moto, tmp_path: Path) -> None:
    place = moto.place(prefix="")
    put_object(place, "day 1/광고.mp4", b"a video")
    told: list[dict[str, Any]] = []
    url = f"s3://{place.bucket}/day 1/광고.mp4"
    got = run({"url": url, "settings": _settings(moto, tmp_path, place.bucket)}, told.append, tmp_path)
    assert Path(got["path"]).read_bytes() == b"a video"
    assert (got["name"], got["size_bytes"]) == ("광고.mp4", 7)
    assert told[-1]["total_bytes"] == 7


def test_what_is_not_there_too_large_or_not_open_is_told(moto: Moto, tmp_path: Path) -> None:
    place = moto.place(prefix="")
    put_object(place, "open/film.mp4", b"a video")
    put_object(place, "closed/film.mp4", b"a video")
    settings = _settings(moto, tmp_path, f"{place.bucket}/open")
    for url, changed, error in (
        (f"s3://{place.bucket}/open/other.mp4", {}, RequestInvalid),
        (f"s3://{place.bucket}/open/film.mp4", {"max_upload_gb": 1e-9}, LimitExceeded),
        (f"s3://{place.bucket}/closed/film.mp4", {}, AddressRefused),
        ("s3://no-such-bucket/x.mp4", {"s3_import": ["no-such-bucket"]}, (RequestInvalid, SetupError)),
    ):
        with pytest.raises(error):  # type: ignore[call-overload]
            run({"url": url, "settings": settings | changed}, lambda _: None, tmp_path)


@pytest.mark.parametrize(
    ("url", "allowed", "is_open"),
    [
        ("s3://b/x.mp4", ("b",), True),
        ("s3://b/x.mp4", ("s3://b/",), True),
        ("s3://b/a/x.mp4", ("b/a",), True),
        ("s3://b/a/x.mp4", ("c", "b/a/"), True),
        ("s3://b/ab/x.mp4", ("b/a",), False),
        ("s3://b/x.mp4", (), False),
        ("s3://b/x.mp4", ("bb", "c/b", ""), False),
        ("s3://b/a/../x.mp4", ("b/a",), False),
        ("s3://b/a/%2e%2e/x.mp4", ("b/a",), False),
        ("s3://b/a//x.mp4", ("b/a",), False),
        ("s3://b/", ("b",), False),
        ("s3://b", ("b",), False),
        ("s3://key:secret@b/x.mp4", ("b",), False),
        ("s3://b/x.mp4?versionId=1", ("b",), False),
        ("http://b/x.mp4", ("b",), False),
    ],
)
def test_only_what_the_operator_names_is_open(url: str, allowed: tuple[str, ...], is_open: bool) -> None:
    if is_open:
        assert checked_s3(url, allowed)[0] == "b"
    else:
        with pytest.raises(AddressRefused):
            checked_s3(url, allowed)
