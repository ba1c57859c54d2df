"""Bundles of a remote store that are kept nearby for reading."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sightline.library.blobs import Blobs
from sightline.service.bundles import Bundles, prefix_of

SIZE = 10_000


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """A store with five bundles that lies elsewhere."""
    store = Blobs.in_memory()
    for name in "abcde":
        made = tmp_path / name
        made.mkdir()
        (made / "manifest.json").write_bytes(bytes(SIZE))
        store.put_folder(prefix_of(name), made)
    return store


def kept(nearby: Path) -> list[str]:
    return sorted(path.name.partition(".")[0] for path in nearby.iterdir())


def make_old(path: Path) -> None:
    before = time.time() - 25 * 3600
    os.utime(path, (before, before))


def test_those_read_longest_ago_go_when_there_are_too_many(blobs: Blobs, tmp_path: Path) -> None:
    bundles, nearby = Bundles(blobs, tmp_path / "nearby", 3 * SIZE, spared_s=0), tmp_path / "nearby"
    for name in "abc":
        bundles.folder(name)
        time.sleep(0.02)
    bundles.folder("a")
    time.sleep(0.02)
    bundles.folder("d")
    assert kept(nearby) == ["a", "c", "d"]
    assert (bundles.folder("b") / "manifest.json").stat().st_size == SIZE


def test_what_may_be_being_read_stays(blobs: Blobs, tmp_path: Path) -> None:
    bundles = Bundles(blobs, tmp_path / "nearby", SIZE)
    for name in "abcde":
        bundles.folder(name)
    assert kept(tmp_path / "nearby") == list("abcde")


def test_what_was_left_half_fetched_goes(blobs: Blobs, tmp_path: Path) -> None:
    left, under_way = tmp_path / "nearby" / ".fetching.1.part", tmp_path / "nearby" / ".fetching.2.part"
    for place in (left, under_way):
        place.mkdir(parents=True)
    make_old(left)
    Bundles(blobs, tmp_path / "nearby").folder("a")
    assert not left.exists()
    assert under_way.exists()
