"""Benchmarks of accuracy run, each in its quick mode."""

from __future__ import annotations

import importlib
import json
from functools import partial
from pathlib import Path

import pytest
from benchmarks.accuracy import __main__ as accuracy
from benchmarks.accuracy import conversation, transitions
from benchmarks.accuracy.edits import make_edit
from benchmarks.place import CLIPS


@pytest.mark.parametrize("name", [name for name in accuracy.NAMES if name not in accuracy.NEED_CLIPS])
def test_a_quick_run_finds_what_is_there(name: str) -> None:
    found = json.loads(json.dumps(accuracy.measured(name, quick=True)))
    match name:
        case "loudness" | "intervals":
            right = found.get("passed", found.get("right"))
            assert 0 < right == found["count"]
        case "flashes":
            assert (found["iris_mismatches"], found["rules_right"]) == (0, found["rules_of"])
        case "outliers":
            (row,) = found["rows"]
            assert row["ffmpeg_8_bit"] == pytest.approx(row["planted"], abs=0.002)
        case "speech":
            assert max(row["gross_errors_percent"] for row in found["pitch_of_known_voices"]) < 1
            if "syllables" not in found:
                pytest.skip(found["synthetic_speech"]["why"])
            assert found["syllables"]["mean_absolute_error_percent"] < 5
            assert all(row["found"] == row["pauses"] for row in found["pauses"])
            assert all(row["right_percent"] > 93 for row in found["speech"])
        case _:
            pytest.fail(f"nobody says what a quick run of {name} should find")


@pytest.mark.skipif(not CLIPS.is_dir(), reason="the real takes are not beside this checkout")
def test_a_quick_run_of_transitions_scores_an_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "EDITS", tmp_path)
    monkeypatch.setattr(transitions, "make_edit", partial(make_edit, events=6))
    monkeypatch.setattr(transitions, "OTHERS", dict([*transitions.OTHERS.items()][:1]))
    found = transitions.run(quick=True)["dev"]
    assert found["edits"] == 1
    assert found["detectors"]["Sightline"]["f1"] > 0.9


def test_transitions_are_left_out_without_clips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(accuracy, "CLIPS", tmp_path / "none")
    monkeypatch.setattr("sys.argv", ["accuracy", "--only", "transitions"])
    accuracy.main()
    assert "left out" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["benchmarks.speed.__main__", "benchmarks.speed.clip", "benchmarks.speed.tiled"])
def test_benchmarks_of_speed_can_be_imported(name: str) -> None:
    importlib.import_module(name)


def test_a_clip_other_than_the_labelled_one_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "WORK", tmp_path)
    (tmp_path / "franck.mp4").write_bytes(b"another film")
    found = conversation.run(quick=True)
    assert found == {"refused": "what was fetched is another clip than was labelled"}
    assert not any(tmp_path.iterdir())
