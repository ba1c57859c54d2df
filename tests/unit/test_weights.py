"""The registry of weights, and the shelf that finds and verifies them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
from tests.toy_weights import put, toy_registry

from sightline.errors import WeightsDenied, WeightsMissing, WeightsRefused
from sightline.text import Language, catalogue
from sightline.weights import checksum
from sightline.weights.registry import groups, models_named, registry
from sightline.weights.shelf import EMPTY, Shelf

ONE = {"one.bin": b"the only file"}
TWO = {"config.json": b"{}", "model.bin": b"many numbers"}


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checksum.forget()
    toy_registry(monkeypatch, tmp_path, {"one": ONE, "two": TWO})


class TestTheRealRegistry:
    @pytest.fixture(autouse=True)
    def _toys(self) -> None:
        pass

    def test_pins_every_file(self) -> None:
        for model in registry().values():
            for file in model.files:
                assert re.fullmatch(r"[0-9a-f]{64}", file.sha256), (model.id, file.name)
                assert Path(file.name).name == file.name

    def test_takes_files_from_unchanging_addresses_over_https_only(self) -> None:
        for model in registry().values():
            assert model.sources
            for source in model.sources:
                assert source.startswith("https://")
                assert source.endswith("/{file}")
                assert "/main/" not in source
                assert "/master/" not in source

    def test_has_words_for_every_model_and_its_data(self) -> None:
        for model in registry().values():
            for language in Language:
                assert model.purpose_key in catalogue(language)
                assert model.data_key in catalogue(language)

    def test_has_the_models_of_the_interview(self) -> None:
        assert groups()["interview"] == (
            "face_landmarker",
            "yunet",
            "pose_landmarker_lite",
            "hand_landmarker",
            "speech_whisper_turbo",
        )

    def test_names_models_by_id_and_by_group_each_once(self) -> None:
        named = models_named(["yunet", "interview", "voice_dnsmos"])
        assert [m.id for m in named] == [*groups()["interview"], "voice_dnsmos"]
        with pytest.raises(KeyError):
            models_named(["nothing"])

    def test_knows_the_real_files(self, shared_models: Path) -> None:
        shelf = Shelf((shared_models,))
        assert shelf.file("face_landmarker") == shared_models / "face_landmarker.task"
        assert shelf.file("yunet") == shared_models / "face_detection_yunet.onnx"
        assert shelf.identity("yunet") == hashlib.sha256(shelf.file("yunet").read_bytes()).hexdigest()


def test_an_empty_shelf_has_nothing_and_says_what_to_run() -> None:
    assert not EMPTY.has("one")
    with pytest.raises(WeightsMissing, match="sightline models pull one"):
        EMPTY.require("one")


def test_a_model_nobody_registered_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        EMPTY.require("three")
    with pytest.raises(KeyError):
        EMPTY.denying(["three"]).require("three")


@pytest.mark.parametrize("place", ["one", "of-one", "."])
def test_a_single_file_may_lie_in_its_folder_or_beside_others(tmp_path: Path, place: str) -> None:
    put(tmp_path / "models" / place, ONE)
    shelf = Shelf((tmp_path / "models",))
    shelf.require("one")
    assert shelf.has("one")
    assert shelf.file("one").read_bytes() == ONE["one.bin"]
    assert shelf.path("one") == shelf.file("one", "one.bin") == shelf.file("one")


def test_a_file_may_have_another_known_name(tmp_path: Path) -> None:
    put(tmp_path / "models", {"old-one.bin": ONE["one.bin"]})
    assert Shelf((tmp_path / "models",)).file("one").name == "old-one.bin"


def test_several_files_lie_in_one_folder_of_their_own(tmp_path: Path) -> None:
    put(tmp_path / "models", TWO)
    shelf = Shelf((tmp_path / "models",))
    assert not shelf.has("two"), "files of several models would have the same names"
    put(tmp_path / "models" / "of-two", TWO)
    assert shelf.path("two") == tmp_path / "models" / "of-two"
    assert shelf.file("two", "config.json").read_bytes() == TWO["config.json"]
    with pytest.raises(KeyError):
        shelf.file("two", "other")


def test_half_a_model_is_none(tmp_path: Path) -> None:
    put(tmp_path / "models" / "two", {"config.json": TWO["config.json"]})
    shelf = Shelf((tmp_path / "models",))
    assert not shelf.has("two")
    with pytest.raises(WeightsMissing):
        shelf.require("two")


def test_the_first_folder_that_has_it_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    put(second / "one", ONE)
    shelf = Shelf((first, second))
    assert shelf.file("one").is_relative_to(second)
    put(first, ONE)
    assert shelf.file("one").is_relative_to(first)


def test_other_bytes_are_refused_with_both_checksums(tmp_path: Path) -> None:
    put(tmp_path / "models" / "one", {"one.bin": b"something else"})
    shelf = Shelf((tmp_path / "models",))
    assert shelf.has("one"), "nothing was opened"
    with pytest.raises(WeightsRefused) as refused:
        shelf.file("one")
    assert hashlib.sha256(b"something else").hexdigest() in str(refused.value)
    assert hashlib.sha256(ONE["one.bin"]).hexdigest() in str(refused.value)


def test_refused_bytes_are_not_replaced_by_another_folder_in_silence(tmp_path: Path) -> None:
    put(tmp_path / "a", {"one.bin": b"something else"})
    put(tmp_path / "b", ONE)
    with pytest.raises(WeightsRefused):
        Shelf((tmp_path / "a", tmp_path / "b")).require("one")


def test_one_wrong_file_of_several_refuses_the_model(tmp_path: Path) -> None:
    put(tmp_path / "models" / "two", TWO | {"config.json": b"[]"})
    with pytest.raises(WeightsRefused, match=r"config\.json"):
        Shelf((tmp_path / "models",)).file("two", "model.bin")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    put(tmp_path / "models", ONE)
    (tmp_path / "models" / "one.bin").chmod(0)
    with pytest.raises(WeightsMissing, match="cannot be read"):
        Shelf((tmp_path / "models",)).require("one")


def test_a_denied_model_is_not_even_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "models", ONE)
    shelf = Shelf((tmp_path / "models",)).denying(["one"])

    def looked(_: Path) -> bool:
        raise AssertionError("somebody looked")

    monkeypatch.setattr(Path, "is_file", looked)
    assert not shelf.has("one")
    for ask in (shelf.require, shelf.file, shelf.identity, shelf.path):
        with pytest.raises(WeightsDenied):
            ask("one")


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, kind: (read.append(file), digest(file, kind))[1])
    path = put(tmp_path / "models", ONE) / "one.bin"
    shelf = Shelf((tmp_path / "models",))
    for _ in range(3):
        shelf.require("one")
        shelf.identity("one")
    assert len(read) == 1
    path.write_bytes(b"something else")
    os.utime(path, ns=(1, 1))
    with pytest.raises(WeightsRefused):
        shelf.require("one")


def test_the_identity_of_several_files_is_that_of_their_list(tmp_path: Path) -> None:
    put(tmp_path / "models" / "two", TWO)
    put(tmp_path / "models" / "one", ONE)
    shelf = Shelf((tmp_path / "models",))
    assert shelf.identity("one") == hashlib.sha256(ONE["one.bin"]).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{64}", shelf.identity("two"))
    assert shelf.identity("two") != shelf.identity("one")


def test_a_shelf_travels_as_plain_values(tmp_path: Path) -> None:
    shelf = Shelf((tmp_path / "a", tmp_path / "b"), frozenset({"one"}), idle_s=7)
    assert Shelf.from_plain(shelf.to_plain()) == shelf
    assert shelf.denying(["two"]).idle_s == 7
