"""S3 when it is slow, broken or refuses; addresses it signs; decoding from it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
from tests.media_clips import write_clip
from tests.stores import HURRY, FaultyProxy, Moto, faulty, running_moto

from sightline.engine.run import Request, measure
from sightline.errors import NotFound, SetupError, Unavailable
from sightline.library.blobs import Blobs, StoredSource
from sightline.library.s3_store import Patience, S3Place, SignedLinks, place_from_url

CONTENT = b"a video" * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    yield from running_moto()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "come in.mp4"
    path.write_bytes(CONTENT)
    return path


def test_two_refusals_by_the_server_are_no_failure(moto: Moto, file: Path) -> None:
    with faulty(moto.url) as proxy:
        # Two refusals and a third try; with time for a server that is busy.
        patience = Patience(connect_s=10, request_s=30, retries=2, total_s=90)
        blobs = Blobs.on_s3(moto.place(endpoint=proxy.url), patience)
        for status in (500, 503):
            before = len(proxy.asked)
            proxy.fault = lambda *_, status=status, before=before: status if len(proxy.asked) - before <= 2 else None
            blobs.put_file(file, SHA256)
            blobs.remove(SHA256)
        blobs.put_file(file, SHA256)
        assert b"".join(blobs.read(SHA256)) == CONTENT


def _refuse_everything(proxy: FaultyProxy) -> None:
    proxy.fault = lambda *_: 503


def _hang(proxy: FaultyProxy) -> None:
    proxy.fault = lambda *_: 30.0


@pytest.mark.parametrize("break_it", [_refuse_everything, _hang])
def test_a_store_that_does_not_answer_is_unavailable_after_a_while(
    moto: Moto, file: Path, break_it: Callable[[FaultyProxy], None]
) -> None:
    with faulty(moto.url) as proxy:
        place = moto.place(endpoint=proxy.url)
        blobs, patient = Blobs.on_s3(place, HURRY), Blobs.on_s3(place)
        patient.put_file(file, SHA256)
        source = blobs.source(SHA256, "x.mp4")
        assert isinstance(source, StoredSource)
        break_it(proxy)
        for ask in (
            lambda: blobs.put_file(file, "0" * 64),
            lambda: blobs.store.put_bytes("x", b"1"),
            lambda: b"".join(blobs.read(SHA256)),
            lambda: list(blobs.list("blobs")),
            lambda: blobs.remove(SHA256),
            lambda: source.open().read(10),
            blobs.check,
        ):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                ask()
            assert time.monotonic() - began < 7
        proxy.fault = lambda *_: None
        assert b"".join(patient.read(SHA256)) == CONTENT
        assert [sha256 for sha256, _ in patient.all()] == [SHA256]


def test_a_multipart_upload_that_fails_leaves_nothing(moto: Moto, tmp_path: Path) -> None:
    import boto3

    big = tmp_path / "big.mp4"
    big.write_bytes(b"\0" * (20 << 20))
    with faulty(moto.url) as proxy:
        place = moto.place(endpoint=proxy.url)
        blobs = Blobs.on_s3(place, Patience(connect_s=1, request_s=5, retries=1, total_s=2))
        proxy.fault = lambda method, path: 500 if "partNumber=2" in path else None
        with pytest.raises(Unavailable):
            blobs.put_file(big, "0" * 64)
        assert not blobs.exists("0" * 64)
        client = boto3.client(
            "s3", endpoint_url=moto.url, aws_access_key_id="key", aws_secret_access_key="s", region_name="us-east-1"
        )
        assert not client.list_multipart_uploads(Bucket=place.bucket).get("Uploads")


def test_nobody_there_is_unavailable(file: Path) -> None:
    blobs = Blobs.on_s3(S3Place("bucket", "", "http://127.0.0.1:9", access_key_id="k", secret_access_key="s"), HURRY)
    with pytest.raises(Unavailable, match="cannot be reached"):
        blobs.put_file(file, SHA256)


def test_a_missing_bucket_and_wrong_keys_are_for_the_operator(moto: Moto, file: Path) -> None:
    missing = Blobs.on_s3(S3Place("no-such-bucket", "", moto.url, access_key_id="k", secret_access_key="s"))
    with pytest.raises(SetupError):
        missing.put_file(file, SHA256)
    with faulty(moto.url) as proxy:
        blobs = Blobs.on_s3(moto.place(endpoint=proxy.url))
        proxy.fault = lambda *_: 403
        with pytest.raises(SetupError):
            blobs.check()
        with pytest.raises(SetupError):
            blobs.put_file(file, SHA256)


def test_a_signed_address_gives_the_file_with_its_name_and_type(moto: Moto, file: Path) -> None:
    blobs = Blobs.on_s3(moto.place())
    blobs.put_file(file, SHA256)
    hidden = replace(moto.place(), public_endpoint="")
    assert Blobs.on_s3(hidden).url(SHA256, 60, "a", "video/mp4") is None
    url = blobs.url(SHA256, 60, '광고 "final".mp4', "video/mp4")
    assert url is not None
    with urlopen(url) as answer:
        assert answer.read() == CONTENT
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"].startswith('inline; filename="__ _final_.mp4"; filename*=UTF-8')


@pytest.mark.parametrize("path_style", [True, False])
@pytest.mark.parametrize("endpoint", ["", "https://s3.example.org:9000", "http://127.0.0.1:9000/gate"])
@pytest.mark.parametrize("prefix", ["", "under/한글 +~"])
def test_addresses_are_signed_as_botocore_signs_them(
    monkeypatch: pytest.MonkeyPatch, path_style: bool, endpoint: str, prefix: str
) -> None:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    place = S3Place("buck-et", prefix, endpoint, "eu-west-1", "AKID", "se/cret+", path_style)
    ours = urlsplit(
        SignedLinks(place)("blobs/ab/x", 900, "a b.mp4", "video/mp4", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
    )
    signed = {key: values[0] for key, values in parse_qs(ours.query).items()}
    kept = {key: value for key, value in signed.items() if key.startswith("response-")}
    request = AWSRequest("GET", f"{ours.scheme}://{ours.netloc}{ours.path}", params=kept)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: datetime(2026, 2, 3, 4, 5, 6))
    botocore.auth.S3SigV4QueryAuth(Credentials("AKID", "se/cret+"), "s3", "eu-west-1", expires=900).add_auth(request)
    theirs = {key: values[0] for key, values in parse_qs(urlsplit(request.url).query).items()}
    assert signed == theirs
    assert ours.netloc.startswith("buck-et.") != path_style


@pytest.mark.parametrize("url", ["", "http://bucket/x", "s3://", "s3://key:secret@bucket/x", "s3://bucket/x?y=1"])
def test_what_names_no_place_is_refused(url: str) -> None:
    with pytest.raises(SetupError):
        place_from_url(url)


def test_measuring_from_s3_gives_what_measuring_the_file_gives(moto: Moto, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", pictures=60, sounds=[("aac", 48000, "stereo")])
    blobs = Blobs.on_s3(moto.place())
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    blobs.put_file(clip, sha256, "video/mp4")
    source = blobs.source(sha256, clip.name)
    local, far = (measure(Request(place, {"levels": {}, "loudness": {}})) for place in (clip, source))
    assert far.media.sha256 == sha256
    assert local.columns.keys() == far.columns.keys()
    for name, columns in local.columns.items():
        for mine, theirs in zip(columns.columns, far.columns[name].columns, strict=True):
            np.testing.assert_array_equal(mine.values, theirs.values)


def test_a_file_that_vanishes_from_s3_while_it_is_read_is_not_found(moto: Moto, file: Path) -> None:
    blobs = Blobs.on_s3(moto.place())
    blobs.put_file(file, SHA256)
    source = blobs.source(SHA256, "x.mp4")
    assert isinstance(source, StoredSource)
    blobs.remove(SHA256)
    with pytest.raises(NotFound), source.open() as reader:
        reader.read(1)
