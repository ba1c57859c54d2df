"""The measurement cache: what it finds, what it lets go when it is full, and what it does when others share it."""

from __future__ import annotations

import os
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sightline.engine.cache
from sightline.engine.cache import MeasurementCache
from sightline.engine.eviction import SAFE_S, KeptMedia, kept_media, to_evict
from sightline.errors import OutputUnwritable
from sightline.timeline.columns import Column, Columns
from sightline.timeline.parquet import write_columns

MEDIA = [f"{n:064x}" for n in range(1, 9)]
ROWS = 2000


def columns() -> Columns:
    values = np.random.default_rng(1).random(ROWS)
    return Columns("levels", Fraction(1, 25), np.arange(ROWS), ROWS, (Column("y", "code", values),))


def entry_bytes(folder: Path) -> int:
    write_columns(columns(), folder / "one.parquet")
    return (folder / "one.parquet").stat().st_size


def grow_old(cache: MeasurementCache, sha256: str, seconds: float) -> None:
    for path in (cache.folder / sha256[:2] / sha256).iterdir():
        os.utime(path, (time.time() - seconds,) * 2)


def filled(folder: Path, entries: int, max_entries: float) -> MeasurementCache:
    """A media an entry, the first the oldest; room for ``max_entries``."""
    cache = MeasurementCache(folder / "cache", int(max_entries * entry_bytes(folder)))
    for age, sha256 in enumerate(MEDIA[:entries]):
        cache.put(sha256, "levels", columns())
        grow_old(cache, sha256, 3 * SAFE_S - age)
    return cache


def kept(cache: MeasurementCache) -> list[str]:
    return sorted(media.folder.name for media in kept_media(cache.folder) if media.size_bytes)


def test_what_was_used_longest_ago_goes_until_nine_tenths_are_left(tmp_path: Path) -> None:
    cache = filled(tmp_path, 5, 5.5)
    cache.put(MEDIA[5], "levels", columns())
    assert kept(cache) == MEDIA[2:6]
    assert cache.usage_bytes() <= 0.9 * (cache.max_bytes or 0)


def test_reading_is_using(tmp_path: Path) -> None:
    cache = filled(tmp_path, 5, 5.5)
    assert cache.get(MEDIA[0], "levels") is not None
    cache.put(MEDIA[5], "levels", columns())
    assert MEDIA[0] in kept(cache)
    assert MEDIA[1] not in kept(cache)


def test_a_run_under_way_keeps_its_oldest_checkpoints(tmp_path: Path) -> None:
    cache = filled(tmp_path, 1, 3.5)
    for n in range(6):
        cache.put(MEDIA[1], f"levels@{n}..{n + 1}", columns())
        if n < 5:
            grow_old(cache, MEDIA[1], 2 * SAFE_S)
    assert len(list((cache.folder / MEDIA[1][:2] / MEDIA[1]).iterdir())) == 6, "more than fits, and all of it in use"
    assert kept(cache) == [MEDIA[1]]


def test_without_a_limit_nothing_goes(tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    for sha256 in MEDIA:
        cache.put(sha256, "levels", columns())
        grow_old(cache, sha256, 1e6)
    assert kept(cache) == MEDIA


def test_what_another_process_wrote_is_seen(tmp_path: Path) -> None:
    cache = filled(tmp_path, 2, 5.5)
    other = MeasurementCache(cache.folder)
    for sha256 in MEDIA[2:6]:
        other.put(sha256, "levels", columns())
        grow_old(other, sha256, 2 * SAFE_S)
    cache.put(MEDIA[6], "levels", columns())
    assert cache.usage_bytes() <= (cache.max_bytes or 0)


def test_only_leftovers_of_yesterday_are_removed(tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    cache.put(MEDIA[0], "levels", columns())
    folder = tmp_path / MEDIA[0][:2] / MEDIA[0]
    old, young = folder / ".levels.old.part", folder / ".levels.young.part"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000,) * 2)
    cache.usage_bytes()
    assert not old.exists()
    assert young.exists()


def test_everything_of_one_media_can_be_removed_and_only_that(tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    for key in ("levels", "faults-v1", "levels@..5"):
        cache.put(MEDIA[0], key, columns())
    cache.put(MEDIA[1], "levels", columns())
    assert cache.remove(MEDIA[0]) == 3
    assert cache.remove(MEDIA[0]) == 0
    assert kept(cache) == [MEDIA[1]]
    assert not (tmp_path / MEDIA[0][:2] / MEDIA[0]).exists()


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = MeasurementCache(tmp_path)
    cache.put(MEDIA[0], "levels", columns())

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(OutputUnwritable, match="Permission denied"):
        cache.remove(MEDIA[0])


def test_clearing_leaves_files_of_others_alone(tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    cache.put(MEDIA[0], "levels", columns())
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "notes.txt").write_text("mine")
    assert cache.clear() == 1
    assert cache.usage_bytes() == 0
    assert {path.name for path in tmp_path.rglob("*.txt")} == {"notes.txt"}
    assert len(list(tmp_path.rglob("*.txt"))) == 2


def test_hits_and_misses_are_counted(tmp_path: Path) -> None:
    cache = MeasurementCache(tmp_path)
    assert cache.get(MEDIA[0], "levels") is None
    cache.put(MEDIA[0], "levels", columns())
    assert cache.get(MEDIA[0], "levels") is not None
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize("sha256", ["", "..", "../" * 21 + ".", "A" * 64, "0" * 63])
def test_only_a_hash_names_a_media(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        MeasurementCache(tmp_path).remove(sha256)


def test_a_disk_that_was_full_is_written_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = MeasurementCache(tmp_path)

    def full(columns: Columns, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sightline.engine.cache, "write_columns", full)
        cache.put(MEDIA[0], "levels", columns())
        cache.put(MEDIA[0], "shots", columns())
    assert [r.getMessage() for r in caplog.records if "No space left" in r.getMessage()][1:] == []
    assert not list(tmp_path.rglob("*.part"))
    cache.put(MEDIA[0], "levels", columns())
    assert cache.get(MEDIA[0], "levels") is not None


def test_many_caches_on_one_folder_do_not_trip_over_each_other(tmp_path: Path) -> None:
    room = 4 * entry_bytes(tmp_path)

    def work(seed: int) -> None:
        cache = MeasurementCache(tmp_path / "cache", room)
        for n in np.random.default_rng(seed).integers(0, len(MEDIA), 40):
            cache.put(MEDIA[n], "levels", columns())
            grow_old_if_there(cache, MEDIA[n])
            found = cache.get(MEDIA[n], "levels")
            assert found is None or len(found) == ROWS

    errors: list[BaseException] = []
    threads = [threading.Thread(target=_caught, args=(work, seed, errors)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def _caught(work: object, seed: int, errors: list[BaseException]) -> None:
    try:
        work(seed)  # type: ignore[operator]
    except BaseException as error:  # noqa: BLE001  (shown by the test)
        errors.append(error)


def grow_old_if_there(cache: MeasurementCache, sha256: str) -> None:
    try:
        grow_old(cache, sha256, 2 * SAFE_S)
    except FileNotFoundError:
        return


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.floats(0, 10_000)), max_size=20),
    st.integers(0, 5000),
    st.floats(0, 1e4),
)
def test_no_more_goes_than_must(sizes: list[tuple[int, float]], max_bytes: int, now: float) -> None:
    kept = [KeptMedia(Path(str(n)), size, used_at) for n, (size, used_at) in enumerate(sizes)]
    gone = to_evict(kept, max_bytes, now)
    total, freed = sum(media.size_bytes for media in kept), sum(media.size_bytes for media in gone)
    assert all(media.used_at <= now - SAFE_S for media in gone)
    if total <= max_bytes:
        assert gone == ()
    elif gone:
        assert total - freed + gone[-1].size_bytes > 0.9 * max_bytes
        stays = [media for media in kept if media not in gone]
        assert all(media.used_at >= gone[-1].used_at for media in stays)
