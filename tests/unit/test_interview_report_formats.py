"""The interview desk in every format: what it holds, the same bytes twice, and which formats are not for it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from fractions import Fraction

import interview_report_sample as sample
import jsonschema
import pypdfium2
import pytest
import report_sample
from test_interview_report import HOSTILE, hostile

from sightline.clock import Span
from sightline.desks.judgement_json import judgement_from_dict
from sightline.desks.review import Action, Override, Review, ReviewState, Step
from sightline.errors import ReportImpossible
from sightline.report.as_json import json_schema
from sightline.report.interview.captions import SILENT
from sightline.report.report import Report, formats, renderer
from sightline.text import LANGUAGES, Language, catalogue
from sightline.timeline.event import Event, Severity

OF_PERSONS = ("csv", "html", "json", "pdf", "vtt")
OVERRIDE = Override("gaze", None, 91.0, "camera beside the screen", "J. Kim", sample.MADE_AT, 83.9, 1)
REVIEW = Review(ReviewState.OVERRIDDEN, (OVERRIDE,), (Step(Action.OVERRIDE, "J. Kim", sample.MADE_AT, "beside"),))


def made(name: str, report: Report) -> bytes:
    return renderer(name).render(report)


@pytest.fixture(scope="module")
def report() -> Report:
    return replace(sample.report(), review=REVIEW)


def pdf_text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [document[i].get_textpage().get_text_bounded() for i in range(len(document))]


@pytest.mark.parametrize("name", OF_PERSONS)
def test_the_same_report_gives_the_same_bytes(name: str, report: Report) -> None:
    assert made(name, report) == made(name, report)


@pytest.mark.parametrize("name", sorted(set(formats()) - set(OF_PERSONS)))
def test_formats_that_tell_faults_of_media_say_that_they_cannot(name: str, report: Report) -> None:
    with pytest.raises(ReportImpossible) as caught:
        made(name, report)
    assert "사람" in caught.value.message.render(Language.KOREAN)
    assert "PDF" in caught.value.message.render(Language.ENGLISH)


@pytest.mark.parametrize("name", OF_PERSONS)
def test_nothing_measured_can_be_reported(name: str) -> None:
    assert made(name, sample.nothing())


@pytest.mark.parametrize("name", OF_PERSONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_harms_no_format(name: str, language: Language) -> None:
    assert made(name, replace(hostile(), language=language))


# JSON


def test_json_obeys_its_schema_and_the_media_desk_s_still_does(report: Report) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in (report, sample.report(), sample.nothing(), hostile(), report_sample.report()):
        jsonschema.validate(json.loads(made("json", each)), schema, jsonschema.Draft202012Validator)


def test_a_metric_without_value_and_reason_breaks_the_schema(report: Report) -> None:
    document = json.loads(made("json", report))
    metric = next(m for m in document["judgement"]["metrics"] if m["value"] is None)
    metric["reason"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema(), jsonschema.Draft202012Validator)


def test_json_holds_scores_metrics_parts_feedback_review_and_transcript(report: Report) -> None:
    document = json.loads(made("json", report))
    judged = judgement_from_dict(document["judgement"])
    assert (judged.scores, judged.metrics, judged.parts) == (
        report.judgement.scores, report.judgement.metrics, report.judgement.parts,
    )  # fmt: skip
    assert report.feedback is not None
    assert [c["text"] for c in document["feedback"]["claims"]] == [c.text for c in report.feedback.claims]
    assert document["review"]["overrides"][0]["value"] == 91.0
    assert document["judgement"]["scores"][0]["value"] == 83.9
    said = " ".join(line["text"] for line in document["transcript"]).split()
    assert said == list(report.timeline.columns["words"]["text"])


def test_json_of_the_media_desk_says_nothing_of_persons() -> None:
    assert not {"feedback", "review", "transcript"} & set(json.loads(made("json", report_sample.report())))


# CSV


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made("csv", report).decode("utf-8-sig"))))


def test_csv_has_a_row_for_each_score_term_metric_and_event(report: Report) -> None:
    found = rows(report)
    counts = {name: sum(row["record"] == name for row in found) for name in {row["record"] for row in found}}
    judged = report.judgement
    assert counts == {
        "score": len(judged.scores), "term": sum(len(score.terms) for score in judged.scores), "override": 1,
        "metric": len(judged.metrics), "event": len(report.timeline.events),
    }  # fmt: skip


def test_csv_keeps_numbers_and_says_why_there_is_none(report: Report) -> None:
    found = {(row["record"], row["id"], row["part"]): row for row in rows(report)}
    rate = found["metric", "speech_rate", ""]
    assert (float(rate["value"]), rate["place"], float(rate["reference_high"])) == (338.0, "above", 310.0)
    missing = found["metric", "voice_mos", ""]
    assert missing["value"] == ""
    assert missing["reason"]
    term = found["term", "delivery.rate", ""]
    assert (term["formula"], float(term["points"])) == ("trapezoid(170, 212, 310, 350)", 12.4)
    assert found["override", "gaze", ""]["value"] == "91.0"


def test_csv_has_no_formula_a_spreadsheet_would_run() -> None:
    bad = sample.report(name=HOSTILE)
    events = [replace(e, labels=("=HYPERLINK(1)",), evidence={"value": "@SUM(A1)"}) for e in bad.timeline.events]
    parts = tuple(replace(part, id="+1+1") for part in bad.judgement.parts)
    metrics = tuple(replace(m, method="=1+1", part="+1+1" if m.part else None) for m in bad.judgement.metrics)
    judged = replace(bad.judgement, parts=parts, metrics=metrics)
    found = rows(replace(bad, timeline=bad.timeline.with_events(events), judgement=judged))
    cells = [cell for row in found for cell in row.values()]
    assert not [c for c in cells if c.startswith(("=", "+", "@", "\t", "\r"))]
    assert not [c for c in cells if c.startswith("-") and not re.fullmatch(r"-\d+(\.\d+)?", c)]


# WebVTT


def cues(report: Report) -> list[tuple[str, float, float, str]]:
    def seconds(text: str) -> float:
        hours, minutes, rest = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    text = made("vtt", report).decode()
    assert text.startswith("WEBVTT\n\n")
    found = []
    for block in text.strip().split("\n\n")[1:]:
        name, times, said = block.split("\n")
        start, end = times.split(" line:")[0].split(" --> ")
        found.append((name, seconds(start), seconds(end), said))
    return found


def test_vtt_has_every_word_in_order_and_events_at_the_top(report: Report) -> None:
    found = cues(report)
    said = " ".join(re.sub(r"<v [^>]*>", "", text) for name, *_, text in found if name.startswith("said-")).split()
    assert said == list(report.timeline.columns["words"]["text"])
    assert all(start < end for _, start, end, _ in found)
    assert [start for _, start, *_ in found] == sorted(start for _, start, *_ in found)
    kinds = {name.rpartition("-")[0] for name, *_ in found}
    assert {"filler", "gaze_away", "smile", "reading_like"} <= kinds
    assert not kinds & SILENT
    assert "line:0" in made("vtt", report).decode()


def test_vtt_captions_are_short_enough_to_read(report: Report) -> None:
    for name, _, _, text in cues(report):
        if name.startswith("said-"):
            assert len(re.sub(r"<v [^>]*>", "", text).split()) <= 12


def test_vtt_has_no_cue_a_transcript_could_forge() -> None:
    found = hostile()
    text = made("vtt", found).decode()
    assert "<script" not in text
    assert all(line.count("-->") <= 1 for line in text.splitlines())
    assert all(
        "line:" in line or re.fullmatch(r"[\d:.]+ --> [\d:.]+", line) for line in text.splitlines() if "-->" in line
    )


def test_a_long_pause_is_told_and_a_short_one_is_not(report: Report) -> None:
    long = Event("pause", Span(Fraction(20), Fraction(23)), Severity.INFO, 1.0, {"value": 3.0, "unit": "s"}, ("long",))
    found = replace(report, timeline=report.timeline.with_events((*report.timeline.events, long)))
    assert len([name for name, *_ in cues(found) if name.startswith("pause-")]) == 1


# PDF


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_tells_everything_on_a_few_pages(language: Language, report: Report) -> None:
    pages = pdf_text(made("pdf", replace(report, language=language, feedback=sample.feedback(language))))
    assert 2 <= len(pages) <= 4
    text = re.sub(r"\s+", "", "".join(pages))
    for score in report.judgement.scores:
        for term in score.terms:
            assert re.sub(r"\s+", "", term.formula) in text
    wanted = ("notice.title", "heading.open", "heading.cues", "heading.timeline", "by_templates")
    for key in wanted:
        assert re.sub(r"\s+", "", catalogue(language)[f"interview_report.{key}"]) in text
    instead = {Language.KOREAN: "사람이준점수:91/100", Language.ENGLISH: "Givenbyapersoninstead:91/100"}
    assert instead[language] in text


def test_the_pdf_sets_hostile_text_as_text() -> None:
    text = "".join(pdf_text(made("pdf", hostile())))
    assert "<script>alert(1)</script>" in re.sub(r"\s+", "", text)


def test_the_pdf_of_three_hours_and_three_hundred_questions_stays_short() -> None:
    content = made("pdf", sample.long_report())
    assert len(content) < 1_000_000
    assert len(pdf_text(content)) <= 10
