"""PDF for people who sign: summary, checks, findings with pictures, loudness; of a person summary, scores, metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from sightline.clock import clock_text
from sightline.desks.judgement import CheckResult, State
from sightline.report.interview.pdf import interview_pdf
from sightline.report.lanes import envelope
from sightline.report.report import Report, is_of_a_person
from sightline.report.showing import check_threshold, check_title, check_value, figure_text, number_text, reason_text
from sightline.report.summary import loudness_summary
from sightline.report.typeset import typeset
from sightline.report.view import Row, View, view_of
from sightline.text import Language, catalogue, told_by_others, words

MOST_ROWS = 120
"""Open findings set in full; a PDF of more is read by nobody. The CSV has all events."""
GRAPH_POINTS = 400

Data = dict[str, Any]


class PdfReport:
    format: ClassVar[str] = "pdf"
    suffix: ClassVar[str] = ".pdf"

    def render(self, report: Report) -> bytes:
        if is_of_a_person(report):
            return interview_pdf(report)
        view = view_of(report)
        thumbs = {f"t{thumb.row}.jpg": thumb.jpeg for thumb in view.thumbs}
        return typeset("sightline.report", "report.typ", _data(report, view), report.made_at, thumbs)


def _data(report: Report, view: View) -> Data:
    timeline, judgement, language = report.timeline, report.judgement, report.language
    say = _sayer(language)
    provenance = timeline.provenance
    rows = [row for row in view.rows if row.finding.is_open][:MOST_ROWS]
    left_out = view.hidden + len(view.rows) - len(rows)
    verdict = "" if judgement.verdict is None else judgement.verdict.value
    return {
        "language": language.value,
        "name": timeline.media.name,
        "verdict": verdict,
        "verdict_text": say(f"verdict.{verdict}") if verdict else "",
        "judged_by": say("judged_by", template=report.judged_by(language)),
        "counts": [[state.value, count, say(f"state.{state.value}")] for state, count in view.counts],
        "caution": say("not_evaluated_count", count=judgement.not_evaluated) if judgement.not_evaluated else "",
        "facts": [[say(f"fact.{key}"), text[language]] for key, text in view.facts]
        + [[kind[language], number_text(count)] for kind, count in view.structure],
        "figures": _figures(report),
        "graph": _graph(report),
        "groups": [
            [_group_name(group, language), [_check(c, language) for c in checks]] for group, checks in view.groups
        ],
        "rows": [_row(row, language) for row in rows],
        "left_out": say("left_out", count=left_out) if left_out else "",
        "open": [
            *([f"{check_title(c, language)} ({c.id})", reason_text(c, language)] for c in _waiting(judgement.checks)),
            *([meter, message.render(language)] for meter, message in timeline.not_measured.items()),
        ],
        "how": [
            [say("how.program"), provenance.program],
            [say("how.measured_at"), provenance.made_at],
            [say("how.reported_at"), report.made_at],
            [say("how.decodes"), number_text(provenance.decodes)],
            [say("how.pictures"), number_text(provenance.pictures_decoded)],
            [say("how.meters"), ", ".join(f"{meter} v{version}" for meter, version in provenance.meters.items())],
        ],
        "hashes": [
            [say("how.media_hash"), timeline.media.sha256 or say("how.not_counted")],
            [say("how.template_hash"), judgement.template_sha256],
        ],
        "words": {key: catalogue(language)[f"report.{key}"] for key in _WORDS},
    }


_WORDS = (
    "heading.title", "heading.media", "heading.checks", "heading.findings", "heading.open", "heading.how",
    "heading.loudness", "nothing_found", "disclaimer", "fix", "source", "curve.momentary", "curve.short_term",
    "column.picture", "column.time", "column.kind", "column.check", "thumb_nearest",
)  # fmt: skip


def _sayer(language: Language) -> Callable[..., str]:
    return lambda key, **fields: words(f"report.{key}", language, **fields)


def _group_name(group: str, language: Language) -> str:
    return catalogue(language).get(f"report.group.{group}", group)


def _waiting(checks: Sequence[CheckResult]) -> list[CheckResult]:
    return [check for check in checks if check.state is State.NOT_EVALUATED]


def _check(check: CheckResult, language: Language) -> Data:
    waived = words("report.waived_by", language, who=check.waiver.who) if check.waiver else ""
    return {
        "id": check.id,
        "title": check_title(check, language),
        "state": check.state.value,
        "state_text": words(f"report.state.{check.state.value}", language),
        "value": check_value(check, language),
        "threshold": check_threshold(check, language),
        "reason": reason_text(check, language),
        "source": told_by_others(check.source or "", language),
        "fix": check.fix.action.render(language) if check.fix else "",
        "waiver": f"{waived} {check.waiver.why}" if check.waiver else "",
    }


def _row(row: Row, language: Language) -> Data:
    event = row.finding.event
    frames = (
        words("report.frames", language, first=event.start_frame, last=event.end_frame)
        if event.start_frame is not None
        else ""
    )
    return {
        "tone": row.tone,
        "name": row.name[language],
        "labels": [label[language] for label in row.labels],
        "at": row.timecode or row.start_text,
        "span": f"{row.start_text} – {row.end_text}",
        "length": f"{number_text(round(float(event.span.duration), 3))} s",
        "frames": frames,
        "value": row.value[language],
        "threshold": row.threshold[language],
        "evidence": [[name[language], text[language]] for name, text in row.evidence],
        "checks": [
            [check.id, check.state.value, words(f"report.state.{check.state.value}", language)]
            for check in row.finding.checks
        ],
        "thumb": f"t{row.thumb.row}.jpg" if row.thumb else "",
        "thumb_at": clock_text(row.thumb.time) if row.thumb else "",
        "thumb_inside": row.thumb_inside,
    }


def _figures(report: Report) -> list[list[str]]:
    found = loudness_summary(report.timeline)
    say, language = _sayer(report.language), report.language
    return [
        [say(f"figure.{name}"), figure_text(value, unit, language)]
        for name, value, unit in (found.figures if found else ())
    ]


def _graph(report: Report) -> Data | None:
    """Momentary (greatest) and short-term (mean) loudness as points ``[x, y]`` of a unit square, top left 0; None
    without loudness."""
    columns = report.timeline.columns.get("loudness")
    if columns is None or not len(columns):
        return None
    points = min(GRAPH_POINTS, len(columns))
    low, high = -50.0, 0.0
    curves = {}
    for name in ("momentary", "short_term"):
        found = envelope(columns, name, report.timeline.span, points)
        values = (found.greatest if name == "momentary" else found.mean).tolist()
        curves[name] = [
            [round((i + 0.5) / points, 5), round(1 - (min(max(value, low), high) - low) / (high - low), 4)]
            for i, value in enumerate(values)
            if value == value  # not NaN: the window was not full yet
        ]
    span = report.timeline.span
    ticks = [[i / 4, clock_text(span.start + span.duration * i / 4, decimals=0)] for i in range(5)]
    marks = [[round(1 - (v - low) / (high - low), 4), number_text(v)] for v in (-10.0, -23.0, -40.0)]
    return {**curves, "ticks": ticks, "marks": marks}


RENDERER = PdfReport
