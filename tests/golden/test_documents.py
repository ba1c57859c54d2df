"""Documents made of the program and of results are what they would be made again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.documents.figures import BLOCKS, filled, speed_sentences, speed_table, targets_table
from tools.documents.markdown import number, table
from tools.documents.results import ROOT
from tools.write_documents import PAGES, WITH_FIGURES, stale

from sightline.text import Language

PROVENANCE = {
    "sightline": "1", "machine": "M", "cores": 2, "python": "3.11.0", "measured_at": "2026-01-02T00:00:00",
}  # fmt: skip
CLIP = {"codec": "h264", "size": "64x36", "rate": "30000/1001", "seconds": 60.0, "bit_rate_bps": 1000}


def timing(seconds: float, ratio: float | None) -> dict[str, object]:
    return {"seconds": seconds, "runs": [seconds], "of_decoding": ratio}


def test_committed_documents_are_what_the_tool_writes() -> None:
    assert [path.name for path, _ in stale()] == [], "run `make documents` and commit what it writes"


def test_links_between_documents_lead_somewhere() -> None:
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"


def test_every_document_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"({path.name})" in index, path.name


def test_no_document_names_a_place_on_somebodys_machine() -> None:
    for name in (*PAGES, *WITH_FIGURES):
        assert not re.search(r"/(?:home|work|tmp|root|Users)/", (ROOT / name).read_text(encoding="utf-8")), name


@pytest.mark.parametrize("language", list(Language))
def test_figures_that_were_not_measured_are_said_to_be_missing(language: Language) -> None:
    assert "0" not in speed_sentences({}, language)
    assert "0" not in speed_table({}, language)
    without_clip = {"provenance": PROVENANCE, "minute": {"decode": timing(1, None)}, "clip": CLIP}
    assert "All checks" not in speed_sentences(without_clip, language)
    assert "An hour: not measured." in speed_table(without_clip, language)


def test_figures_say_what_was_measured_and_nothing_else() -> None:
    minute = {"decode": timing(10, None), "all_checks": timing(15, 1.5)}
    found = {"provenance": PROVENANCE, "clip": CLIP, "minute": minute, "faster_than_ffmpeg_filters": 2.5}
    said = " ".join(speed_sentences(found, Language.ENGLISH).split())
    assert "29.97 pictures a second, take 1.50 times as long" in said
    assert "2.50 times" in said
    assert "PySceneDetect" not in said
    assert "hour" not in said


def test_an_aim_that_was_missed_is_said_to_be_missed() -> None:
    minute = {"decode": timing(10, None), "all_checks": timing(12, 1.2)}
    found = {"provenance": PROVENANCE, "clip": CLIP, "minute": minute, "faster_than_ffmpeg_filters": 2.5}
    rows = targets_table(found, Language.ENGLISH).strip().splitlines()[2:]
    assert [row.rsplit("|", 2)[1].strip() for row in rows] == ["yes", "**no**"]
    assert "0" not in targets_table({}, Language.ENGLISH)


def test_a_block_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<!-- figures:size -->x<!-- /figures -->", Language.ENGLISH)
    assert filled("no block", Language.ENGLISH) == "no block"
    used = {n for name in WITH_FIGURES for n in re.findall(r"figures:([\w-]+)", Path(ROOT / name).read_text("utf-8"))}
    assert used == set(BLOCKS)


def test_tables_keep_bars_and_signs() -> None:
    assert table(("a", "b"), [("x|y", "p\nq")], right=("b",)) == "| a | b |\n|---|--:|\n| x\\|y | p q |"
    assert (number(-0.001), number(-1.5, 1)) == ("0.00", "−1.5")
