"""The interview desk's page: everything in it, nothing fetched, hostile text stays text, small for three hours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import interview_report_sample as sample
import pytest
from test_report_html import Page

from sightline.clock import Span
from sightline.desks.desk import Brief
from sightline.desks.interview.definition import definitions
from sightline.desks.interview.desk import InterviewDesk
from sightline.desks.interview.rubric import load_rubric, names
from sightline.desks.judgement import Metric, Reference
from sightline.desks.review import Action, Override, Review, ReviewState, Step
from sightline.insight.claims import Claim, Topic
from sightline.report.interview.curves import MOST_BINS
from sightline.report.interview.drawing import formula_plot, range_bar
from sightline.report.interview.lanes import KINDS, axis_of
from sightline.report.interview.page import relative_href
from sightline.report.interview.showing import (
    band_title,
    group_title,
    kind_title,
    metric_title,
    note_value,
    range_both,
    score_title,
    term_title,
    value_with_unit,
)
from sightline.report.interview.transcript import Mark, transcript_of
from sightline.report.interview.view import view_of
from sightline.report.report import Report, renderer
from sightline.text import LANGUAGES, Language, catalogue
from sightline.timeline.event import Event, Severity
from sightline.timeline.timeline import Timeline

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\x07\u202egpj.exe {{7*7}} ]]> 한'


def html(report: Report) -> str:
    return renderer("html").render(report).decode()


def script_data(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.fixture(scope="module")
def report() -> Report:
    return sample.report(media_href="../clip one.webm")


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return html(report)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def long() -> Report:
    return sample.long_report()


# Nothing gets in, nothing gets out


def test_nothing_is_fetched_but_the_video_beside_it(text: str, page: Page) -> None:
    addresses = [v for name in ("src", "href", "action", "srcset", "poster") for v in page.values(name)]
    assert {a for a in addresses if not a.startswith("#")} == {"../clip%20one.webm"}
    assert not re.search(r"url\(|@import|https?://|//[a-z0-9-]+\.[a-z]", re.sub(r"(?<!:)// .*", "", text))


def test_the_policy_allows_just_the_style_and_script_inside_and_media_beside_it(text: str) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert found is not None
    allowed = found[1].replace("&#39;", "'")
    rules = dict(rule.split(" ", 1) for rule in allowed.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["media-src"] == "'self' blob:"
    assert "unsafe-inline" not in rules["script-src"]
    assert "connect-src" not in rules
    for tag, rule in (("style", "style-src-elem"), ("script", "script-src")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


@pytest.mark.parametrize(
    "href",
    ["https://evil.example/x.webm", "//evil.example/x", "javascript:alert(1)", "data:video/mp4,x", "\\\\host\\x",
     " javascript:alert(1)", "file:///etc/passwd", "/\\evil.example/x", "a\nb", ""],
)  # fmt: skip
def test_a_video_anywhere_else_is_not_shown(href: str) -> None:
    assert relative_href(href) is None
    assert "<video" in (shown := html(sample.report(media_href=href)))
    assert 'src="' not in shown.split("<video", 1)[1].split(">", 1)[0]


@pytest.mark.parametrize(
    "href", ["clip.webm", "../../talk one.webm", "../../../../../media/abc?key=1&until=2", "/media/x"]
)
def test_a_video_beside_the_page_is_shown(href: str) -> None:
    assert relative_href(href) is not None


def hostile() -> Report:
    """A report in which everything free text can be is hostile."""
    found = sample.report(name=HOSTILE)
    words = found.timeline.columns["words"]
    column = words["text"].copy()
    column[:] = HOSTILE
    columns = tuple(replace(c, values=column) if c.name == "text" else c for c in words.columns)
    events = [replace(e, evidence={**e.evidence, "word": HOSTILE}, labels=(HOSTILE,)) for e in found.timeline.events]
    timeline = replace(found.timeline, columns={**found.timeline.columns, "words": replace(words, columns=columns)})
    judged = found.judgement
    metrics = tuple(
        replace(m, method=HOSTILE, reference=Reference(1.0, 2.0, HOSTILE) if m.reference else None)
        for m in judged.metrics
    )
    parts = tuple(replace(part, title=HOSTILE) for part in judged.parts)
    assert found.feedback is not None
    claims = tuple(replace(claim, text=HOSTILE) for claim in found.feedback.claims)
    step = Step(Action.CONTEST, HOSTILE, sample.MADE_AT, HOSTILE)
    override = Override("gaze", None, 90.0, HOSTILE, HOSTILE, sample.MADE_AT, 83.9, 1)
    return replace(
        found,
        timeline=timeline.with_events(events),
        judgement=replace(judged, metrics=metrics, parts=parts, notes={"policy": HOSTILE, HOSTILE: HOSTILE}),
        feedback=replace(found.feedback, claims=claims, source="model", model=HOSTILE, provider=HOSTILE),
        review=Review(ReviewState.CONTESTED, (override,), (step,)),
    )


def test_hostile_text_stays_text() -> None:
    shown = html(hostile())
    page = Page(shown)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert not [a for _, a in page.tags if any(key.startswith("on") for key in a)]
    assert "\x07" not in shown
    assert "{{7*7}}" in shown


# What is there


def test_everything_said_stands_in_both_languages(text: str) -> None:
    english = html(sample.report(Language.ENGLISH))
    for shown in (text, english):
        for key in ("heading.scores", "heading.open", "heading.cues", "cues_notice", "by_templates", "lane.pitch"):
            for language in LANGUAGES:
                assert catalogue(language)[f"interview_report.{key}"] in shown
    assert '<html lang="ko" data-lang="ko">' in text
    assert '<html lang="en" data-lang="en">' in english


def test_the_page_says_that_it_is_no_verdict_and_whom_it_may_not_fit(text: str) -> None:
    for word in ("No verdict on a person", "autism", "culture", "사람에 대한 판정이 아닙니다", "사투리"):
        assert word in text
    assert "cheat" not in text.lower()


def test_every_claim_leads_to_its_metrics_and_moments(report: Report, page: Page) -> None:
    ids = set(page.values("id"))
    assert len(ids) == len(page.values("id"))
    assert {a.removeprefix("#") for a in page.values("href") if a.startswith("#")} <= ids
    assert report.feedback is not None
    for claim in report.feedback.claims:
        assert {f"m-{metric}" for metric in claim.metrics} <= ids
        assert claim.text in "".join(page.texts)


def test_a_model_s_words_are_marked_as_a_model_s(report: Report, text: str) -> None:
    assert report.feedback is not None
    made = replace(report.feedback, source="model", model="local-7b", provider="openai", rejected=3)
    shown = html(replace(report, feedback=made))
    assert "local-7b" in shown
    assert "by model" in shown
    assert catalogue(Language.ENGLISH)["interview_report.by_templates"] not in shown
    assert catalogue(Language.KOREAN)["interview_report.rejected"].format(count=3) in shown
    assert "by model" not in text


def test_every_term_of_every_score_is_laid_open(report: Report, text: str) -> None:
    for score in report.judgement.scores:
        for term in score.terms:
            assert f"<code>{term.formula}</code>" in text
            if term.reason is not None:
                assert term.reason.render(Language.KOREAN) in text
    assert text.count('class="missing"') >= 3


def test_every_metric_tells_value_coverage_range_and_method(report: Report, text: str) -> None:
    reasons = text.split('id="open"', 1)[1].split("</section>", 1)[0]
    for metric in report.judgement.metrics:
        if metric.part is not None:
            continue
        row = text.split(f'id="m-{metric.id}"', 1)[1].split("</tr>", 1)[0]
        if metric.value is None:
            assert metric.reason is not None
            assert metric.reason.render(Language.ENGLISH) in reasons
            assert metric_title(metric.id)[Language.KOREAN] in reasons
        else:
            assert metric.method in row
            assert f"{metric.coverage * 100:.0f} %" in row
            assert metric.reference is None or metric.reference.source.split(":")[0] in row


def test_every_time_that_can_be_clicked_lies_inside_the_media() -> None:
    found = sample.report()
    assert found.feedback is not None
    far = Claim(Topic.ADVICE, "x", (), (Span(Fraction(-5), Fraction(2)), Span(Fraction(900), Fraction(901))))
    early = Event("filler", Span(Fraction(-3), Fraction(1)), Severity.INFO, 1.0)
    late = Event("pause", Span(Fraction(203), Fraction(400)), Severity.INFO, 1.0)
    found = replace(
        found,
        timeline=found.timeline.with_events((*found.timeline.events, early, late)),
        feedback=replace(found.feedback, claims=(*found.feedback.claims, far)),
    )
    shown = html(found)
    times = [float(t) for t in Page(shown).values("data-t")]
    assert len(times) > 30
    assert all(0 <= t <= sample.SECONDS for t in times)
    lanes = script_data(shown)["lanes"]
    assert isinstance(lanes, list)
    moments = [t for lane in lanes for kind in lane["kinds"] for t in (*kind["s"], *kind["e"])]
    assert len(moments) > 100
    assert all(0 <= t <= sample.SECONDS for t in moments)


def test_a_person_s_score_stands_beside_the_machine_s() -> None:
    override = Override("gaze", None, 91.0, "the camera stood beside the screen", "J. Kim", sample.MADE_AT, 83.9, 1)
    step = Step(Action.OVERRIDE, "J. Kim", sample.MADE_AT, "the camera stood beside the screen")
    shown = html(replace(sample.report(), review=Review(ReviewState.OVERRIDDEN, (override,), (step,))))
    assert "<b>83.9</b>" in shown
    assert "사람이 준 점수: 91 / 100" in shown
    assert "the camera stood beside the screen" in shown


def test_every_control_has_a_name(page: Page) -> None:
    for tag, attributes in page.tags:
        if tag in ("nav", "video") or "ghost" in (attributes.get("class") or "") or "data-step" in attributes:
            assert attributes.get("aria-label")


@dataclass(frozen=True)
class Cueing:
    """A detector that always finds a cue and a smile."""

    name = "cueing"
    kinds = ("reading_like", "smile")
    needs = ()
    after = ()

    def detect(self, timeline: Timeline) -> tuple[Event, ...]:
        return tuple(Event(kind, sample.seconds(1, 2), Severity.INFO, 1.0) for kind in self.kinds)


def test_cues_a_policy_does_not_give_are_in_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.desks.interview.desk.person_detectors", lambda: {"cueing": Cueing})
    kinds = {}
    for policy in ("self_practice", "medical"):
        found = InterviewDesk().read(Brief(options={"policy": policy})).detect(sample.report().timeline)
        kinds[policy] = {event.kind for event in found.events}
    assert kinds == {"self_practice": {"reading_like", "smile"}, "medical": {"smile"}}


# Lanes and transcript


def test_there_is_a_lane_for_everything_that_happens(report: Report) -> None:
    axis = axis_of(report.timeline)
    lanes = {lane.id: lane for lane in axis.lanes}
    assert {"speech", "words", "pauses", "fillers", "turns", "gaze", "eyes", "smile", "head", "posture", "loudness",
            "pitch", "cues"} <= set(lanes)  # fmt: skip
    assert lanes["eyes"].kinds[0].count == len(report.timeline.events_of("blink"))
    assert lanes["eyes"].plot is not None
    assert min(v for v in lanes["eyes"].plot.curves[0].high if v is not None) < 0.12, "a mean would hide blinks"


def test_where_the_face_was_gone_there_is_no_curve_but_a_gap(report: Report) -> None:
    plot = next(lane.plot for lane in axis_of(report.timeline).lanes if lane.id == "gaze")
    assert plot is not None
    at = int(0.63 * plot.bins)
    assert [curve.high[at] for curve in plot.curves] == [None, None]
    assert plot.gaps


def test_a_lane_of_what_was_not_measured_is_named_not_drawn_empty(report: Report) -> None:
    columns = {name: c for name, c in report.timeline.columns.items() if name != "pitch"}
    axis = axis_of(replace(report.timeline, columns=columns))
    assert "pitch" not in {lane.id for lane in axis.lanes}
    assert "음높이" in {name[Language.KOREAN] for name, _ in axis.missing}


def test_the_transcript_marks_fillers_long_pauses_and_uncertain_words(report: Report) -> None:
    lines = transcript_of(report.timeline).lines
    tokens = [token for line in lines for token in line.tokens]
    assert sum(token.mark is Mark.FILLER for token in tokens) == len(report.timeline.events_of("filler"))
    pauses = [token for token in tokens if token.mark is Mark.PAUSE]
    assert pauses
    assert all(token.span.duration > 2 for token in pauses)
    assert any(token.unsure for token in tokens)
    assert [t.span.start for t in tokens] == sorted(t.span.start for t in tokens)
    said = [token.text for token in tokens if token.text]
    assert said == list(report.timeline.columns["words"]["text"])


def test_a_filler_no_word_was_written_for_stands_where_it_was_heard(report: Report) -> None:
    lines = transcript_of(report.timeline).lines
    gap = next(b for a, b in pairwise(lines) if b.span.start - a.span.end > Fraction(1, 2))
    heard = Span(gap.span.start - Fraction(2, 5), gap.span.start - Fraction(1, 10))
    event = Event("filler", heard, Severity.INFO, 0.5, {}, ("sound",))
    made = transcript_of(report.timeline.with_events((*report.timeline.events, event)))
    assert [t.span for line in made.lines for t in line.tokens if t.mark is Mark.SOUND] == [heard]


def test_words_over_the_limit_are_counted(report: Report) -> None:
    made = transcript_of(report.timeline, most_words=100)
    assert made.hidden == len(report.timeline.columns["words"]) - 100
    assert sum(bool(t.text) for line in made.lines for t in line.tokens) == 100


# Edges


def test_nothing_measured_is_a_page_of_reasons() -> None:
    shown = html(sample.nothing())
    assert not Page(shown).values("data-lane")
    assert "측정된 것이 없습니다" in shown
    assert shown.count(sample.WHY.render(Language.KOREAN)) > 10
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<(script|style)>.*?</\1>", "", shown, flags=re.DOTALL))


@pytest.mark.parametrize("left", [("faces", "pose"), ("pitch", "loudness", "words")])
def test_without_picture_or_sound_the_page_still_stands(report: Report, left: tuple[str, ...]) -> None:
    columns = {name: c for name, c in report.timeline.columns.items() if name not in left}
    events = [e for e in report.timeline.events if e.kind not in ("blink", "gaze_away", "smile")]
    media = replace(report.timeline.media, videos=()) if "faces" in left else replace(report.timeline.media, audios=())
    made = replace(report, timeline=replace(report.timeline, media=media, columns=columns).with_events(events))
    assert len(html(made)) > 50_000


def test_three_hours_with_three_hundred_questions_and_every_word_stay_small(long: Report) -> None:
    shown = html(long)
    assert len(shown.encode()) < 6_000_000
    assert shown.count('<details class="part"') == 300
    view = view_of(long)
    hidden = sum(part.hidden for part in view.parts)
    shown_tiles = sum(len(part.metrics) for part in view.parts)
    assert shown_tiles + hidden + sum(part.unmeasured for part in view.parts) == sum(
        metric.part is not None for metric in long.judgement.metrics
    )
    for lane in axis_of(long.timeline).lanes:
        assert lane.plot is None or lane.plot.bins <= MOST_BINS


def test_thirty_thousand_words_are_cut_with_a_count() -> None:
    rows = [(i * 0.3, i * 0.3 + 0.2, f"w{i}", i // 12) for i in range(30_000)]
    found = sample.report()
    timeline = replace(found.timeline, columns={"words": sample.words(rows, 9000)})
    shown = html(replace(found, timeline=timeline))
    assert "10,000개는" in shown
    assert ">w19999<" in shown
    assert ">w20000<" not in shown


# Numbers and names


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.714, "share", "71.4 %"), (21.43, "1/min", "21.4 /min"), (6.0, "deg", "6°"), (338.2, "1/min", "338 /min"),
     (None, "s", "–"), (-21.44, "lufs", "−21.4 LUFS"), (2.9, "st", "2.9 semitones"), (3.0, "count", "3")],
)  # fmt: skip
def test_values_are_told_as_exactly_as_they_are_known(value: float | None, unit: str, said: str) -> None:
    assert value_with_unit(value, unit, Language.ENGLISH) == said


def test_ranges_open_at_one_end_are_bounds() -> None:
    assert range_both(Reference(None, 30.0, "x"), "1/min")[Language.ENGLISH] == "≤ 30 /min"
    assert range_both(Reference(0.6, None, "x"), "share")[Language.ENGLISH] == "≥ 60 %"
    assert range_both(Reference(10.5, 32.5, "x"), "1/min")[Language.ENGLISH] == "10.5 – 32.5 /min"


def test_a_range_bar_puts_the_value_where_it_lies() -> None:
    def bar(value: float) -> tuple[float, float, float]:
        made = range_bar(Metric("m", "g", "1/min", value, reference=sample.TALKING))
        assert made is not None
        return made.low, made.value, made.high

    low, at, high = bar(21.0)
    assert low < at < high
    low, at, high = bar(4.0)
    assert at < low < high
    low, at, high = bar(60.0)
    assert low < high < at
    assert range_bar(Metric("m", "g", "s", None, reference=sample.TALKING)) is None


def test_a_formula_is_drawn_by_the_desk_s_own_formula() -> None:
    plot = formula_plot("trapezoid(4, 10.5, 32.5, 50)", 60.0, 0.0)
    assert plot is not None
    assert plot.value is not None
    heights = [float(point.split()[1]) for point in plot.line[1:].split("L")]
    assert max(heights) > 28
    assert min(heights) < 4
    assert plot.value[1] > 0.85
    assert formula_plot("gaze / 100", 50.0, 0.5) is None


def test_everything_the_desk_and_its_detectors_can_say_has_a_name() -> None:
    """Nothing falls back to an id in either language."""
    known = [(definition.id, metric_title(definition.id)) for definition in definitions().values()]
    known += [(group, group_title(group)) for group in {definition.group for definition in definitions().values()}]
    known += [(kind, kind_title(kind)) for kind in KINDS]
    for rubric in (load_rubric(name) for name in names()):
        for score in rubric.scores:
            known.append((score.id, score_title(score.id)))
            known += [(term.id, term_title(term.id)) for term in score.terms]
            known += [(band, band_title(band)) for band, _ in score.bands]
    assert len(known) > 100
    korean = [name for name, texts in known if not re.search("[가-힣]", texts[Language.KOREAN])]
    assert not korean
    english = [n for n, texts in known if "_" in n and texts[Language.ENGLISH] == n.replace("_", " ")]
    assert not english


def test_a_note_of_free_text_is_shown_as_it_is() -> None:
    assert note_value("policy", "hiring")[Language.KOREAN] == "채용"
    assert note_value("policy", "some/thing")[Language.KOREAN] == "some/thing"
    assert note_value("policy", "unknown_word")[Language.ENGLISH] == "unknown word"
