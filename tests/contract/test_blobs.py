"""Every store of videos and analyses does the same."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores import STORES, Moto, empty_store, running_moto

from sightline.errors import NotFound, RequestInvalid
from sightline.library.blobs import READ_AHEAD_BYTES, Blobs
from sightline.library.store import RANGE_BYTES

CONTENT = os.urandom(RANGE_BYTES + 12_345)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    yield from running_moto()


@pytest.fixture(params=STORES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return empty_store(request.param, tmp_path, lambda: request.getfixturevalue("moto"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "come in.mp4"
    path.write_bytes(CONTENT)
    return path


def test_a_file_comes_back_as_it_was_put(blobs: Blobs, file: Path) -> None:
    blobs.put_file(file, SHA256, "video/mp4")
    file.unlink()
    assert blobs.exists(SHA256)
    assert blobs.size(SHA256) == len(CONTENT)
    assert b"".join(blobs.read(SHA256)) == CONTENT


def test_putting_twice_is_putting_once(blobs: Blobs, file: Path) -> None:
    blobs.put_file(file, SHA256)
    blobs.put_file(file, SHA256)
    assert [(sha256, found.size_bytes) for sha256, found in blobs.all()] == [(SHA256, len(CONTENT))]


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (5, 5), (RANGE_BYTES - 1, RANGE_BYTES + 1), (len(CONTENT) - 3, None), (len(CONTENT), None), (7, 10**12)],
)
def test_a_range_is_half_open_and_ends_with_the_file(blobs: Blobs, file: Path, start: int, end: int | None) -> None:
    blobs.put_file(file, SHA256)
    assert b"".join(blobs.read(SHA256, start, end)) == CONTENT[start:end]


def test_what_is_not_there_is_not_found(blobs: Blobs) -> None:
    assert not blobs.exists(SHA256)
    assert blobs.local_path(SHA256) is None
    for ask in (lambda: blobs.size(SHA256), lambda: list(blobs.read(SHA256)), lambda: blobs.source(SHA256, "x.mp4")):
        with pytest.raises(NotFound):
            ask()
    blobs.remove(SHA256)


def test_a_removed_file_is_gone_and_can_come_back(blobs: Blobs, file: Path) -> None:
    blobs.put_file(file, SHA256)
    blobs.remove(SHA256)
    assert not blobs.exists(SHA256)
    blobs.put_file(file, SHA256)
    assert blobs.exists(SHA256)


def test_a_source_reads_like_the_file(blobs: Blobs, file: Path) -> None:
    blobs.put_file(file, SHA256)
    source = blobs.source(SHA256, "come in.mp4")
    if isinstance(source, Path):
        assert source.read_bytes() == CONTENT
        return
    assert (source.name, source.size_bytes, source.sha256) == ("come in.mp4", len(CONTENT), SHA256)
    with source.open() as reader, file.open("rb") as plain:
        for position, size in ((0, 10), (READ_AHEAD_BYTES - 5, 10), (len(CONTENT) - 5, 100), (3, READ_AHEAD_BYTES * 3)):
            assert reader.seek(position) == plain.seek(position)
            assert reader.read(size) == plain.read(size)
            assert reader.tell() == plain.tell()
        assert reader.seek(-4, os.SEEK_END) == len(CONTENT) - 4
        assert reader.read() == CONTENT[-4:]
        assert reader.read(1) == b""


@pytest.mark.parametrize("name", ["", "../x", "x" * 63, "X" * 64, "a" * 63 + "/", "g" * 64])
def test_only_a_sha256_names_a_file(blobs: Blobs, name: str) -> None:
    with pytest.raises(RequestInvalid):
        blobs.exists(name)


@pytest.mark.parametrize("name", ["../out", "a/../../out", "a//b", "a/./b"])
def test_no_name_leads_out_of_the_store(blobs: Blobs, name: str) -> None:
    with pytest.raises(RequestInvalid):
        blobs.put_bytes(name, b"1")
    with pytest.raises(RequestInvalid):
        blobs.read_bytes(name)


def _folder(path: Path, **files: str) -> Path:
    for name, content in files.items():
        target = path / name.replace("__", "/").replace("_", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    return path


def _read(path: Path) -> dict[str, str]:
    return {p.relative_to(path).as_posix(): p.read_text() for p in path.rglob("*") if p.is_file()}


def test_a_folder_comes_back_as_it_was_put(blobs: Blobs, tmp_path: Path) -> None:
    one = _folder(tmp_path / "one", manifest_json="1", signals__luma_parquet="2", thumbs__한글_jpg="3")
    blobs.put_folder("analyses/a", one)
    blobs.put_folder("analyses/ab", _folder(tmp_path / "two", manifest_json="other"))
    blobs.fetch_folder("analyses/a", tmp_path / "back")
    assert _read(tmp_path / "back") == _read(one)
    assert {found.name for found in blobs.list("analyses/a")} == {f"analyses/a/{name}" for name in _read(one)}
    assert blobs.read_bytes("analyses/a/manifest.json") == b"1"


def test_a_folder_put_again_takes_the_place_of_the_old_one(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put_folder("analyses/a", _folder(tmp_path / "one", manifest_json="1", old_json="2"))
    blobs.put_folder("analyses/a", _folder(tmp_path / "two", manifest_json="3"))
    blobs.fetch_folder("analyses/a", tmp_path / "back")
    assert _read(tmp_path / "back") == {"manifest.json": "3"}


def test_removing_a_prefix_removes_what_is_under_it_and_nothing_else(blobs: Blobs, tmp_path: Path) -> None:
    for prefix in ("analyses/a", "analyses/ab"):
        blobs.put_folder(prefix, _folder(tmp_path / "one", manifest_json="1"))
    blobs.remove_prefix("analyses/a")
    blobs.remove_prefix("analyses/a")
    assert {found.name for found in blobs.list("analyses")} == {"analyses/ab/manifest.json"}
    with pytest.raises(ValueError, match="everything"):
        blobs.remove_prefix("")
    with pytest.raises(NotFound):
        blobs.fetch_folder("analyses/a", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_removing_a_prefix_that_is_an_object_removes_it(blobs: Blobs) -> None:
    blobs.put_bytes("videos/a.json", b"1")
    blobs.put_bytes("videos/a.json2", b"1")
    blobs.remove_prefix("videos/a.json")
    assert {found.name for found in blobs.list("videos")} == {"videos/a.json2"}
    path = blobs.local_folder("videos")
    assert path is None or [p.name for p in path.iterdir()] == ["a.json2"]


def test_bytes_are_kept_by_name(blobs: Blobs) -> None:
    blobs.put_bytes("revisions/x", b"1")
    blobs.put_bytes("revisions/x", b"2")
    assert blobs.read_bytes("revisions/x") == b"2"
    blobs.put_bytes("revisions/empty", b"")
    assert blobs.read_bytes("revisions/empty") == b""


def test_every_process_with_the_store_has_the_same_secret(blobs: Blobs) -> None:
    first = blobs.link_secret()
    assert len(first) == 32
    assert Blobs(blobs.store).link_secret() == first
    path = blobs.local_folder("secrets/media-links")
    if path is not None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert Blobs.in_folder(path.parents[1]).link_secret() == first


def test_a_store_that_can_be_used_says_so(blobs: Blobs) -> None:
    blobs.check()
    assert not list(blobs.list(""))


def test_an_object_of_s3_has_its_type(moto: Moto, file: Path) -> None:
    import obstore

    from sightline.library.s3_store import Patience, opened

    place = moto.place(prefix="")
    Blobs.on_s3(place).put_file(file, SHA256, "video/mp4")
    found = obstore.get(opened(place, Patience()), f"blobs/{SHA256[:2]}/{SHA256}")
    assert found.attributes["Content-Type"] == "video/mp4"
