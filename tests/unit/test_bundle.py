"""The bundle on disk: whole or not there, and the same when opened again."""

from __future__ import annotations

import errno
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import sightline.timeline.bundle as bundle_module
from sightline.errors import BundleUnreadable, OutputUnwritable
from sightline.facts import AudioFacts, Chroma, FieldOrder, HdrFacts, MediaFacts, VideoFacts
from sightline.text import Message
from sightline.timeline.bundle import Bundle, read_bundle, write_bundle
from sightline.timeline.columns import Column, Columns
from sightline.timeline.media_json import media_from_json, media_to_json
from sightline.timeline.timeline import Provenance, Timeline

VIDEO = VideoFacts(
    0, "h264", "High", "4.0", 1920, 1080, "yuv420p", 8, Chroma.C420, False, Fraction(1), 90, Fraction(1, 12800),
    Fraction(30000, 1001), None, 50, Fraction(0), Fraction(2), 1000, FieldOrder.TOP_FIRST, False, "tv", "bt709", None,
    "bt709", HdrFacts(1000.0, 0.005, ((0.68, 0.32), (0.265, 0.69)), 1000, 400), "01:00:00:00",
)  # fmt: skip
AUDIO = AudioFacts(1, "aac", None, 48000, 2, "stereo", ("FL", "FR"), "fltp", None, Fraction(1, 48000), None, None, None)
MEDIA = MediaFacts(
    "a <b>.mp4", 12, "00ff", "mov", Fraction(1001, 500), Fraction(0), 9, (VIDEO,), (AUDIO,), (), None, True, False,
    ((4096, 8192),), {"title": "한국어"}, ("facts.truncated",),
)  # fmt: skip


def made() -> Bundle:
    odd = np.array([1.5, np.nan, -np.inf])
    jpeg = np.empty(2, object)
    jpeg[:] = [b"\xff\xd8", b"\xff\xd9"]
    columns = {
        "levels": Columns("levels", Fraction(1, 25), np.arange(3), 3, (Column("y", "code", odd),), {"bit_depth": 8}),
        "thumbs": Columns("thumbs", Fraction(1, 25), np.arange(2), 2, (Column("jpeg", "jpeg", jpeg),)),
    }  # fmt: skip
    why = {"loudness": Message.of("engine.no_sound")}
    return Bundle(
        Timeline(MEDIA, columns, Provenance("test", "now", {"levels": 1}, 1, 3), (), why), {"events": [{"a": 1}]}
    )


def test_a_bundle_opened_again_is_the_same(tmp_path: Path) -> None:
    bundle = made()
    back = read_bundle(write_bundle(bundle, tmp_path / "a.sightline"))
    assert back.timeline.media == MEDIA
    assert back.timeline.provenance == bundle.timeline.provenance
    assert back.timeline.not_measured == bundle.timeline.not_measured
    assert back.documents == bundle.documents
    np.testing.assert_array_equal(back.timeline.columns["levels"]["y"], [1.5, np.nan, -np.inf])
    assert back.timeline.columns["thumbs"]["jpeg"].tolist() == [b"\xff\xd8", b"\xff\xd9"]
    assert back.timeline.columns["levels"].notes == {"bit_depth": 8}


def test_media_facts_survive_json() -> None:
    assert media_from_json(json.loads(json.dumps(media_to_json(MEDIA)))) == MEDIA


def test_a_bundle_is_replaced_whole(tmp_path: Path) -> None:
    place = write_bundle(made(), tmp_path / "a.sightline")
    (place / "left-over.json").write_text("{}")
    write_bundle(made(), place)
    assert sorted(p.name for p in place.iterdir()) == ["events.json", "manifest.json", "signals"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.sightline"]


def test_a_folder_that_is_no_bundle_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(OutputUnwritable, match="not a Sightline bundle"):
        write_bundle(made(), tmp_path / "holiday")
    assert (tmp_path / "holiday" / "photo.jpg").read_bytes() == b"dear"


def test_a_full_disk_leaves_the_old_bundle_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_bundle(made(), tmp_path / "a.sightline")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(bundle_module, "write_columns", full)
    with pytest.raises(OutputUnwritable, match="No space left"):
        write_bundle(made(), place)
    assert [p.name for p in tmp_path.iterdir()] == ["a.sightline"]
    assert read_bundle(place).timeline.media == MEDIA


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: (p / "manifest.json").unlink(), "no manifest"),
        (lambda p: (p / "manifest.json").write_text("{"), "damaged"),
        (lambda p: (p / "manifest.json").write_text('{"schema": "sightline.bundle/9"}'), "sightline.bundle/9"),
        (lambda p: (p / "signals" / "levels.parquet").write_bytes(b"PAR1"), "damaged"),
        (lambda p: (p / "events.json").write_text("nonsense"), "damaged"),
    ],
)
def test_a_spoilt_bundle_says_so(tmp_path: Path, spoil: object, says: str) -> None:
    place = write_bundle(made(), tmp_path / "a.sightline")
    spoil(place)  # type: ignore[operator]
    with pytest.raises(BundleUnreadable, match=says):
        read_bundle(place)


def test_pictures_are_read_when_asked_for_and_gone_ones_are_said_to_be(tmp_path: Path) -> None:
    folder = write_bundle(made(), tmp_path / "a.sightline")
    early, late = read_bundle(folder).timeline, read_bundle(folder).timeline
    assert early.columns["thumbs"]["jpeg"].tolist() == [b"\xff\xd8", b"\xff\xd9"]
    shutil.rmtree(folder)
    assert len(late.columns["thumbs"]) == len(early.columns["thumbs"]["jpeg"]) == 2
    with pytest.raises(BundleUnreadable):
        late.columns["thumbs"]["jpeg"]


def test_a_bundle_saved_over_itself_keeps_its_pictures(tmp_path: Path) -> None:
    folder = write_bundle(made(), tmp_path / "a.sightline")
    write_bundle(read_bundle(folder), folder)
    assert read_bundle(folder).timeline.columns["thumbs"]["jpeg"].tolist() == [b"\xff\xd8", b"\xff\xd9"]
