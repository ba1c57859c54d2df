"""Every format from the same report: valid, safe against hostile names, the same bytes twice."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import opentimelineio as otio
import pytest
import report_sample as sample

from sightline.errors import ReportImpossible
from sightline.report.as_csv import safe_cell
from sightline.report.as_ebu_xml import NAMESPACE
from sightline.report.as_json import json_schema
from sightline.report.framing import constant_rate, framing_of
from sightline.report.report import Report, formats, renderer, renderers
from sightline.text import LANGUAGES, Language
from sightline.timeline.columns import Column, Columns

HOSTILE = '=cmd|\' /C calc\'!A0 "><script>alert(1)</script>]]> #eval("x") {{7*7}} \x07\u2028 --> \ud55c.mov'
ALL = formats()


def made(name: str, report: Report) -> bytes:
    return renderer(name).render(report)


@pytest.fixture(scope="module")
def report() -> Report:
    return sample.report()


@pytest.fixture(scope="module")
def silent() -> Report:
    found = sample.sound_only()
    return Report(found, replace(sample.judgement(found), checks=()), sample.MADE_AT)


@pytest.fixture(scope="module")
def empty() -> Report:
    """A media of which nothing could be measured."""
    found = replace(sample.timeline(), columns={}, events=())
    return Report(found, replace(sample.judgement(found), checks=()), sample.MADE_AT)


def with_events(report: Report, *kinds: str) -> Report:
    found = replace(report.timeline, events=report.timeline.events_of(*kinds))
    return replace(report, timeline=found, judgement=replace(report.judgement, checks=()))


def at_rate(report: Report, rate: Fraction, timecode: str | None) -> Report:
    """The same pictures at another rate."""
    old = report.timeline
    columns = dict(old.columns)
    for name in ("pictures", "levels", "flash", "thumbs"):
        columns[name] = replace(columns[name], time_base=1 / rate)
    media = replace(old.media, videos=(sample.video(rate, timecode),), start_timecode=timecode)
    found = replace(old, media=media, columns=columns).with_events(old.events)
    return replace(report, timeline=found, judgement=sample.judgement(found))


def test_every_format_is_found_with_its_own_suffix() -> None:
    assert set(ALL) == {
        "csv", "ebu-xml", "edl", "fcp7", "html", "json", "junit", "otio", "pdf", "qctools", "vtt",
    }  # fmt: skip
    assert all(kind.format == name for name, kind in renderers().items())
    assert len({kind.suffix for kind in renderers().values()}) == len(ALL)


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(KeyError, match="ebu-xml"):
        renderer("docx")


@pytest.mark.parametrize("name", ALL)
def test_the_same_report_gives_the_same_bytes(name: str, report: Report) -> None:
    assert made(name, report) == made(name, report)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_a_hostile_name_harms_no_format(name: str, language: Language) -> None:
    out = made(name, sample.report(language, HOSTILE))
    text = gzip.decompress(out).decode() if name == "qctools" else out.decode("utf-8", "replace")
    if name in ("ebu-xml", "fcp7", "junit", "qctools"):
        ET.fromstring(text)
    if name == "html":
        assert "<script>alert" not in text
        assert "{{" not in text.replace("{{7*7}}", "")
    if name == "edl":
        assert text.count("|C:") == text.count("|M:") == text.count("|D:")


@pytest.mark.parametrize("name", sorted(set(ALL) - {"edl", "fcp7"}))
def test_sound_without_pictures_can_be_reported(name: str, silent: Report) -> None:
    assert made(name, silent)


@pytest.mark.parametrize("name", ["edl", "fcp7"])
def test_formats_that_count_frames_say_why_they_cannot_without_pictures(name: str, silent: Report) -> None:
    with pytest.raises(ReportImpossible) as caught:
        made(name, silent)
    assert "voice.wav" in caught.value.message.render(Language.KOREAN)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"edl", "fcp7", "qctools"}))
def test_a_media_of_which_nothing_was_measured_can_be_reported(name: str, empty: Report) -> None:
    assert made(name, empty)


# JSON


def test_json_obeys_its_schema(report: Report, silent: Report, empty: Report) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in (report, silent, empty, sample.report(Language.KOREAN, HOSTILE)):
        jsonschema.validate(json.loads(made("json", each)), schema, jsonschema.Draft202012Validator)


def test_json_is_strict_even_for_silence(report: Report) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    quiet = dict(report.timeline.columns)
    loudness = quiet["loudness"]
    columns = tuple(
        Column(c.name, c.unit, np.full(len(loudness), -np.inf if c.unit == "lufs" else 0.0, np.float32))
        for c in loudness.columns
    )
    quiet["loudness"] = replace(loudness, columns=columns)
    out = json.loads(
        made("json", replace(report, timeline=replace(report.timeline, columns=quiet))), parse_constant=refuse
    )
    figures = out["signals"]["loudness"]
    assert figures["integrated_lufs"] is None
    assert figures["max_momentary_lufs"] is None
    assert "70 LUFS" in figures["why"]["integrated_lufs"]["text"]["en"]


def test_json_sums_up_every_column_of_numbers(report: Report) -> None:
    signals = json.loads(made("json", report))["signals"]
    levels = report.timeline.columns["levels"]
    assert signals["levels"]["y_max"] == {
        "unit": "code", "min": int(levels["y_max"].min()), "mean": pytest.approx(levels["y_max"].mean()),
        "max": int(levels["y_max"].max()), "rows": 3000, "measured": 3000,
    }  # fmt: skip
    assert "thumbs" not in signals
    assert signals["loudness"]["true_peak_dbtp"] == pytest.approx(
        float(report.timeline.columns["true_peak"]["peak_0"][39:].max()), abs=1e-6
    )


# CSV


def test_csv_has_a_row_for_each_event_and_no_formula() -> None:
    report = sample.report()
    hostile = tuple(
        replace(event, evidence={**event.evidence, "region": "=HYPERLINK(1)", "value": "+1", "threshold": "@SUM(A1)"})
        for event in report.timeline.events
    )
    out = made("csv", replace(report, timeline=replace(report.timeline, events=hostile)))
    assert out.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"))))
    assert len(rows) >= len(hostile)
    cells = [cell for row in rows for cell in row.values()]
    assert not [c for c in cells if c.startswith(("=", "+", "@", "\t", "\r"))]
    assert not [c for c in cells if c.startswith("-") and not re.fullmatch(r"-\d+(\.\d+)?", c)]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1"])
def test_text_that_starts_like_a_formula_is_quoted(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [-3.5, 7, "black", "10:00:00:00", ""])
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert safe_cell(cell) == cell


# EBU QC


def ebu(report: Report) -> ET.Element:
    return ET.fromstring(made("ebu-xml", report))


def q(path: str) -> str:
    return "/".join(part if part in (".", "..") else f"{{{NAMESPACE}}}{part}" for part in path.split("/"))


def test_ebu_results_map_to_the_items_of_the_profile(report: Report) -> None:
    root = ebu(report)

    def keys(path: str) -> list[tuple[str | None, str | None]]:
        return [(e.findtext(q("EBUQCID")), e.findtext(q("InstanceId"))) for e in root.findall(q(path))]

    items, results = keys("Profile/Items/Item"), keys("ItemResults/ItemResult")
    assert items == results
    assert len(set(items)) == len(items) == len(report.judgement.checks)
    assert root.findtext(q("CheckResult")) == "false"
    assert root.findtext(q("ContentId/ContentIdentifier/ID")) == f"urn:sha256:{'ab' * 32}"
    assert root.findtext(q("Profile/ContentId/ContentIdentifier/ID")) == f"urn:sha256:{'ab' * 32}"
    assert not list(root.find(q("Profile/ItemDefinitions")))  # type: ignore[arg-type]


def test_ebu_keeps_a_check_nobody_could_evaluate_from_passing(report: Report) -> None:
    root = ebu(report)
    states = {r.findtext(q("EBUQCID")): r for r in root.findall(q("ItemResults/ItemResult"))}
    waiting = states["SIGHTLINE-P4"]
    assert waiting.findtext(q("ExecutionStatus")) == "error"
    assert waiting.findtext(q("ErrorDescription"))
    assert waiting.find(q("CheckResult")) is None
    assert root.findtext(q("ExecutionStatus")) == "error"


def test_ebu_names_who_waived_and_why(report: Report) -> None:
    root = ebu(report)
    waived = next(r for r in root.findall(q("ItemResults/ItemResult")) if r.findtext(q("EBUQCID")) == "SIGHTLINE-V3")
    assert waived.findtext(q("Annotation/Editor/Name")) == waived.findtext(q("Operator/Name")) == "J. Kim"
    assert waived.findtext(q("DetectionMethod")) == "assisted"
    assert waived.findtext(q("CheckResult")) == "true"


def test_ebu_locates_an_event_in_pictures_with_its_edit_rate(report: Report) -> None:
    black = next(r for r in ebu(report).findall(q("ItemResults/ItemResult")) if r.findtext(q("EBUQCID")) == "0016B")
    outputs = [o for o in black.findall(q("Outputs/Output")) if o.find(q("Locator")) is not None]
    assert [(o.findtext(q("Locator/Start")), o.findtext(q("Locator/End"))) for o in outputs] == [("300", "360")]
    assert "25/1" in ET.tostring(outputs[0], encoding="unicode")


def test_ebu_obeys_the_schema_of_the_ebu(report: Report, silent: Report) -> None:
    place = os.environ.get("EBU_QC_XSD")
    if not place:
        pytest.skip("set EBU_QC_XSD to qc.xsd of github.com/ebu/qc, namespace tag:qc.ebu.ch,2026-01")
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(Path(place))))
    for each in (report, silent, sample.report(Language.KOREAN, HOSTILE)):
        schema.assertValid(etree.fromstring(made("ebu-xml", each)))


# QCTools


def test_qctools_bears_our_numbers_under_the_names_of_ffmpeg(report: Report) -> None:
    root = ET.fromstring(gzip.decompress(made("qctools", report)))
    frames = root.findall("frames/frame")
    pictures = [f for f in frames if f.get("media_type") == "video"]
    sounds = [f for f in frames if f.get("media_type") == "audio"]
    levels = report.timeline.columns["levels"]
    tags = {t.get("key"): float(t.get("value", "nan")) for t in pictures[42]}
    assert len(pictures) == 3000
    assert tags["lavfi.signalstats.YMAX"] == levels["y_max"][42]
    assert tags["lavfi.signalstats.YAVG"] == pytest.approx(levels["y_mean"][42], rel=1e-5)
    assert len(sounds) == 1200
    assert not list(sounds[2]), "the window of 400 ms was not full yet"
    momentary = {t.get("key"): float(t.get("value", "nan")) for t in sounds[10]}["lavfi.r128.M"]
    assert momentary == pytest.approx(float(report.timeline.columns["loudness"]["momentary"][109]), rel=1e-5)
    times = [float(f.get("pkt_pts_time", "nan")) for f in frames]
    assert times == sorted(times)


def test_qctools_without_its_numbers_says_so(empty: Report) -> None:
    with pytest.raises(ReportImpossible):
        made("qctools", empty)


# Editing systems


def edl_lines(report: Report) -> list[str]:
    return made("edl", report).decode().split("\r\n")


def test_edl_starts_at_the_timecode_of_the_media(report: Report) -> None:
    lines = edl_lines(report)
    assert "FCM: NON-DROP FRAME" in lines
    first = next(line for line in lines if line.startswith("001 "))
    assert first.endswith("10:00:12:00 10:00:12:01 10:00:12:00 10:00:12:01")
    comment = lines[lines.index(first) + 1]
    assert comment.endswith("|C:ResolveColorRed |M:Black |D:60")


def test_edl_takes_the_start_it_is_given(report: Report) -> None:
    lines = edl_lines(replace(report, start_timecode="01:00:00:00"))
    assert any(line.startswith("001 ") and "01:00:12:00" in line for line in lines)
    with pytest.raises(ReportImpossible):
        made("edl", replace(report, start_timecode="1h"))


def test_findings_on_the_same_frame_share_a_marker(report: Report) -> None:
    frames = [framing_of(report).frames_of(e)[0] for e in report.timeline.events_of("true_peak_over")]
    assert frames[0] == frames[1]
    starts = [line.split()[4] for line in edl_lines(report) if re.match(r"\d{3} ", line)]
    assert len(starts) == len(set(starts))
    assert any("channel FL" in line and "channel FR" in line for line in edl_lines(report))


def test_edl_drops_labels_at_29_97(report: Report) -> None:
    rate = Fraction(30000, 1001)
    dropping = at_rate(report, rate, "00:00:50;00")
    lines = edl_lines(dropping)
    assert "FCM: DROP FRAME" in lines
    event = dropping.timeline.events_of("black")[0]
    assert event.start_frame == 360
    # 50 s of labels are 1500; 1860 frames lie past the two labels dropped at 00:01:00.
    assert any("00:01:02;02" in line for line in lines)


def test_pictures_at_no_constant_rate_cannot_be_counted(report: Report) -> None:
    pictures = report.timeline.columns["pictures"]
    ticks = pictures.ticks.copy()
    ticks[1500:] += 3
    uneven = replace(pictures, ticks=ticks, end=pictures.end + 3)
    found = replace(report.timeline, columns=dict(report.timeline.columns) | {"pictures": uneven})
    assert constant_rate(found) is None
    for name in ("edl", "fcp7"):
        with pytest.raises(ReportImpossible):
            made(name, replace(report, timeline=found))
    assert made("otio", replace(report, timeline=found))


def test_times_rounded_to_milliseconds_still_count_as_constant(report: Report) -> None:
    rate = Fraction(24000, 1001)
    ticks = np.array([round(i * 1000 / rate) for i in range(5000)], np.int64)
    columns = (Column("key", "flag", np.zeros(5000, np.bool_)),)
    pictures = Columns("pictures", Fraction(1, 1000), ticks, int(ticks[-1]) + 42, columns)
    media = replace(report.timeline.media, videos=(sample.video(rate),))
    found = replace(report.timeline, media=media, columns={"pictures": pictures})
    assert constant_rate(found) == rate


def test_premiere_markers_hold_frames_of_the_sequence(report: Report) -> None:
    sequence = ET.fromstring(made("fcp7", at_rate(report, Fraction(30000, 1001), "01:00:00;00"))).find("sequence")
    assert sequence is not None
    assert (sequence.findtext("rate/timebase"), sequence.findtext("rate/ntsc")) == ("30", "TRUE")
    assert sequence.findtext("timecode/displayformat") == "DF"
    markers = {m.findtext("name"): (m.findtext("in"), m.findtext("out")) for m in sequence.findall("marker")}
    assert markers["Black"] == ("360", "432")
    assert markers["True peak over"][1] == "-1"


def test_otio_reads_back_with_shots_and_markers(report: Report) -> None:
    read = otio.adapters.read_from_string(made("otio", report).decode(), "otio_json")
    assert read.global_start_time.to_timecode() == "10:00:00:00"
    assert len(read.tracks[0]) == 30
    black = next(m for m in read.tracks.markers if m.name == "Black")
    assert (black.marked_range.start_time.value, black.marked_range.duration.value) == (300, 60)
    assert black.color == "RED"
    assert list(black.metadata["sightline"]["checks"]) == ["V1"]


def test_chapters_are_shots_and_say_what_was_found_in_them(report: Report) -> None:
    out = made("vtt", report).decode()
    assert out.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:04.000\nShot 1\n")
    assert "00:00:12.000 --> 00:00:16.000\nShot 4: Black" in out
    assert out.count("-->") == 30


def test_chapters_without_shots_are_the_findings(report: Report) -> None:
    out = made("vtt", with_events(report, "black", "silence")).decode()
    assert "00:00:12.000 --> 00:00:14.400\nBlack" in out


def test_junit_fails_skips_and_passes_as_the_checks_did(report: Report) -> None:
    root = ET.fromstring(made("junit", report))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("14", "3", "4")
    cases = {c.get("name", "").split()[0]: c for c in root.iter("testcase")}
    assert cases["V1"].find("failure") is not None
    assert cases["P4"].find("skipped") is not None
    assert cases["A1"].find("system-out") is not None
    assert not list(cases["F1"])
