"""The HTML and PDF reports: self-contained, in both languages, small, and true to their numbers."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pypdfium2
import pytest
import report_sample as sample

from sightline.clock import Span
from sightline.desks.judgement import CheckResult, State
from sightline.report.findings import findings, open_findings
from sightline.report.lanes import HEIGHT, envelope, lanes
from sightline.report.report import Report, renderer
from sightline.report.showing import number_text, threshold_text, value_text
from sightline.report.thumbs import Thumbs
from sightline.report.view import MOST_ROWS, MOST_THUMB_BYTES, view_of
from sightline.text import Language, catalogue
from sightline.timeline.columns import Column, Columns
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline


class Page(HTMLParser):
    """Tags, ids and every address a page could fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [a[attribute] or "" for _, a in self.tags if attribute in a]


def html(report: Report) -> str:
    return renderer("html").render(report).decode()


@pytest.fixture(scope="module")
def report() -> Report:
    return sample.report()


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(html(report))


def test_nothing_is_fetched_from_anywhere(report: Report, page: Page) -> None:
    addresses = [v for name in ("src", "href", "action", "srcset", "poster") for v in page.values(name)]
    assert addresses
    assert all(a.startswith(("#", "data:image/jpeg;base64,")) for a in addresses)
    assert not re.search(r"url\(|@import|https?://", html(report))


def test_the_policy_allows_just_the_style_and_script_inside(report: Report) -> None:
    page = html(report)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    allowed = policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in allowed
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.mp4", 'a" onload="x.mov', "</script><script>x", "&lt;b&gt;"]
)
def test_a_file_name_stays_text(name: str) -> None:
    page = Page(html(sample.report(name=name)))
    assert not [a for _, a in page.tags if any(key.startswith("on") for key in a)]
    assert [t for t, _ in page.tags].count("script") == 2
    assert name in "".join(page.texts)


def test_a_waiver_and_evidence_stay_text() -> None:
    found = sample.timeline()
    bad = "<svg/onload=alert(1)>"
    hostile = tuple(replace(e, evidence={**e.evidence, bad: bad}, labels=(bad,)) for e in found.events)
    found = replace(found, events=hostile)
    page = html(Report(found, sample.judgement(found, bad), sample.MADE_AT))
    assert "<svg/onload" not in page


def test_both_languages_are_in_the_file(report: Report) -> None:
    english, korean = html(report), html(replace(report, language=Language.KOREAN))
    for text in ("Findings", "검출 항목", "불합격", "How this was measured", "측정 방법"):
        assert text in english
        assert text in korean
    assert '<html lang="en" data-lang="en">' in english
    assert '<html lang="ko" data-lang="ko">' in korean


def test_ids_are_unique_and_every_link_leads_somewhere(page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {a.removeprefix("#") for a in page.values("href") if a.startswith("#")} <= set(ids)


def test_every_control_has_a_name(page: Page) -> None:
    for tag, attributes in page.tags:
        if tag in ("select", "input", "nav", "form") or "ghost" in (attributes.get("class") or ""):
            assert attributes.get("aria-label")


def test_each_picture_stands_in_the_file_once(report: Report) -> None:
    page = html(report)
    pictures = re.findall(r"data:image/jpeg;base64,[\w+/=]+", page)
    assert len(pictures) == len(set(pictures)) == len(view_of(report).thumbs)


def test_without_sound_pictures_or_anything_the_page_still_stands(report: Report) -> None:
    found = replace(report.timeline, columns={}, events=())
    bare = replace(report, timeline=found, judgement=replace(report.judgement, checks=()))
    assert "Nothing was found." in html(bare)
    sound = sample.sound_only()
    assert "voice.wav" in html(Report(sound, sample.judgement(sound), sample.MADE_AT))


def an_hour() -> Report:
    """An hour at 25 fps with many findings and thumbnails."""
    found = sample.timeline()
    count = 90_000
    ticks = np.arange(count, dtype=np.int64)
    rng = np.random.default_rng(3)
    levels = found.columns["levels"]
    names = [c.name for c in levels.columns]
    columns = dict(found.columns)
    columns["pictures"] = Columns("pictures", Fraction(1, 25), ticks, count, (Column("key", "flag", ticks % 50 == 0),))
    columns["levels"] = Columns(
        "levels", Fraction(1, 25), ticks, count,
        tuple(Column(name, "code", rng.integers(0, 255, count)) for name in names),
    )  # fmt: skip
    hops = np.arange(360_000, dtype=np.int64)
    columns["loudness"] = Columns(
        "loudness", Fraction(1, 100), hops, len(hops),
        (
            Column("momentary", "lufs", rng.normal(-23, 5, len(hops)).astype(np.float32)),
            Column("short_term", "lufs", rng.normal(-23, 3, len(hops)).astype(np.float32)),
            Column("power_0", "power", np.full(len(hops), 1e-3)),
            Column("power_1", "power", np.full(len(hops), 1e-3)),
        ),
        found.columns["loudness"].notes,
    )  # fmt: skip
    jpegs = np.empty(3600, object)
    jpegs[:] = [sample.jpeg(i) for i in range(3600)]
    columns["thumbs"] = Columns("thumbs", Fraction(1, 25), ticks[::25], count, (Column("jpeg", "jpeg", jpegs),))
    events = [
        Event(
            "black", Span(Fraction(i * 4), Fraction(i * 4) + 1), Severity.WARNING, 0.9, {"value": 0.99, "unit": "share"}
        )
        for i in range(899)
    ]
    events += [Event("shot", Span(Fraction(i * 3), Fraction(i * 3 + 3)), Severity.INFO, 0.9) for i in range(1200)]
    found = replace(found, columns=columns).with_events(tuple(events))
    return Report(found, replace(sample.judgement(found), checks=()), sample.MADE_AT)


def test_an_hour_with_hundreds_of_findings_stays_under_three_megabytes() -> None:
    report = an_hour()
    view = view_of(report)
    assert sum(len(t.jpeg) for t in view.thumbs) <= MOST_THUMB_BYTES
    assert (len(view.rows), view.hidden) == (MOST_ROWS, 899 - MOST_ROWS)
    page = html(report)
    assert len(page) < 3_400_000
    assert "299 more events" in page


# What is shown


def test_a_finding_shows_the_nearest_picture_inside_it(report: Report) -> None:
    pictures = Thumbs(report.timeline)
    inside = pictures.for_finding(sample.seconds(31.2, 34.6))
    assert inside is not None
    assert inside.time == 32
    outside = pictures.for_finding(sample.seconds(23.4, 23.401))
    assert outside is not None
    assert outside.time == 24
    assert pictures.inside(sample.seconds(23.4, 23.401)) is None
    assert inside.size_px == (160, 90)


def test_findings_carry_the_gravest_of_their_checks(report: Report) -> None:
    found = {f.event.kind: f for f in findings(report.timeline, report.judgement)}
    assert found["black"].state is State.FAIL
    assert found["freeze"].state is State.WAIVED
    assert found["click"].state is None
    kinds = {f.event.kind for f in open_findings(report.timeline, report.judgement)}
    assert kinds == {"black", "freeze", "flash_luminance", "true_peak_over", "out_of_range"}


def test_without_a_template_every_defect_is_open(report: Report) -> None:
    unjudged = replace(report.judgement, checks=())
    kinds = {f.event.kind for f in open_findings(report.timeline, unjudged)}
    assert {"black", "click", "silence"} <= kinds
    assert not {"shot", "cut", "letterbox"} & kinds


def test_an_event_only_a_check_knows_is_a_finding_too(report: Report) -> None:
    event = Event("timecode_jump", sample.seconds(5, 6), Severity.ERROR, 1.0)
    check = CheckResult("F8", "timecode", "file", State.FAIL, events=(event,))
    judged = replace(report.judgement, checks=(check,))
    assert "timecode_jump" in {f.event.kind for f in findings(report.timeline, judged)}


def columns(values: list[float], times: list[int], end: int) -> Columns:
    return Columns("m", Fraction(1), np.array(times, np.int64), end, (Column("v", "x", np.array(values)),))


def test_an_envelope_keeps_every_extreme_and_holds_a_row_until_the_next() -> None:
    found = envelope(columns([1, 9, 2, 4], [0, 1, 2, 8], 10), "v", Span(Fraction(0), Fraction(10)), 5)
    assert found.greatest.tolist() == [9, 2, 2, 2, 4]
    assert found.least.tolist() == [1, 2, 2, 2, 4]
    assert found.mean.tolist() == [5, 2, 2, 2, 4]


def test_an_envelope_has_nothing_before_the_first_row_or_where_nothing_was_measured() -> None:
    found = envelope(columns([float("nan"), 3], [4, 6], 8), "v", Span(Fraction(0), Fraction(8)), 4)
    assert np.isnan(found.mean).tolist() == [True, True, True, False]


def test_an_envelope_ends_where_the_columns_end() -> None:
    """Sound that is over before the pictures are."""
    found = envelope(columns([5, 7], [0, 2], 5), "v", Span(Fraction(0), Fraction(10)), 5)
    assert found.mean[:3].tolist() == [5, 7, 7]
    assert np.isnan(found.mean[3:]).all()
    assert np.isnan(found.least[3:]).all()
    assert np.isnan(found.greatest[3:]).all()


def test_lanes_draw_inside_their_height(report: Report) -> None:
    drawn = lanes(report.timeline)
    assert [lane.name for lane in drawn] == ["report.lane.loudness", "report.lane.luma", "report.lane.flash"]
    for lane in drawn:
        for curve in lane.curves:
            heights = [float(h) for h in re.findall(r"(?:V| )(-?[\d.]+)", curve.path)]
            assert heights
            assert 0 <= min(heights) <= max(heights) <= HEIGHT
            assert len(curve.high) == lane.bins


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-23.04, "lufs", "−23.04 LUFS"), (0.034, "share", "3.4 %"), (2.4, "s", "2.4 s"), (7, "count", "7"),
        (True, "flag", "yes"), (None, "s", ""), ("mov", None, "mov"), (1234567, "px", "1,234,567 px"),
        (float("-inf"), "lufs", "−∞ LUFS"), (3, "frames", "3 frames"),
    ],
)  # fmt: skip
def test_values_are_shown_with_their_unit(value: float | str | None, unit: str | None, text: str) -> None:
    assert value_text(value, unit, Language.ENGLISH) == text


@pytest.mark.parametrize(
    ("threshold", "unit", "text"),
    [
        ("<= -1.0", "dbtp", "≤ −1.0 dBTP"), (">= 0.98", "share", "≥ 98 %"), ("-23.0 ± 0.5", "lufs", "−23.0 ± 0.5 LUFS"),
        ("mov, mp4", None, "mov, mp4"), (None, "s", ""), (2, "s", "2 s"),
    ],
)  # fmt: skip
def test_thresholds_are_shown_with_signs_and_unit(threshold: float | str | None, unit: str | None, text: str) -> None:
    assert threshold_text(threshold, unit, Language.ENGLISH) == text


def test_a_limit_with_a_unit_of_its_own_gets_no_other() -> None:
    assert threshold_text("-1 .. +1 frames", "s", Language.KOREAN) == "−1 .. +1 프레임"
    assert threshold_text("-1 .. +1 frames", "s", Language.ENGLISH) == "−1 .. +1 frames"


def test_numbers_are_short() -> None:
    assert [number_text(v) for v in (0.000412, 123.456, 12.0, 1e9, -0.5)] == [
        "0.000412", "123.5", "12", "1,000,000,000", "−0.5",
    ]  # fmt: skip


# PDF


def pdf_text(report: Report) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(renderer("pdf").render(report))
    try:
        pages = [document[i].get_textpage() for i in range(len(document))]
        return len(pages), "\n".join(page.get_text_range() for page in pages)
    finally:
        document.close()


def test_pdf_tells_verdict_checks_and_findings_in_korean() -> None:
    pages, text = pdf_text(sample.report(Language.KOREAN))
    assert pages >= 2
    for part in ("불합격", "봄의 기억 EP03_master_v7.mov", "검출 항목", "10:00:12:00", "ITU-R BT.1702-3", "cd" * 32):
        assert part in text.replace("\r\n", "\n")


def test_pdf_takes_no_name_for_markup() -> None:
    _, text = pdf_text(sample.report(name="*bold* #panic() $x$ <label> @ref \\ `raw`.mov"))
    assert "*bold* #panic() $x$ <label> @ref \\ `raw`.mov" in text


def test_no_sentence_of_the_report_is_unknown_in_a_language() -> None:
    keys = [{k for k in catalogue(language) if k.startswith("report.")} for language in Language]
    assert keys[0] == keys[1]


def test_an_unmeasured_timeline_has_no_lanes(report: Report) -> None:
    bare: Timeline = replace(report.timeline, columns={})
    assert lanes(bare) == ()
    assert len(Thumbs(bare)) == 0


def test_control_characters_in_a_name_are_shown_not_sent() -> None:
    page = renderer("html").render(sample.report(name="red\x1b[31m\x07.mp4")).decode()
    assert "red␛[31m␇.mp4" in page
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", page)
